// Ordered drafts as steps: who calls, the call data, what must hold before and after, what moves by the way. Pure.

import { MooringError } from '../errors.ts';
import { encodeCall } from '../kinds/abi.ts';
import { fieldAt } from '../kinds/fields.ts';
import type { KindRelay } from '../kinds/kind.ts';
import { encodeSetter, type SetterInput } from '../kinds/writes.ts';
import type { Condition, Hex, Route, SideEffect, Step } from '../types.ts';
import { sameValue, satisfies } from '../values.ts';
import { actConditions, encodeAct } from './act-drafts.ts';
import type { Judge } from './attempt.ts';
import { argumentsOf, type Draft } from './drafts.ts';
import { groupsOf } from './groups.ts';
import { perform, type Write } from './model.ts';
import { conditionOf, type Place, placeOf, type Spellings, stateOf } from './places.ts';
import { type Way, wayOf } from './routes.ts';
import { type Cell, fieldCell, partAddresses, storedPath, type World } from './world.ts';

export type Laid = {
  steps: Step[];
  sideEffects: SideEffect[];
  /** By step id: the arguments that were chosen; live values that are only carried along are left out. */
  chosen: ReadonlyMap<string, readonly unknown[]>;
};

/** Runs the drafts through the model and leaves `world` in the state after the last one. */
export function laySteps(judge: Judge, world: World, drafts: readonly Draft[]): Laid {
  const spellings = spellingsOf(judge, drafts);
  const ground = { judge, world, spellings };
  const routes: Route[] = [];
  const effects: { draft: Draft; write: Write; before: Cell | undefined }[] = [];
  const bare = drafts.map((draft) => {
    const way = wayOf(judge.callers, (cell) => world.read(cell), draft.call);
    if (way === null) throw new MooringError('INTERNAL', `No way to call for ${draft.id}, though the order was found with one.`);
    routes.push(way.route);
    const before = new Map([...draft.writes].map((cell) => [cell, world.read(cell)]));
    const precondition = [...startOf(ground, draft, way), ...actConditions(draft, false)];
    // A module's own flag, moved on an aggregate's behalf, is as much a side effect as one that the aggregate's call moves.
    const beside = draft.corrects.length > 0 ? [] : draft.deed.writes.filter((write) => before.get(write.cell) !== write.value);
    for (const write of [...beside, ...perform(world, draft.deed)]) effects.push({ draft, write, before: before.get(write.cell) });
    return { ...callOf(judge, draft, way.route), precondition, postcondition: [...conditionsOf(ground, ownCells(draft)), ...actConditions(draft, true)] };
  });
  const groups = groupsOf(drafts, routes);
  const steps = bare.map((step, index) => ({ ...step, group: groups[index] ?? 0 }));
  const chosen = new Map(drafts.map((draft, index) => [draft.id, chosenOf(draft, bare[index]?.call.args ?? [])]));
  return { steps, chosen, sideEffects: effects.flatMap((effect) => sideEffectOf(judge, world, effect)) };
}

type Ground = { judge: Judge; world: World; spellings: Spellings };

function spellingsOf(judge: Judge, drafts: readonly Draft[]): Spellings {
  const members = drafts.flatMap((draft) => draft.call.wants.flatMap((want) => want.member ?? []));
  const callers = [...judge.callers.signers, ...judge.callers.relays.map(({ target }) => target.address)];
  return new Map([...members, ...callers].map((address) => [address.toLowerCase(), address]));
}

function callOf(judge: Judge, draft: Draft, route: Route): Omit<Step, 'group' | 'precondition' | 'postcondition'> {
  const { target, setter } = draft.deed;
  const encoded = draft.act === undefined ? encodeSetter(target.kind, setter, inputOf(draft)) : encodeAct(target.kind, draft.act.act);
  const sent = route.via === 'direct' ? { to: target.address, data: encoded.data } : relayed(judge, draft, { route, data: encoded.data });
  return {
    id: draft.id,
    target: target.address,
    ...sent,
    value: 0n,
    call: { contract: target.name, function: target.kind.functions.get(setter.function)?.name ?? setter.function, args: encoded.args },
    covers: draft.changes.map((change) => change.id),
    corrects: draft.corrects,
    carries: draft.call.carries.map((path) => `${target.name}.${path}`),
    route,
    risk: draft.risk,
    emits: setter.emits,
    ...codeOf(judge, [target.address, sent.to]),
  };
}

/** So that what remains of an approved plan isn't sent to a contract that has become another one meanwhile. */
function codeOf({ scope }: Judge, addresses: readonly string[]): Pick<Step, 'code'> {
  const code = [...new Set(addresses)].flatMap((address) => {
    const identity = scope.byAddress.get(address.toLowerCase())?.live.code;
    return identity === undefined ? [] : [{ address, identity }];
  });
  return code.length === 0 ? {} : { code };
}

