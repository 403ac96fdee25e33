// Break-glass: pauses contracts at once, with a key that may only pause. No digest, approval, proof, lease, push or
// snapshot: what a pause needs is read from the chain, journaled on this machine, and sent to every node.
import { MooringError } from '../../errors.ts';
import { manyNodes } from '../../live/many-nodes.ts';
import type { Address } from '../../types.ts';
import { firstFees } from '../fees.ts';
import { settle } from '../settle.ts';
import { callsFor, type Tried, tryWays } from './calls.ts';
import { besides, isPending, takeUpLeftovers } from './leftovers.ts';
import { askMoney, oldHead } from './money.ts';
import { askedParts, uniqueParts } from './parts.ts';
import { rehearsedRows, reportPauses } from './report.ts';
import { type RightsInput, standingOf } from './rights.ts';
import { lookAgain } from './second-look.ts';
import { both, cannotPay, limitOf, possible, type Sent, sendPauses, weigh } from './send.ts';
import { openWork, type PauseOptions, type PauseWork } from './session.ts';
import { takeTurn } from './take-turn.ts';
import { isSamePart, type Part, type PauseReport } from './types.ts';

/**
 * Pauses what of `targets` isn't paused yet, waits until that is mined (no longer than `waitMs`), and reads every flag
 * again. What is paused already, or on its way from an earlier start, is not paused twice; what can't be paused doesn't
 * keep the rest from it, and its row says who can. What an earlier start has left goes out first, and has a row too. Can be
 * killed at any point and started again.
 * Throws RPC_* and CHAIN_ID_MISMATCH where no node answers, JOURNAL_* where nothing could be recorded: nothing was sent then.
 * SIDE EFFECTS: signs and broadcasts pauses, and nothing else; the journal.
 */
export async function pauseNow(options: PauseOptions): Promise<PauseReport> {
  const { journal, lock } = await takeTurn(options);
  try {
    const work = await openWork({ ...options, journal });
    const leftovers = await takeUpLeftovers(work);
    const wanted = await askedParts({ ...options, chain: work.chain });
    const asked = [...wanted, ...besides(leftovers, wanted)];
    const parts = uniqueParts(asked);
    work.allowed.push(...parts);
    const rights = rightsOf(work, options);
    const before = await standingOf(rights, parts);
    const due = before.filter(({ part, live }) => live !== part.value && !isPending(leftovers, part));
    const atOnce = await tryWays(rights, due);
    const first = await sendPauses(work, { tried: atOnce, leftovers, names: options.names });
    const kept = before.filter(({ part }) => !isPending(leftovers, part) && !isTried(possible(atOnce), part));
    const second = await tolerant(work, first, async () => {
      const later = await lookAgain({ chain: work.chain, rights }, kept);
      return { tried: later, sent: await sendPauses({ ...work, money: first.money }, { tried: later, leftovers, names: options.names }) };
    });
    const tried = [...second.tried, ...atOnce];
    const sent = both(first, second.sent);
    const note = await seeThrough(work);
    const report = await reportPauses({ work, rights, asked, before, tried, leftovers, sent, note, candidates: [...options.names.keys()] });
    await finish(work, sent, report);
    return report;
  } finally {
    await lock.release();
  }
}

/**
 * What `pauseNow` would come to, without a key: every call is tried out on the chain as it is, from the signer's address.
 * Of what is paused already it says whether the signer could have paused it. Throws RPC_*, CHAIN_ID_MISMATCH. Reads only.
 */
export async function rehearsePause(options: Omit<PauseOptions, 'signer' | 'journal'> & { signer: Address }): Promise<PauseReport> {
  const chain = manyNodes({ chains: options.chains, chainId: options.environment.chainId });
  const { kinds, contracts, signer, names } = options;
  const asked = await askedParts({ ...options, chain });
  const rights: RightsInput = { chain, kinds, contracts, signer, candidates: [...names.keys()] };
  const standings = await standingOf(rights, uniqueParts(asked));
  const due = standings.filter(({ part, live }) => live !== part.value);
  const tried = await tryWays(rights, due);
  const calls = callsFor(possible(tried));
  const gas = limitOf(await weigh(rights, calls));
  const money = await askMoney(chain, { signer, now: options.now() });
  const warning = oldHead(money, options.now());
  if (warning !== null) options.log(warning);
  const { market, balance } = money;
  const poor = firstFees(market, gas === 0n ? null : balance / gas) === null ? cannotPay(balance) : null;
  return { run: null, signer, rows: rehearsedRows({ asked, standings, tried, poor }) };
}

function isTried(tried: readonly { part: Part }[], part: Part): boolean {
  return tried.some((one) => isSamePart(one.part, part));
}

type Round = { tried: readonly Tried[]; sent: Sent };

/** With something on its way, nodes that are gone now don't keep back the report of it. */
async function tolerant(work: PauseWork, first: Sent, round: () => Promise<Round>): Promise<Round> {
  try {
    return await round();
  } catch (error) {
    if (!(error instanceof MooringError) || !error.code.startsWith('RPC_') || first.runs.length === 0) throw error;
    work.session.log(`what seemed to be paused already could not be looked at again: ${error.message}`, { code: error.code });
    return { tried: [], sent: { runs: [], refusal: null, money: first.money } };
  }
}

function rightsOf({ chain, signer }: PauseWork, { kinds, contracts }: PauseOptions): RightsInput {
  return { chain, kinds, contracts, signer, candidates: [] };
}

/** Waits until everything of this key is mined; what kept it from that, or null. SIDE EFFECTS: journals, sends again, raises fees. */
async function seeThrough({ session }: PauseWork): Promise<string | null> {
  const runs = session.runsOfChain().map(({ run }) => run);
  try {
    await settle(session, { runs, verdictOf: () => 'send', until: 'mined' });
    return null;
  } catch (error) {
    if (!(error instanceof MooringError) || error.code.startsWith('JOURNAL_')) throw error;
    const note = error.code === 'TRANSACTION_UNSETTLED' ? `not mined within ${Math.round(session.patience.unsettledMs / 1000)} s` : error.message;
    session.log(note, { code: error.code });
    return note;
  }
}

/** Writes down how the runs ended; what they signed may still be mined, and the next start looks at that. */
async function finish({ session }: PauseWork, { runs }: Sent, { rows }: PauseReport): Promise<void> {
  if (runs.length === 0) return;
  const paused = rows.filter(({ state }) => state === 'paused' || state === 'already').length;
  const outcome = paused === rows.length ? 'done' : paused > 0 ? 'partial' : 'stopped';
  const at = session.now();
  await session.recorder.record(runs.map((run) => ({ run, at, type: 'run-finished', outcome, findings: [] })));
}
