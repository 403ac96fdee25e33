// The settings of both loops as git declares them, by name: what running services are compared with.
import { diskSource } from '../../desired/file-source.ts';
import { loadSentinel } from '../../desired/loops/load-sentinel.ts';
import type { Declared } from '../environment/open.ts';
import { openThermostat } from '../thermostat/open-thermostat.ts';

/** Throws INPUT_INVALID. SIDE EFFECTS: reads files. */
export function declaredSettings(declared: Declared): Readonly<Record<string, unknown>> {
  const { root, name, desired, kinds } = declared;
  const sentinel = loadSentinel({ source: diskSource(root), environment: name, contracts: desired.state.contracts, kinds });
  return { thermostat: openThermostat(declared).thermostat.settings, sentinel: sentinel.settings };
}
