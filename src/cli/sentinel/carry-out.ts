// Carries decisions out: told first, paused at once where a key may, then put down as a pull request. What fails is told and
// tried again; only what is done is settled.
import { MooringError } from '../../errors.ts';
import type { FieldAction } from '../../loop-types.ts';
import type { PausedFlag, Pending } from '../../loops/sentinel/ledger.ts';
import type { SentinelAlert } from '../../loops/sentinel/state.ts';
import type { Log } from '../log.ts';
import type { Meters } from '../loops/loop.ts';
import type { Kept, LoopProposal } from '../loops/loop-proposal.ts';
import { isPaused, type PauseOutcome, type PausePort } from './pause-port.ts';
import { type ClearMeasure, clearKey, clearProposal, type Declarations, demandReducing, type PauseMeasure, pauseProposal } from './proposals.ts';

export type CarryPorts = {
  pending(): readonly Pending[];
  /** Whether a flag that was asked for still is: its reason may have fallen since. */
  isAsked(action: FieldAction): boolean;
  /** Says what a decision has paused; durable when it returns. */
  paused(number: number, flags: readonly PausedFlag[]): void;
  /** Says that a decision is carried out; durable when it returns. */
  settle(number: number): void;
  /** Makes alerts durable, or throws. */
  raise(alerts: readonly SentinelAlert[]): void;
  /** Null where policy grants no key. */
  pause: PausePort | null;
  /** `rehearsed`: nothing was opened, and nothing is to be said of it. */
  propose(proposal: LoopProposal): Promise<Kept | 'rehearsed'>;
  /** Closes an open proposal that has lost its sense. */
  withdraw(which: { key: string; reason: string }): Promise<boolean>;
  declared: Declarations;
  log: Log;
  meters: Meters;
  /** Milliseconds since the epoch. */
  now(): number;
};

/** Both may be asked again at any time, and do what remains. Each throws the first failure, after it has tried all. */
export type Carrier = {
  /** Tells and pauses: needs no GitHub. */
  urgent(): Promise<void>;
  /** Opens pull requests, and settles what is done. */
  propose(): Promise<void>;
};

/** What is done of a decision. What a crash forgets of it can be done twice; a pause can't, and is on record. */
type Progress = { told: boolean; paused: readonly PausedFlag[]; allPaused: boolean; proposed: boolean; tries: { pause: Tries; propose: Tries } };
type Tries = { failed: number; notBefore: number };

const longestWait = 60_000;

export function openCarrier(ports: CarryPorts): Carrier {
  const progress = new Map<number, Progress>();
  const of = ({ number, paused = [] }: Pending): Progress => {
    const found = progress.get(number) ?? {
      told: false,
      paused,
      allPaused: false,
      proposed: false,
      tries: { pause: { failed: 0, notBefore: 0 }, propose: { failed: 0, notBefore: 0 } },
    };
    progress.set(number, found);
    return found;
  };
  return {
    async urgent() {
      for (const pending of ports.pending()) tell(ports, pending, of(pending));
      await each(ports.pending(), (pending) => pauseAtOnce(ports, pending, of(pending)));
    },
    async propose() {
      // A reason's decisions go in order: a pause that waits must not come behind its clearing.
      const waiting = new Set<string>();
      await each(ports.pending(), async (pending) => {
        const reasons = pending.decision.measures.map(({ reason }) => reason);
        if (reasons.some((reason) => waiting.has(reason))) return;
        const done = of(pending);
        try {
          await proposeAll(ports, pending, done);
        } finally {
          if (!done.proposed) for (const reason of reasons) waiting.add(reason);
        }
        if (!isDone(ports, pending, done)) return;
        ports.settle(pending.number);
        progress.delete(pending.number);
      });
    },
  };
}

function isDone({ pause }: CarryPorts, pending: Pending, { told, proposed, allPaused }: Progress): boolean {
  return told && proposed && (pause === null || allPaused || pausesOf(pending).length === 0);
}

/** One decision's trouble is no other's. */
async function each(pendings: readonly Pending[], act: (pending: Pending) => Promise<void>): Promise<void> {
  const errors: unknown[] = [];
  for (const pending of pendings) await act(pending).catch((error: unknown) => errors.push(error));
  if (errors.length > 0) throw errors[0];
}

function tell({ raise }: CarryPorts, { decision }: Pending, done: Progress): void {
  if (done.told) return;
  if (decision.alerts.length > 0) raise(decision.alerts);
  done.told = true;
}

function pausesOf({ decision }: Pending): PauseMeasure[] {
  return decision.measures.flatMap((measure) => (measure.kind === 'pause' && measure.actions.length > 0 ? [measure] : []));
}

async function pauseAtOnce(ports: CarryPorts, pending: Pending, done: Progress): Promise<void> {
  const measures = pausesOf(pending);
  const { pause } = ports;
  if (pause === null || measures.length === 0 || done.allPaused) return;
  await trying(
    ports,
    done.tries.pause,
    { what: `pausing for ${measures.map(({ reason }) => reason).join(', ')}`, reason: 'pause_failed', severity: 'critical' },
    async () => {
      const actions = measures.flatMap((measure) => measure.actions);
      demandReducing(actions, ports.declared);
      const wanted = actions.filter((action) => ports.isAsked(action) && !done.paused.some(({ target }) => isSameFlag(target, action)));
      if (wanted.length > 0) await pauseWanted(ports, { number: pending.number, wanted, done, pause });
      done.allPaused = true;
    },
  );
}

