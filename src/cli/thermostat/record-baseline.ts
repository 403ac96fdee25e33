// Records a baseline: readings of ROI, each with the settings and the live targets of its time.
import { appendFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { diskSource } from '../../desired/file-source.ts';
import { MooringError } from '../../errors.ts';
import type { RoiSample } from '../../loop-types.ts';
import { type BaselineContext, baselineLine } from '../../loops/thermostat/baseline.ts';
import { refusal } from '../../loops/thermostat/readings.ts';
import { initialState } from '../../loops/thermostat/state.ts';
import type { Opened } from '../environment/open.ts';
import type { Log } from '../log.ts';
import { engineFields, liveEngine } from './engine-values.ts';
import { type Looked, look } from './watch-look.ts';
import type { ReadRoi } from './watch-turn.ts';

export type Recording = {
  opened: Opened;
  readRoi: ReadRoi;
  /** From the root. */
  out: string;
  force: boolean;
  samples: number;
  /** Milliseconds between two readings. */
  every: number;
  signal: AbortSignal;
  log: Log;
  /** Milliseconds since the epoch. */
  now(): number;
};

/** More readings than so many for each sample that is wanted are not tried. */
const patience = 3;

/**
 * Resolves to the samples that were recorded. Until there are as many as were asked for they lie beside the file, which is
 * replaced as a whole. A reading that is not to be believed, or doesn't come, is told and taken again. Throws FILE_EXISTS,
 * BASELINE_INCOMPLETE, LIVE_UNKNOWN, RPC_*. SIDE EFFECTS: reads the chain and Prometheus; writes the file.
 */
export async function recordBaseline(recording: Recording): Promise<readonly RoiSample[]> {
  const { opened, samples, every, signal, now, log } = recording;
  const file = resolve(opened.root, recording.out);
  const partial = `${file}.partial`;
  if (existsSync(file) && !recording.force)
    throw new MooringError('FILE_EXISTS', `${recording.out} is there already`, { fix: 'record to another file, or replace it with --force' });
  mkdirSync(dirname(file), { recursive: true });
  rmSync(partial, { force: true });
  const recorded: RoiSample[] = [];
  for (let tried = 0; recorded.length < samples && tried < samples * patience && !signal.aborted; tried++) {
    const began = now();
    const looked = await look(opened, { source: diskSource(opened.root), flags: {} });
    const sample = await readOnce(recording, looked, recorded.at(-1)?.at ?? null);
    if (sample !== null) {
      recorded.push(sample);
      appendFileSync(partial, baselineLine(sample, contextOf(opened, looked)));
      log(`sample ${recorded.length} of ${samples}: roi ${sample.roi}`, { roi: sample.roi });
    }
    if (recorded.length < samples) await pause(Math.max(0, began + every - now()), undefined, { signal }).catch(() => {});
  }
  if (recorded.length < samples) throw incomplete(recording, recorded.length);
  renameSync(partial, file);
  return recorded;
}

/** Null where there is no reading to be believed, which is told. */
async function readOnce({ readRoi, signal, log, now }: Recording, { declared, loop }: Looked, last: number | null): Promise<RoiSample | null> {
  try {
    const sample = await readRoi(declared, signal);
    // Each counts once, and periods are the loop's business.
    const guards = { ...loop.settings.guards, period: null, order: true };
    const state = { ...initialState(loop.settings, loop.start), lastReading: last };
    const why = refusal({ guards, state, sample, now: now() / 1000 });
    if (why === null) return sample;
    log(`a reading is left out: ${why}`, { roi: String(sample.roi), why });
  } catch (error) {
    if (!(error instanceof MooringError) || !error.code.startsWith('METRICS_') || error.code === 'METRICS_URL') throw error;
    if (!signal.aborted) log(`no reading: ${error.code} ${error.message}`, { code: error.code });
  }
  return null;
}

function contextOf({ name }: Opened, { declared, loop, live, block }: Looked): BaselineContext {
  const engine = liveEngine(live, block);
  return {
    environment: name,
    block: String(block),
    targets: Object.fromEntries(engineFields.map((field) => [field, engine[field].value])),
    settings: Object.fromEntries(loop.origins.map(({ name: key, value }) => [key, value])),
    query: declared.prometheus.query,
  };
}

function incomplete({ out, samples }: Recording, recorded: number): MooringError {
  const where = recorded === 0 ? '' : `; they are in ${out}.partial`;
  return new MooringError('BASELINE_INCOMPLETE', `only ${recorded} of ${samples} samples could be recorded${where}`, {
    fix: 'check the metric and its scrape interval; --interval takes readings further apart',
  });
}
