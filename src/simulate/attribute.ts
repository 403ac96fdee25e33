// Finds which step moved a field, by running fewer of the steps. Only for surprises: the plan names the step of what it
// foresaw.
import type { FieldValue } from '../types.ts';
import { sameValue } from '../values.ts';
import { type Moved, placeOf } from './compare.ts';

/** Values by `contract.field` after the first `count` steps; null when they can't be had. */
export type StateAfter = (count: number) => Promise<ReadonlyMap<string, FieldValue> | null>;

/**
 * Step ids by `contract.field`. Halves the plan until one step is left before which the field had its old value and
 * behind which it hasn't. Asks for each number of steps at most once.
 */
export async function findSteps(moved: readonly Moved[], stepIds: readonly string[], stateAfter: StateAfter): Promise<Map<string, string>> {
  const states = new Map<number, ReturnType<StateAfter>>();
  const remembered: StateAfter = (count) => {
    const state = states.get(count) ?? stateAfter(count);
    states.set(count, state);
    return state;
  };
  const found = new Map<string, string>();
  for (const one of moved) {
    const index = await firstStep(one, stepIds.length, remembered);
    const id = index === null ? undefined : stepIds[index];
    if (id !== undefined) found.set(placeOf(one), id);
  }
  return found;
}

async function firstStep(moved: Moved, count: number, stateAfter: StateAfter): Promise<number | null> {
  let same = 0;
  let different = count;
  while (different - same > 1) {
    const middle = (same + different) >> 1;
    const values = await stateAfter(middle);
    if (values === null) return null;
    const value = values.get(placeOf(moved));
    if (value !== undefined && sameThere(value, moved)) same = middle;
    else different = middle;
  }
  return different - 1;
}

/** Whether what moved is still as it was: of a set or collection only the keys that moved, since the plan may change others. */
function sameThere(value: FieldValue, { from, to }: Moved): boolean {
  const [now, before, after] = [keysOf(value), keysOf(from), keysOf(to)];
  if (now === null || before === null || after === null) return sameValue(value, from);
  const moved = [...new Set([...before.keys(), ...after.keys()])].filter((key) => before.get(key) !== after.get(key));
  return moved.every((key) => now.get(key) === before.get(key));
}

function keysOf(value: FieldValue): ReadonlyMap<string, unknown> | null {
  if (value.type === 'members') return new Map(value.members.map((member) => [member.toLowerCase(), true]));
  return value.type === 'entries' ? new Map([...value.entries].map(([key, entry]) => [key.toLowerCase(), entry])) : null;
}
