// Questions about a kind's fields: what a path means, which way a change of it leans, how its values are written. Pure.
import { MooringError } from '../errors.ts';
import type { Action, FieldValue, Risk, Scalar } from '../types.ts';
import { nearestBound } from '../values.ts';
import { id } from './keccak.ts';
import type { Kind, KindField } from './kind.ts';

const zeroRole = `0x${'0'.repeat(64)}`;

/**
 * The field at `path`: its name, with a key after a dot where it is keyed (`roleMinimumStake.agent`). The name alone of
 * a keyed field is the field without a key. Null where the kind has no such field or key.
 */
export function fieldAt(kind: Pick<Kind, 'fields'>, path: string): { field: KindField; key?: string } | null {
  const whole = kind.fields.get(path);
  if (whole !== undefined) return { field: whole };
  const dot = path.indexOf('.');
  const field = dot < 0 ? undefined : kind.fields.get(path.slice(0, dot));
  const key = path.slice(dot + 1);
  if (field?.shape === 'keyed') return field.keys.has(key) ? { field, key } : null;
  return field?.shape === 'keyedMembers' && roleId(key) !== null ? { field, key } : null;
}

/** Every path that can be named without knowing the contract: not the keys of `keyedMembers`, which are open. */
export function staticPaths(kind: Kind): string[] {
  return [...kind.fields.values()].flatMap((field) => {
    if (field.shape === 'keyed') return [...field.keys.keys()].map((key) => `${field.name}.${key}`);
    return field.shape === 'keyedMembers' ? [] : [field.name];
  });
}

/** Every path that a pattern may be about. Roles have no fixed keys: `roles.` stands for them all. */
export function patternPaths(kind: Kind): string[] {
  return [...staticPaths(kind), ...[...kind.fields.values()].filter((field) => field.shape === 'keyedMembers').map((field) => `${field.name}.`)];
}

/** What the contract takes for a key's name: a fixed key's number, a role's bytes32. Throws KIND_KEY. */
export function keyScalar(field: KindField, key: string): Scalar {
  const scalar = field.shape === 'keyed' ? field.keys.get(key) : field.shape === 'keyedMembers' ? roleId(key) : undefined;
  if (scalar !== undefined && scalar !== null) return scalar;
  const near = field.shape === 'keyed' ? nearestName(key, field.keys.keys()) : null;
  const fix =
    field.shape === 'keyed'
      ? `Use one of ${[...field.keys.keys()].join(', ')}${near === null ? '' : `: perhaps ${near}`}.`
      : "Use a role's name as in the contract, DEFAULT_ADMIN_ROLE, or a quoted bytes32.";
  throw new MooringError('KIND_KEY', `"${key}" is not a key of ${field.name}.`, { fix });
}

/** A role's id: zero for the admin role, a bytes32 as it is, otherwise the hash of the name. Null for no role's name. */
function roleId(key: string): string | null {
  if (key === 'DEFAULT_ADMIN_ROLE') return zeroRole;
  if (/^0x[0-9a-fA-F]{64}$/.test(key)) return key.toLowerCase();
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(key) ? id(key) : null;
}

/** A contract's own number in canonical units: a `percentOrBps` of up to 100 is a percentage, so 60 and 6000 are 6000 bps. */
export function toCanonical(field: Pick<KindField, 'unit'>, raw: Scalar): Scalar {
  return field.unit === 'percentOrBps' && typeof raw === 'bigint' && raw <= 100n ? raw * 100n : raw;
}

/** The number that the contract takes: whole percent for `percentOrBps`. Throws ABI_ENCODE for a fraction of a percent. */
export function toRaw(field: Pick<KindField, 'unit' | 'name'>, canonical: Scalar): Scalar {
  if (field.unit !== 'percentOrBps' || typeof canonical !== 'bigint') return canonical;
  if (canonical % 100n !== 0n)
    throw new MooringError('ABI_ENCODE', `${field.name} takes whole percent, found ${canonical} bps.`, { fix: 'Use a multiple of 100 bps.' });
  return canonical / 100n;
}

/** What `to` becomes when a setter copies the contract's own number of `from`: 5 % is 5, and 5 is 500 bps elsewhere. */
export function copiedValue(from: KindField, to: KindField, canonical: Scalar): Scalar {
  return toCanonical(to, toRaw(from, canonical));
}

/**
 * Which way a change leans. Additions to a set count as up and removals as down; a flag that becomes true as up. A cap
 * whose zero means "off" is infinite at zero. Where the direction can't be told (unset, inherited, an unknown former
 * value) and up and down differ, it is ambiguous.
 */
export function riskOf(field: KindField, action: Action, from: FieldValue | null, to: FieldValue | null): Risk {
  const { up, down } = field.risk;
  if (action === 'do') return 'ambiguous';
  if (action === 'add') return up;
  if (action === 'remove') return down;
  if (up === down) return up;
  const direction = directionOf(field, from, to);
  return direction === 'up' ? up : direction === 'down' ? down : 'ambiguous';
}

function directionOf(field: KindField, from: FieldValue | null, to: FieldValue | null): 'up' | 'down' | null {
  const before = from?.type === 'scalar' ? from.value : null;
  const after = targetOf(before, to);
  if (typeof after === 'boolean') return after ? 'up' : 'down';
  if (typeof after !== 'bigint' || typeof before !== 'bigint') return null;
  if (after === before) return null;
  const zero = after === 0n || before === 0n;
  if (zero && field.zeroMeans === 'inherit') return null;
  // Off is beyond every number.
  const turned = zero && field.zeroMeans === 'off';
  return after > before !== turned ? 'up' : 'down';
}

/** What a change ends at: of a range the bound that is nearest to the former value. */
function targetOf(before: Scalar | null, to: FieldValue | null): Scalar | null {
  if (to?.type === 'scalar') return to.value;
  return to?.type === 'range' && typeof before === 'bigint' ? nearestBound(before, to) : null;
}

/** The candidate that `name` was probably meant to be, or null when none is near. */
export function nearestName(name: string, candidates: Iterable<string>): string | null {
  const limit = Math.max(1, Math.floor(name.length / 3));
  let best: { name: string; distance: number } | null = null;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) > limit) continue;
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance <= limit && (best === null || distance < best.distance)) best = { name: candidate, distance };
  }
  return best?.name ?? null;
}

/** Letters to insert, delete, replace or swap with the neighbour to make `a` of `b`. Names are cut at 64 letters. */
function editDistance(a: string, b: string): number {
  const left = a.slice(0, 64);
  const right = b.slice(0, 64);
  let beforeLast: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_, j) => j);
  for (let i = 1; i <= left.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const same = left[i - 1] === right[j - 1];
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1]) cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[right.length] ?? 0;
}

/** The field that says whether a contract is stopped, under its own name; undefined where its kind has none. */
export function pauseFlagOf(kind: Kind): KindField | undefined {
  return [...kind.fields.values()].find((field) => field.role === 'pause' && field.shape === 'value' && field.aliasOf === undefined);
}
