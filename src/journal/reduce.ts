// What the journal's events amount to: runs, their transactions, what is settled and what remains. Pure.
import { MooringError } from '../errors.ts';
import type { Address, Hex, JournalEvent, SignedTransaction, Step } from '../types.ts';

type EventOf<T extends JournalEvent['type']> = Extract<JournalEvent, { type: T }>;

/** One nonce that a run signed for, and everything that was signed for it. */
export type NonceState = {
  run: string;
  signer: Address;
  nonce: number;
  group: number;
  /** The step that the first transaction was for. */
  step: string | null;
  /** Oldest first: the original, its fee replacements, at last perhaps a burn. At most one of them can be mined. */
  transactions: readonly SignedTransaction[];
  /** The one that was mined, as far as it is known and not reorged away. */
  mined: EventOf<'mined'> | null;
  /** At the configured depth: closed for good. */
  confirmed: boolean;
  /** Used up by a transaction that isn't ours: closed for good. */
  foreign: EventOf<'foreign'> | null;
};

export type RunState = {
  run: string;
  started: EventOf<'run-started'>;
  nonces: readonly NonceState[];
  /** Digests approved later, under which it was settled. */
  continued: readonly EventOf<'continued'>[];
  finished: EventOf<'run-finished'> | null;
};

export type RunStates = {
  /** In the order in which they started. */
  runs: readonly RunState[];
  /** Nonces that may still be mined one way or another, by lower-case signer, lowest first. */
  open: ReadonlyMap<string, readonly NonceState[]>;
};

/** Whether a run was on this very chain: a development chain that is started anew has the same id, and another first block. Null: not known. */
export function isOfChain({ started }: Pick<RunState, 'started'>, { chainId, genesis }: { chainId: bigint; genesis: Hex | null }): boolean {
  return started.chainId === chainId && (genesis === null || started.genesis === null || started.genesis === genesis);
}

/** Folds the journal. Throws JOURNAL_CORRUPT where an event belongs to nothing before it. */
export function reduceJournal(events: readonly JournalEvent[]): RunStates {
  const byRun = Map.groupBy(events, (event) => event.run);
  const runs = [...byRun.values()].map(reduceRun);
  const open = runs.flatMap((run) => run.nonces).filter((nonce) => !isClosed(nonce));
  return {
    runs,
    open: Map.groupBy(
      open.sort((a, b) => a.nonce - b.nonce),
      (nonce) => nonce.signer.toLowerCase(),
    ),
  };
}

/** Folds the events of one run, in order. */
export function reduceRun(events: readonly JournalEvent[]): RunState {
  const [started, ...rest] = events;
  if (started?.type !== 'run-started') throw orphan(started);
  return rest.reduce<RunState>(applyEvent, { run: started.run, started, nonces: [], continued: [], finished: null });
}

function applyEvent(run: RunState, event: JournalEvent): RunState {
  switch (event.type) {
    case 'run-started':
      throw orphan(event);
    case 'signed':
      return { ...run, nonces: [...run.nonces, ...event.transactions.map((transaction) => opened(event, transaction))] };
    case 'replacement-signed':
    case 'burn-signed':
      return update(run, event, holding(event.replaces), (nonce) => ({ ...nonce, transactions: [...nonce.transactions, event.transaction] }));
    case 'sent':
      return run;
    case 'mined':
      return update(run, event, holding(event.hash), (nonce) => ({ ...nonce, mined: event }));
    case 'reorged':
      return update(run, event, holding(event.hash), (nonce) => ({ ...nonce, mined: null }));
    case 'confirmed':
      return update(run, event, holding(event.hash), (nonce) => ({ ...nonce, confirmed: true }));
    case 'foreign':
      return update(
        run,
        event,
        (nonce) => nonce.nonce === event.nonce && nonce.signer === event.signer,
        (nonce) => ({ ...nonce, foreign: event }),
      );
    case 'continued':
      return { ...run, continued: [...run.continued, event] };
    case 'run-finished':
      return { ...run, finished: event };
  }
}

function opened(event: EventOf<'signed'>, transaction: SignedTransaction): NonceState {
  const { signer, step } = transaction;
  return {
    run: event.run,
    signer,
    nonce: transaction.unsigned.nonce,
    group: event.group,
    step,
    transactions: [transaction],
    mined: null,
    confirmed: false,
    foreign: null,
  };
}

function holding(hash: Hex): (nonce: NonceState) => boolean {
  return (nonce) => nonce.transactions.some((transaction) => transaction.hash === hash);
}

function update(run: RunState, event: JournalEvent, which: (nonce: NonceState) => boolean, change: (nonce: NonceState) => NonceState): RunState {
  if (!run.nonces.some(which)) throw orphan(event);
  return { ...run, nonces: run.nonces.map((nonce) => (which(nonce) ? change(nonce) : nonce)) };
}

function orphan(event: JournalEvent | undefined): MooringError {
  return new MooringError('JOURNAL_CORRUPT', `an event "${event?.type}" of run ${event?.run} belongs to nothing before it in the journal`, {
    fix: 'Each line is as it was written, but lines are missing before it: put the journal back from a copy.',
  });
}

/** Whether nothing of ours can be mined on this nonce any more, but for what has been. */
export function isClosed(nonce: NonceState): boolean {
  return nonce.confirmed || nonce.foreign !== null;
}

/** Whether the step that the nonce was signed for was mined, at the confirmed depth, and did not revert. */
export function succeeded(nonce: NonceState): boolean {
  return nonce.confirmed && nonce.mined?.success === true && nonce.mined.step !== null;
}

/** Steps of a run that have no confirmed success. */
export function remainingSteps(run: RunState): Step[] {
  const done = new Set(run.nonces.filter(succeeded).map((nonce) => nonce.step));
  return run.started.steps.filter((step) => !done.has(step.id));
}

/** Whether a run has ended with every step of it done, whatever was read afterwards: what it was approved for is used up. */
export function isComplete(run: RunState): boolean {
  return run.finished !== null && (run.finished.outcome === 'done' || remainingSteps(run).length === 0);
}

/** Hashes of everything that any run signed: what makes a transaction on the chain "ours". */
export function knownTransactions(events: readonly JournalEvent[]): Set<Hex> {
  return new Set(reduceJournal(events).runs.flatMap((run) => run.nonces.flatMap((nonce) => nonce.transactions.map((transaction) => transaction.hash))));
}

/** Hashes of transactions that did one-off acts of an environment, as they were seen to be mined, by the act's id. */
export function minedActs(runs: readonly RunState[], { environment, chainId }: { environment: string; chainId: bigint }): Map<string, Hex[]> {
  const found = new Map<string, Hex[]>();
  for (const { started, nonces } of runs) {
    if (started.environment !== environment || started.chainId !== chainId) continue;
    const acts = new Map(started.changes.flatMap(({ id, action, member }) => (action === 'do' && member !== undefined ? [[id, member] as const] : [])));
    for (const { mined } of nonces) {
      const step = started.steps.find(({ id }) => id === mined?.step);
      if (mined?.success !== true || step === undefined) continue;
      for (const act of step.covers.flatMap((id) => acts.get(id) ?? [])) found.set(act, [...(found.get(act) ?? []), mined.hash]);
    }
  }
  return found;
}
