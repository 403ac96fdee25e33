// Rules that the state which several drafts ask for breaks, in whatever order they are done. Pure.
import type { Judge } from './attempt.ts';
import type { Draft } from './drafts.ts';
import { perform } from './model.ts';
import { type BoundRule, evaluateRule } from './rules.ts';
import type { World } from './world.ts';

export type Breach = { bound: BoundRule; draft: Draft };

/** `world` is as it was afterwards. `look` is called in the end state with what is broken there. */
export function withEndState<T>(judge: Judge, world: World, drafts: readonly Draft[], look: (breaches: readonly Breach[]) => T): T {
  const read = (cell: string): ReturnType<World['read']> => world.read(cell);
  const rules = bindingRules(drafts);
  const before = new Map(rules.map(({ bound }) => [bound, bound.hard ? 'holds' : evaluateRule(judge.scope, bound, read)]));
  const mark = world.mark();
  for (const draft of drafts) perform(world, draft.deed);
  // Once more, so that what one moves by the way and another one sets ends as set.
  for (const draft of drafts) for (const write of draft.deed.writes) world.write(write.cell, write.value);
  const seen = look(rules.filter(({ bound }) => before.get(bound) !== 'broken' && evaluateRule(judge.scope, bound, read) === 'broken'));
  world.rollback(mark);
  return seen;
}

/** Each rule once, of whichever draft has it. */
function bindingRules(drafts: readonly Draft[]): Breach[] {
  const found = new Map<string, Breach>();
  for (const draft of drafts)
    for (const bound of draft.rules)
      if (bound.rule.severity === 'error') found.set(`${bound.target.name} ${bound.rule.message} ${bound.key ?? ''} ${bound.hard}`, { bound, draft });
  return [...found.values()];
}
