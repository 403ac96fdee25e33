// Calls as drafts of steps: what each writes and reads, what it must wait for, and when it would rather go. Pure.
import { fieldAt } from '../kinds/fields.ts';
import type { KindField } from '../kinds/kind.ts';
import type { Act, Change, Risk, Scalar } from '../types.ts';
import type { Call } from './cover.ts';
import { type Deed, effectCells, effectReads, type Write } from './model.ts';
import { accessReads, type Callers } from './routes.ts';
import { type BoundRule, ruleReads, rulesOf } from './rules.ts';
import type { Scope, Target } from './scope.ts';
import { spreadReads } from './spread-access.ts';
import type { Want } from './wants.ts';
import { type Cell, countCell, fieldCell, isZero, memberCell, storedPath, type World } from './world.ts';

export const phases = ['pause', 'revoke', 'parameters', 'grant', 'ownership', 'unpause', 'act'] as const;
export type Phase = (typeof phases)[number];

export type Draft = {
  id: string;
  deed: Deed;
  call: Call;
  changes: readonly Change[];
  /** Ids `contract.path` of fields that it puts back. */
  corrects: readonly string[];
  phase: Phase;
  risk: Risk;
  rules: readonly BoundRule[];
  /** Cells that decide whether it may be done; cells that it moves, effects included. */
  reads: ReadonlySet<string>;
  writes: ReadonlySet<string>;
  /** Tokens that others wait for until all who provide them are done. */
  provides: readonly string[];
  awaits: readonly string[];
  /** A one-off act, which moves no field. */
  act?: DraftAct;
};

/** `pauseCell`: the flag that its contract refuses it under; null where it does not, or has none. */
export type DraftAct = { act: Act; pauseCell: string | null };

export type DraftInput = {
  scope: Scope;
  callers: Callers;
  world: World;
  calls: readonly Call[];
  /** Writes that a proof saw and the model didn't expect, by step id. */
  observed: ReadonlyMap<string, readonly Write[]>;
};

export function draftsOf(input: DraftInput): Draft[] {
  // Calls of one contract by the same right are decided by the same cells.
  const access = new Map<string, readonly string[]>();
  const accessOf = (call: Call): readonly string[] => {
    const key = `${call.target.address} ${call.setter.access.join(' ')}`;
    const known = access.get(key) ?? accessReads(input.callers, call);
    access.set(key, known);
    return known;
  };
  const drafts = input.calls.map((call) => draftOf(input, call, accessOf(call)));
  const reached = new Set(drafts.flatMap((draft) => draft.provides));
  return drafts.map((draft) => ({ ...draft, awaits: draft.awaits.filter((token) => reached.has(token) && !draft.provides.includes(token)) }));
}

function draftOf(input: DraftInput, call: Call, access: readonly string[]): Draft {
  const { scope, world } = input;
  const id = idOf(call);
  const deed = { target: call.target, setter: call.setter, writes: writesOf(world, call), observed: input.observed.get(id) ?? [] };
  const [first] = call.wants;
  const key = first === undefined ? undefined : fieldAt(call.target.kind, first.path)?.key;
  const rules = rulesOf(scope, deed, {
    ...(key === undefined || call.setter.does === 'set' ? {} : { key }),
    ...(first?.member === undefined ? {} : { member: first.member }),
  });
  const effects = effectCells((cell) => world.read(cell), deed);
  const own = deed.writes.map((write) => write.cell);
  const counts = deed.writes.flatMap((write) => (write.count === undefined ? [] : [write.count]));
  const reads = [
    ...rules.flatMap((rule) => ruleReads(scope, rule, deed)),
    ...access,
    ...effectReads(deed),
    ...spreadReads(scope, (cell) => world.read(cell), deed),
  ];
  const changes = [...new Set(call.wants.flatMap((want) => want.changes))];
  return {
    id,
    deed,
    call,
    changes,
    corrects: call.wants.filter((want) => want.changes.length === 0).map((want) => `${call.target.name}.${want.path}`),
    phase: phaseOf(call),
    risk: changes.length === 0 ? 'ambiguous' : strictest(changes.map((change) => change.risk)),
    rules,
    reads: new Set(reads),
    writes: new Set([...own, ...effects, ...counts]),
    ...waitsOf(call, own, effects),
  };
}

