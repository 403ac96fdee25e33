// Titles and bodies of the pull requests that Mooring opens. Pure.
import type { Plan } from '../types.ts';
import { moveWords, riskWord } from './change-row.ts';
import { count, type Lexicon } from './lexicon.ts';
import { code } from './markdown.ts';

/** A title is one line, and GitHub takes 256 characters of it. */
export function titleLine(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
  return line.length <= 250 ? line : `${line.slice(0, 249)}…`;
}

export function approvalsTitleWords(plan: Plan, reason: string): string {
  return titleLine(`Approve ${count(plan.changes.length, 'change')} of ${plan.environment} (${reason})`);
}

/** What is to be approved, and how it came to be asked: `why` is Markdown, from outside only what `prose` made safe. */
export function askingBody(plan: Plan, lexicon: Lexicon, why: readonly string[]): string[] {
  const shown = plan.changes
    .slice(0, 100)
    .map((change) => `- ${code(`${change.contract}.${change.field}`)}: ${code(moveWords(change, lexicon))} (${riskWord(change.risk)})`);
  const rest = plan.changes.length > 100 ? [`- and ${plan.changes.length - 100} more`] : [];
  return [
    ...why,
    '',
    'Git declares these values already. Merging this pull request, with the approvals that policy asks for, sends them:',
    '',
    ...shown,
    ...rest,
    '',
    `It adds one file, named by the digest of this very plan, ${code(plan.digest.slice(0, 12))}. Closing it sends nothing.`,
  ];
}

/** Why a merged change isn't asked about any more. */
export function refusedBody({ number, by }: { number: number; by: string | null }, { environment, digest }: { environment: string; digest: string }): string[] {
  return [
    `#${number}, which asked to approve what would be sent of this, was closed${by === null ? '' : ` by ${code(by)}`}. It will not be asked again for this plan, ${code(digest.slice(0, 12))}.`,
    '',
    `To have it all the same, open a new pull request. Until then what git declares differs from the chain: ${code(`mooring drift --env ${environment}`)} lists it.`,
  ];
}
