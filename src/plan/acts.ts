// One-off acts compared with what was ever done: which are left, which files contradict history, what was done by hand. Pure.
import { actIdIn, isDoneAs, slashText } from '../acts.ts';
import type { Code } from '../errors.ts';
import type { Act, Change, ContractState, Environment, Finding, PastAct, State, Unmanaged } from '../types.ts';
import type { Scope, Target } from './scope.ts';

/** What stands where another change has its field. */
export const actsField = 'acts';

/** `arena.acts[<id>]`. */
export function actChangeId({ contract, id }: Pick<Act, 'contract' | 'id'>): string {
  return `${contract}.${actsField}[${id}]`;
}

/** Whether an event is this act, unconfirmed or not, on whatever contract: a file that names another one isn't done again. */
export function isDone({ marker }: Pick<Act, 'marker'>, { contracts }: Pick<State, 'contracts'>): boolean {
  return contracts.some((contract) => doneOf(contract).some(({ reason }) => reason.endsWith(marker)));
}

/** The acts that are left to do, and, from unknown, those of which that can't be told. */
export function actChanges(scope: Scope, { name, kind, address, desired, live }: Target): Change[] {
  const unread = unreadReason(live);
  const left = (desired?.acts ?? []).filter((act) => !isDone(act, scope.live));
  return left.map((act) => ({
    id: actChangeId(act),
    contract: name,
    kind: kind.name,
    address,
    field: actsField,
    member: act.id,
    action: 'do',
    from: unread === null ? null : { type: 'unknown', reason: unread },
    to: { type: 'scalar', value: act.text },
    unit: 'none',
    risk: 'ambiguous',
    ...(act.source === undefined ? {} : { source: act.source }),
  }));
}

/** Null where the history is known. */
function unreadReason({ past }: ContractState): string | null {
  if (past === undefined) return 'its event history was not read';
  return 'unknown' in past ? past.unknown : null;
}

/** ACT_UNKNOWN (an error), ACT_CHANGED, ACT_REMOVED and ACT_TWICE (warnings), in the order of the contracts. */
export function checkActs(scope: Scope): Finding[] {
  return [...scope.byName.values()].flatMap((target) => [...unknownActs(scope, target), ...strayFiles(scope, target)]);
}

function unknownActs(scope: Scope, target: Target): Finding[] {
  if (unreadReason(target.live) === null || target.live.code?.hash === null) return [];
  return actChanges(scope, target).map((change) => ({
    code: 'ACT_UNKNOWN' satisfies Code,
    severity: 'error',
    message: `Whether ${change.id} is done can't be told: ${unreadReason(target.live)}. So it is not planned.`,
    fix: 'Run again; if it stays, use an RPC that can answer, and a lower logLimit or fromBlock.',
    ...placeOf(change),
  }));
}

function placeOf(change: Change): Pick<Finding, 'contract' | 'field' | 'changes' | 'source'> {
  const { contract, field, id, source } = change;
  return { contract, field, changes: [id], ...(source === undefined ? {} : { source }) };
}

function strayFiles(scope: Scope, { name, desired, live }: Target): Finding[] {
  if (desired === null) return [];
  const acts = new Map(scope.desired.contracts.flatMap((contract) => (contract.acts ?? []).map((act) => [act.id, act] as const)));
  const seen = new Set<string>();
  return doneOf(live).flatMap((done): Finding[] => {
    const id = actIdIn(done.reason, scope.desired.environment);
    if (id === null) return [];
    const act = acts.get(id);
    const change = actChangeId({ contract: name, id });
    if (seen.has(id))
      return [stray(name, { code: 'ACT_TWICE', message: `${change} was done once more, in ${done.transaction}, by somebody who knew its id.` })];
    seen.add(id);
    if (act === undefined)
      return [stray(name, { code: 'ACT_REMOVED', message: `${change} was done in ${done.transaction}, and there is no file acts/${id}.yaml.` })];
    if (act.contract === name && isDoneAs(done, act)) return [];
    const message = `${change} was done otherwise than its file says, in ${done.transaction}; it is not done again.`;
    return [{ ...stray(name, { code: 'ACT_CHANGED', message }), ...(act.source === undefined ? {} : { source: act.source }) }];
  });
}

const fixes = {
  ACT_CHANGED: 'Put the file back as it was merged; what is to be done besides is an act with an id of its own.',
  ACT_REMOVED: 'Put the file back as it was merged.',
  ACT_TWICE: 'Find out who sent it (mooring status names what Mooring sent), and make it good.',
} as const satisfies Partial<Record<Code, string>>;

function stray(contract: string, { code, message }: { code: keyof typeof fixes; message: string }): Finding {
  const fix = fixes[code];
  return { code, severity: 'warning', message, fix, contract, field: actsField };
}

function doneOf({ past }: ContractState): readonly PastAct[] {
  return past !== undefined && 'done' in past ? past.done : [];
}

/** Since git manages the contract: events that no act of this environment is behind. */
export function actsByHand(scope: Scope, tokens: Environment['tokens']): Unmanaged[] {
  return [...scope.byName.values()].flatMap(({ name, desired, live }) => {
    if (desired === null) return [];
    const own = doneOf(live).filter(({ reason, block }) => actIdIn(reason, scope.desired.environment) === null && block > (desired.adoptedAt ?? -1n));
    return own.map((done) => ({
      contract: name,
      field: `${actsField}[${done.transaction}]`,
      value: { type: 'scalar', value: slashText(done, tokens) },
      unit: 'none',
      reason: 'by hand',
    }));
  });
}
