// The contracts before a change, for a policy that goes on to hold for them: a file's name is no way out of a limit. Pure.
import type { Kinds } from '../kinds/kind.ts';
import type { ContractState, Desired, FormerContract } from '../types.ts';

type Before = { desired: Desired; kinds: Kinds };
type Known = { contracts: readonly ContractState[]; kinds: Kinds };

/** What a policy may be about. Those of now come first. */
export function withBefore({ contracts, kinds }: Known, before: Before): Known {
  return { contracts: [...contracts, ...before.desired.state.contracts], kinds: new Map([...before.kinds, ...kinds]) };
}

/** Under which names policy knew them. */
export function formerContracts({ desired, kinds }: Before): FormerContract[] {
  return desired.state.contracts.map(({ address, name, kind, source }) => ({
    address,
    name,
    kinds: kinds.get(kind)?.lineage ?? [kind],
    ...(source === undefined ? {} : { file: source.file }),
  }));
}
