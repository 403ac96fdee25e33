// Whether a contract that sets a field on others (pauseAll, setGlobalPauser) may do so on each of them. Pure.
import type { Kind, KindSetter, Kinds } from '../kinds/kind.ts';
import type { Address } from '../types.ts';
import { sameScalar } from '../values.ts';
import { type Deed, spreadAddresses } from './model.ts';
import type { Read } from './rules.ts';
import type { Scope } from './scope.ts';
import { type Cell, fieldCell, storedPath } from './world.ts';

/** The first part that would refuse the call; null where all would take it, as far as can be read. */
export function refusingPart(scope: Scope, read: Read, deed: Deed): Address | null {
  for (const effect of deed.setter.effects) {
    if (effect.effect !== 'spread') continue;
    const value = deed.writes.find((write) => write.cell === fieldCell(deed.target.address, effect.from))?.value;
    for (const part of spreadAddresses(read, deed.target, effect)) {
      const cells = accessCells(scope, part, { field: effect.field, value });
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
    return spreadAddresses(read, deed.target, effect).flatMap((part) => accessCells(scope, part, { field: effect.field, value: deed.writes[0]?.value }));
  });
}

/** Who may set the field on a part: by its own kind, or by the plainest kind that has such a field. */
function accessCells(scope: Scope, part: Address, want: { field: string; value: Cell | undefined }): string[] {
  const kind = scope.byAddress.get(part.toLowerCase())?.kind ?? plainestKind(scope.kinds, want.field);
  const setter = kind?.setters.find((candidate) => writes(candidate, want));
  return (setter?.access ?? []).map((path) => fieldCell(part, kind === undefined || kind === null ? path : storedPath(kind, path)));
}

function writes(setter: KindSetter, want: { field: string; value: Cell | undefined }): boolean {
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
