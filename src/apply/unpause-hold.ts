// An unpause that was approved and planned is still asked about before it is signed, and while it waits: somebody may have opened
// an incident, or paused again, since. What holds it up stands in the plan, made again.
import { unpauses } from '../kinds/unpauses.ts';
import type { Change, Finding, Plan, Step } from '../types.ts';
import type { Session } from './session.ts';

export type Holding = {
  /** Ids of steps that let something run again. */
  steps: ReadonlySet<string>;
  /** What holds any of them up now; none: they may go. Throws what the plan throws. */
  findings(): Promise<readonly Finding[]>;
};

/** Null where none of the steps unpauses. */
export function holdingOf(
  { kinds }: Pick<Session, 'kinds'>,
  { steps, changes, replan }: { steps: readonly Step[]; changes: readonly Change[]; replan(): Promise<Plan> },
): Holding | null {
  const ids = new Set(changes.filter((change) => unpauses(change, kinds)).map(({ id }) => id));
  const concerned = steps.filter(({ covers }) => covers.some((id) => ids.has(id)));
  if (concerned.length === 0) return null;
  const asked = concerned.flatMap(({ covers }) => covers.filter((id) => ids.has(id)));
  return { steps: new Set(concerned.map(({ id }) => id)), findings: async () => heldIn(await replan(), asked) };
}

function heldIn(plan: Plan, asked: readonly string[]): Finding[] {
  const left = new Set(plan.steps.flatMap(({ covers }) => covers));
  const held = asked.filter((id) => !left.has(id));
  return plan.findings.filter(({ changes = [] }) => changes.some((id) => held.includes(id)));
}
