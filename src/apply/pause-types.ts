// The nouns of break-glass: what is to be paused, by whom it can be, and what came of it.
import type { Kind, KindSetter } from '../kinds/kind.ts';
import type { Address, Hex } from '../types.ts';

/** A flag that only reduces risk, and the value of it that does: `paused`, `expansionsPaused`, an aggregate's `paused`. */
export type PauseTarget = { contract: string; kind: string; address: Address; field: string; value: boolean };

/** Somebody who may set a flag. `as`: the field that says so. `through`: the contract that they call for it, or null. */
export type MayPause = { address: Address; as: string; through: Address | null };

export type PauseState =
  /** By a transaction of ours, mined. */
  | { state: 'paused'; transaction: Hex }
  | { state: 'already' }
  /** Signed and journaled, and not seen to be mined yet: run again to see it through. */
  | { state: 'sent'; transaction: Hex; note: string | null }
  /** Of a rehearsal: it would work now. `through`: the contract that the signer would call, or null for the target itself. */
  | { state: 'ready'; through: Address | null }
  | { state: 'impossible'; why: string; whoCan: readonly MayPause[] };

/** One flag: of the target itself or, where that is an aggregate, of one of its parts (then `part` is its field there). */
export type PauseRow = { target: PauseTarget; part: string | null; contract: string; address: Address } & PauseState;

/** `run`: the journal's, null where nothing was sent. */
export type PauseReport = { run: string | null; signer: Address; rows: readonly PauseRow[] };

/** One flag of one contract, and how its kind sets it. Two targets may mean the same. */
export type Part = { contract: string; kind: Kind; address: Address; field: string; value: boolean; setter: KindSetter };

/** What a target comes to: a part, or why there is none. */
export type Asked = { target: PauseTarget; part: string | null; contract: string; address: Address } & ({ flag: Part } | { why: string });

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
