// What a turn of the thermostat's watch works with: its ports, what it looked at, and what it knows as it goes on.

import type { RoiSample, ThermostatDecision, ThermostatSettings } from '../../loop-types.ts';
import { reduceThermostat, type ThermostatEvent } from '../../loops/thermostat/controller.ts';
import type { Opened } from '../environment/open.ts';
import type { Alarm } from '../loops/alarm.ts';
import type { Meters } from '../loops/loop.ts';
import type { Started } from '../propose/start.ts';
import type { TuningFlags } from './tuning-flags.ts';
import type { Looked } from './watch-look.ts';
import { type Memory, writeMemory } from './watch-memory.ts';

/** Reads ROI once. Throws METRICS_*. */
export type ReadRoi = (settings: ThermostatSettings, signal: AbortSignal) => Promise<RoiSample>;

export type Turned = { looked: Looked; sample: RoiSample | null; decision: ThermostatDecision | null };

export type ThermostatWatch = {
  /** The branch as it is now; with its chain, for the time of the call. */
  begin(): Promise<{ started: Started | null; source: Started['draft']['source']; withChain<T>(use: (opened: Opened) => Promise<T>): Promise<T> }>;
  readRoi: ReadRoi;
  /** Where it remembers; null: in this process only, and nothing is proposed. */
  folder: string | null;
  /** Opened with the first turn, since the channels are the branch's. */
  alarmFor(looked: Looked): Alarm | null;
  flags: TuningFlags;
  /** A person lets a stopped loop go on. */
  resume?: boolean;
  every: number;
  meters: Meters;
  /** Milliseconds since the epoch. */
  now(): number;
  /** What a turn saw and decided. */
  tell(turned: Turned): void;
  /** A change of the engine's values took effect. SIDE EFFECTS: the operations log. */
  onMoved(moved: { at: number; engine: string; changes: readonly { field: string; from: number; to: number }[] }): void;
};

export type Turn = { watch: ThermostatWatch; looked: Looked; memory: Memory; seconds: number };

/** Hands an event to the reducer. SIDE EFFECTS: the turn's memory. */
export function send(turn: Turn, event: ThermostatEvent): ThermostatDecision | null {
  const { state, decision } = reduceThermostat(turn.looked.settings, turn.memory.state, event);
  turn.memory = { ...turn.memory, state };
  return decision;
}

/** SIDE EFFECTS: on disk when it returns. */
export function save({ watch, memory }: Turn): void {
  if (watch.folder !== null) writeMemory(watch.folder, memory);
}
