// What a reviewer should know though nothing forbids it: values that others move, pauses that don't cover everything, and
// contracts handed over beyond reach. Pure.
import type { Code } from '../errors.ts';
import { fieldAt } from '../kinds/fields.ts';
import type { Change, Finding } from '../types.ts';
import { sameScalar } from '../values.ts';
import { type Callers, wayOf } from './routes.ts';
import type { Scope, Target } from './scope.ts';
import { fieldCell, partAddresses, storedPath, type World } from './world.ts';

export type SituationInput = {
  scope: Scope;
  callers: Callers;
  /** The state that the plan leaves. */
  world: World;
  changes: readonly Change[];
};

/** OWNED_ELSEWHERE, PAUSE_NOT_COVERED and OWNER_OUT_OF_REACH, all warnings. */
export function describeSituation(input: SituationInput): Finding[] {
  return input.changes.flatMap((change) => {
    const target = input.scope.byName.get(change.contract);
    return target === undefined ? [] : [...ownedElsewhere(input, target, change), ...notCovered(input, target, change), ...outOfReach(input, target, change)];
  });
}

/** A value that is declared exactly, though another controller moves it: git and chain will keep disagreeing. */
function ownedElsewhere(input: SituationInput, target: Target, change: Change): Finding[] {
  const field = fieldAt(target.kind, change.field)?.field;
  const declared = target.desired?.fields.get(change.field)?.value;
  if (field?.ownedElsewhere === undefined || declared?.type === 'range') return [];
  const owner = field.ownedElsewhere === true ? null : field.ownedElsewhere;
  if (owner !== null && input.world.read(fieldCell(target.address, storedPath(target.kind, owner))) !== true) return [];
  const message = `${change.id} is declared exactly, but ${owner === null ? 'another controller moves it' : `while ${owner} is on another controller moves it`}.`;
  return [
    warning(change, {
      code: 'OWNED_ELSEWHERE',
      message,
      fix: `Declare a range, { within: [low, high] }${owner === null ? '' : `, or declare ${owner}: false`}.`,
    }),
  ];
}

/** Everything is to be paused, and a contract that could be paused, too, is none of its parts. */
function notCovered(input: SituationInput, target: Target, change: Change): Finding[] {
  const field = target.kind.fields.get(change.field);
  if (field?.shape !== 'aggregate' || change.to?.type !== 'scalar' || change.to.value !== true) return [];
  const parts = new Set(partAddresses((cell) => input.world.read(cell), target, field).map((address) => address.toLowerCase()));
  const running = [...input.scope.byName.values()].filter((other) => {
    const flag = [...other.kind.fields.values()].find((own) => own.role === 'pause' && own.shape === 'value' && own.aliasOf === undefined);
    return flag !== undefined && !parts.has(other.address.toLowerCase()) && input.world.read(fieldCell(other.address, flag.name)) === false;
  });
  if (running.length === 0) return [];
  const names = running.map((other) => other.name).join(', ');
  return [
    warning(change, {
      code: 'PAUSE_NOT_COVERED',
      message: `${change.id} does not cover ${names}, which would go on running.`,
      fix: `Declare paused: true for ${names}, too, if everything is to stop.`,
    }),
  ];
}

/** Handed over to somebody whose key isn't here: perhaps meant, and perhaps never to be undone. */
function outOfReach({ scope, callers, world }: SituationInput, target: Target, change: Change): Finding[] {
  if (fieldAt(target.kind, change.field)?.field.role !== 'owner') return [];
  const read = (cell: string): ReturnType<World['read']> => world.read(cell);
  const path = storedPath(target.kind, change.field);
  const handOver = target.kind.setters.find((setter) => setter.does === 'set' && setter.fields.some((field) => storedPath(target.kind, field) === path));
  const owner = read(fieldCell(target.address, path));
  const isGoing = change.to?.type === 'scalar' && typeof owner === 'string' && sameScalar(owner, change.to.value);
  if (handOver === undefined || !isGoing || wayOf(callers, read, { target, setter: handOver }) !== null) return [];
  const holder = scope.byAddress.get(owner.toLowerCase());
  const passesOn = holder?.kind.relay?.targets.some((field) => isAt(read(fieldCell(holder.address, storedPath(holder.kind, field))), target));
  const why = holder === undefined || passesOn === true ? '' : `; as far as its kind says, ${holder.name} passes no calls on to it`;
  return [
    warning(change, {
      code: 'OWNER_OUT_OF_REACH',
      message: `After this plan no signer of this environment could change ${target.name} any more, nor hand it back${why}.`,
      fix: 'Check that the new owner can call, and expects to.',
    }),
  ];
}

function isAt(value: ReturnType<World['read']>, target: Target): boolean {
  return typeof value === 'string' && sameScalar(value, target.address);
}

function warning(change: Change, about: { code: Code; message: string; fix: string }): Finding {
  return {
    ...about,
    severity: 'warning',
    contract: change.contract,
    field: change.field,
    changes: [change.id],
    ...(change.source === undefined ? {} : { source: change.source }),
  };
}
