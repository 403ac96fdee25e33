// What a reviewer should know though nothing forbids it: values that others move, and pauses that don't cover everything. Pure.
import type { Code } from '../errors.ts';
import { fieldAt } from '../kinds/fields.ts';
import type { Change, Finding } from '../types.ts';
import type { Scope, Target } from './scope.ts';
import { fieldCell, partAddresses, storedPath, type World } from './world.ts';

export type SituationInput = {
  scope: Scope;
  /** The state that the plan leaves. */
  world: World;
  changes: readonly Change[];
};

/** OWNED_ELSEWHERE and PAUSE_NOT_COVERED, both warnings. */
export function describeSituation(input: SituationInput): Finding[] {
  return input.changes.flatMap((change) => {
    const target = input.scope.byName.get(change.contract);
    return target === undefined ? [] : [...ownedElsewhere(input, target, change), ...notCovered(input, target, change)];
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
