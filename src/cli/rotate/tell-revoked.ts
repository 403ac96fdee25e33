// What became of a revocation at once, in words: by the chain as it was read afterwards, never by what was hoped for. Pure.
import type { Revocation } from '../../apply/only-revokes.ts';
import { findingLines } from '../../render/finding-text.ts';
import { type Lexicon, paint, showAddress } from '../../render/lexicon.ts';
import { type RunWords, runText } from '../../render/run-text.ts';
import { placeOf } from './held.ts';
import type { Refused, Revoked, Standing } from './revoke-now.ts';

/** Whether an account is out. Where the chain doesn't say, only a run that was verified tells. */
export function isOut({ revocation, isLive }: Standing, revoked: Revoked): boolean {
  if (isLive !== null) return !isLive;
  return (
    revoked.outcome === 'sent' && revoked.results.every(({ outcome }) => outcome === 'done') && !revoked.refused.some((one) => one.revocation === revocation)
  );
}

export function tellRevoked(revoked: Revoked, lexicon: Lexicon): string[] {
  const { asked, earlier, refused } = revoked;
  const several = refused.length > 1 || asked.length + earlier.length > 1;
  const told = refused.map((one) => refusedText(one, several, lexicon));
  return [
    ...(revoked.outcome === 'sent' && asked.length > 0 ? [sentText(revoked, lexicon)] : []),
    ...earlier.map((one) => earlierText(one, revoked, lexicon)),
    ...told,
  ];
}

/** Git may say something else: what is revoked at once is past it. */
const words: RunWords = {
  done: 'What was sent took effect; it was read again.',
  goOn: 'To go on: run it again. What is done is not done twice.',
};

function sentText(revoked: Revoked & { outcome: 'sent' }, lexicon: Lexicon): string {
  const { asked, results } = revoked;
  const left = asked.filter((one) => !isOut(one, revoked)).map(({ revocation }) => nameOf(revocation, lexicon));
  const head =
    left.length === 0
      ? paint(lexicon, 'bold', 'Revoked at once, past git, which it stays until somebody lifts it:')
      : paint(lexicon, 'red', left.length < asked.length ? `PARTLY revoked. NOT revoked: ${left.join(', ')}.` : `NOT revoked: ${left.join(', ')}.`);
  const loud = results.filter(({ receipt, findings }) => receipt !== null || findings.length > 0);
  return [head, ...loud.map((result) => runText(result, lexicon, words).trimEnd())].join('\n');
}

function earlierText(one: Standing, revoked: Revoked, lexicon: Lexicon): string {
  const name = nameOf(one.revocation, lexicon);
  if (isOut(one, revoked)) return paint(lexicon, 'bold', `An earlier revocation that had not finished is seen through: ${name} is out.`);
  return paint(lexicon, 'red', `An earlier revocation has not finished, and is NOT done: ${name}. Run this again: it goes on from there.`);
}

function refusedText({ revocation, findings, who }: Refused, several: boolean, lexicon: Lexicon): string {
  const which = several ? ` (${nameOf(revocation, lexicon)})` : '';
  const why = findings.length > 0 ? `NOT revoked${which}, because of this:` : `NOT revoked${which}: no key that may do it is at hand.`;
  return [
    paint(lexicon, 'red', why),
    ...findings.flatMap((one) => findingLines(one, lexicon)),
    ...(who.length === 0 ? [] : [`Who can: ${who.join('; ')}.`]),
  ].join('\n');
}

function nameOf({ contract, path, account }: Revocation, lexicon: Lexicon): string {
  return `${showAddress(lexicon, account)} of ${placeOf({ contract, field: path })}`;
}
