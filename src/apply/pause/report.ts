// What came of a pause: every flag read again, beside what the journal says of its transactions and who else could.
import { MooringError } from '../../errors.ts';
import type { NonceState } from '../../journal/reduce.ts';
import { withSlow } from '../../live/many-nodes.ts';
import type { Address } from '../../types.ts';
import type { Tried } from './calls.ts';
import { type Leftovers, partsOf } from './leftovers.ts';
import { type RightsInput, standingOf } from './rights.ts';
import type { Sent } from './send.ts';
import type { PauseWork } from './session.ts';
import { type Asked, isSamePart, type MayPause, type Part, type PauseReport, type PauseRow, type PauseState, type Standing } from './types.ts';

type Ended = {
  work: PauseWork;
  rights: RightsInput;
  asked: readonly Asked[];
  before: readonly Standing[];
  tried: readonly Tried[];
  leftovers: Leftovers;
  sent: Sent;
  /** Why the wait ended before everything was mined, or null. */
  note: string | null;
  /** Who may be a member of a set that lets pause: sets can't be listed. */
  candidates: readonly Address[];
};

/** Flags as read again, or why they couldn't be: what was sent is told all the same. */
type After = readonly (boolean | null)[] | { unread: string };

/** Reads only. */
export async function reportPauses(ended: Ended): Promise<PauseReport> {
  const { asked, before, sent, work } = ended;
  const after = await readAgain(ended).catch(unreadBy);
  const states = new Map(
    before.map((standing, i) => [standing.part, 'unread' in after ? unreadState(ended, standing, after.unread) : stateOf(ended, standing, after[i] ?? null)]),
  );
  const rows = asked.map((item) => rowOf(item, (part) => states.get(before.find((one) => isSamePart(one.part, part))?.part ?? part)));
  return { run: sent.runs[0] ?? null, signer: work.signer, rows: await withNames(ended, rows) };
}

function unreadBy(error: unknown): After {
  if (error instanceof MooringError) return { unread: error.message };
  throw error;
}

/** Looks at flags until they show what a mined transaction has done: another node may answer than the one that had it. */
const looks = 5;

async function readAgain({ work, rights, before, leftovers, sent }: Ended): Promise<(boolean | null)[]> {
  for (let look = 1; ; look++) {
    const standings = await standingOf(
      { ...rights, chain: withSlow(work.chain) },
      before.map(({ part }) => part),
    );
    const behind = standings.some(({ part, live }) => live !== part.value && noncesOf(work, { part, leftovers, sent }).some(hasWorked));
    if (!behind || look === looks) return standings.map(({ live }) => live);
    await work.session.sleep(work.session.patience.firstPollMs * 2 ** look);
  }
}

type Own = { part: Part; leftovers: Leftovers; sent: Sent };

/** Of this start, and those that were open when it began; newest last. */
function noncesOf({ session }: PauseWork, { part, leftovers, sent }: Own): NonceState[] {
  const nonces = session.runsOfChain().flatMap((run) => run.nonces);
  const own = nonces.filter((nonce) => (sent.runs.includes(nonce.run) || leftovers.nonces.has(nonce.nonce)) && nonce.foreign === null);
  return own.filter((nonce) => partsOf(session, nonce).some((other) => isSamePart(other, part)));
}

function hasWorked({ mined }: NonceState): boolean {
  return mined?.success === true;
}

function stateOf(ended: Ended, { part, live, whoCan }: Standing, after: boolean | null): PauseState {
  const { work, leftovers, sent, note, tried } = ended;
  const own = noncesOf(work, { part, leftovers, sent });
  const done = own.findLast(hasWorked)?.mined?.hash;
  if (live === part.value && after === part.value) return { state: 'already' };
  if (after === part.value) return done === undefined ? { state: 'already' } : { state: 'paused', transaction: done };
  const open = own.findLast(({ mined }) => mined === null)?.transactions.at(-1)?.hash;
  if (open !== undefined) return { state: 'sent', transaction: open, note };
  return { state: 'impossible', why: whyImpossible({ own, part, after, tried, sent }), whoCan };
}

