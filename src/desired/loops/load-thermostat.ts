// loops/thermostat.yaml of an environment that is loaded already.
import type { ThermostatSettings } from '../../loop-types.ts';
import { type LoadedLoop, type LoopFile, loadLoop } from './load-loop.ts';
import { enginesIn, readThermostat, type ThermostatContext } from './read-thermostat.ts';

export type LoadedThermostat = LoadedLoop<ThermostatSettings>;

/**
 * The thermostat's settings, and where each is written; one that isn't is that of `defaults`. Throws MooringError
 * INPUT_INVALID with all findings, sorted by place; FILE_NOT_REGULAR. SIDE EFFECTS: reads through the source.
 */
export function loadThermostat({ contracts, kinds, tokens, defaults, ...place }: ThermostatContext & LoopFile): LoadedThermostat {
  const context = { contracts, kinds, tokens, defaults };
  const onlyEngine = (): string | null => {
    const [first, ...more] = enginesIn(context);
    return first === undefined || more.length > 0 ? null : first.name;
  };
  return loadLoop(place, {
    name: 'thermostat',
    defaults: () => ({ ...defaults, engine: onlyEngine() }),
    read: (reading) => readThermostat(reading, context),
  });
}
