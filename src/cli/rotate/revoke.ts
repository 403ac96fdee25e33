// What of a compromised account can be revoked at once, doing it, and saying what became of it.
import type { Revocation } from '../../apply/only-revokes.ts';
import { fieldAt } from '../../kinds/fields.ts';
import { findingLines } from '../../render/finding-text.ts';
import { paint, showAddress } from '../../render/lexicon.ts';
import { runText } from '../../render/run-text.ts';
import type { Hex } from '../../types.ts';
import type { Log } from '../log.ts';
import { type Held, placeOf } from './held.ts';
import { revokeNow } from './revoke-now.ts';
import type { Rotating } from './run-rotation.ts';

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

function isSet(kind: Revocation['kind'], path: string): boolean {
  const shape = fieldAt(kind, path)?.field.shape;
  return shape === 'members' || shape === 'keyedMembers';
}

/** Places where nobody else would be left. */
export function lastOf(rotating: Rotating): string[] {
  const places = revocationsOf(rotating).map(({ contract, path }) => placeOf({ contract, field: path }));
  return places.filter((place) => rotating.holders.filter((other) => placeOf(other) === place).length === 1);
}

export type Outcome = { done: boolean; transactions: readonly Hex[] };

/** `done`: the old account holds nothing of it any more. SIDE EFFECTS: the chain, the journal of revocations. */
export async function revoke(rotating: Rotating & { log: Log }, revocations: readonly Revocation[]): Promise<Outcome> {
  const { context, lexicon, held, rotation, holders } = rotating;
  const kept = held.filter((one) => isLive(holders, one) && !revocations.some(({ contract, path }) => placeOf({ contract, field: path }) === placeOf(one)));
  const say = (text: string): void => context.stdout(`\n${text}\n`);
  if (kept.length > 0)
    say(
      paint(
        lexicon,
        'red',
        `NOT revoked: ${kept.map(placeOf).join(', ')} can only be handed over. Until ${rotation.to === null ? 'that is done (--new says to whom)' : 'the pull request is applied'}, ${showAddress(lexicon, rotation.from)} keeps it: pause what it may touch (mooring incident pause).`,
      ),
    );
  if (revocations.length === 0) {
    if (kept.length === 0) say('It is revoked already.');
    return { done: kept.length === 0, transactions: [] };
  }
  const revoked = await revokeNow({ ...rotating, revocations });
  if (revoked.outcome === 'refused') {
    const who = revoked.who.length === 0 ? [] : [`Who can: ${revoked.who.join('; ')}.`];
    say(
      [
        paint(lexicon, 'red', revoked.findings.length > 0 ? 'NOT revoked, because of this:' : 'NOT revoked: no key that may do it is at hand.'),
        ...revoked.findings.flatMap((one) => findingLines(one, lexicon)),
        ...who,
      ].join('\n'),
    );
    return { done: false, transactions: [] };
  }
  const { result } = revoked;
  say(`${paint(lexicon, 'bold', 'Revoked at once, past git, which it stays until somebody lifts it:')}\n${runText(result, lexicon)}`.trimEnd());
  const transactions = result.receipt?.transactions.filter(({ success }) => success).map(({ hash }) => hash) ?? [];
  return { done: result.outcome === 'done' && kept.length === 0, transactions };
}

function isLive(holders: readonly Held[], one: Held): boolean {
  return holders.some((other) => placeOf(other) === placeOf(one) && other.account === one.account);
}
