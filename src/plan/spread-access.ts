// Whether a contract that sets a field on others (pauseAll, setGlobalPauser) may do so on each of them. Pure.
import type { Kind, KindSetter, Kinds } from '../kinds/kind.ts';
import type { Address } from '../types.ts';
import { sameScalar } from '../values.ts';
import { type Deed, spreadAddresses } from './model.ts';
import type { Read } from './rules.ts';
import type { Scope, Target } from './scope.ts';
import { type Cell, fieldCell, storedPath } from './world.ts';

/** The first part that would refuse the call; null where all would take it, as far as can be read. */
export function refusingPart(scope: Scope, read: Read, deed: Deed): Address | null {
  for (const effect of deed.setter.effects) {
    if (effect.effect !== 'spread') continue;
    const value = deed.writes.find((write) => write.cell === fieldCell(deed.target.address, effect.from))?.value;
    for (const part of spreadAddresses(read, deed.target, effect)) {
      const cells = accessCells(scope, part, { on: deed.target, field: effect.field, value });
      const callers = cells.map(read);
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
    return spreadAddresses(read, deed.target, effect).flatMap((part) => accessCells(scope, part, want));
  });
}

type Want = { on: Target; field: string; value: Cell | undefined };

/**
 * Who may set the field on a part: by its own kind. Of a part that is not declared only who may pause is read, as by the
 * plainest kind with such a flag; about anything else of it nothing is known, and the proof decides.
 */
function accessCells(scope: Scope, part: Address, want: Want): string[] {
  const isFlag = [...want.on.kind.fields.values()].some((field) => field.shape === 'aggregate' && field.getter === want.field);
  const kind = scope.byAddress.get(part.toLowerCase())?.kind ?? (isFlag ? plainestKind(scope.kinds, want.field) : null);
  const setter = kind?.setters.find((candidate) => writes(candidate, want));
  return (setter?.access ?? []).map((path) => fieldCell(part, kind === null ? path : storedPath(kind, path)));
}

function writes(setter: KindSetter, want: Want): boolean {
  if (!setter.fields.includes(want.field)) return false;
  return setter.does === 'assign' ? setter.assigns === want.value : setter.does === 'set' && setter.fields.length === 1;
}

/** Of all kinds that can set a single field, the one with the fewest setters: what any such contract is likely to have. */
export function plainestKind(kinds: Kinds, field: string): Kind | null {
  const able = [...kinds.values()].filter(
    (kind) => kind.fields.get(field)?.shape === 'value' && kind.setters.some((setter) => setter.fields.length === 1 && setter.fields[0] === field),
  );
  return able.sort((a, b) => a.setters.length - b.setters.length || (a.name < b.name ? -1 : 1))[0] ?? null;
}
