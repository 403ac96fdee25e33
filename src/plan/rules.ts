// A kind's rules, evaluated in a state of the abstract machine: which of them a deed must respect, and whether they hold. Pure.
import type { KindRule, KindSetter } from '../kinds/kind.ts';
import { factKey, sameScalar } from '../values.ts';
import type { Deed } from './model.ts';
import type { Scope, Target } from './scope.ts';
import { type Cell, countCell, fieldCell, isZero, memberCell, storedPath } from './world.ts';

export type Read = (cell: string) => Cell | undefined;

/** A rule that one deed must respect. `hard`: the contract reverts; otherwise the deed must not be what breaks it. */
export type BoundRule = { target: Target; rule: KindRule; key: string | null; hard: boolean };

export type Verdict = 'holds' | 'broken' | 'unknown';

/** The rules of a deed: those of its contract that its setter touches, and links of other contracts to its set. */
export function rulesOf(scope: Scope, deed: Deed, which: { key?: string; member?: string }): BoundRule[] {
  const { target, setter } = deed;
  const key = which.key ?? null;
  const own = target.kind.rules.filter((rule) => concerns(target, rule, setter)).map((rule) => ({ target, rule, key, hard: isHard(target, rule, setter) }));
  return which.member === undefined ? own : [...own, ...linksTo(scope, deed, which.member)];
}

function concerns(target: Target, rule: KindRule, setter: KindSetter): boolean {
  if (rule.setters !== undefined) return rule.setters.includes(setter.function) || (rule.rule === 'memberOf' && writesAny(target, setter, [rule.set]));
  return writesAny(target, setter, pathsOf(rule));
}

/** The contract itself checks a rule where it has an error for it, but doesn't look when a member goes that is in use. */
function isHard(target: Target, rule: KindRule, setter: KindSetter): boolean {
  if (rule.revert === undefined || rule.rule === 'linked') return false;
  return rule.rule !== 'memberOf' || writesAny(target, setter, [rule.field]);
}

function writesAny(target: Target, setter: KindSetter, paths: readonly string[]): boolean {
  const { kind } = target;
  return setter.fields.some((written) => {
    const stored = storedPath(kind, written);
    return paths.some((path) => storedPath(kind, path) === stored || written.startsWith(`${path}.`) || path.startsWith(`${written}.`));
  });
}

/** Paths of this contract that a rule speaks about. */
export function pathsOf(rule: KindRule): string[] {
  if (rule.rule === 'sum') return [...rule.fields];
  if (rule.rule === 'order') return [rule.lower, rule.upper];
  if (rule.rule === 'between') return [rule.field, rule.low, rule.high];
  if (rule.rule === 'notEqual') return [rule.field, rule.other];
  if (rule.rule === 'memberOf') return [rule.field, rule.set];
  if (rule.rule === 'count') return typeof rule.max === 'string' ? [rule.of, rule.max] : [rule.of];
  return [rule.rule === 'linked' ? rule.via : rule.field];
}

function linksTo(scope: Scope, deed: Deed, member: string): BoundRule[] {
  const other = scope.byAddress.get(member.toLowerCase());
  if (other === undefined) return [];
  return other.kind.rules
    .filter((rule) => rule.rule === 'linked' && deed.setter.fields.includes(rule.set))
    .map((rule) => ({ target: other, rule, key: null, hard: false }));
}

/** Whether a rule holds in the state that `read` shows. Unknown where something that it speaks about could not be read. */
export function evaluateRule(scope: Scope, bound: Pick<BoundRule, 'target' | 'rule' | 'key'>, read: Read): Verdict {
  const { target, rule } = bound;
  const value = (path: string): Cell | undefined => read(fieldCell(target.address, storedPath(target.kind, path)));
  if (rule.rule === 'sum') return sumHolds(rule, rule.fields.map(value));
  if (rule.rule === 'order') return orderHolds(rule, value(rule.lower), value(rule.upper));
  if (rule.rule === 'between')
    return all(keyedPaths(target, rule.field, bound.key).map((path) => betweenHolds(value(path), value(rule.low), value(rule.high))));
  if (rule.rule === 'notEqual') return notEqualHolds(rule, value(rule.field), value(rule.other));
  if (rule.rule === 'memberOf') return memberHolds(bound.target, rule, read);
  if (rule.rule === 'count') return countHolds(read(countCell(target.address, rule.of)), typeof rule.max === 'string' ? value(rule.max) : rule.max);
  return rule.rule === 'answers' ? answersHolds(scope, rule, value(rule.field)) : linkHolds(scope, target, rule, read);
}

function all(verdicts: readonly Verdict[]): Verdict {
  return verdicts.includes('broken') ? 'broken' : verdicts.includes('unknown') ? 'unknown' : 'holds';
}

function verdict(holds: boolean): Verdict {
  return holds ? 'holds' : 'broken';
}

