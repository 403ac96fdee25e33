// What a thermostat's watch knows from before, on disk whole or not at all: a crash at any point loses no move and doubles none.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { MooringError } from '../../errors.ts';
import { syncFolder } from '../../journal/sync-folder.ts';
import type { RoiRule, ThermostatDecision } from '../../loop-types.ts';
import { sealed, unsealed } from '../../loops/sealed-text.ts';
import type { State } from '../../loops/thermostat/state.ts';
import { putWhole, readIfThere } from '../../loops/whole-file.ts';
import type { ChartMove, ChartPoint } from '../../render/roi-chart.ts';

export type Memory = {
  version: 1;
  state: State;
  /** Samples, and changes that took effect; the oldest are forgotten. */
  points: readonly ChartPoint[];
  moves: readonly ChartMove[];
  /** Since when ROI is out of its band: the cause of what is proposed. Seconds since the epoch. */
  episode: { rule: RoiRule; since: number } | null;
  /** What was decided and isn't carried out yet. */
  pending: ThermostatDecision | null;
  /** The full pause that was asked for. */
  fullPause: { cause: string; done: boolean } | null;
};

const mostPoints = 200;
const mostMoves = 50;

function fileIn(folder: string): string {
  return join(folder, 'watch.json');
}

/** Null where the watch was never run. Throws LOOP_STATE_CORRUPT. SIDE EFFECTS: reads. */
export function readMemory(folder: string): Memory | null {
  const file = fileIn(folder);
  const bytes = readIfThere(file);
  if (bytes === null) return null;
  const text = unsealed(bytes.toString('utf8').replace(/\n$/, ''));
  const memory = text === null ? null : (JSON.parse(text) as Memory);
  if (memory?.version === 1) return memory;
  throw new MooringError('LOOP_STATE_CORRUPT', `${file} is not what was written there`, {
    fix: 'Nothing was changed. Move it away, and the thermostat begins anew with an empty window.',
  });
}

/** Throws LOOP_STATE_WRITE. SIDE EFFECTS: on disk when it returns. */
export function writeMemory(folder: string, memory: Memory): void {
  const kept = { ...memory, points: memory.points.slice(-mostPoints), moves: memory.moves.slice(-mostMoves) };
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    putWhole(fileIn(folder), `${sealed(JSON.stringify(kept))}\n`, syncFolder);
  } catch (error) {
    throw new MooringError('LOOP_STATE_WRITE', `${fileIn(folder)} could not be written: ${(error as Error).message}`, {
      fix: 'Make room on the disk, or make the folder writable.',
      cause: error,
    });
  }
}
