// Who is who in a plan: each managed contract with its kind, its live and its declared state. Pure.
import type { Kind, Kinds } from '../kinds/kind.ts';
import type { Address, ContractState, State } from '../types.ts';

/** A contract that a step may call. `desired` is null where git doesn't declare it (a module that an aggregate covers). */
export type Target = { name: string; address: Address; kind: Kind; live: ContractState; desired: ContractState | null };

export type Scope = {
  live: State;
  desired: State;
  kinds: Kinds;
  byName: ReadonlyMap<string, Target>;
  /** By lower-case address. */
  byAddress: ReadonlyMap<string, Target>;
};

/** Contracts that are declared, read and of a known kind; whatever is missing is a finding of `checkContracts`. */
export function scopeOf(input: { desired: State; live: State; kinds: Kinds }): Scope {
  const read = new Map(input.live.contracts.map((contract) => [contract.name, contract]));
  const byName = new Map<string, Target>();
  const byAddress = new Map<string, Target>();
  for (const desired of input.desired.contracts) {
    const live = read.get(desired.name);
    const kind = input.kinds.get(desired.kind);
    if (live === undefined || kind === undefined) continue;
    const target = { name: desired.name, address: live.address, kind, live, desired };
    byName.set(desired.name, target);
    byAddress.set(live.address.toLowerCase(), target);
  }
  return { ...input, byName, byAddress };
}
