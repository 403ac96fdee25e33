// What the arena's commands start from: the environment, who takes part, the contracts to ask, and the files.
import type { GateTargets, Umbrella } from '../../arena/read-gate.ts';
import { openRoundFiles, type RoundFiles } from '../../arena/round-files.ts';
import { diskSource } from '../../desired/file-source.ts';
import { type LoadedArena, loadArena } from '../../desired/loops/load-arena.ts';
import { MooringError } from '../../errors.ts';
import type { Kinds } from '../../kinds/kind.ts';
import type { ContractState } from '../../types.ts';
import type { Context, Options } from '../command.ts';
import { type Opened, openEnvironment } from '../environment/open.ts';
import { type ArenaPlace, arenaPlace, put } from './place.ts';

export type OpenedArena = { opened: Opened; loaded: LoadedArena; arena: ContractState; targets: GateTargets; place: ArenaPlace; files: RoundFiles };

/** Offline. Throws INPUT_INVALID, ARENA_MISSING. SIDE EFFECTS: reads files, makes the arena's folder. */
export function openArena(context: Context, options: Options): OpenedArena {
  const opened = openEnvironment(context, options);
  const { desired, kinds, name: environment, root } = opened;
  const { contracts } = desired.state;
  const loaded = loadArena({ source: diskSource(root), environment, contracts, kinds, book: desired.addresses, tokens: desired.environment.tokens });
  const arena = contractNamed(contracts, loaded.settings.arena, 'SelfPlayArena');
  const engine = contractNamed(contracts, loaded.settings.engine, 'EngineTargets');
  const place = arenaPlace(context, options);
  const targets = { arena: arena.address, engine: engine.address, umbrellas: umbrellasOf(contracts, kinds) };
  return { opened, loaded, arena, targets, place, files: openRoundFiles(place.folder, put) };
}

function contractNamed(contracts: readonly ContractState[], name: string | null, kind: string): ContractState {
  const found = contracts.find((contract) => contract.name === name);
  if (found !== undefined) return found;
  throw new MooringError('ARENA_MISSING', `no contract of kind ${kind} is named for the rounds`, {
    fix: `declare one in contracts/; where there are several, say which in loops/arena.yaml (${kind === 'EngineTargets' ? 'engine' : 'arena'}: NAME)`,
  });
}

/** Contracts that pause others, and the getters that say which. */
function umbrellasOf(contracts: readonly ContractState[], kinds: Kinds): Umbrella[] {
  return contracts.flatMap(({ name, kind: kindName, address }) => {
    const kind = kinds.get(kindName);
    const over = [...(kind?.fields.values() ?? [])].flatMap((field) => (field.shape === 'aggregate' ? field.over : []));
    const getters = [...new Set(over)].flatMap((part) => {
      const field = kind?.fields.get(part);
      return field?.shape === 'value' ? (kind?.functions.get(field.getter) ?? []) : [];
    });
    return getters.length === 0 ? [] : [{ name, address, getters }];
  });
}
