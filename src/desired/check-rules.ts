// Which rules of a kind the values of one contract break, as far as the values are known. Pure.

import type { Code } from '../errors.ts';
import { type FormatOptions, formatScalar } from '../format.ts';
import type { Kind, KindRule } from '../kinds/kind.ts';
import { settersOf } from '../kinds/writes.ts';
import type { FieldValue, Scalar } from '../types.ts';

export type Values = ReadonlyMap<string, FieldValue>;

/** `paths` are the declared fields that it is about, the one to point at first. */
export type BrokenRule = { rule: KindRule; severity: 'error' | 'warning'; code: Code; paths: readonly string[]; message: string; fix: string };

type Show = (path: string, value: Scalar) => string;

type Breach = Omit<BrokenRule, 'rule' | 'severity'> | null;

/**
 * Rules that no completion of `values` could keep. A rule about a field that isn't among them is left alone. Values under
 * another name of a field count as that field's; `paths` are the names as given.
 */
export function brokenRules(kind: Kind, given: Values, format: Pick<FormatOptions, 'tokens' | 'names'> = {}): BrokenRule[] {
  const show: Show = (path, value) => formatScalar(value, { ...format, unit: kind.fields.get(fieldName(path))?.unit ?? 'none' });
  const givenAs = new Map([...given.keys()].map((path) => [kind.fields.get(path)?.aliasOf ?? path, path]));
  const values = new Map([...given].map(([path, value]) => [kind.fields.get(path)?.aliasOf ?? path, value]));
  return kind.rules.flatMap((rule) =>
    expand(rule, values).flatMap((single) => {
      const breach = check(single, { kind, values, show });
      if (breach === null) return [];
      const severity = isBinding(kind, rule, breach.paths) ? rule.severity : 'warning';
      return [{ rule, severity, ...breach, paths: breach.paths.map((path) => givenAs.get(path) ?? path) }];
    }),
  );
}

/** A rule that only some setters check binds a state only where no other setter writes the fields that break it. */
function isBinding(kind: Kind, rule: KindRule, paths: readonly string[]): boolean {
  const { setters } = rule;
  return setters === undefined || paths.every((path) => settersOf(kind, path).every((setter) => setters.includes(setter.function)));
}

function fieldName(path: string): string {
  return path.split('.', 1)[0] ?? path;
}

/** A rule about a keyed field holds for each of its keys. */
function expand(rule: KindRule, values: Values): KindRule[] {
  if (rule.rule !== 'between' || values.has(rule.field)) return [rule];
  return [...values.keys()].filter((path) => path.startsWith(`${rule.field}.`)).map((field) => ({ ...rule, field }));
}

type Facts = { kind: Kind; values: Values; show: Show };

function check(rule: KindRule, facts: Facts): Breach {
  switch (rule.rule) {
    case 'sum':
      return checkSum(rule, facts);
    case 'order':
      return checkOrder(rule, facts);
    case 'between':
      return checkBetween(rule, facts);
    case 'notEqual':
      return checkNotEqual(rule, facts);
    case 'memberOf':
      return checkMember(rule, facts);
    case 'count':
      return checkCount(rule, facts);
    default:
      return null;
  }
}

/** Smallest and largest number that a declared value allows; null when it isn't a number. */
export function numberRange(value: FieldValue | undefined): { min: bigint; max: bigint } | null {
  if (value?.type === 'range') return value;
  return value?.type === 'scalar' && typeof value.value === 'bigint' ? { min: value.value, max: value.value } : null;
}

type RuleOf<K extends KindRule['rule']> = KindRule & { rule: K };

