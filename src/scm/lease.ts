// A lease for each chain and signer, on a ref of its own. It keeps two applies from working at once; that nothing is sent
// twice is the nonce's doing, and that nothing is recorded without the lease that of `renew`.
import { setTimeout as pause } from 'node:timers/promises';
import { MooringError } from '../errors.ts';
import type { Address } from '../types.ts';
import { type Git, type ObjectId, remoteRefs } from './git.ts';
import { writeCommit, writeTree } from './git-objects.ts';
import { queue } from './queue.ts';
import { compareAndSwap, type Swap, type SwapOutcome } from './swap.ts';

export type LeaseOptions = {
  chainId: bigint;
  /** All that may sign in this apply: their leases are taken together or not at all, so no two wait for each other. */
  signers: readonly Address[];
  /** Who asks, for people: a run, a machine, a link to a job. Never a secret. */
  holder: string;
  /** Milliseconds of the waiter's clock without a heartbeat after which a holder is dead. Three heartbeats at least. */
  deadAfterMs: number;
  pollMs: number;
  /** Longest wait in the queue. */
  patienceMs: number;
  /** Milliseconds that only ever grow (not the time of day); only differences count. */
  clock?(): number;
  /** Milliseconds since the epoch, for the commits' dates. */
  now(): number;
  sleep?(ms: number): Promise<void>;
  /** Commits of leases whose holder is known to be dead: they are taken over at once. */
  abandoned?(): ReadonlySet<ObjectId>;
  /** Told of each commit before it is offered to the remote: after a crash it may be there. */
  onOffer?(id: ObjectId): void;
  /** Told when it begins to wait, with the refs that others hold. */
  onWait?(refs: readonly string[]): void;
};

export type Lease = {
  /** The fencing token of each ref: the commit that it is at while the lease is ours. Unique, and new with each renewal. */
  tokens(): ReadonlyMap<string, ObjectId>;
  /** True where a dead holder's lease was taken over: what it recorded is to be settled first. */
  takenOver: boolean;
  /**
   * The heartbeat: moves the lease's refs on and, in the same atomic push, `also`. So what `also` moves can't be moved by
   * a holder that lost its lease, however long it slept. Throws LEASE_LOST, GIT_REMOTE.
   */
  renew(also?: readonly Swap[]): Promise<SwapOutcome>;
  /** Whether the remote still shows our tokens: a last look before something is sent. Throws GIT_REMOTE. */
  isHeld(): Promise<boolean>;
  /** Removes the refs, so that nobody has to wait for our death. Losing it meanwhile is no error. */
  release(): Promise<void>;
};

/** One ref as a waiter sees it. */
type Watch = { id: ObjectId | null; since: number };

export function leaseRef(chainId: bigint, signer: Address): string {
  return `refs/mooring/leases/${chainId}/${signer.toLowerCase()}`;
}

/** Queues for the lease and takes it. Errors: LEASE_BUSY after `patienceMs`, GIT_REMOTE. SIDE EFFECTS: the remote's refs. */
export async function takeLease(git: Git, options: LeaseOptions): Promise<Lease> {
  const { pollMs, patienceMs, clock = () => performance.now(), sleep = pauseAbout } = options;
  const refs = [...new Set(options.signers.map((signer) => leaseRef(options.chainId, signer)))].sort();
  const stamp = await stamper(git, options);
  const began = clock();
  let watched: ReadonlyMap<string, Watch> = new Map();
  for (let looks = 0; ; looks++) {
    watched = look(watched, { refs, now: await remoteRefs(git, refs), at: clock() });
    const busy = busyRefs(watched, { ...options, at: clock() });
    const lease = busy.length === 0 ? await tryToTake(git, watched, stamp) : null;
    if (lease !== null) return lease;
    if (looks === 0 && busy.length > 0) options.onWait?.(busy);
    if (clock() - began >= patienceMs) throw stillBusy(busy.length === 0 ? refs : busy, patienceMs);
    await sleep(pollMs);
  }
}

/** Waiters that began together must not all look, and push, together each time. */
async function pauseAbout(ms: number): Promise<void> {
  await pause(ms * (0.5 + Math.random()));
}

/** Refs whose holders may be alive: they moved, or were first seen, less than `deadAfterMs` ago by our clock. */
function busyRefs(
  watched: ReadonlyMap<string, Watch>,
  { deadAfterMs, abandoned, at }: Pick<LeaseOptions, 'deadAfterMs' | 'abandoned'> & { at: number },
): string[] {
  const dead = abandoned?.() ?? new Set();
  return [...watched].filter(([, { id, since }]) => id !== null && !dead.has(id) && at - since < deadAfterMs).map(([ref]) => ref);
}