function keyedPaths(target: Target, path: string, key: string | null): string[] {
  const field = target.kind.fields.get(path);
  if (field?.shape !== 'keyed') return [path];
  return key === null ? [...field.keys.keys()].map((name) => `${path}.${name}`) : [`${path}.${key}`];
}

function sumHolds(rule: { min?: bigint; max?: bigint }, values: readonly (Cell | undefined)[]): Verdict {
  if (values.includes(undefined)) return 'unknown';
  const sum = values.reduce<bigint>((total, value) => total + (typeof value === 'bigint' ? value : 0n), 0n);
  return verdict((rule.min === undefined || sum >= rule.min) && (rule.max === undefined || sum <= rule.max));
}

function orderHolds(rule: { strict: boolean; zeroIsOff: boolean }, lower: Cell | undefined, upper: Cell | undefined): Verdict {
  if (rule.zeroIsOff && upper === 0n) return 'holds';
  if (typeof lower !== 'bigint' || typeof upper !== 'bigint') return 'unknown';
  return verdict(rule.strict ? lower < upper : lower <= upper);
}

function betweenHolds(value: Cell | undefined, low: Cell | undefined, high: Cell | undefined): Verdict {
  if (value === null) return 'holds';
  if (typeof value !== 'bigint' || typeof low !== 'bigint' || typeof high !== 'bigint') return 'unknown';
  return verdict(value >= low && value <= high);
}

function notEqualHolds(rule: { zeroPasses: boolean }, value: Cell | undefined, other: Cell | undefined): Verdict {
  if (value === undefined || other === undefined) return 'unknown';
  if (value === null || other === null || (rule.zeroPasses && isZero(value))) return 'holds';
  return verdict(!sameScalar(value, other));
}

function memberHolds(target: Target, rule: { field: string; set: string; zeroPasses: boolean }, read: Read): Verdict {
  const value = read(fieldCell(target.address, storedPath(target.kind, rule.field)));
  if (typeof value !== 'string') return 'unknown';
  if (rule.zeroPasses && isZero(value)) return 'holds';
  if (read(memberCell(target.address, rule.set, value)) === true) return 'holds';
  return read(fieldCell(target.address, rule.set)) === undefined ? 'unknown' : 'broken';
}

function countHolds(count: Cell | undefined, max: Cell | undefined): Verdict {
  return typeof count === 'bigint' && typeof max === 'bigint' ? verdict(count <= max) : 'unknown';
}

/** A contract that was asked and gave no answer is refused by the setter, too; one that nobody asked is left to the proof. */
function answersHolds(scope: Scope, rule: { function: string; equals: Cell; zeroPasses: boolean }, address: Cell | undefined): Verdict {
  if (typeof address !== 'string') return 'unknown';
  if (isZero(address)) return verdict(rule.zeroPasses);
  const fact = scope.live.facts.get(factKey(address, rule.function));
  if (fact === undefined) return 'unknown';
  return verdict(fact.type === 'scalar' && rule.equals !== null && sameScalar(fact.value, rule.equals));
}

/** Only a managed contract's set can be looked into. */
function linkHolds(scope: Scope, target: Target, rule: { via: string; set: string }, read: Read): Verdict {
  const address = read(fieldCell(target.address, storedPath(target.kind, rule.via)));
  const other = typeof address === 'string' ? scope.byAddress.get(address.toLowerCase()) : undefined;
  if (other === undefined || read(fieldCell(other.address, rule.set)) === undefined) return 'unknown';
  return verdict(read(memberCell(other.address, rule.set, target.address)) === true);
}

/** Cells that decide whether a rule holds, where other deeds may write them. `member`: of the set that the deed toggles. */
export function ruleReads(scope: Scope, bound: BoundRule, deed: Deed): string[] {
  const { target, rule } = bound;
  const cell = (path: string): string => fieldCell(target.address, storedPath(target.kind, path));
  if (rule.rule === 'between') return [...keyedPaths(target, rule.field, bound.key), rule.low, rule.high].map(cell);
  if (rule.rule === 'count') return [countCell(target.address, rule.of), ...(typeof rule.max === 'string' ? [cell(rule.max)] : [])];
  if (rule.rule === 'memberOf')
    return [cell(rule.field), ...writtenAddresses(deed, cell(rule.field)).map((address) => memberCell(target.address, rule.set, address))];
  if (rule.rule === 'linked')
    return [
      cell(rule.via),
      ...writtenAddresses(deed, cell(rule.via)).flatMap((address) =>
        scope.byAddress.has(address.toLowerCase()) ? [memberCell(address, rule.set, target.address)] : [],
      ),
    ];
  return pathsOf(rule).map(cell);
}

function writtenAddresses(deed: Deed, cell: string): string[] {
  return deed.writes.flatMap((write) => (write.cell === cell && typeof write.value === 'string' ? [write.value] : []));
}
