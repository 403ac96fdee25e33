// Alerts of other systems, as they send them: an Alertmanager webhook, or a plain object or list. Pure.
import { MooringError } from '../../errors.ts';
import type { Finding } from '../../types.ts';
import type { AlertSeverity } from '../sentinel/state.ts';
import { type Affected, affectedBy, type KnownContract } from './affected.ts';
import type { Alert } from './outbox.ts';

/** What one request brings. `own`: alerts that we had sent ourselves, and that must not go round in circles. */
export type Incoming = { form: 'alertmanager' | 'plain'; alerts: readonly Omit<Alert, 'environment' | 'at'>[]; affected: readonly Affected[]; own: number };

/** Alerts that one request may bring. */
export const mostAlerts = 200;
const longestText = 1_000;
const longestReason = 100;

type Fields = Readonly<Record<string, unknown>>;
type Reading = { contracts: readonly KnownContract[]; findings: Finding[] };
type Item = { severity: AlertSeverity; reason: string; message: string; detail: string; text: string };

/** Throws INTAKE_REQUEST with every fault. Values of the body are in none of them. */
export function readIncoming(body: string, contracts: readonly KnownContract[]): Incoming {
  const data = parse(body);
  const reading: Reading = { contracts, findings: [] };
  const isAlertmanager = isFields(data) && Array.isArray(data['alerts']);
  const list = isAlertmanager ? (data['alerts'] as unknown[]) : [data].flat();
  if (list.length === 0 || list.length > mostAlerts)
    throw new MooringError('INTAKE_REQUEST', `the body has ${list.length} alerts`, { fix: `send 1 to ${mostAlerts} of them` });
  const foreign = list.filter((item) => !(isAlertmanager && isOwn(item)));
  const items = foreign.flatMap((item, i) => (isAlertmanager ? fromAlertmanager(reading, item, `alerts[${i}]`) : plain(reading, item, `alert ${i + 1}`)) ?? []);
  if (reading.findings.length > 0)
    throw new MooringError('INTAKE_REQUEST', 'the body has errors; nothing of it was taken', {
      findings: reading.findings.slice(0, 100),
      fix: 'correct each and send it again',
    });
  const found = items.map((item) => ({ item, affected: affectedBy(item.text, contracts) }));
  return {
    form: isAlertmanager ? 'alertmanager' : 'plain',
    alerts: found.map(({ item, affected }) => alertOf(item, affected, isAlertmanager ? 'alertmanager' : 'http')),
    affected: distinct(found.flatMap((one) => one.affected)),
    own: list.length - foreign.length,
  };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    throw new MooringError('INTAKE_REQUEST', 'the body is not JSON', {
      fix: 'send an Alertmanager webhook, or {"severity": "warning", "reason": "…", "message": "…"}',
    });
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** As our own channel names them. */
function isOwn(item: unknown): boolean {
  const labels = isFields(item) && isFields(item['labels']) ? item['labels'] : {};
  return typeof labels['alertname'] === 'string' && labels['alertname'].startsWith('Mooring_');
}

function fault({ findings }: Reading, message: string, fix: string): null {
  findings.push({ code: 'INTAKE_REQUEST', severity: 'error', message, fix });
  return null;
}

function fromAlertmanager(reading: Reading, item: unknown, at: string): Item | null {
  const fields = isFields(item) ? item : {};
  const labels = texts(fields['labels']);
  const annotations = texts(fields['annotations'] ?? {});
  const name = labels?.['alertname'];
  if (labels === null || annotations === null || name === undefined || name === '')
    return fault(reading, `${at} is no alert of an Alertmanager`, 'labels (with an alertname) and annotations are objects of texts');
  const isOver = fields['status'] === 'resolved';
  const summary = annotations['summary'] ?? annotations['description'] ?? name;
  const reason = labels['reason'] ?? name;
  return {
    severity: isOver ? 'info' : severityOf(labels['severity']),
    reason: isOver ? `${reason}_clear` : reason,
    message: isOver ? `No longer: ${summary}` : summary,
    detail: annotations['description'] === undefined || annotations['description'] === summary ? '' : annotations['description'],
    text: [...Object.values(labels), ...Object.values(annotations)].join('\n'),
  };
}

/** Null where it isn't an object of texts. */
function texts(value: unknown): Readonly<Record<string, string>> | null {
  return isFields(value) && Object.values(value).every((text) => typeof text === 'string') ? (value as Record<string, string>) : null;
}

const known: readonly AlertSeverity[] = ['info', 'warning', 'critical'];

/** Words of others; one that isn't known is taken seriously, but not for the worst. */
function severityOf(word: string | undefined): AlertSeverity {
  const lower = word?.toLowerCase() ?? '';
  if (['page', 'error', 'high', 'emergency', 'fatal'].includes(lower)) return 'critical';
  if (['none', 'low', 'notice', 'debug'].includes(lower)) return 'info';
  return known.find((severity) => severity === lower) ?? 'warning';
}

function plain(reading: Reading, item: unknown, at: string): Item | null {
  const { severity, reason, message, detail = '' } = isFields(item) ? item : ({} as Fields);
  if (typeof reason !== 'string' || reason === '' || typeof message !== 'string' || message === '' || typeof detail !== 'string')
    return fault(reading, `${at} has no reason, or no message`, 'write {"severity": "warning", "reason": "moderation:block", "message": "what happened"}');
  const found = known.find((one) => one === severity);
  if (found === undefined) return fault(reading, `the severity of ${at} is not one`, `use ${known.join(', ')}`);
  return { severity: found, reason, message, detail, text: [reason, message, detail].join('\n') };
}

function alertOf({ severity, reason, message, detail }: Item, affected: readonly Affected[], source: string): Incoming['alerts'][number] {
  const parts = affected.map((one) => `${one.reason} affects ${one.contracts.length === 0 ? 'nothing that is declared' : one.contracts.join(', ')}`);
  return {
    severity,
    reason: cut(reason, longestReason),
    message: cut(message, longestText),
    detail: cut([detail, ...parts].filter((part) => part !== '').join('; '), longestText),
    source,
  };
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

function distinct(affected: readonly Affected[]): Affected[] {
  return [...new Map(affected.map((one) => [one.reason, one])).values()];
}
