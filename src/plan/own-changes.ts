// What one pull request changes on the chain, apart from what was pending or drifted before it. Pure.
import type { Kinds } from '../kinds/kind.ts';
import type { Act, Change, ContractState, Desired, FieldState, FieldValue, Incidents, State } from '../types.ts';
import { canonicalJson, satisfies } from '../values.ts';
import { actChangeId, isDone } from './acts.ts';
import { type BuildInput, buildPlan } from './build-plan.ts';
import { diff } from './diff.ts';

export type OwnInput = {
  /** Where the merge leads. Both are read under the same trusted configuration. */
  after: Desired;
  /** What was declared before; null where nothing was. */
  before: Desired | null;
  live: State;
  kinds: Kinds;
  /** Of every change of `after` and `before` that raises risk. */
  reductions: BuildInput['reductions'];
  unknownReductions: readonly string[];
  incidents: Incidents;
  now: bigint;
  /** Ids of standing differences that are meant besides. */
  named: ReadonlySet<string>;
  /** Ids of own changes to leave as they are on the chain. */
  leftOut: ReadonlySet<string>;
};

export type OwnChanges = {
  own: readonly Change[];
  /** Differences that were there before and are none of its business. */
  standing: readonly Change[];
  /** `after`, but as live wherever the difference isn't its own: a plan for it sends what is its own and nothing else. */
  scoped: Desired;
};

/**
 * A difference is one's own when it was not declared before, when it is planned only now (a lift or a resume lets it through), or when
 * it is named. Members of sets and entries of collections count one by one.
 */
export function ownChanges(input: OwnInput): OwnChanges {
  const { after, live, kinds, named } = input;
  const before = input.before === null ? null : comparable(input.before, after.state);
  const differences = diff({ desired: after.state, live, kinds }).changes;
  const earlier = new Set(before === null ? [] : diff({ desired: before.state, live, kinds }).changes.map(meaning));
  const freed = before === null ? new Set() : freedIds(input, before);
  const isOwn = (change: Change): boolean => named.has(change.id) || freed.has(change.id) || !earlier.has(meaning(change));
  const own = differences.filter((change) => isOwn(change) && !input.leftOut.has(change.id));
  return { own, standing: differences.filter((change) => !isOwn(change)), scoped: scopeTo(after, live, own) };
}

/** `desired` asking for these changes and otherwise for what is live. */
export function scopeTo(desired: Desired, live: State, own: readonly Change[]): Desired {
  const byContract = new Map(live.contracts.map((contract) => [contract.name, contract]));
  const contracts = desired.state.contracts.map((contract) => ({
    ...scopeContract(contract, byContract.get(contract.name), own),
    ...(contract.acts === undefined ? {} : { acts: scopedActs(contract.acts, live, own) }),
  }));
  return { ...desired, state: { ...desired.state, contracts } };
}

/** What the same change means wherever it is found: which place, and what it becomes. */
function meaning({ id, action, to }: Change): string {
  return canonicalJson({ id, action, to });
}

/** By a lift, whether or not an incident then holds it; or by a resume. */
function freedIds(input: OwnInput, before: Desired): Set<string> {
  const [now, then] = [plannedIds(input, input.after), plannedIds(input, before)];
  return new Set([...without(now.planned, then.planned), ...without(now.free, then.free)]);
}

/** `free`: without what an incident holds. */
function plannedIds({ live, kinds, reductions, unknownReductions, incidents, now }: OwnInput, desired: Desired) {
  const { changes, findings } = buildPlan({ desired, live, kinds, reductions, unknownReductions, incidents, now });
  const held = new Set(findings.filter(({ code }) => code.startsWith('INCIDENT_')).flatMap((finding) => finding.changes ?? []));
  const planned = new Set(changes.map(({ id }) => id));
  return { planned, free: without(planned, held) };
}

function without(all: ReadonlySet<string>, some: ReadonlySet<string>): Set<string> {
  return new Set([...all].filter((item) => !some.has(item)));
}

/** Another address or kind under the same name is another contract: nothing of it was declared before. */
function comparable(before: Desired, after: State): Desired {
  const contracts = before.state.contracts.filter((contract) =>
    after.contracts.some((other) => other.name === contract.name && other.address === contract.address && other.kind === contract.kind),
  );
  return { ...before, state: { ...before.state, contracts } };
}

function scopeContract(contract: ContractState, live: ContractState | undefined, own: readonly Change[]): ContractState {
  const fields = new Map<string, FieldState>();
  for (const [path, declared] of contract.fields) {
    const changes = own.filter((change) => change.contract === contract.name && change.field === path);
    const value = scopedValue(declared.value, live?.fields.get(path)?.value, changes);
    if (value !== null) fields.set(path, { ...declared, value });
  }
  return { ...contract, fields };
}

/** An act that is done stays, for what may be wrong with its file; one that is left to do only where it is one's own. */
function scopedActs(acts: readonly Act[], live: State, own: readonly Change[]): Act[] {
  const ids = new Set(own.filter(({ action }) => action === 'do').map(({ id }) => id));
  return acts.filter((act) => ids.has(actChangeId(act)) || isDone(act, live));
}

/** Null where the live value is none that can be declared: then the field is left out. */
function scopedValue(declared: FieldValue, live: FieldValue | undefined, own: readonly Change[]): FieldValue | null {
  // What could not be read stays declared, and blocks the plan.
  if (live === undefined || live.type === 'unknown' || satisfies(live, declared)) return declared;
  if (live.type === 'members') return { type: 'members', members: membersWith(live.members, own) };
  if (live.type === 'entries') return { type: 'entries', entries: entriesWith(live.entries, own) };
  if (own.length > 0) return declared;
  return live.type === 'mixed' ? null : live;
}

function membersWith(live: readonly string[], own: readonly Change[]): string[] {
  const removed = new Set(own.filter((change) => change.action === 'remove').map(({ member }) => member?.toLowerCase()));
  const added = own.flatMap((change) => (change.action === 'add' && change.member !== undefined ? [change.member] : []));
  return [...live.filter((member) => !removed.has(member.toLowerCase())), ...added];
}

function entriesWith(live: ReadonlyMap<string, bigint | boolean | string>, own: readonly Change[]): Map<string, bigint | boolean | string> {
  const entries = new Map(live);
  for (const { member = '', to } of own) {
    const key = [...entries.keys()].find((known) => known.toLowerCase() === member.toLowerCase()) ?? member;
    if (to?.type === 'scalar') entries.set(key, to.value);
    else entries.delete(key);
  }
  return entries;
}