function checkSum(rule: RuleOf<'sum'>, { kind, values, show }: Facts): Breach {
  const known = rule.fields.flatMap((path) => {
    const range = numberRange(values.get(path));
    return range === null ? [] : [{ path, ...range }];
  });
  const first = known[0];
  if (first === undefined) return null;
  const complete = known.length === rule.fields.length;
  const othersMayLower = !complete && rule.fields.some((path) => !kind.fields.get(fieldName(path))?.type.startsWith('uint'));
  const least = known.reduce((sum, field) => sum + field.min, 0n);
  const most = known.reduce((sum, field) => sum + field.max, 0n);
  const parts = known.map((field) => `${field.path} ${show(field.path, field.min)}`).join(' + ');
  const paths = known.map((field) => field.path).reverse();
  const fixed = { code: 'DECLARED_SUM', paths, fix: rule.message } as const;
  if (rule.max !== undefined && least > rule.max && !othersMayLower)
    return { ...fixed, message: `${parts} = ${show(first.path, least)}, more than ${show(first.path, rule.max)}` };
  if (rule.min !== undefined && complete && most < rule.min)
    return { ...fixed, message: `${parts} = ${show(first.path, most)}, less than ${show(first.path, rule.min)}` };
  return null;
}

function checkOrder(rule: RuleOf<'order'>, { values, show }: Facts): Breach {
  const lower = numberRange(values.get(rule.lower));
  const upper = numberRange(values.get(rule.upper));
  if (lower === null || upper === null || (rule.zeroIsOff && upper.min <= 0n && upper.max >= 0n)) return null;
  if (lower.min < upper.max || (!rule.strict && lower.min === upper.max)) return null;
  const relation = rule.strict ? 'is not below' : 'is above';
  return {
    code: 'DECLARED_ORDER',
    paths: [rule.lower, rule.upper],
    message: `${rule.lower} ${show(rule.lower, lower.min)} ${relation} ${rule.upper} ${show(rule.upper, upper.max)}`,
    fix: rule.message,
  };
}

function checkBetween(rule: RuleOf<'between'>, { values, show }: Facts): Breach {
  const value = numberRange(values.get(rule.field));
  const low = numberRange(values.get(rule.low));
  const high = numberRange(values.get(rule.high));
  const fixed = { code: 'DECLARED_ORDER', fix: rule.message } as const;
  if (value !== null && low !== null && value.max < low.min)
    return { ...fixed, paths: [rule.field, rule.low], message: `${rule.field} ${show(rule.field, value.max)} is below ${rule.low} ${show(rule.low, low.min)}` };
  if (value !== null && high !== null && value.min > high.max)
    return {
      ...fixed,
      paths: [rule.field, rule.high],
      message: `${rule.field} ${show(rule.field, value.min)} is above ${rule.high} ${show(rule.high, high.max)}`,
    };
  return null;
}

/** The scalar of a declared field, or null. */
function scalarOf(value: FieldValue | undefined): Scalar | null {
  return value?.type === 'scalar' ? value.value : null;
}

export function isZero(value: Scalar): boolean {
  return value === 0n || (typeof value === 'string' && /^0x0*$/.test(value));
}

function checkNotEqual(rule: RuleOf<'notEqual'>, { values, show }: Facts): Breach {
  const value = scalarOf(values.get(rule.field));
  const other = scalarOf(values.get(rule.other));
  if (value === null || value !== other || (rule.zeroPasses && isZero(value))) return null;
  return {
    code: 'DECLARED_EQUAL',
    paths: [rule.field, rule.other],
    message: `${rule.field} and ${rule.other} are both ${show(rule.field, value)}`,
    fix: rule.message,
  };
}

function checkMember(rule: RuleOf<'memberOf'>, { values, show }: Facts): Breach {
  const value = scalarOf(values.get(rule.field));
  const set = values.get(rule.set);
  if (typeof value !== 'string' || set?.type !== 'members' || (rule.zeroPasses && isZero(value)) || set.members.includes(value)) return null;
  return {
    code: 'DECLARED_NOT_MEMBER',
    paths: [rule.field, rule.set],
    message: `${rule.field} ${show(rule.field, value)} is not among ${rule.set}`,
    fix: rule.message,
  };
}

function checkCount(rule: RuleOf<'count'>, { values }: Facts): Breach {
  const collection = values.get(rule.of);
  const size = collection?.type === 'members' ? collection.members.length : collection?.type === 'entries' ? collection.entries.size : null;
  const most = typeof rule.max === 'bigint' ? rule.max : numberRange(values.get(rule.max))?.max;
  if (size === null || most === undefined || BigInt(size) <= most) return null;
  return { code: 'DECLARED_COUNT', paths: [rule.of], message: `${rule.of} has ${size} members, at most ${most} are allowed`, fix: rule.message };
}
