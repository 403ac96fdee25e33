// Values of the further fields that loops/thermostat.yaml names, declared or live, as doubles with their origin.

import type { ThermostatKnob } from '../../loop-types.ts';
import { toDouble } from '../../loops/thermostat/proposed-value.ts';
import type { ContractState } from '../../types.ts';

/** One field that may be moved: where it is, and what is live of it. */
export type LiveField = { contract: string; field: string; decimals: number; raw: bigint };

/** By `contract.field`; one that has no plain number is left out. */
export function fieldsIn(
  contracts: readonly ContractState[],
  knobs: readonly Pick<ThermostatKnob, 'contract' | 'field' | 'decimals'>[],
): Map<string, LiveField> {
  return new Map(
    knobs.flatMap(({ contract, field, decimals }) => {
      const value = contracts.find(({ name }) => name === contract)?.fields.get(field)?.value;
      return value?.type === 'scalar' && typeof value.value === 'bigint' ? [[`${contract}.${field}`, { contract, field, decimals, raw: value.value }]] : [];
    }),
  );
}

export function valuesOf(fields: ReadonlyMap<string, LiveField>, from: string): Map<string, { value: number; from: string }> {
  return new Map([...fields].map(([name, { raw, decimals }]) => [name, { value: toDouble(raw, decimals), from }]));
}
