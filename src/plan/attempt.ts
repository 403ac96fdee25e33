// One draft tried in a state: done, or what stands in its way and the state as it was. Pure.
import { fieldAt } from '../kinds/fields.ts';
import type { Address, Scalar } from '../types.ts';
import { isHeldUp } from './act-drafts.ts';
import type { Draft } from './drafts.ts';
import { perform, spreadCells } from './model.ts';
import { type Callers, wayOf } from './routes.ts';
import { type BoundRule, evaluateRule } from './rules.ts';
import type { Scope } from './scope.ts';
import { refusingPart } from './spread-access.ts';
import { fieldCell, isZero, storedPath, type World } from './world.ts';

export type Obstacle =
  | { type: 'rule'; bound: BoundRule }
  /** Nobody whose key is declared may call. */
  | { type: 'route' }
  /** An act on a contract that refuses it while it is paused. */
  | { type: 'paused' }
  /** A flag that has the value already: the call would revert. */
  | { type: 'already' }
  /** It would move what an emergency reduced. */
  | { type: 'withheld' }
  /** A value, perhaps a carried one, that the setter refuses. */
  | { type: 'value'; path: string; value: Scalar }
  /** A call for several contracts, one of which wouldn't take it. */
  | { type: 'part'; part: Address }
  /** Others must go first. */
  | { type: 'waits' };

export type Judge = {
  scope: Scope;
  callers: Callers;
  withheld: ReadonlySet<string>;
  /** Whether a step may break for a while what is only warned about. */
  heedsWarnings: boolean;
};

/** Does the draft in `world` and returns null, or leaves the world as it was. */
export function attempt(judge: Judge, world: World, draft: Draft): Obstacle | null {
  const read = (cell: string): ReturnType<World['read']> => world.read(cell);
  if (isAlready(world, draft)) return { type: 'already' };
  if (draft.act !== undefined && isHeldUp(draft.act, read)) return { type: 'paused' };
  const refused = refusedValue(draft);
  if (refused !== null) return refused;
  if (wayOf(judge.callers, read, draft.call) === null) return { type: 'route' };
  const part = refusingPart(judge.scope, read, draft.deed);
  if (part !== null) return { type: 'part', part };
  const heldBefore = new Map(draft.rules.filter((bound) => !bound.hard).map((bound) => [bound, evaluateRule(judge.scope, bound, read)]));
  const kept = judge.withheld.size === 0 ? [] : [...draft.writes].filter((cell) => judge.withheld.has(cell)).map((cell) => ({ cell, value: world.read(cell) }));
  const mark = world.mark();
  perform(world, draft.deed);
  const broken = draft.rules.find(
    (bound) => isBinding(judge, bound) && evaluateRule(judge.scope, bound, read) === 'broken' && heldBefore.get(bound) !== 'broken',
  );
  const obstacle: Obstacle | null =
    broken !== undefined ? { type: 'rule', bound: broken } : kept.some(({ cell, value }) => world.read(cell) !== value) ? { type: 'withheld' } : null;
  if (obstacle !== null) world.rollback(mark);
  return obstacle;
}

function isBinding(judge: Judge, bound: BoundRule): boolean {
  return bound.rule.severity === 'error' || judge.heedsWarnings;
}

/** `pause()` of what is paused reverts, and so does a call for all of which one is there already. */
function isAlready(world: World, draft: Draft): boolean {
  const { deed } = draft;
  if (deed.setter.does !== 'assign') return false;
  if (deed.writes.some((write) => world.read(write.cell) === write.value)) return true;
  const spread = deed.setter.effects.flatMap((effect) => (effect.effect === 'spread' ? spreadCells((cell) => world.read(cell), deed.target, effect) : []));
  return spread.some((cell) => world.read(cell) === deed.writes[0]?.value);
}

function refusedValue(draft: Draft): Obstacle | null {
  const { target, setter } = draft.deed;
  const paths = setter.does === 'set' ? setter.fields : draft.call.wants.filter((want) => want.member === undefined).map((want) => want.path);
  for (const path of paths) {
    const field = fieldAt(target.kind, path)?.field;
    const cell = fieldCell(target.address, storedPath(target.kind, path));
    const value = draft.deed.writes.find((write) => write.cell === cell)?.value;
    if (field === undefined || value === undefined || value === null) continue;
    const tooLow = typeof value === 'bigint' && field.min !== undefined && value < field.min;
    const tooHigh = typeof value === 'bigint' && field.max !== undefined && value > field.max;
    if (tooLow || tooHigh || (field.nonZero === true && isZero(value))) return { type: 'value', path, value };
  }
  return null;
}
