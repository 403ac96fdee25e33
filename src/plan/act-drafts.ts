// Acts as drafts of steps: who may call, what they wait for, and which don't come before something is unpaused. Pure.
import { chainReason } from '../acts.ts';
import type { Code } from '../errors.ts';
import { pauseFlagOf } from '../kinds/fields.ts';
import type { Kind, KindSetter } from '../kinds/kind.ts';
import { encodeSlash, slashesOf } from '../kinds/slashes.ts';
import type { Act, Change, Condition, Finding } from '../types.ts';
import { actChangeId, actsField } from './acts.ts';
import type { Judge } from './attempt.ts';
import type { Draft, DraftAct } from './drafts.ts';
import { perform } from './model.ts';
import { accessReads } from './routes.ts';
import type { Read } from './rules.ts';
import type { Target } from './scope.ts';
import { fieldCell, type World } from './world.ts';

type Sorted = { ready: Draft[]; waiting: ReadonlySet<string>; findings: Finding[] };
type SortInput = {
  judge: Judge;
  world: World;
  changes: readonly Change[];
  /** What the rest of the plan does. */
  drafts: readonly Draft[];
};

/**
 * ACT_WAITS for those whose contract will be paused and refuses them then, or may: one that the plan itself pauses has
 * not shown it yet. `world` is the live state, and is so again afterwards.
 */
export function sortActs({ judge, world, changes, drafts }: SortInput): Sorted {
  const sorted: Sorted & { waiting: Set<string> } = { ready: [], waiting: new Set(), findings: [] };
  const acts = changes.filter(({ action }) => action === 'do');
  if (acts.length === 0) return sorted;
  const mark = world.mark();
  for (const draft of drafts) perform(world, draft.deed);
  const stopped = new Set(acts.filter((change) => staysPaused(judge, world, change)).map(({ contract }) => contract));
  world.rollback(mark);
  for (const change of acts) {
    const target = judge.scope.byName.get(change.contract);
    const act = target?.desired?.acts?.find((one) => actChangeId(one) === change.id);
    if (target === undefined || act === undefined) continue;
    if (stopped.has(change.contract) && waitsForUnpause(target) !== false) {
      sorted.waiting.add(change.id);
      sorted.findings.push(waits(change));
    } else sorted.ready.push(draftOf(judge, { target, act, change }));
  }
  return sorted;
}

function staysPaused({ scope }: Judge, world: World, { contract }: Change): boolean {
  const target = scope.byName.get(contract);
  const cell = target === undefined ? null : pauseCellOf(target);
  return cell !== null && world.read(cell) === true;
}

function pauseCellOf({ kind, address }: Target): string | null {
  const flag = pauseFlagOf(kind);
  return flag === undefined ? null : fieldCell(address, flag.name);
}

function waitsForUnpause({ live: { past } }: Target): boolean | null {
  return past !== undefined && 'done' in past ? past.waitsForUnpause : null;
}

function waits(change: Change): Finding {
  const { contract, field, id, source } = change;
  return {
    code: 'ACT_WAITS' satisfies Code,
    severity: 'warning',
    message: `${id} waits: ${contract} is to be paused, and takes no such call then, as far as it has shown.`,
    fix: `Nothing is to be done; it is part of the plan that unpauses ${contract}.`,
    contract,
    field,
    changes: [id],
    ...(source === undefined ? {} : { source }),
  };
}

function draftOf(judge: Judge, { target, act, change }: { target: Target; act: Act; change: Change }): Draft {
  const { function: name, event, access } = slashesOf(target.kind);
  // A setter that sets nothing: routes, order and groups need no more of it.
  const setter: KindSetter = { function: name, does: 'set', fields: [], arguments: [], access, emits: [event], preference: 0, effects: [] };
  const pauseCell = pauseCellOf(target);
  return {
    id: `${target.name}.${name}[${act.id}]`,
    deed: { target, setter, writes: [], observed: [] },
    call: { target, setter, wants: [], carries: [] },
    changes: [change],
    corrects: [],
    phase: 'act',
    risk: 'ambiguous',
    rules: [],
    reads: new Set([...accessReads(judge.callers, { target, setter }), ...(pauseCell === null ? [] : [pauseCell])]),
    writes: new Set(),
    provides: [],
    awaits: [],
    act: { act, pauseCell: waitsForUnpause(target) === true ? pauseCell : null },
  };
}

/** Whether the contract refuses it in this state. */
export function isHeldUp({ pauseCell }: DraftAct, read: Read): boolean {
  return pauseCell !== null && read(pauseCell) === true;
}

/** The call, with the reason that it is known by for ever. */
export function encodeAct(kind: Kind, act: Act): ReturnType<typeof encodeSlash> {
  return encodeSlash(kind, { ...act, reason: chainReason(act) });
}

/** That no event is this act, or that one is. */
export function actConditions({ act, call }: Draft, done: boolean): Condition[] {
  if (act === undefined) return [];
  return [{ contract: call.target.name, field: actsField, member: act.act.id, value: { type: 'scalar', value: done } }];
}
