// What each kind of proposal edits in the files. Reads the chain where live values are asked for; writes nothing.
import { appendIgnore, appendLift } from '../../desired/edit/append-entry.ts';
import type { FieldEdit } from '../../desired/edit/edit-contract.ts';
import { MooringError } from '../../errors.ts';
import type { KindField } from '../../kinds/kind.ts';
import type { Change, FieldValue, Lift, Reduction, State } from '../../types.ts';
import { sameValue } from '../../values.ts';
import { accountOf, type Draft, declaredValue, demandField, editField, splitAssignment, splitId, splitPlace, type Target, targetOf, textOf } from './files.ts';

/** Returns operands that say what git says already, which change nothing. SIDE EFFECTS of all here: the draft. */
export function setValues(draft: Draft, operands: readonly string[]): string[] {
  return operands.filter((operand) => {
    const { contract, field, value } = splitAssignment(operand);
    const target = targetOf(draft, contract);
    demandField(target, field);
    const before = declaredValue(draft, target, field);
    const trial: Draft = { ...draft, edited: new Map(draft.edited) };
    editField(trial, target, { path: field, write: value });
    const after = declaredValue(trial, target, field);
    if (before !== undefined && after !== undefined && sameValue(before, after)) return true;
    for (const [file, edited] of trial.edited) draft.edited.set(file, edited);
    return false;
  });
}

/** As `setValues`. */
export function changeMembers(draft: Draft, operands: readonly string[], action: 'add' | 'remove'): string[] {
  return operands.filter((operand) => {
    const { contract, field, value } = splitAssignment(operand);
    const member = accountOf(draft, value);
    const target = targetOf(draft, contract);
    const declared = target.contract.fields.get(field)?.value;
    if (declared?.type === 'members' && declared.members.includes(member) === (action === 'add')) return true;
    editField(draft, target, action === 'add' ? { path: field, add: member } : { path: field, remove: member });
    return false;
  });
}

/** Sets the flag that says whether a contract is stopped, under the name that its file has for it. As `setValues`. */
export function setPaused(draft: Draft, operands: readonly string[], paused: boolean): string[] {
  return operands.filter((name) => {
    const target = targetOf(draft, name);
    const flag = pauseField(target);
    const declared = target.contract.fields.get(flag.name)?.value;
    if (declared?.type === 'scalar' && declared.value === paused) return true;
    editField(draft, target, { path: flag.name, set: { type: 'scalar', value: paused } });
    return false;
  });
}

export function pauseField({ kind, contract }: Target): KindField {
  const flags = [...kind.fields.values()].filter((field) => field.shape === 'aggregate' || (field.role === 'pause' && field.shape === 'value'));
  const flag = flags.find((field) => contract.fields.has(field.name)) ?? flags.find((field) => field.aliasOf === undefined);
  if (flag === undefined) throw new MooringError('FIELD_UNKNOWN', `${contract.name} is a ${kind.name}, which can't be paused`);
  return flag;
}

/** Live values that differ from the declared ones become the declared ones. */
export function adoptChanges(draft: Draft, live: State, changes: readonly Change[]): void {
  for (const change of changes) {
    const value = live.contracts.find(({ name }) => name === change.contract)?.fields.get(change.field)?.value;
    editField(draft, targetOf(draft, change.contract), adopting(change, value));
  }
}

function adopting(change: Change, live: FieldValue | undefined): FieldEdit {
  const { field: path, member, action } = change;
  // What git would take out is there, and what it would add is not.
  if (member !== undefined && live?.type === 'members') return action === 'remove' ? { path, add: member } : { path, remove: member };
  if (live !== undefined && (live.type === 'scalar' || live.type === 'unset' || live.type === 'entries')) return { path, set: live };
  throw new MooringError('EDIT_IMPOSSIBLE', `${change.id} is ${live?.type ?? 'not known'} on the chain, which can't be declared`, {
    fix: 'Declare its parts by themselves, or put the field under observe.',
  });
}

/** One lift for each reduction; those that are lifted already are left out. */
export function addLifts(draft: Draft, reductions: readonly Reduction[], { reason, by }: { reason: string; by: string }): number {
  const file = `desired-state/${draft.environment}/lifts.yaml`;
  const known = new Set(draft.loaded.desired.lifts.map(liftKey));
  const added = reductions.filter((reduction) => !reduction.known && !known.has(liftKey(reduction)));
  for (const { contract, field, member, transaction } of added) {
    const lift: Lift = { contract, field, ...(member === undefined ? {} : { member }), transaction, reason, by };
    draft.edited.set(file, appendLift(textOf(draft, file), lift));
  }
  return added.length;
}

function liftKey({ contract, field, member, transaction }: { contract: string; field: string; member?: string; transaction: string }): string {
  return `${contract}.${field}[${member ?? ''}] ${transaction}`.toLowerCase();
}

/** `until` in seconds since the epoch. */
export function addIgnores(draft: Draft, operands: readonly string[], { until, owner, reason }: { until: bigint; owner: string; reason: string }): void {
  const file = `desired-state/${draft.environment}/ignores.yaml`;
  for (const operand of operands) {
    const place = splitId(draft, operand);
    demandField(targetOf(draft, place.contract), place.field);
    draft.edited.set(file, appendIgnore(textOf(draft, file), { ...place, until, owner, reason }));
  }
}

/** The differences that operands name: by id, or all of a field. Throws CHANGE_UNKNOWN. */
export function namedChanges(draft: Draft, changes: readonly Change[], operands: readonly string[]): Change[] {
  return operands.flatMap((operand) => {
    const { contract, field, member } = operand.includes('[') ? splitId(draft, operand) : { ...splitPlace(operand), member: undefined };
    const found = changes.filter(
      (change) => change.contract === contract && change.field === field && (member === undefined || member.toLowerCase() === change.member?.toLowerCase()),
    );
    if (found.length > 0) return found;
    const known = changes.map(({ id }) => id);
    throw new MooringError('CHANGE_UNKNOWN', `git and the chain agree on ${operand}`, {
      fix: known.length === 0 ? 'they agree on everything' : `they differ on ${known.join(', ')}`,
    });
  });
}
