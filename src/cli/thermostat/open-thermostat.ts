// What the thermostat's commands start from: an environment, its settings for the thermostat, and the engine that it moves.
import { diskSource } from '../../desired/file-source.ts';
import { type LoadedThermostat, loadThermostat } from '../../desired/loops/load-thermostat.ts';
import { settingsDefaults } from '../../loops/thermostat/settings.ts';
import type { ContractState } from '../../types.ts';
import type { Declared } from '../environment/open.ts';

export type OpenedThermostat = { thermostat: LoadedThermostat; engine: ContractState | undefined };

/** Offline. Throws INPUT_INVALID with every finding. SIDE EFFECTS: reads files. */
export function openThermostat({ root, name, desired, kinds }: Declared): OpenedThermostat {
  const { contracts } = desired.state;
  const thermostat = loadThermostat({
    source: diskSource(root),
    environment: name,
    contracts,
    kinds,
    tokens: desired.environment.tokens,
    defaults: settingsDefaults,
  });
  return { thermostat, engine: contracts.find((contract) => contract.name === thermostat.settings.engine) };
}
