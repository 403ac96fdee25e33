// The edits that ask for a full pause: the engine's expansions, the arenas, and the system with all its modules.
import { isPause } from '../../apply/pause/parts.ts';
import type { Kinds } from '../../kinds/kind.ts';
import type { ContractState, FieldValue } from '../../types.ts';

export type FlagEdit = { contract: string; field: string; value: FieldValue };

/** Each flag that only stops something when it is true. A module that an aggregate stops is set by itself only where its file says something else. */
export function fullPauseEdits(contracts: readonly ContractState[], kinds: Kinds): FlagEdit[] {
  const parts = new Set(contracts.flatMap((contract) => partsOf(contract, kinds)));
  return contracts.flatMap((contract) => {
    const kind = kinds.get(contract.kind);
    const fields = [...(kind?.fields.values() ?? [])];
    const flag = fields.find(({ name, aliasOf }) => aliasOf === undefined && kind !== undefined && isPause(kind, name, true));
    if (flag === undefined) return [];
    const declares = fields.some(({ name, aliasOf = name }) => aliasOf === flag.name && contract.fields.has(name));
    if (flag.shape === 'value' && parts.has(contract.address.toLowerCase()) && !declares) return [];
    return [{ contract: contract.name, field: flag.name, value: { type: 'scalar', value: true } }];
  });
}

/** Addresses that an aggregate of the contract pauses, as they are declared. */
function partsOf({ kind, fields }: ContractState, kinds: Kinds): string[] {
  const over = [...(kinds.get(kind)?.fields.values() ?? [])].flatMap((field) => (field.shape === 'aggregate' ? field.over : []));
  return over.flatMap((name) => {
    const value = fields.get(name)?.value;
    return value?.type === 'scalar' && typeof value.value === 'string' ? [value.value.toLowerCase()] : [];
  });
}