type Wanted = { number: number; wanted: readonly FieldAction[]; done: Progress; pause: PausePort };

/** Records what is paused, whatever becomes of the rest. Throws PAUSE_OPEN. */
async function pauseWanted({ paused, meters }: CarryPorts, { number, wanted, done, pause }: Wanted): Promise<void> {
  const { rows } = await pause(wanted);
  for (const row of rows) meters.add('pauses_total', { outcome: isPaused(row) ? row.state : 'failed' });
  const open = rows.filter((row) => !isPaused(row));
  // A flag of several parts has a row for each.
  const flags = rows.filter(isPaused).filter(({ target }) => !open.some((row) => isSameFlag(row.target, target)));
  if (flags.length > 0) paused(number, flags.map(flagOf));
  done.paused = [...done.paused, ...flags.map(flagOf)];
  if (open.length > 0 || rows.length === 0)
    throw new MooringError('PAUSE_OPEN', `not paused yet: ${open.map(openText).join('; ')}`, { fix: 'pause by hand: mooring incident pause' });
}

function flagOf({ target: { contract, field }, state, transaction }: PausedFlag): PausedFlag {
  return { target: { contract, field }, state, ...(transaction === undefined ? {} : { transaction }) };
}

function isSameFlag(a: PausedFlag['target'], b: PausedFlag['target']): boolean {
  return a.contract === b.contract && a.field === b.field;
}

function openText({ target: { contract, field }, state, why }: PauseOutcome): string {
  return `${contract}.${field} (${why ?? state})`;
}

async function proposeAll(ports: CarryPorts, { number, decision }: Pending, done: Progress): Promise<void> {
  if (done.proposed) return;
  const named = decision.measures.map(({ kind, reason }) => `${kind} ${reason}`).join(', ');
  await trying(ports, done.tries.propose, { what: `proposing (${named})`, reason: 'proposal_failed', severity: 'warning' }, async () => {
    for (const measure of decision.measures) {
      if (measure.kind === 'pause' && measure.actions.length > 0) await proposePause(ports, measure, { number, paused: done.paused });
      if (measure.kind === 'proposeClear') await proposeClear(ports, measure, number);
    }
    done.proposed = true;
  });
}

async function proposePause(ports: CarryPorts, measure: PauseMeasure, { number, paused }: { number: number; paused: readonly PauseOutcome[] }): Promise<void> {
  const { reason } = measure;
  await keep(ports, pauseProposal(measure, { number, paused, declared: ports.declared }));
  const withdrawn = await ports.withdraw({ key: clearKey(reason), reason: `The reason ${reason} holds again.` });
  if (withdrawn) ports.meters.add('proposals_total', { loop: 'sentinel', outcome: 'withdrawn' });
}

async function proposeClear(ports: CarryPorts, measure: ClearMeasure, number: number): Promise<void> {
  const { reason, detail } = measure;
  await keep(ports, clearProposal(measure, { number, declared: ports.declared }));
  const withdrawn = await ports.withdraw({ key: reason, reason: `The reason ${reason} no longer holds: ${detail}.` });
  if (withdrawn) ports.meters.add('proposals_total', { loop: 'sentinel', outcome: 'withdrawn' });
}

async function keep({ propose, log, meters }: CarryPorts, proposal: LoopProposal): Promise<void> {
  const kept = await propose(proposal);
  if (kept === 'rehearsed') return;
  const outcome = kept.outcome === 'open' ? (kept.created ? 'opened' : 'updated') : kept.outcome;
  meters.add('proposals_total', { loop: 'sentinel', outcome });
  if (kept.outcome === 'nothing') return log(`${proposal.title}: git says so already`);
  if (kept.outcome === 'open') return log(`${proposal.title}: #${kept.pull.number} ${outcome}`, { pull: kept.pull.number });
  log(`${proposal.title}: not opened again, since ${kept.by ?? 'somebody'} closed #${kept.number}`, { pull: kept.number });
}

type Trying = { what: string; reason: string; severity: SentinelAlert['severity'] };

/** What fails waits 1, 2, 4 … seconds, at most a minute, and is told as an alert: once, for the outbox knows repetitions. */
async function trying({ now, raise }: CarryPorts, tries: Tries, { what, reason, severity }: Trying, act: () => Promise<void>): Promise<void> {
  if (now() < tries.notBefore) return;
  try {
    await act();
  } catch (error) {
    tries.notBefore = now() + Math.min(longestWait, 1_000 * 2 ** Math.min(tries.failed, 10));
    tries.failed += 1;
    const code = error instanceof MooringError ? error.code : 'UNEXPECTED';
    raise([
      { severity, reason, message: `The sentinel's ${what} failed, and is tried again (${code}).`, detail: error instanceof MooringError ? error.message : '' },
    ]);
    throw error;
  }
}