function chosenOf(draft: Draft, args: Step['call']['args']): unknown[] {
  const carried = new Set(draft.call.carries);
  return args.flatMap((arg, index) => {
    const from = draft.deed.setter.arguments[index];
    return from?.from === 'field' && carried.has(from.field) ? [] : [arg.value];
  });
}

function inputOf(draft: Draft): SetterInput {
  const { call, deed } = draft;
  const [want] = call.wants;
  const live = new Map(deed.writes.map((write) => [write.cell, write.value]));
  const values = argumentsOf(draft, (cell) => live.get(cell));
  if (want === undefined || deed.setter.does === 'set' || deed.setter.does === 'assign') return { values };
  const place = fieldAt(call.target.kind, want.path);
  const isEntry = place?.field.shape === 'entries';
  const key = isEntry ? want.member : place?.key;
  return {
    values,
    ...(key === undefined ? {} : { key: key }),
    ...(want.member === undefined || isEntry ? {} : { member: want.member, flag: want.to !== null }),
    ...(want.to === null ? {} : { value: want.to }),
  };
}

function relayed(judge: Judge, draft: Draft, call: { route: Extract<Route, { via: 'relay' }>; data: Hex }): { to: string; data: Hex } {
  const relay = judge.callers.relays.find(({ target }) => target.address === call.route.relay);
  const fn = relay === undefined ? undefined : relay.target.kind.functions.get((relay.relay satisfies KindRelay).function);
  if (fn === undefined) throw new MooringError('INTERNAL', `${call.route.relayName} has no function to forward a call with.`);
  return { to: call.route.relay, data: encodeCall(fn, [draft.deed.target.address, call.data]) };
}

function ownCells(draft: Draft): string[] {
  return draft.deed.writes.map((write) => write.cell);
}

/** What it moves and carries, the members that it relies on, and what lets the caller in. */
function startOf(ground: Ground, draft: Draft, way: Way): Condition[] {
  const relied = draft.rules
    .filter((bound) => bound.hard && bound.rule.rule === 'memberOf')
    .flatMap(() => [...draft.reads].filter((cell) => cell.endsWith(']') && ground.world.read(cell) === true));
  return conditionsOf(ground, [...new Set([...ownCells(draft), ...relied, ...way.because, ...(draft.act?.pauseCell == null ? [] : [draft.act.pauseCell])])]);
}

function conditionsOf({ judge, world, spellings }: Ground, cells: readonly string[]): Condition[] {
  return cells.flatMap((cell) => {
    const place = placeOf(judge.scope, cell, spellings);
    if (place === null) return [];
    if (place.field.shape !== 'aggregate') return [conditionOf(place, world.read(cell))];
    const value = agreedValue(world, place);
    return value === null ? [] : [conditionOf(place, value)];
  });
}

/** What all parts of an aggregate say; null where they disagree. */
function agreedValue(world: World, place: Place): Cell {
  if (place.field.shape !== 'aggregate') return null;
  const read = (cell: string): Cell | undefined => world.read(cell);
  const { getter } = place.field;
  const values = new Set(partAddresses(read, place.target, place.field).map((address) => read(fieldCell(address, getter))));
  const [value] = values;
  return values.size === 1 && value !== undefined ? value : null;
}

type Effect = { draft: Draft; write: Write; before: Cell | undefined };

/** Not listed: what was asked for anyway, and what ends as it was without anybody having to know. */
function sideEffectOf(judge: Judge, world: World, effect: Effect): SideEffect[] {
  const { draft, write } = effect;
  const place = placeOf(judge.scope, write.cell);
  if (place === null || place.member !== undefined || place.field.shape === 'aggregate' || isCovered(draft, place)) return [];
  const [from, to, end] = [effect.before, write.value, world.read(write.cell)].map((cell) => stateOf(place, cell));
  if (from == null || to == null || end == null) return [];
  const declared = place.target.desired?.observe.has(place.path) === true ? undefined : place.target.desired?.fields.get(place.path)?.value;
  const asDeclared = declared !== undefined && satisfies(to, declared);
  if (asDeclared && declared.type !== 'range') return [];
  // Within a declared range no value is the declared one: a move inside it stays, and is shown.
  const managed = declared !== undefined && !asDeclared;
  const corrected = managed ? satisfies(end, declared) : sameValue(end, from);
  return [{ contract: place.target.name, field: place.path, from, to, unit: place.field.unit, step: draft.id, managed, corrected }];
}

function isCovered(draft: Draft, place: Place): boolean {
  return draft.changes.some((change) => change.contract === place.target.name && storedPath(place.target.kind, change.field) === place.path);
}
