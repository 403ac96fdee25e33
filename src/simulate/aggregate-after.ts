// What an aggregate should read once the plan's changes to its parts are made. Pure.
import { fieldAt } from '../kinds/fields.ts';
import type { Kinds } from '../kinds/kind.ts';
import { partsOf } from '../live/facts.ts';
import type { AggregatePart, Change, ContractState, FieldValue, Plan } from '../types.ts';

type Input = { contract: ContractState; path: string; before: FieldValue | undefined; plan: Pick<Plan, 'changes' | 'steps'>; kinds: Kinds };

/**
 * The value before, with those parts moved that steps of the plan move under their own names: lifting one module's pause leaves
 * the others paused, and "mixed" as git asked. Null where the field is no aggregate or its parts are not known.
 */
export function aggregateAfter({ contract, path, before, plan, kinds }: Input): FieldValue | null {
  const kind = kinds.get(contract.kind);
  const field = kind?.fields.get(path);
  if (kind === undefined || field?.shape !== 'aggregate') return null;
  const whole = before?.type === 'scalar' ? before.value === true : null;
  const parts: readonly AggregatePart[] =
    before?.type === 'mixed'
      ? before.parts
      : partsOf(kind, contract.fields, field.over).map((part) => ({ field: part.field, target: part.address, value: whole === true }));
  if (parts.length === 0 || (whole === null && before?.type !== 'mixed')) return null;
  const covered = new Set(plan.steps.flatMap((step) => step.covers));
  const changes = plan.changes.filter((change) => covered.has(change.id));
  const moved = parts.map((part) => ({ ...part, value: ownMove(part, { changes, kinds, getter: field.getter }) ?? part.value }));
  const first = moved[0]?.value === true;
  return moved.every(({ value }) => value === first) ? { type: 'scalar', value: first } : { type: 'mixed', parts: moved };
}

/** What a change makes of the part's own flag; null where none is about it. */
function ownMove(part: AggregatePart, { changes, kinds, getter }: { changes: readonly Change[]; kinds: Kinds; getter: string }): boolean | null {
  const change = changes.find((candidate) => {
    const kind = kinds.get(candidate.kind);
    const field = kind === undefined ? undefined : fieldAt(kind, candidate.field)?.field;
    const flag = field?.aliasOf ?? field?.name;
    return candidate.address.toLowerCase() === part.target.toLowerCase() && kind?.fields.get(flag ?? '')?.getter === getter && field?.shape === 'value';
  });
  return change?.to?.type === 'scalar' && typeof change.to.value === 'boolean' ? change.to.value : null;
}
