// The abstract machine: what the state is after a setter was called, its effects included. Pure; `world` is the caller's.
import { fieldAt, toCanonical, toRaw } from '../kinds/fields.ts';
import type { Kind, KindEffect, KindSetter } from '../kinds/kind.ts';
import type { Scalar } from '../types.ts';
import type { Target } from './scope.ts';
import { type Cell, fieldCell, isZero, storedPath, type World } from './world.ts';

export type Write = {
  cell: string;
  value: Cell;
  /** Cell that counts the set's members, where this is one. */
  count?: string;
};

/** A setter called on a contract: what it writes, and what a proof saw it write besides. */
export type Deed = {
  target: Target;
  setter: KindSetter;
  writes: readonly Write[];
  observed: readonly Write[];
};

/** Writes into `world`, which can take it back; returns the effects: writes that the setter wasn't called for. */
export function perform(world: World, deed: Deed): Write[] {
  const changed = new Set<string>();
  for (const write of deed.writes) {
    if (world.read(write.cell) !== write.value) changed.add(write.cell);
    put(world, write);
  }
  const effects = [...deed.setter.effects.flatMap((effect) => effectWrites(world, { deed, effect, changed })), ...deed.observed].filter(
    (write) => world.read(write.cell) !== write.value,
  );
  for (const write of effects) put(world, write);
  return effects;
}

function put(world: World, write: Write): void {
  const before = world.read(write.cell);
  const members = write.count === undefined ? undefined : world.read(write.count);
  if (write.count !== undefined && typeof members === 'bigint') {
    const step = (isIn(write.value) ? 1n : 0n) - (isIn(before) ? 1n : 0n);
    if (step !== 0n) world.write(write.count, members + step);
  }
  world.write(write.cell, write.value);
}

function isIn(value: Cell | undefined): boolean {
  return value !== undefined && value !== null && value !== false;
}

type EffectInput = { deed: Deed; effect: KindEffect; changed: ReadonlySet<string> };

function effectWrites(world: World, { deed, effect, changed }: EffectInput): Write[] {
  const { target } = deed;
  if (effect.effect === 'copy') {
    const from = fieldCell(target.address, storedPath(target.kind, effect.field));
    const value = world.read(from);
    if (!changed.has(from) || value === undefined || value === null) return [];
    return [{ cell: fieldCell(target.address, storedPath(target.kind, effect.to)), value: converted(target.kind, effect, value) }];
  }
  if (effect.effect === 'clamp') return clampWrites(world, target, effect);
  const value = spreadValue(world, deed, effect);
  return value === undefined ? [] : spreadCells((cell) => world.read(cell), target, effect).map((cell) => ({ cell, value }));
}

/** The contract copies its own number: 10 percent copied into a share in basis points is 1000. */
function converted(kind: Kind, effect: { field: string; to: string }, value: Scalar): Scalar {
  const from = fieldAt(kind, effect.field)?.field;
  const to = fieldAt(kind, effect.to)?.field;
  return from === undefined || to === undefined ? value : toCanonical(to, toRaw(from, value));
}

function clampWrites(world: World, target: Target, effect: { to: string; low: string; high: string }): Write[] {
  const low = world.read(fieldCell(target.address, effect.low));
  const high = world.read(fieldCell(target.address, effect.high));
  if (typeof low !== 'bigint' || typeof high !== 'bigint') return [];
  return clampCells(target, effect.to).flatMap((cell) => {
    const value = world.read(cell);
    if (typeof value !== 'bigint') return [];
    return value < low ? [{ cell, value: low }] : value > high ? [{ cell, value: high }] : [];
  });
}

function clampCells(target: Target, path: string): string[] {
  const field = target.kind.fields.get(path);
  return field?.shape === 'keyed'
    ? [...field.keys.keys()].map((key) => fieldCell(target.address, `${path}.${key}`))
    : [fieldCell(target.address, storedPath(target.kind, path))];
}

function spreadValue(world: World, deed: Deed, effect: { from: string }): Cell | undefined {
  const cell = fieldCell(deed.target.address, storedPath(deed.target.kind, effect.from));
  return deed.writes.find((write) => write.cell === cell)?.value ?? world.read(cell);
}

/** The contracts that the `over` fields name now, each once. */
export function spreadAddresses(read: (cell: string) => Cell | undefined, target: Target, effect: { over: readonly string[] }): string[] {
  const addresses = new Map<string, string>();
  for (const over of effect.over) {
    const address = read(fieldCell(target.address, storedPath(target.kind, over)));
    if (typeof address === 'string' && !isZero(address)) addresses.set(address.toLowerCase(), address);
  }
  return [...addresses.values()];
}

/** The cells that a spread reaches. */
export function spreadCells(read: (cell: string) => Cell | undefined, target: Target, effect: { over: readonly string[]; field: string }): string[] {
  return spreadAddresses(read, target, effect).map((address) => fieldCell(address, effect.field));
}

/** Every cell that a deed may write besides its own, whatever the state it is done in. */
export function effectCells(read: (cell: string) => Cell | undefined, deed: Deed): string[] {
  const { target } = deed;
  const declared = deed.setter.effects.flatMap((effect) => {
    if (effect.effect === 'copy') return [fieldCell(target.address, storedPath(target.kind, effect.to))];
    return effect.effect === 'clamp' ? clampCells(target, effect.to) : spreadCells(read, target, effect);
  });
  return [...declared, ...deed.observed.map((write) => write.cell)];
}

/** Cells whose values decide what the effects write. */
export function effectReads(deed: Deed): string[] {
  const { target } = deed;
  return deed.setter.effects
    .flatMap((effect) => {
      if (effect.effect === 'copy') return [effect.field];
      return effect.effect === 'clamp' ? [effect.low, effect.high] : [effect.from, ...effect.over];
    })
    .map((path) => fieldCell(target.address, storedPath(target.kind, path)));
}
