// What to read of each declared contract: its own fields, and what git's declarations make necessary besides.
import { fieldAt } from '../../kinds/fields.ts';
import type { Kind, Kinds } from '../../kinds/kind.ts';
import type { ContractRef } from '../../live/snapshot.ts';
import type { Address, ContractState, State } from '../../types.ts';

/** One reference for each contract of the desired state. */
export function contractRefs(desired: State, kinds: Kinds): ContractRef[] {
  // On every contract: an act that was done on one and names another now is done all the same.
  const actsFrom = desired.contracts.flatMap(({ acts = [] }) => acts).map(({ fromBlock }) => fromBlock);
  return desired.contracts.map((contract) => {
    const kind = kinds.get(contract.kind);
    const { name, address, fromBlock, adoptedAt } = contract;
    const bare = { name, kind: contract.kind, address, fromBlock, ...(adoptedAt === undefined ? {} : { adoptedAt }) };
    return kind === undefined
      ? bare
      : { ...bare, keys: declaredKeys(contract, kind), members: declaredMembers(contract), probes: probes(contract, kind), actsFrom };
  });
}

/** Keys of keyed sets, by field: a role's name is known from its declaration, or from the kind as what lets a caller in. */
function declaredKeys(contract: ContractState, kind: Kind): Map<string, string[]> {
  const keys = new Map<string, string[]>();
  for (const path of new Set([...contract.fields.keys(), ...contract.observe, ...kind.setters.flatMap((setter) => setter.access)])) {
    const found = fieldAt(kind, path);
    if (found?.field.shape !== 'keyedMembers' || found.key === undefined) continue;
    keys.set(found.field.name, [...(keys.get(found.field.name) ?? []), found.key]);
  }
  return keys;
}

function declaredMembers(contract: ContractState): Map<string, readonly Address[]> {
  return new Map([...contract.fields.values()].flatMap(({ path, value }) => (value.type === 'members' ? [[path, value.members] as const] : [])));
}

/** Declared addresses about which a rule asks (`version()` of a registry to be set). */
function probes(contract: ContractState, kind: Kind): Address[] {
  const asked = new Set(kind.rules.flatMap((rule) => (rule.rule === 'answers' ? [rule.field] : [])));
  return [...contract.fields.values()].flatMap(({ path, value }) =>
    asked.has(path) && value.type === 'scalar' && typeof value.value === 'string' ? [value.value] : [],
  );
}
