// What an editor shows about a field while its value is being written: meaning, unit, bounds, rules, risk. Pure.
import { formatScalar } from '../format.ts';
import type { Risk, Unit } from '../types.ts';
import type { Kind, KindField, KindRule } from './kind.ts';
import { settersOf } from './writes.ts';

const forms: Readonly<Record<Unit, string>> = {
  none: 'a whole number',
  count: 'a whole number',
  token: 'an amount, `150 AGIALPHA`, or a whole number of its smallest unit',
  bps: 'a percentage, `60%`, or basis points, `6000`',
  percent: 'a whole percentage, `60%`',
  percentOrBps: 'a whole percentage, `60%`',
  seconds: 'a time, `7 days`, or seconds',
  fixed18: 'a decimal, `0.9`',
};

const risks: Readonly<Record<Risk, string>> = { reduce: 'reduces risk', increase: 'raises risk', ambiguous: 'may raise risk' };

/** Several sentences, paragraph by paragraph. */
export function fieldHover(kind: Kind, field: KindField): string {
  const paragraphs = [
    field.description,
    [form(field), bounds(field), special(field)].filter((text) => text !== '').join(' '),
    ruleTexts(kind, field),
    writing(kind, field),
  ];
  return paragraphs.filter((text) => text !== '').join('\n\n');
}

function form(field: KindField): string {
  if (field.shape === 'members' || field.shape === 'keyedMembers')
    return 'Write a list of names from the address book or quoted addresses. A live member that is not listed is drift.';
  if (field.shape === 'entries') return `Write a map from a name or a quoted address to ${forms[field.unit]}. A live entry that is not listed is drift.`;
  const value = /^u?int/.test(field.type) ? forms[field.unit] : valueForm(field.type);
  if (field.shape !== 'keyed') return `Write ${value}.`;
  return `Write a map from ${[...field.keys.keys()].join(', ')} to ${value}${field.unset === undefined ? '' : ' or `unset`'}. A key that is not written is not managed.`;
}

function valueForm(type: string): string {
  if (type === 'bool') return '`true` or `false`';
  if (type === 'address') return 'a name from the address book or a quoted address';
  return type.startsWith('bytes') ? `quoted hex digits (${type})` : 'a text';
}

function bounds(field: KindField): string {
  const { min, max } = field;
  if (min !== undefined && max !== undefined) return `From ${formatScalar(min, field)} to ${formatScalar(max, field)}.`;
  if (min !== undefined) return min === 1n ? 'More than 0.' : `At least ${formatScalar(min, field)}.`;
  return max === undefined ? '' : `At most ${formatScalar(max, field)}.`;
}

function special(field: KindField): string {
  const texts: string[] = [];
  if (field.zeroMeans === 'off') texts.push('0 means no limit.');
  if (field.zeroMeans === 'inherit') texts.push(`0 means that ${field.inherits ?? 'another value'} holds.`);
  if (field.zeroMeans === 'keep') texts.push('The contract reads 0 as "keep", so 0 is refused.');
  if (field.nonZero === true) texts.push('The zero address is refused.');
  if (field.aliasOf !== undefined) texts.push(`The same as ${field.aliasOf}: declare one of them.`);
  if (field.optional === true) texts.push('Not every contract of this kind has it.');
  if (field.ownedElsewhere !== undefined)
    texts.push(
      `Another controller may move it${field.ownedElsewhere === true ? '' : ` while ${field.ownedElsewhere} is true`}: a range, \`{ within: [lowest, highest] }\`, leaves it room.`,
    );
  return texts.join(' ');
}

function ruleTexts(kind: Kind, field: KindField): string {
  const about = kind.rules.filter((rule) => namesIn(rule).some((path) => path.split('.')[0] === field.name));
  return [...new Set(about.map((rule) => `Rule: ${rule.message}${rule.revert === undefined ? '' : ` (else \`${rule.revert}\`)`}`))].join('\n');
}

function namesIn(rule: KindRule): string[] {
  return Object.entries(rule).flatMap(([key, value]) =>
    /^(fields?|lower|upper|low|high|other|set|of|max|via)$/.test(key) ? [value].flat().filter((name) => typeof name === 'string') : [],
  );
}

function writing(kind: Kind, field: KindField): string {
  const setters = settersOf(kind, field.name);
  const first = setters[0];
  if (first === undefined) return 'Read only: list it under observe.';
  const others = first.fields.filter((path) => path.split('.')[0] !== field.name);
  const ways = first.does === 'set' || first.does === 'setKey' ? [first] : setters;
  const together = others.length === 0 ? '' : ` together with ${others.join(', ')}`;
  return `Set by ${ways.map((setter) => `\`${setter.function}\` (${setter.access.join(' or ')})`).join(', ')}${together}. ${riskText(field)}`;
}

function riskText(field: KindField): string {
  const { up, down } = field.risk;
  const [raising, lowering] =
    field.type === 'bool' ? ['True', 'false'] : /^u?int/.test(field.type) && field.shape !== 'entries' ? ['Raising it', 'lowering it'] : ['Adding', 'removing'];
  return up === down ? `A change ${risks[up]}.` : `${raising} ${risks[up]}, ${lowering} ${risks[down]}.`;
}