/** Null where someone else was faster. */
async function tryToTake(git: Git, watched: ReadonlyMap<string, Watch>, stamp: Stamp): Promise<Lease | null> {
  const swaps = await Promise.all([...watched].map(async ([ref, { id }]) => ({ ref, old: id, next: await stamp(ref) })));
  const result = await compareAndSwap(git, swaps);
  if (result.outcome === 'refused') throw notAllowed(git, result.reason);
  return result.outcome === 'won' ? hold(git, swaps, stamp) : null;
}

/** A ref that moved is alive from this look on; one that didn't keeps the time since which it stands still. */
function look(before: ReadonlyMap<string, Watch>, { refs, now, at }: { refs: readonly string[]; now: ReadonlyMap<string, ObjectId>; at: number }) {
  return new Map(
    refs.map((ref): [string, Watch] => {
      const id = now.get(ref) ?? null;
      const known = before.get(ref);
      return [ref, known !== undefined && known.id === id ? known : { id, since: at }];
    }),
  );
}

type Stamp = (ref: string) => Promise<ObjectId>;

/** Makes the commits of heartbeats: no parents, so that a long apply leaves no long history. */
async function stamper(git: Git, { holder, now, onOffer }: LeaseOptions): Promise<Stamp> {
  const tree = await writeTree(git, []);
  return async (ref) => {
    const id = await writeCommit(git, { tree, parents: [], message: `${ref}\n\nHeld by ${holder}`, at: now() });
    onOffer?.(id);
    return id;
  };
}

function hold(git: Git, taken: readonly Swap[], stamp: Stamp): Lease {
  let tokens: ReadonlyMap<string, ObjectId> = new Map(taken.flatMap(({ ref, next }) => (next === null ? [] : [[ref, next] as const])));
  /** All commits that we ever offered: a push whose answer was lost may have taken place. */
  const ours = new Set(tokens.values());
  let lost = false;
  async function isHeld(): Promise<boolean> {
    if (lost) return false;
    const now = await remoteRefs(git, [...tokens.keys()]);
    lost = [...tokens.keys()].some((ref) => !ours.has(now.get(ref) ?? ''));
    if (!lost) tokens = now;
    return !lost;
  }
  async function renew(also: readonly Swap[]): Promise<SwapOutcome> {
    if (lost) throw leaseLost(tokens);
    const own = await Promise.all([...tokens].map(async ([ref, old]) => ({ ref, old, next: await stamp(ref) })));
    for (const { next } of own) ours.add(next);
    const result = await compareAndSwap(git, [...own, ...also]);
    if (result.outcome === 'won') tokens = new Map(own.map(({ ref, next }) => [ref, next]));
    if (result.outcome === 'lost' && result.moved.some((ref) => tokens.has(ref)) && !(await isHeld())) throw leaseLost(tokens);
    return result;
  }
  async function release(): Promise<void> {
    if (lost) return;
    const remove = (): Promise<SwapOutcome> =>
      compareAndSwap(
        git,
        [...tokens].map(([ref, old]) => ({ ref, old, next: null })),
      );
    try {
      // A heartbeat whose answer was lost may have moved them on.
      if ((await remove()).outcome === 'lost' && (await isHeld())) await remove();
    } finally {
      lost = true;
    }
  }
  // A heartbeat and a record of one holder must not race each other.
  const inTurn = queue();
  return {
    takenOver: taken.some(({ old }) => old !== null),
    tokens: () => tokens,
    renew: (also = []) => inTurn(() => renew(also)),
    isHeld: () => inTurn(isHeld),
    release: () => inTurn(release),
  };
}

function leaseLost(tokens: ReadonlyMap<string, ObjectId>): MooringError {
  return new MooringError('LEASE_LOST', `${[...tokens.keys()].join(', ')} was taken over by another apply`, {
    fix: 'Nothing more is recorded or sent. Whoever took it over settles what was; `mooring status` shows it.',
  });
}

function stillBusy(refs: readonly string[], patienceMs: number): MooringError {
  return new MooringError('LEASE_BUSY', `${refs.join(', ')}: others were at work for ${Math.round(patienceMs / 1000)} s`, {
    fix: 'Wait until they are done and try again. A holder that died is replaced by itself.',
  });
}

function notAllowed(git: Git, reason: string): MooringError {
  return new MooringError('GIT_REMOTE', `${git.label} takes no lease: ${reason}`, { fix: 'Allow this key to write refs/mooring/leases/*.' });
}
