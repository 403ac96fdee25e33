// The fields of EngineTargets that the thermostat starts from, as doubles with their origin: declared in git, or live.
import { MooringError } from '../../errors.ts';
import { toDouble } from '../../loops/thermostat/proposed-value.ts';
import type { ContractState } from '../../types.ts';

export const engineFields = ['targetRoi', 'lowerMargin', 'upperMargin', 'wideningAlpha', 'thompsonPrior'] as const;
export type EngineField = (typeof engineFields)[number];

/** `from`: where it was read, in words. */
export type EngineValues = Readonly<Partial<Record<EngineField, { value: number; from: string }>>>;

/** What git declares; a range, or what isn't declared, is left out. */
export function declaredEngine(contract: ContractState | undefined): EngineValues {
  return valuesIn(contract, (field) => {
    const source = contract?.fields.get(field)?.source;
    return source === undefined ? `declared for ${contract?.name}` : `${source.file}:${source.line}`;
  });
}

/** What is live. Throws LIVE_UNKNOWN where one of them could not be read: nothing is assumed of it. */
export function liveEngine(contract: ContractState, block: bigint): Required<EngineValues> {
  const values = valuesIn(contract, () => `${contract.name} on chain, block ${block}`);
  for (const field of engineFields) {
    if (values[field] !== undefined) continue;
    const found = contract.fields.get(field)?.value;
    throw new MooringError('LIVE_UNKNOWN', `${contract.name}.${field} could not be read${found?.type === 'unknown' ? `: ${found.reason}` : ''}`, {
      fix: 'check the contract’s address and kind, and the environment’s RPC',
    });
  }
  return values as Required<EngineValues>;
}

function valuesIn(contract: ContractState | undefined, from: (field: EngineField) => string): EngineValues {
  return Object.fromEntries(
    engineFields.flatMap((field) => {
      const value = contract?.fields.get(field)?.value;
      return value?.type === 'scalar' && typeof value.value === 'bigint' ? [[field, { value: toDouble(value.value), from: from(field) }]] : [];
    }),
  );
}
