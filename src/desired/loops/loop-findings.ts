// What is wrong with the files of an environment's loops: apart from loading the environment, which they can't break.
import { MooringError } from '../../errors.ts';
import type { ThermostatSettings } from '../../loop-types.ts';
import type { Finding } from '../../types.ts';
import type { FileSource } from '../file-source.ts';
import type { Loaded } from '../load.ts';
import { loadArena } from './load-arena.ts';
import { loadSentinel } from './load-sentinel.ts';
import { loadThermostat } from './load-thermostat.ts';

export type LoopFiles = { source: FileSource; environment: string; loaded: Pick<Loaded, 'desired' | 'kinds'>; defaults: ThermostatSettings };

/** Errors and warnings, sentinel first. Throws what is no finding. SIDE EFFECTS: reads through the source. */
export function loopFindings({ source, environment, loaded, defaults }: LoopFiles): Finding[] {
  const place = { source, environment, contracts: loaded.desired.state.contracts, kinds: loaded.kinds };
  const { addresses: book, environment: settings } = loaded.desired;
  const { tokens } = settings;
  const loads = [() => loadSentinel(place), () => loadThermostat({ ...place, tokens, defaults }), () => loadArena({ ...place, book, tokens })];
  return loads.flatMap((load) => {
    try {
      return load().warnings;
    } catch (error) {
      if (!(error instanceof MooringError) || error.findings.length === 0) throw error;
      return error.findings;
    }
  });
}