function unreadState({ work, leftovers, sent, tried }: Ended, { part, live, whoCan }: Standing, unread: string): PauseState {
  const last = noncesOf(work, { part, leftovers, sent }).at(-1);
  const hash = last?.mined?.hash ?? last?.transactions.at(-1)?.hash;
  if (live === part.value) return { state: 'already' };
  if (hash !== undefined)
    return { state: 'sent', transaction: hash, note: `${last?.mined === null ? '' : 'mined, and '}what came of it could not be read: ${unread}` };
  return { state: 'impossible', why: whyImpossible({ own: [], part, after: null, tried, sent }), whoCan };
}

type Failed = { own: readonly NonceState[]; part: Part; after: boolean | null; tried: readonly Tried[]; sent: Sent };

function whyImpossible({ own, part, after, tried, sent }: Failed): string {
  const failed = own.findLast(({ mined }) => mined?.success === false)?.mined;
  if (failed != null) return `${failed.hash} failed: ${failed.error ?? 'for an unknown reason'}`;
  const vain = own.findLast(hasWorked)?.mined;
  if (vain != null) return `${vain.hash} went through, and ${part.field} ${after === null ? "can't be read, or nodes differ on it" : 'is as before'}`;
  const attempt = tried.find(({ standing }) => isSamePart(standing.part, part));
  if (attempt !== undefined && 'why' in attempt) return attempt.why;
  return sent.refusal ?? 'it is not paused, for a reason that the chain does not show; run again';
}

function rowOf(item: Asked, stateFor: (part: Part) => PauseState | undefined): PauseRow {
  const { target, part, contract, address, since } = item;
  const unknown = (why: string): PauseState => ({ state: 'impossible', why, whoCan: [] });
  return { target, part, contract, address, since, ...('why' in item ? unknown(item.why) : (stateFor(item.flag) ?? unknown('it was not read'))) };
}

/** Of what is impossible also who is a member of the sets that let pause. Without that where no node answers any more. */
async function withNames({ rights, candidates, before }: Ended, rows: readonly PauseRow[]): Promise<readonly PauseRow[]> {
  const stuck = before.filter(({ part }) => rows.some((row) => row.state === 'impossible' && row.address === part.address));
  if (stuck.length === 0) return rows;
  const parts = stuck.map(({ part }) => part);
  const found = await standingOf({ ...rights, candidates }, parts).catch((): Standing[] => []);
  const whoCan = (row: PauseRow): readonly MayPause[] | undefined => found.find(({ part }) => part.address === row.address)?.whoCan;
  return rows.map((row) => (row.state === 'impossible' ? { ...row, whoCan: whoCan(row) ?? row.whoCan } : row));
}

type Rehearsed = { asked: readonly Asked[]; standings: readonly Standing[]; tried: readonly Tried[]; poor: string | null };

/** Rows of a rehearsal. `poor`: why the signer couldn't pay, or null. */
export function rehearsedRows(rehearsed: Rehearsed): PauseRow[] {
  return rehearsed.asked.map((item) => rowOf(item, (flag) => rehearsedState(rehearsed, flag)));
}

function rehearsedState({ standings, tried, poor }: Rehearsed, flag: Part): PauseState | undefined {
  const standing = standings.find(({ part }) => isSamePart(part, flag));
  if (standing === undefined) return undefined;
  const { live, ways, whoCan } = standing;
  const impossible = (why: string): PauseState => ({ state: 'impossible', why, whoCan });
  if (live === flag.value) return ways.length > 0 ? { state: 'already' } : impossible('it is paused now, and the signer could not pause it again');
  const attempt = tried.find((one) => isSamePart(one.standing.part, flag));
  if (attempt === undefined || 'why' in attempt) return impossible(attempt?.why ?? 'it was not tried');
  if (poor !== null) return impossible(poor);
  return { state: 'ready', through: attempt.way.via === 'direct' ? null : attempt.way.address };
}
