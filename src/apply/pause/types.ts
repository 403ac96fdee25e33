// How break-glass works: from what is asked for to flags, ways to set them, and transactions.
import type { Kind, KindSetter } from '../../kinds/kind.ts';
import type { Address, Hex, MayPause, PauseTarget } from '../../types.ts';

export type { MayPause, PauseReport, PauseRow, PauseState, PauseTarget } from '../../types.ts';

/** One flag of one contract, and how its kind sets it. Two targets may mean the same. */
export type Part = { contract: string; kind: Kind; address: Address; field: string; value: boolean; setter: KindSetter };

/** What a target comes to: a part, or why there is none. */
export type Asked = { target: PauseTarget; part: string | null; contract: string; address: Address; since: number | null } & ({ flag: Part } | { why: string });

/** How a flag can be set: a call of the contract itself, or of one that pauses others, or of one that forwards calls. */
export type PauseWay = { via: 'direct' } | { via: 'guard' | 'relay'; address: Address; kind: Kind };

/** One transaction to be. */
export type PauseCall = { way: PauseWay; parts: readonly Part[]; to: Address; data: Hex };

/**
 * A flag as the chain has it. `live`: its value; null where it can't be read, which is no reason not to pause.
 * `isSilent`: nor can it be read who may set it, so this is no contract of that kind.
 */
export type Standing = { part: Part; live: boolean | null; isSilent: boolean; ways: readonly PauseWay[]; whoCan: readonly MayPause[] };

export function isSamePart(a: Pick<Part, 'address' | 'field'>, b: Pick<Part, 'address' | 'field'>): boolean {
  return a.address.toLowerCase() === b.address.toLowerCase() && a.field === b.field;
}
