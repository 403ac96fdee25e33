// What of a compromised account can be revoked at once, doing it, and saying what became of it.
import type { Revocation } from '../../apply/only-revokes.ts';
import { MooringError } from '../../errors.ts';
import { isClosed, type RunState } from '../../journal/reduce.ts';
import { isSet } from '../../live/read-member.ts';
import { paint, showAddress } from '../../render/lexicon.ts';
import type { Hex } from '../../types.ts';
import type { Log } from '../log.ts';
import { reportError } from '../report-error.ts';
import { type Held, placeOf } from './held.ts';
import { readRevocations } from './revocation-journals.ts';
import { changeId, type Revoked, revokeNow } from './revoke-now.ts';
import type { Rotating } from './run-rotation.ts';
import { isOut, tellRevoked } from './tell-revoked.ts';

/** Sets that git manages and in which it is live: a single value is handed over, which is no revocation. */
export function revocationsOf({ opened, holders, rotation }: Rotating): Revocation[] {
  const live = holders.filter(({ account }) => account === rotation.from);
  return live.flatMap(({ contract: name, field: path, account }): Revocation[] => {
    const contract = opened.desired.state.contracts.find((one) => one.name === name);
    const kind = contract === undefined ? undefined : opened.kinds.get(contract.kind);
    if (contract === undefined || kind === undefined || !isSet(kind, path)) return [];
    return [{ contract: name, kind, address: contract.address, path, account }];
  });
}

/** Places where nobody else would be left, as far as that is known: who is to go by an earlier revocation counts as gone. */
export async function lastOf(rotating: Rotating & { log: Log }): Promise<string[]> {
  const places = revocationsOf(rotating).map(({ contract, path }) => placeOf({ contract, field: path }));
  const leaving = new Set((await unfinished(rotating)).flatMap(({ started }) => started.changes.map(({ id }) => id)));
  const stays = (other: Held, place: string): boolean =>
    placeOf(other) === place && other.account !== rotating.rotation.from && !leaving.has(`${place}[${other.account}]`);
  return places.filter((place) => !rotating.partly.has(place) && !rotating.holders.some((other) => stays(other, place)));
}

export type Outcome = { done: boolean; transactions: readonly Hex[] };

/** `done`: the old account holds nothing of it any more. SIDE EFFECTS: the chain, the journal of revocations. */
export async function revoke(rotating: Rotating & { log: Log }, revocations: readonly Revocation[]): Promise<Outcome> {
  const kept = keptOf(rotating, revocations);
  if (kept.length > 0) say(rotating, keptText(rotating, kept));
  if (revocations.length === 0 && kept.length === 0) say(rotating, 'It is revoked already.');
  const hasMore = async (): Promise<boolean> => (await unfinished(rotating)).length > 0;
  if (revocations.length === 0 && !(await hasMore())) return { done: kept.length === 0, transactions: [] };
  const revoked = await tryRevoking(rotating, revocations);
  if (revoked === null) return { done: false, transactions: [] };
  for (const text of tellRevoked(revoked, rotating.lexicon)) say(rotating, text);
  return {
    done: kept.length === 0 && [...revoked.asked, ...revoked.earlier].every((one) => isOut(one, revoked)),
    transactions: revoked.outcome === 'refused' ? [] : transactionsOf(revoked, revocations),
  };
}

/** Also where an earlier run was to revoke the same; but not those that are about others. */
function transactionsOf({ results, seenThrough }: Revoked & { outcome: 'sent' }, revocations: readonly Revocation[]): Hex[] {
  const ids = new Set(revocations.map(changeId));
  const receipts = [...results, ...seenThrough].flatMap(({ receipt }) => receipt ?? []);
  const own = receipts.filter(({ changes }) => changes.some(({ id }) => ids.has(id)));
  return own.flatMap(({ transactions }) => transactions).flatMap(({ success, step, hash }) => (success && step !== null ? [hash] : []));
}

function say({ context }: Rotating, text: string): void {
  context.stdout(`\n${text}\n`);
}

/** What is no set: somebody else has to get it. */
function keptOf({ held, holders }: Rotating, revocations: readonly Revocation[]): Held[] {
  return held.filter((one) => isLive(holders, one) && !revocations.some(({ contract, path }) => placeOf({ contract, field: path }) === placeOf(one)));
}

function keptText({ lexicon, rotation }: Rotating, kept: readonly Held[]): string {
  const until = rotation.to === null ? 'that is done (--new says to whom)' : 'the pull request is applied';
  const text = `NOT revoked: ${kept.map(placeOf).join(', ')} can only be handed over. Until ${until}, ${showAddress(lexicon, rotation.from)} keeps it: pause what it may touch (mooring incident pause).`;
  return paint(lexicon, 'red', text);
}

/** Runs of before that have not finished. */
async function unfinished({ opened, log }: Rotating & { log: Log }): Promise<RunState[]> {
  const { runs } = await readRevocations(opened, log);
  return runs.filter(({ finished, started }) => finished === null && started.environment === opened.name);
}

/** Null where it failed, which is told: the pull request is opened all the same. */
async function tryRevoking(rotating: Rotating & { log: Log }, revocations: readonly Revocation[]): Promise<Revoked | null> {
  try {
    return await revokeNow({ ...rotating, revocations });
  } catch (error) {
    if (!(error instanceof MooringError)) throw error;
    reportError(error, rotating.context, rotating.options);
    const open = (await unfinished(rotating)).flatMap(({ nonces }) => nonces.filter((nonce) => !isClosed(nonce)));
    const hashes = open.flatMap(({ transactions }) => transactions.at(-1)?.hash ?? []);
    const text =
      hashes.length === 0 ? 'NOT revoked.' : `NOT seen to be revoked: sent in ${hashes.join(', ')}, and not confirmed. Run it again: it goes on from there.`;
    say(rotating, paint(rotating.lexicon, 'red', text));
    return null;
  }
}

function isLive(holders: readonly Held[], one: Held): boolean {
  return holders.some((other) => placeOf(other) === placeOf(one) && other.account === one.account);
}
