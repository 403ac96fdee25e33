// One change as the cells that text and Markdown share. Pure.
import type { Change, FieldValue, Risk } from '../types.ts';
import { type Lexicon, nameAddresses, showAddress, showValue } from './lexicon.ts';

export type ChangeRow = { contract: string; field: string; live: string; desired: string; risk: string };

const riskWords: Record<Risk, string> = { reduce: 'lowers risk', increase: 'raises risk', ambiguous: 'needs judgement' };

/** Whether reviewers must look twice. */
export function isRisky(risk: Risk): boolean {
  return risk !== 'reduce';
}

export function riskWord(risk: Risk): string {
  return riskWords[risk];
}

export function changeRow(change: Change, lexicon: Lexicon): ChangeRow {
  return { contract: change.contract, field: change.field, ...fromTo(change, lexicon), risk: riskWords[change.risk] };
}

/** A change on one line: `50 % → 60 %`, `+ orchestrator-b`, `− orchestrator-a`. */
export function moveWords(change: Change, lexicon: Lexicon): string {
  if (change.action === 'do') return actWords(change, lexicon);
  const { live, desired } = fromTo(change, lexicon);
  if (change.action === 'add') return desired;
  return change.action === 'remove' ? `− ${live}` : `${live} → ${desired}`;
}

function fromTo(change: Change, lexicon: Lexicon): { live: string; desired: string } {
  if (change.action === 'do')
    return { live: change.from === null ? 'not done' : showValue(lexicon, change.from, change.unit), desired: actWords(change, lexicon) };
  if (change.member !== undefined && change.action !== 'set') return memberMove(change, lexicon);
  const key = change.member === undefined ? '' : `${showAddress(lexicon, change.member)}: `;
  return { live: key + showSide(lexicon, change, change.from), desired: key + showSide(lexicon, change, change.to) + rangeWords(lexicon, change) };
}

/** An act's id, and what it does. */
function actWords({ member, to }: Change, lexicon: Lexicon): string {
  const text = to?.type === 'scalar' ? nameAddresses(String(to.value), lexicon) : '';
  return `${member}: ${text}`;
}

const zeroWords = { off: 'off', inherit: 'inherits', keep: 'keeps what is there' } as const;

/** A zero that means something else than nothing says so. */
function showSide(lexicon: Lexicon, change: Change, value: FieldValue | null): string {
  const shown = showValue(lexicon, value, change.unit);
  return change.zeroMeans !== undefined && value?.type === 'scalar' && value.value === 0n ? `${shown} (${zeroWords[change.zeroMeans]})` : shown;
}

function rangeWords(lexicon: Lexicon, { within, unit }: Change): string {
  return within === undefined ? '' : ` (${showValue(lexicon, { type: 'range', ...within }, unit)})`;
}

function memberMove(change: Change, lexicon: Lexicon): { live: string; desired: string } {
  const member = showAddress(lexicon, change.member ?? '');
  const entry = change.action === 'add' ? change.to : change.from;
  const text =
    entry?.type === 'scalar' && typeof entry.value !== 'boolean' && entry.value !== change.member
      ? `${member}: ${showValue(lexicon, entry, change.unit)}`
      : member;
  return change.action === 'add' ? { live: '—', desired: `+ ${text}` } : { live: text, desired: '− removed' };
}
