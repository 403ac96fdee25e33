// What aggregates cover without a file of its own: `system-pause.paused.validationModule`, read by the general kind of a module.
import type { Kinds } from '../../kinds/kind.ts';
import { partsOf } from '../../live/facts.ts';
import type { ContractRef } from '../../live/snapshot.ts';
import type { Address, State } from '../../types.ts';

/** One reference for each part in a live state that isn't among `own`. `kinds` has PausableModule where any aggregate is. */
export function aggregateParts(live: State, kinds: Kinds, own: readonly { address: Address }[]): ContractRef[] {
  const known = new Set(own.map(({ address }) => address.toLowerCase()));
  const found = live.contracts.flatMap((contract) => {
    const kind = kinds.get(contract.kind);
    if (kind === undefined) return [];
    const aggregates = [...kind.fields.values()].flatMap((field) => (field.shape === 'aggregate' ? [field] : []));
    return aggregates.flatMap(({ name, over }) =>
      partsOf(kind, contract.fields, over).map(({ field, address }) => ({
        name: `${contract.name}.${name}.${field}`,
        kind: 'PausableModule',
        address,
        fromBlock: contract.fromBlock,
      })),
    );
  });
  return [...new Map(found.map((part) => [part.address.toLowerCase(), part])).values()].filter(({ address }) => !known.has(address.toLowerCase()));
}
