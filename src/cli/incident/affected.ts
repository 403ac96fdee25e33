// Which contracts an incident seems to touch, from what is at hand: logs, alerts on disk, the journal, the live look.
import { MooringError } from '../../errors.ts';
import { reduceJournal } from '../../journal/reduce.ts';
import type { KnownContract } from '../../loops/alerts/affected.ts';
import { type Sign, signsIn } from '../../loops/alerts/log-signs.ts';
import type { IncidentRecord } from '../../types.ts';
import { openJournal } from '../environment/journal.ts';
import { openDeclared } from '../environment/open.ts';
import { readNamedFile } from '../read-named-file.ts';
import { alertsOnDisk } from './alert-lines.ts';
import type { LiveLook } from './look-live.ts';
import type { IncidentDesk } from './open-desk.ts';

/** `from`: the log's name, `alerts`, or `journal`. */
export type Found = Sign & { from: string };

/** By contract, what speaks of it; names sorted. */
export type Affection = { contract: string; why: readonly string[] };

export function knownContracts({ outline }: Pick<IncidentDesk, 'outline'>): KnownContract[] {
  return outline.contracts.map(({ name, address, kind }) => ({ name, address, lineage: outline.kinds.get(kind)?.lineage ?? [kind] }));
}

/** Throws FILE_* for a log that can't be read. */
export function signsOfLogs(desk: IncidentDesk, files: readonly string[]): Found[] {
  const contracts = knownContracts(desk);
  return files.flatMap((file) => {
    const log = readNamedFile(desk.context.cwd, file, 'log lines').toString('utf8');
    return signsIn(log, contracts).map((sign) => ({ ...sign, text: desk.say(sign.text), from: file }));
  });
}

/** Of what this checkout's loops and commands have told lately. */
export function signsOfAlerts(desk: IncidentDesk): Found[] {
  const lines = alertsOnDisk(desk).map(({ reason, message }) => `${reason} ${message}`.replaceAll('\n', ' '));
  return signsIn(lines.join('\n'), knownContracts(desk)).map((sign) => ({ ...sign, text: desk.say(sign.text), from: 'alerts' }));
}

/** Transactions of applies that were reverted since the day before it was opened; none where the journal can't be read. */
export async function revertedRuns({ context, options, name, log }: IncidentDesk, { at }: IncidentRecord): Promise<Found[]> {
  try {
    const declared = openDeclared(context, { ...options, env: name });
    const { runs } = reduceJournal(await (await openJournal(context, declared)).read());
    const since = Number(at - 86_400n) * 1_000;
    const late = runs.filter(({ started }) => started.environment === name && started.at >= since);
    return late.flatMap(({ run, started, nonces }) =>
      nonces.flatMap(({ mined, step }) => {
        if (mined === null || mined.success) return [];
        const contract = started.steps.find(({ id }) => id === step)?.call.contract;
        const text = `${step ?? 'a transaction'} in ${mined.hash}: ${mined.error ?? 'reverted'}`;
        return [{ what: 'reverted' as const, text, contracts: contract === undefined ? [] : [contract], line: 0, count: 1, from: `run ${run}` }];
      }),
    );
  } catch (error) {
    if (!(error instanceof MooringError)) throw error;
    log(`the journal could not be read: ${error.message}`, { code: error.code });
    return [];
  }
}

export function affectionOf(signs: readonly Found[], look: LiveLook | null): Affection[] {
  const pairs = [
    ...signs.flatMap(({ contracts, what, text, from }) =>
      contracts.map((contract) => [contract, what === 'reason' ? `${text} (${from})` : `${what} (${from})`] as const),
    ),
    ...(look?.drift.items ?? [])
      .filter(({ status }) => status === 'drifted' || status === 'emergency')
      .map(({ change, status }) => [change.contract, `${status}: ${change.id}`] as const),
    ...(look?.paused.flags ?? []).map(({ contract }) => [contract, 'paused'] as const),
  ];
  const byContract = Map.groupBy(pairs, ([contract]) => contract);
  return [...byContract]
    .map(([contract, list]) => ({ contract, why: [...new Set(list.map(([, why]) => why))] }))
    .sort((a, b) => (a.contract < b.contract ? -1 : 1));
}
