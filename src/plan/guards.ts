// What is never planned, whoever approves it: losing the last owner or pauser, ownership to nobody or to a stranger. Pure.
import type { Code } from '../errors.ts';
import { fieldAt } from '../kinds/fields.ts';
import type { AddressBook, Change, Finding } from '../types.ts';
import type { Scope, Target } from './scope.ts';
import { isZero } from './world.ts';

export type Guarded = { refused: ReadonlySet<string>; findings: Finding[] };

/** OWNER_ZERO, OWNER_UNKNOWN, LAST_PAUSER, LAST_HOLDER, PAUSE_CONTRADICTION; `refused` are the ids of their changes. */
export function checkGuards(input: { scope: Scope; addresses: AddressBook; changes: readonly Change[] }): Guarded {
  const findings = [
    ...input.changes.flatMap((change) => checkChange(input, change)),
    ...checkSets(input.scope, input.changes),
    ...checkAggregates(input.scope, input.changes),
  ];
  return { refused: new Set(findings.flatMap((finding) => finding.changes ?? [])), findings };
}

function checkChange(input: { scope: Scope; addresses: AddressBook }, change: Change): Finding[] {
  const target = input.scope.byName.get(change.contract);
  const field = target === undefined ? undefined : fieldAt(target.kind, change.field)?.field;
  if (target === undefined || field === undefined || change.to?.type !== 'scalar' || typeof change.to.value !== 'string' || change.member !== undefined)
    return [];
  const to = change.to.value;
  if (field.role === 'owner' && isZero(to))
    return [
      refusal([change], {
        code: 'OWNER_ZERO',
        message: `${change.id} would be the zero address: nobody could ever change ${change.contract} again.`,
        fix: 'Name the new owner.',
      }),
    ];
  const { before } = input.addresses;
  // What a change says of a stranger is the stranger's word.
  if (field.role === 'owner' && !(before ?? input.addresses).byAddress.has(to)) {
    return [
      refusal([change], {
        code: 'OWNER_UNKNOWN',
        message: `${change.id} would go to ${to}, which has no name in the address book${before === undefined ? '' : ' before this change'}.`,
        fix: 'Add the new owner to addresses.yaml in a change of its own, so that a reviewer knows who it is.',
      }),
    ];
  }
  if (field.role !== 'pauser' || !isZero(to) || otherPauser(target, field.name)) return [];
  return [
    refusal([change], {
      code: 'LAST_PAUSER',
      message: `${change.id} would remove the last pauser of ${change.contract}.`,
      fix: 'Name the new pauser instead.',
    }),
  ];
}

/** Another field of the role that names somebody, in the state that git declares. */
function otherPauser(target: Target, name: string): boolean {
  return [...target.kind.fields.values()].some((field) => {
    if (field.role !== 'pauser' || field.name === name || field.aliasOf !== undefined) return false;
    const value = (target.desired?.fields.get(field.name) ?? target.live.fields.get(field.name))?.value;
    if (value?.type === 'members') return value.members.length > 0;
    return value?.type === 'scalar' && !isZero(value.value);
  });
}

/** A set that would be empty, though somebody must be in it. */
function checkSets(scope: Scope, changes: readonly Change[]): Finding[] {
  const removals = Map.groupBy(
    changes.filter((change) => change.action === 'remove'),
    (change) => `${change.contract}.${change.field}`,
  );
  return [...removals.values()].flatMap((removed) => {
    const [first] = removed;
    const target = first === undefined ? undefined : scope.byName.get(first.contract);
    const declared = target?.desired?.fields.get(first?.field ?? '')?.value;
    if (first === undefined || target === undefined || declared?.type !== 'members' || declared.members.length > 0) return [];
    const field = fieldAt(target.kind, first.field)?.field;
    const orphans = target.kind.setters.filter((setter) => setter.access.includes(first.field) && setter.access.every((path) => isEmpty(target, path)));
    const isLastPauser = field?.role === 'pauser' && !otherPauser(target, field.name);
    if (orphans.length === 0 && !isLastPauser) return [];
    const consequence = orphans.length === 0 ? '' : `, and nobody could call ${orphans.map((setter) => `${setter.function}()`).join(', ')}`;
    return [
      refusal(removed, {
        code: isLastPauser ? 'LAST_PAUSER' : 'LAST_HOLDER',
        message: `Nobody would be left in ${first.contract}.${first.field}${consequence}.`,
        fix: 'Keep at least one member, or add its successor.',
      }),
    ];
  });
}

/** Whether an access path would name nobody in the state that git declares. */
function isEmpty(target: Target, path: string): boolean {
  const value = (target.desired?.fields.get(path) ?? target.live.fields.get(path))?.value;
  if (value?.type === 'members') return value.members.length === 0;
  return value?.type === 'scalar' && isZero(value.value);
}

/** An aggregate and one of its parts, declared as opposites: whichever goes second undoes the other. */
function checkAggregates(scope: Scope, changes: readonly Change[]): Finding[] {
  return [...scope.byName.values()].flatMap((target) =>
    [...target.kind.fields.values()].flatMap((field) => {
      const whole = target.desired?.fields.get(field.name)?.value;
      if (field.shape !== 'aggregate' || whole?.type !== 'scalar') return [];
      return field.over.flatMap((over) => {
        const address = target.live.fields.get(over)?.value;
        const part = address?.type === 'scalar' ? scope.byAddress.get(String(address.value).toLowerCase()) : undefined;
        const own = part?.desired?.fields.get(field.getter);
        if (part === undefined || own?.value.type !== 'scalar' || own.value.value === whole.value) return [];
        const about = changes.filter(
          (change) => (change.contract === part.name && change.field === field.getter) || (change.contract === target.name && change.field === field.name),
        );
        const message = `${target.name}.${field.name} is declared ${String(whole.value)} and ${part.name}.${field.getter}, a part of it, ${String(own.value.value)}.`;
        return [refusal(about, { code: 'PAUSE_CONTRADICTION', message, fix: 'Declare the same in both, or only one of them.' })];
      });
    }),
  );
}

function refusal(changes: readonly Change[], about: { code: Code; message: string; fix: string }): Finding {
  const [first] = changes;
  return {
    ...about,
    severity: 'error',
    ...(first === undefined ? {} : { contract: first.contract, field: first.field }),
    changes: changes.map((change) => change.id),
    ...(first?.source === undefined ? {} : { source: first.source }),
  };
}
