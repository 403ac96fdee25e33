// Which steps may share a broadcast: those that stay safe if any other of their group reverts (docs/decisions/plan.md). Pure.
import { fieldAt } from '../kinds/fields.ts';
import type { Route } from '../types.ts';
import { reliesOn } from './components.ts';
import type { Draft } from './drafts.ts';

/** As many transactions as nodes commonly keep waiting for one sender. */
const largestGroup = 50;

/** The group of each step, counted from 0, in order. */
export function groupsOf(drafts: readonly Draft[], routes: readonly Route[]): number[] {
  const groups: number[] = [];
  let number = -1;
  let open: Draft[] = [];
  drafts.forEach((draft, index) => {
    const sameSigner = routes[index]?.signer === routes[index - 1]?.signer;
    const joins = open.length > 0 && open.length < largestGroup && sameSigner && mayShare(draft) && open.every((other) => !reliesOn(draft, other));
    if (!joins) {
      number += 1;
      open = [];
    }
    groups.push(number);
    if (mayShare(draft)) open.push(draft);
  });
  return groups;
}

/**
 * Lowering risk is safe whatever else fails. A number without a declared direction is safe, too: should another one fail,
 * each of the two has a value that it had before or that was approved. Everything else waits for what comes before it,
 * and is confirmed before anything comes after it.
 */
function mayShare(draft: Draft): boolean {
  if (draft.phase === 'ownership' || draft.phase === 'unpause') return false;
  if (draft.risk === 'reduce') return true;
  return draft.risk === 'ambiguous' && draft.phase === 'parameters' && draft.call.wants.every(isNumber);
}

function isNumber(want: Draft['call']['wants'][number]): boolean {
  const type = fieldAt(want.target.kind, want.path)?.field.type;
  return type?.startsWith('uint') === true || type?.startsWith('int') === true;
}
