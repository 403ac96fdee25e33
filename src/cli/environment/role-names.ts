// Names of roles for a contract that is read: a chain knows only their hashes, and a hash shows whether a name is right.
import { fieldAt, keyScalar } from '../../kinds/fields.ts';
import type { Kind } from '../../kinds/kind.ts';
import type { Address, ContractState } from '../../types.ts';

/** As OpenZeppelin's contracts, presets and guides call them. */
const usual = [
  'MINTER_ROLE',
  'BURNER_ROLE',
  'PAUSER_ROLE',
  'UNPAUSER_ROLE',
  'UPGRADER_ROLE',
  'OPERATOR_ROLE',
  'MANAGER_ROLE',
  'GUARDIAN_ROLE',
  'KEEPER_ROLE',
  'ADMIN_ROLE',
  'PROPOSER_ROLE',
  'EXECUTOR_ROLE',
  'CANCELLER_ROLE',
  'TIMELOCK_ADMIN_ROLE',
];

type Known = { kind: Kind; address: Address; contracts: readonly ContractState[] };

/** By field: each role's name once, as this contract's own file writes it, else as other files or most contracts do. */
export function roleNames({ kind, address, contracts }: Known): Map<string, string[]> {
  const own = contracts.filter((contract) => contract.address === address);
  const fields = [...kind.fields.values()].filter((field) => field.shape === 'keyedMembers');
  return new Map(
    fields.map((field) => {
      const declared = [...own, ...contracts].flatMap((contract) => pathsOf(contract).flatMap((path) => keyOf(kind, field.name, path)));
      const byId = new Map<string, string>();
      for (const key of [...declared, ...usual]) {
        const id = String(keyScalar(field, key));
        if (!byId.has(id)) byId.set(id, key);
      }
      return [field.name, [...byId.values()]];
    }),
  );
}

/** Without the roles that nobody holds and no event names: that they have a usual name doesn't make them the contract's. */
export function withoutEmptyRoles(state: ContractState, { kind, contracts }: Omit<Known, 'address'>): ContractState {
  const declared = new Set(contracts.filter((contract) => contract.address === state.address).flatMap(pathsOf));
  const isKept = (path: string): boolean => {
    const value = state.fields.get(path)?.value;
    const isEmpty = value?.type === 'members' && value.members.length === 0;
    return !isEmpty || declared.has(path) || fieldAt(kind, path)?.field.shape !== 'keyedMembers';
  };
  return { ...state, fields: new Map([...state.fields].filter(([path]) => isKept(path))) };
}

function pathsOf(contract: ContractState): string[] {
  return [...contract.fields.keys(), ...contract.observe];
}

function keyOf(kind: Kind, name: string, path: string): string[] {
  const found = fieldAt(kind, path);
  return found?.field.name === name && found.key !== undefined ? [found.key] : [];
}
