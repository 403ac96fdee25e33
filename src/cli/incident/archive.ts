// What is kept of an incident for good, as files of its folder: receipts, transactions, pull requests, what the team is told,
// and one page that links it all.
import { MooringError } from '../../errors.ts';
import { encodeValue } from '../../journal/codec.ts';
import { type RunState, reduceJournal } from '../../journal/reduce.ts';
import { communication, incidentPage, type Linked } from '../../render/incident-markdown.ts';
import { findIssue } from '../../scm/github/issues.ts';
import { getPull } from '../../scm/github/pulls.ts';
import type { IncidentEntry, IncidentRecord, Receipt } from '../../types.ts';
import { toJson } from '../../values.ts';
import { openJournal } from '../environment/journal.ts';
import { openDeclared } from '../environment/open.ts';
import type { Repository } from '../pr/repository.ts';
import { redactMarkdown } from '../secrets/redact-markdown.ts';
import type { IncidentDesk } from './open-desk.ts';
import { incidentLabel } from './sync.ts';

/** As they were when it was closed; `state` in a word. */
export type PullLine = { number: number; title: string; state: string; url: string };

export type Evidence = {
  receipts: readonly Receipt[];
  runs: readonly RunState[];
  pulls: readonly PullLine[];
  issueUrl: string | null;
  notes: readonly string[];
};

/** What can't be read is said among the notes. */
export async function collect(
  desk: IncidentDesk,
  { record, timeline, repository }: { record: IncidentRecord; timeline: readonly IncidentEntry[]; repository: Repository | null },
): Promise<Evidence> {
  const since = Number(record.at - 86_400n) * 1_000;
  const journal = await orNote(async () => openJournal(desk.context, openDeclared(desk.context, { ...desk.options, env: desk.name })));
  const receipts = 'note' in journal ? journal : await orNote(() => journal.value.receipts());
  const events = 'note' in journal ? journal : await orNote(() => journal.value.read());
  const numbers = [...new Set(timeline.flatMap(({ pull }) => pull ?? []))];
  const pulls = repository === null ? { value: [] } : await orNote(() => Promise.all(numbers.map((number) => pullLine(repository, number))));
  const which = { purpose: 'incident', environment: `${desk.name}/${record.id}`, label: incidentLabel };
  const issue = repository === null ? { value: null } : await orNote(() => findIssue(repository.github, which));
  return {
    receipts: 'note' in receipts ? [] : receipts.value.filter((receipt) => receipt.environment === desk.name && receipt.finishedAt >= since),
    runs: 'note' in events ? [] : reduceJournal(events.value).runs.filter(({ started }) => started.environment === desk.name && started.at >= since),
    pulls: 'note' in pulls ? numbers.map((number) => ({ number, title: '', state: 'not asked', url: '' })) : pulls.value,
    issueUrl: 'note' in issue ? null : (issue.value?.url ?? null),
    notes: [...new Set([receipts, events, pulls, issue].flatMap((one) => ('note' in one ? [desk.say(one.note)] : [])))],
  };
}

async function orNote<T>(read: () => Promise<T>): Promise<{ value: T } | { note: string }> {
  try {
    return { value: await read() };
  } catch (error) {
    if (!(error instanceof MooringError)) throw error;
    return { note: `not archived (${error.code}: ${error.message})` };
  }
}

async function pullLine({ github }: Repository, number: number): Promise<PullLine> {
  const { title, open, merged, url } = await getPull(github, number);
  return { number, title, state: open ? 'open' : merged === null ? 'closed' : 'merged', url };
}

export type Archive = {
  record: IncidentRecord;
  timeline: readonly IncidentEntry[];
  evidence: Evidence;
  /** Files of its folder that are there already: pauses, alerts. */
  there: readonly string[];
  rootCause: string | null;
  paused: readonly string[];
};

/** Files by path below the incident's folder. Secrets are taken out. */
export function archiveFiles({ name: environment, context, say }: IncidentDesk, archive: Archive): Map<string, string> {
  const { record, timeline, evidence, rootCause, paused } = archive;
  const view = { environment, record, timeline };
  const json = (value: unknown): string => say(`${JSON.stringify(toJson(value), null, 2)}\n`);
  const files = new Map([
    ...evidence.receipts.map((receipt): [string, string] => [`receipts/${receipt.run}.json`, `${encodeValue(receipt)}\n`]),
    ['transactions.json', json(evidence.runs.flatMap(transactionsOf))],
    ['pull-requests.json', json(evidence.pulls)],
    ['communication.md', redactMarkdown(communication(view, { rootCause, paused }), context.env)],
  ]);
  return new Map([...files, ['README.md', redactMarkdown(incidentPage(view, linksOf(archive, [...files.keys()])), context.env)]]);
}

/** Without signed bytes. */
function transactionsOf({ run, nonces }: RunState) {
  return nonces.map(({ step, signer, nonce, transactions, mined }) => ({
    ...{ run, step, signer, nonce, hash: mined?.hash ?? transactions.at(-1)?.hash ?? null },
    ...{ block: mined?.block.number ?? null, success: mined?.success ?? null },
  }));
}

function linksOf({ evidence, there, record }: Archive, written: readonly string[]): { title: string; links: Linked[] }[] {
  const files = [...new Set([...there, ...written])].sort();
  const below = (folder: string): Linked[] => files.filter((file) => file.startsWith(`${folder}/`)).map((file) => ({ text: file, to: file }));
  const file = (path: string): Linked[] => (files.includes(path) ? [{ text: path, to: path }] : []);
  const pulls = evidence.pulls.map(({ number, title, state, url }) => ({
    text: `${number}: ${title} (${state})`,
    to: url === '' ? 'pull-requests.json' : url,
  }));
  const { issueUrl } = evidence;
  const issue = issueUrl === null || record.issue === null ? [] : [{ text: `Issue ${record.issue}`, to: issueUrl }];
  return [
    { title: 'What the team was told', links: [...file('communication.md'), ...issue] },
    { title: 'Pauses', links: below('pauses') },
    { title: 'Revocations', links: below('revocations') },
    { title: 'Alerts', links: file('alerts.ndjson') },
    { title: 'Pull requests', links: [...pulls, ...file('pull-requests.json')] },
    { title: 'Run receipts and transactions', links: [...below('receipts'), ...file('transactions.json')] },
  ];
}
