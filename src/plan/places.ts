// Cells as people and the other rooms know them: contract, field, member, and a field's value. Pure.

import { fieldAt } from '../kinds/fields.ts';
import { toChecksum } from '../kinds/keccak.ts';
import type { KindField } from '../kinds/kind.ts';
import type { Condition, FieldValue } from '../types.ts';
import type { Scope, Target } from './scope.ts';
import type { Cell } from './world.ts';

export type Place = { target: Target; field: KindField; path: string; member?: string };

/** Checksummed addresses by lower-case ones: those that are known needn't be worked out. */
export type Spellings = ReadonlyMap<string, string>;

const addressLength = 42;

/** What a cell is of; null for counters, for facts, and for contracts that git doesn't declare. */
export function placeOf(scope: Scope, cell: string, spellings: Spellings = new Map()): Place | null {
  const target = scope.byAddress.get(cell.slice(0, addressLength));
  if (target === undefined) return null;
  const rest = cell.slice(addressLength + 1);
  const bracket = rest.indexOf('[');
  const path = bracket < 0 ? rest : rest.slice(0, bracket);
  const field = fieldAt(target.kind, path)?.field;
  if (field === undefined) return null;
  return { target, field, path, ...(bracket < 0 ? {} : { member: spelled(rest.slice(bracket + 1, -1), spellings) }) };
}

/** Cells have members in lower case. */
function spelled(member: string, spellings: Spellings): string {
  return spellings.get(member) ?? (/^0x[0-9a-f]{40}$/.test(member) ? toChecksum(member) : member);
}

/** A member's cell as true or false, an entry's as its value or null, a field's as its value or unset. */
export function stateOf(place: Place, cell: Cell | undefined): FieldValue | null {
  if (place.member === undefined) return cell === null || cell === undefined ? { type: 'unset' } : { type: 'scalar', value: cell };
  if (place.field.shape === 'entries') return cell === null || cell === undefined ? null : { type: 'scalar', value: cell };
  return { type: 'scalar', value: cell === true };
}

export function conditionOf(place: Place, cell: Cell | undefined): Condition {
  return { contract: place.target.name, field: place.path, ...(place.member === undefined ? {} : { member: place.member }), value: stateOf(place, cell) };
}
