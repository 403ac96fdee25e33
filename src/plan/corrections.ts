// What steps move by the way: side effects that only a proof saw, and the wants that put declared fields back. Pure.
import type { FieldValue, SideEffect } from '../types.ts';
import { nearestBound, sameScalar, satisfies } from '../values.ts';
import type { Judge } from './attempt.ts';
import type { Draft } from './drafts.ts';
import { perform, type Write } from './model.ts';
import { type Place, placeOf, stateOf } from './places.ts';
import type { Scope, Target } from './scope.ts';
import type { Want } from './wants.ts';
import { type Cell, countCell, fieldCell, memberCell, storedPath, type World } from './world.ts';

/** A proof's observations as writes, by the id of the step that they are put down to. */
export function observedWrites(scope: Scope, observed: readonly SideEffect[]): ReadonlyMap<string, readonly Write[]> {
  const writes = new Map<string, Write[]>();
  for (const effect of observed) {
    const target = scope.byName.get(effect.contract);
    if (target !== undefined) writes.set(effect.step, [...(writes.get(effect.step) ?? []), ...writesOf(target, effect)]);
  }
  return writes;
}

function writesOf(target: Target, { field, from, to }: SideEffect): Write[] {
  const path = storedPath(target.kind, field);
  if (to.type === 'scalar') return [{ cell: fieldCell(target.address, path), value: to.value }];
  if (to.type === 'unset') return [{ cell: fieldCell(target.address, path), value: null }];
  const [before, after] = [keysOf(from), keysOf(to)];
  const write = (key: string, value: Cell): Write => ({ cell: memberCell(target.address, path, key), value, count: countCell(target.address, path) });
  return [
    ...[...before.keys()].filter((key) => !after.has(key)).map((key) => write(key, null)),
    ...[...after].filter(([key, value]) => before.get(key) !== value).map(([key, value]) => write(key, value)),
  ];
}

function keysOf(value: FieldValue): ReadonlyMap<string, Cell> {
  if (value.type === 'members') return new Map(value.members.map((member) => [member, true]));
  return value.type === 'entries' ? value.entries : new Map();
}

/** Wants for declared values that an effect came over, or would leave otherwise than declared. */
export function correctionsFor(judge: Judge, world: World, drafts: readonly Draft[]): Want[] {
  const mark = world.mark();
  const cells = new Set(drafts.flatMap((draft) => perform(world, draft.deed)).map((write) => write.cell));
  const wants = [...cells].flatMap((cell) => (judge.withheld.has(cell) ? [] : correctionOf(judge.scope, cell, world.read(cell))));
  world.rollback(mark);
  return wants;
}

function correctionOf(scope: Scope, cell: string, now: Cell | undefined): Want[] {
  const place = placeOf(scope, cell);
  const declared = place?.target.desired?.observe.has(place.path) === true ? undefined : place?.target.desired?.fields.get(place.path)?.value;
  if (place === null || declared === undefined) return [];
  const { target, path, member } = place;
  const to = member === undefined ? fieldGoal(place, declared, now) : keyGoal(declared, member, now);
  return to === undefined ? [] : [{ target, path, to, changes: [], ...(member === undefined ? {} : { member }) }];
}

/** Undefined where the value is as declared. */
function fieldGoal(place: Place, declared: FieldValue, now: Cell | undefined): Cell | undefined {
  const value = stateOf(place, now);
  if (value === null || satisfies(value, declared)) return undefined;
  if (declared.type === 'unset') return null;
  if (declared.type === 'scalar') return declared.value;
  // Out of a range only because of the effect: back to what it was, or to the nearest bound.
  const live = place.target.live.fields.get(place.path)?.value;
  return declared.type === 'range' && live?.type === 'scalar' && typeof live.value === 'bigint' ? nearestBound(live.value, declared) : undefined;
}

function keyGoal(declared: FieldValue, member: string, now: Cell | undefined): Cell | undefined {
  if (declared.type !== 'members' && declared.type !== 'entries') return undefined;
  const [, goal = null] = [...keysOf(declared)].find(([key]) => key.toLowerCase() === member.toLowerCase()) ?? [];
  const held = now === undefined || now === false ? null : now;
  const same = goal === null || held === null ? goal === held : sameScalar(goal, held);
  return same ? undefined : goal;
}

/** Observed side effects on whole sets, which the steps themselves don't list: as the proof saw them, put back or not. */
export function observedSets(scope: Scope, world: World, observed: readonly SideEffect[]): SideEffect[] {
  return observed.flatMap((effect) => {
    const target = scope.byName.get(effect.contract);
    if (target === undefined || (effect.to.type !== 'members' && effect.to.type !== 'entries')) return [];
    const declared = target.desired?.fields.get(effect.field)?.value;
    const corrected = declared !== undefined && writesOf(target, effect).every((write) => correctionOf(scope, write.cell, world.read(write.cell)).length === 0);
    return [{ ...effect, managed: declared !== undefined, corrected }];
  });
}
