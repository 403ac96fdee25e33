// Whether a contract that sets a field on others (pauseAll, setGlobalPauser) may do so on each of them. Pure.
import type { Kind, KindSetter, Kinds } from '../kinds/kind.ts';
import type { Address } from '../types.ts';
import { sameScalar } from '../values.ts';
import { type Deed, spreadAddresses } from './model.ts';
import type { Read } from './rules.ts';
import type { Scope, Target } from './scope.ts';
import { type Cell, fieldCell } from './world.ts';

/** The first part that would refuse the call; null where all would take it, as far as can be read. */
export function refusingPart(scope: Scope, read: Read, deed: Deed): Address | null {
  for (const effect of deed.setter.effects) {
    if (effect.effect !== 'spread') continue;
    const value = deed.writes.find((write) => write.cell === fieldCell(deed.target.address, effect.from))?.value;
    for (const part of spreadAddresses(read, deed.target, effect)) {
      const rights = rightsOf(scope, part, { on: deed.target, field: effect.field, value });
      const callers = rights.map((cells) => cells.map(read).find((caller) => caller !== undefined));
      if (callers.length > 0 && callers.every((caller) => typeof caller === 'string' && !sameScalar(caller, deed.target.address))) return part;
    }
  }
  return null;
}

/** Cells that decide it. */
export function spreadReads(scope: Scope, read: Read, deed: Deed): string[] {
  return deed.setter.effects.flatMap((effect) => {
    if (effect.effect !== 'spread') return [];
    const want = { on: deed.target, field: effect.field, value: deed.writes[0]?.value };
    return spreadAddresses(read, deed.target, effect).flatMap((part) => rightsOf(scope, part, want).flat());
  });
}

type Want = { on: Target; field: string; value: Cell | undefined };

/**
 * Who may set the field on a part, a right each, as the cells that may hold the answer. Of a part that is not declared
 * only who may pause is read: any right that some kind gives counts, and one that nobody read keeps the question open.
 * About anything else of it nothing is known, and the proof decides.
 */
function rightsOf(scope: Scope, part: Address, want: Want): string[][] {
  const managed = scope.byAddress.get(part.toLowerCase());
  const isFlag = [...want.on.kind.fields.values()].some((field) => field.shape === 'aggregate' && field.getter === want.field);
  const kinds = managed !== undefined ? [managed.kind] : isFlag ? [...scope.kinds.values()] : [];
  const rights = kinds.flatMap((kind) => (kind.setters.find((setter) => writes(setter, want))?.access ?? []).map((path) => [path, ...otherNames(kind, path)]));
  return [...new Map(rights.map((names) => [names.join(' '), names.map((name) => fieldCell(part, name))])).values()];
}

/** What else an access path is called: `owner` where it is `governance`. */
function otherNames(kind: Kind, path: string): string[] {
  return [...kind.fields.values()].filter((field) => field.aliasOf === path).map((field) => field.name);
}

function writes(setter: KindSetter, want: Want): boolean {
  if (setter.fields.length !== 1 || setter.fields[0] !== want.field) return false;
  return setter.does === 'assign' ? setter.assigns === want.value : setter.does === 'set';
}

/** Of all kinds that can set a single field, the one with the fewest setters: what any such contract is likely to have. */
export function plainestKind(kinds: Kinds, field: string): Kind | null {
  const able = [...kinds.values()].filter(
    (kind) => kind.fields.get(field)?.shape === 'value' && kind.setters.some((setter) => setter.fields.length === 1 && setter.fields[0] === field),
  );
  return able.sort((a, b) => a.setters.length - b.setters.length || (a.name < b.name ? -1 : 1))[0] ?? null;
}