/** Stable from plan to plan: a proof's observations are given by it. */
export function idOf(call: Call): string {
  const [first] = call.wants;
  const key =
    first === undefined || call.setter.does === 'set' || call.setter.does === 'assign'
      ? undefined
      : (first.member ?? fieldAt(call.target.kind, first.path)?.key);
  const role = first?.member !== undefined && fieldAt(call.target.kind, first.path)?.key;
  return `${call.target.name}.${call.setter.function}${role ? `[${role}]` : ''}${key === undefined ? '' : `[${key}]`}`;
}

function writesOf(world: World, call: Call): Write[] {
  const { target, setter } = call;
  const wanted = call.wants.map((want) => writeOf(target, want));
  if (setter.does !== 'set') return wanted;
  const carried = call.carries.flatMap((path) => {
    const cell = fieldCell(target.address, storedPath(target.kind, path));
    const value = world.read(cell);
    return value === undefined ? [] : [{ cell, value }];
  });
  return [...wanted, ...carried];
}

function writeOf(target: Target, want: Want): Write {
  const path = storedPath(target.kind, want.path);
  if (want.member === undefined) return { cell: fieldCell(target.address, path), value: want.to };
  return { cell: memberCell(target.address, path, want.member), value: want.to, count: countCell(target.address, path) };
}

/** Additions to a set go before its removals; whoever moves a field by the way goes before whoever sets it. */
function waitsOf(call: Call, own: readonly string[], effects: readonly string[]): { provides: string[]; awaits: string[] } {
  const set = setTokenOf(call);
  const removes = call.wants[0]?.to === null;
  return { provides: [...effects, ...(set !== null && !removes ? [set] : [])], awaits: [...own, ...(set !== null && removes ? [set] : [])] };
}

function setTokenOf(call: Call): string | null {
  const [want] = call.wants;
  const shape = want === undefined ? undefined : fieldAt(call.target.kind, want.path)?.field.shape;
  const isSet = want?.member !== undefined && (shape === 'members' || shape === 'keyedMembers');
  return isSet ? `${fieldCell(call.target.address, want.path)}+` : null;
}

function phaseOf(call: Call): Phase {
  const order = call.wants.map((want) => phases.indexOf(phaseOfWant(fieldAt(call.target.kind, want.path)?.field, want)));
  return phases[Math.max(...order)] ?? 'parameters';
}

function phaseOfWant(field: KindField | undefined, want: Want): Phase {
  if (field?.role === 'pause' || field?.shape === 'aggregate') return want.to === true ? 'pause' : 'unpause';
  if (field?.role === 'owner') return 'ownership';
  const grants = field?.role !== undefined || want.member !== undefined;
  if (!grants) return 'parameters';
  return isGone(want.to) ? 'revoke' : 'grant';
}

function isGone(value: Cell): boolean {
  return value === null || (typeof value === 'string' && isZero(value));
}

const riskRank: Record<Risk, number> = { reduce: 0, ambiguous: 1, increase: 2 };

/** The riskiest of several. */
export function strictest(risks: readonly Risk[]): Risk {
  return risks.reduce<Risk>((worst, risk) => (riskRank[risk] > riskRank[worst] ? risk : worst), 'reduce');
}

/** Where a draft would rather go: by phase, and within one what lowers risk before what raises it. */
export function priorityOf(draft: Draft): number {
  return phases.indexOf(draft.phase) * 3 + riskRank[draft.risk];
}

/** Canonical values for the setter's arguments, by path as the setter names them. */
export function argumentsOf(draft: Draft, read: (cell: string) => Cell | undefined): Map<string, Scalar> {
  const { target, setter } = draft.deed;
  const wanted = new Map(draft.call.wants.map((want) => [storedPath(target.kind, want.path), want.to]));
  const values = new Map<string, Scalar>();
  for (const argument of setter.arguments) {
    if (argument.from !== 'field') continue;
    const stored = storedPath(target.kind, argument.field);
    const value = wanted.get(stored) ?? read(fieldCell(target.address, stored));
    if (value !== undefined && value !== null) values.set(argument.field, value);
  }
  return values;
}
