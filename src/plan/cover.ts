// Which setters to call for a contract's wants: the fewest carried values, then the fewest calls, then the kind's preference. Pure.
import { fieldAt } from '../kinds/fields.ts';
import type { KindSetter } from '../kinds/kind.ts';
import type { Target } from './scope.ts';
import type { Want } from './wants.ts';
import { fieldCell, storedPath, type World } from './world.ts';

/** One call: the wants that it satisfies, and the paths whose present value it has to repeat. */
export type Call = { target: Target; setter: KindSetter; wants: readonly Want[]; carries: readonly string[] };

/** Wants that share setters, and the ways to call for them all, best first. */
export type Cluster = { key: string; wants: readonly Want[]; ways: readonly (readonly Call[])[] };

const mostWays = 6;
const mostCombinations = 256;

/** A cluster without ways has a want that no setter writes. */
export function clustersOf(world: World, wants: readonly Want[]): Cluster[] {
  const byTarget = Map.groupBy(wants, (want) => want.target);
  return [...byTarget].flatMap(([target, own]) => {
    const written = settersByPath(target);
    const options = new Map(own.map((want) => [want, settersFor(target, written, want)]));
    return groupBySetter(own, options).map((group) => ({ key: keyOf(group), wants: group, ways: waysFor(world, target, { wants: group, options }) }));
  });
}

function keyOf(wants: readonly Want[]): string {
  return wants.map((want) => `${want.target.name}.${want.path}${want.member === undefined ? '' : `[${want.member}]`}`).join(' ');
}

type Options = ReadonlyMap<Want, readonly KindSetter[]>;

/** A kind may have a thousand setters and a plan a thousand wants: looked up, not searched. */
function settersByPath(target: Target): ReadonlyMap<string, readonly KindSetter[]> {
  const found = new Map<string, KindSetter[]>();
  for (const setter of target.kind.setters) for (const path of setter.fields) found.set(path, [...(found.get(path) ?? []), setter]);
  return found;
}

/** Setters that can bring about this very value, preferred first. */
function settersFor(target: Target, written: ReadonlyMap<string, readonly KindSetter[]>, want: Want): KindSetter[] {
  const paths = [want.path, fieldAt(target.kind, want.path)?.field.name ?? want.path, storedPath(target.kind, want.path)];
  const named = new Set(paths.flatMap((path) => written.get(path) ?? []));
  return [...named].filter((setter) => canDo(target, setter, want)).sort((a, b) => a.preference - b.preference);
}

function canDo(target: Target, setter: KindSetter, want: Want): boolean {
  const goes = want.to === null;
  switch (setter.does) {
    case 'set':
      return !goes && want.member === undefined && writesPath(target, setter, want.path);
    case 'setKey':
      return !goes && want.member === undefined && !setter.fields.includes(want.path);
    case 'unsetKey':
      return goes && want.member === undefined;
    case 'assign':
      return want.member === undefined && setter.assigns === want.to;
    case 'toggleMember':
      return want.member !== undefined;
    case 'addMember':
    case 'upsertEntry':
      return want.member !== undefined && !goes;
    case 'removeMember':
    case 'removeEntry':
      return want.member !== undefined && goes;
  }
}

export function writesPath(target: Target, setter: KindSetter, path: string): boolean {
  const stored = storedPath(target.kind, path);
  return setter.fields.some((field) => storedPath(target.kind, field) === stored);
}

/** Wants linked by a setter that writes several of them stand or fall together; all others are on their own. */
function groupBySetter(wants: readonly Want[], options: Options): Want[][] {
  const groupOf = new Map<KindSetter | Want, Want[]>();
  for (const want of wants) {
    const shared = (options.get(want) ?? []).filter((setter) => setter.does === 'set' && setter.fields.length > 1);
    const met = shared.flatMap((setter) => groupOf.get(setter) ?? []).flatMap((other) => groupOf.get(other) ?? []);
    const group = [...new Set([want, ...met])];
    for (const part of [...group, ...shared]) groupOf.set(part, group);
  }
  const place = new Map(wants.map((want, index) => [want, index]));
  return [...new Set(wants.map((want) => groupOf.get(want) ?? [want]))].map((group) => group.sort((a, b) => (place.get(a) ?? 0) - (place.get(b) ?? 0)));
}

type Problem = { wants: readonly Want[]; options: Options };

function waysFor(world: World, target: Target, problem: Problem): Call[][] {
  const ways: { calls: Call[]; cost: readonly number[] }[] = [];
  let budget = mostCombinations;
  const choose = (left: readonly Want[], calls: readonly Call[]): void => {
    const [want] = left;
    if (want === undefined) return void ways.push({ calls: [...calls], cost: costOf(calls) });
    for (const setter of problem.options.get(want) ?? []) {
      if (budget <= 0) return;
      budget -= 1;
      const call = callFor(world, target, { setter, first: want, wants: problem.wants });
      if (call !== null)
        choose(
          left.filter((other) => !call.wants.includes(other)),
          [...calls, call],
        );
    }
  };
  choose(problem.wants, []);
  return ways
    .sort((a, b) => compareCosts(a.cost, b.cost))
    .slice(0, mostWays)
    .map((way) => way.calls);
}

/** Null where a value would have to be carried that isn't known or isn't set. */
function callFor(world: World, target: Target, ask: { setter: KindSetter; first: Want; wants: readonly Want[] }): Call | null {
  const { setter, first } = ask;
  if (setter.does !== 'set') return { target, setter, wants: [first], carries: [] };
  const wants = ask.wants.filter((want) => want.to !== null && writesPath(target, setter, want.path));
  const wanted = new Set(wants.map((want) => storedPath(target.kind, want.path)));
  const carries = setter.fields.filter((field) => !wanted.has(storedPath(target.kind, field)));
  const known = carries.every((field) => (world.read(fieldCell(target.address, storedPath(target.kind, field))) ?? null) !== null);
  return known ? { target, setter, wants, carries } : null;
}

function costOf(calls: readonly Call[]): number[] {
  const sum = (of: (call: Call) => number): number => calls.reduce((total, call) => total + of(call), 0);
  return [sum((call) => call.carries.length), calls.length, sum((call) => call.setter.preference)];
}

function compareCosts(a: readonly number[], b: readonly number[]): number {
  for (const [index, cost] of a.entries()) {
    const difference = cost - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
