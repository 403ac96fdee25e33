// What a turn of the thermostat starts from: the branch's settings, and the engine's values on chain.

import type { FileSource } from '../../desired/file-source.ts';
import { loadSentinel } from '../../desired/loops/load-sentinel.ts';
import { loadThermostat } from '../../desired/loops/load-thermostat.ts';
import { MooringError } from '../../errors.ts';
import type { AlertChannel, ThermostatSettings } from '../../loop-types.ts';
import { type Settings, settingsDefaults } from '../../loops/thermostat/settings.ts';
import type { ContractState } from '../../types.ts';
import { matchesPattern } from '../../values.ts';
import { contractRefs } from '../environment/contract-refs.ts';
import type { Opened } from '../environment/open.ts';
import { observe } from '../environment/walk.ts';
import { liveEngine } from './engine-values.ts';
import { fieldsIn, type LiveField, valuesOf } from './further-values.ts';
import { type LoopSettings, loopSettings } from './settings.ts';
import type { TuningFlags } from './tuning-flags.ts';

export type Looked = {
  declared: ThermostatSettings;
  loop: LoopSettings;
  /** Knobs that policy lets the loop move, and no others. */
  settings: Settings;
  /** Fields that it may not move. */
  forbidden: readonly string[];
  /** The engine's contract as it is on chain. */
  live: ContractState;
  /** What each knob moves, by its name. */
  moved: ReadonlyMap<string, LiveField>;
  block: bigint;
  /** The sentinel, or somebody else, has stopped the engine. */
  paused: boolean;
  channels: readonly AlertChannel[];
};

/** Throws LIVE_UNKNOWN, RPC_*, INPUT_INVALID, CONTRACT_UNKNOWN. SIDE EFFECTS: reads the chain. */
export async function look(opened: Opened, { source, flags }: { source: FileSource; flags: TuningFlags }): Promise<Looked> {
  const { name, desired, kinds } = opened;
  const place = { source, environment: name, contracts: desired.state.contracts, kinds, tokens: desired.environment.tokens };
  const thermostat = loadThermostat({ ...place, defaults: settingsDefaults });
  const { engine } = thermostat.settings;
  const { fields } = thermostat.settings;
  const refs = contractRefs(desired.state, kinds).filter((ref) => ref.name === engine || fields.some(({ contract }) => contract === ref.name));
  if (engine === null || !refs.some((ref) => ref.name === engine)) throw noEngine(name);
  const state = await observe(opened, refs);
  const live = state.contracts.find((contract) => contract.name === engine);
  const block = state.block?.number ?? 0n;
  if (live === undefined) throw noEngine(name);
  const further = fieldsIn(state.contracts, fields);
  const loop = loopSettings({
    ...{ thermostat, engine: liveEngine(live, block), flags, freezes: desired.policy.freezes, guarded: true },
    further: valuesOf(further, `on chain, block ${block}`),
  });
  const moved = new Map([...engineFieldsOf(live), ...further]);
  const may = (name: string): boolean => {
    const { contract = engine, field = name } = moved.get(name) ?? {};
    const kind = desired.state.contracts.find((one) => one.name === contract)?.kind ?? '';
    return desired.policy.loops.thermostat.fields.some((pattern) => [contract, kind].some((owner) => matchesPattern(pattern, `${owner}.${field}`)));
  };
  const knobs = loop.settings.knobs.filter(({ field }) => may(field));
  return {
    ...{ declared: thermostat.settings, loop, live, block, moved },
    settings: { ...loop.settings, knobs },
    forbidden: loop.settings.knobs.filter(({ field }) => !may(field)).map(({ field }) => field),
    paused: isPaused(live),
    channels: channelsOf(place),
  };
}

function engineFieldsOf(live: ContractState): Map<string, LiveField> {
  const knobs = ['wideningAlpha', 'thompsonPrior'].map((field) => ({ contract: live.name, field, decimals: 18 }));
  return new Map([...fieldsIn([live], knobs)].map(([name, found]) => [name.slice(live.name.length + 1), found]));
}

function isPaused({ fields }: ContractState): boolean {
  return ['paused', 'expansionsPaused'].some((name) => {
    const value = fields.get(name)?.value;
    return value?.type === 'scalar' && value.value === true;
  });
}

/** An error in the sentinel's file is the sentinel's: alerts go to the log then. */
function channelsOf(place: Parameters<typeof loadSentinel>[0]): readonly AlertChannel[] {
  try {
    return loadSentinel(place).settings.alertChannels;
  } catch (error) {
    if (error instanceof MooringError) return [{ name: 'log', type: 'log' }];
    throw error;
  }
}

function noEngine(environment: string): MooringError {
  return new MooringError('CONTRACT_UNKNOWN', `${environment} declares no EngineTargets that the thermostat could watch`, {
    fix: 'import it, and name it under `engine` in loops/thermostat.yaml where there are several',
  });
}
