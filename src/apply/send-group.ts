// One group of steps: cleared, signed with consecutive nonces, journaled, sent together, waited for.
import { MooringError } from '../errors.ts';
import { isClosed, type NonceState } from '../journal/reduce.ts';
import type { Address, Finding, Plan, SignedTransaction, Step } from '../types.ts';
import { broadcast } from './broadcast.ts';
import { type Clearance, type Floor, preflight } from './preflight.ts';
import type { Session } from './session.ts';
import { settle } from './settle.ts';
import { signStep } from './sign.ts';
import type { Holding } from './unpause-hold.ts';

type Group = { run: string; plan: Plan; steps: readonly Step[] /** What unpauses among them. */; holding: Holding | null };

/**
 * Returns when each of the group's transactions is mined and confirmed, reverted ones included: what held an unpause up
 * meanwhile, so that it was taken back where it still could be. Errors: those of
 * `preflight`, before anything is signed; JOURNAL_WRITE, before anything is sent; those of `settle`.
 * SIDE EFFECTS: signs, journals, broadcasts, waits.
 */
export async function sendGroup(session: Session, { run, plan, steps, holding }: Group): Promise<readonly Finding[]> {
  const cleared = await clear(session, { plan, steps });
  const transactions = await Promise.all(
    steps.map((step, i) => signStep(session, { step, nonce: cleared.nonce + i, gasLimit: cleared.gasLimits[i] ?? 0n, fees: cleared.fees })),
  );
  await session.recorder.record([{ run, at: session.now(), type: 'signed', group: steps[0]?.group ?? 0, transactions }]);
  announce(session, steps, transactions);
  await broadcast(
    session,
    transactions.map((transaction) => ({ run, transaction })),
  );
  return seeThrough(session, run, holding);
}

/** What is held up while it waits is taken back, where it isn't mined before that. */
async function seeThrough(session: Session, run: string, holding: Holding | null): Promise<readonly Finding[]> {
  let held: readonly Finding[] = [];
  const isHeld = ({ step }: NonceState): boolean => held.length > 0 && holding?.steps.has(step ?? '') === true;
  const reconsider = async (): Promise<void> => {
    held = (await holding?.findings()) ?? [];
  };
  // What it waits behind may have been signed by an earlier run.
  const runs = [run, ...(session.urgent?.earlier ?? [])];
  await settle(session, { runs, verdictOf: (nonce) => (isHeld(nonce) ? 'burn' : 'send'), ...(holding === null ? {} : { reconsider }) });
  return held;
}

/** A node behind a balancer may lag, or count what has just been mined: asked again some times. */
async function clear(session: Session, { plan, steps }: { plan: Plan; steps: readonly Step[] }): Promise<Clearance> {
  const floor = floorOf(session, steps[0]?.route.signer ?? '');
  for (let time = 1; ; time++) {
    try {
      return await preflight(session, { steps, plan, floor });
    } catch (error) {
      const lagging = error instanceof MooringError && (error.code === 'NONCE_BEHIND' || error.code === 'NONCE_BUSY');
      if (!lagging || time >= session.patience.suspicions) throw error;
      await session.sleep(session.patience.longestPollMs);
    }
  }
}

/** What the signer's journaled transactions on this chain say that a node must at least show. */
function floorOf(session: Session, signer: Address): Floor {
  const closed = session
    .runsOfChain()
    .flatMap((run) => run.nonces)
    .filter(isClosed);
  const own = closed.filter((nonce) => nonce.signer.toLowerCase() === signer.toLowerCase()).map((nonce) => nonce.nonce + 1);
  return {
    nonce: Math.max(0, ...own),
    block: closed.reduce((highest, { mined }) => (mined !== null && mined.block.number > highest ? mined.block.number : highest), 0n),
  };
}

function announce(session: Session, steps: readonly Step[], transactions: readonly SignedTransaction[]): void {
  for (const [i, { hash, unsigned }] of transactions.entries()) {
    session.log(`sending ${steps[i]?.id}`, { hash, nonce: unsigned.nonce });
  }
}
