// What policy.yaml says about the changes: limits, frozen fields, freeze windows, approvals. Pure; `now` is given.
import type { Code } from '../errors.ts';
import { type FormatOptions, formatScalar } from '../format.ts';
import type { Approvals, Change, Edit, FieldLimit, Finding, FormerContract, FreezeWindow, Policy, SideEffect } from '../types.ts';
import { matchesPattern } from '../values.ts';
import type { Scope } from './scope.ts';

export type PolicyInput = {
  scope: Scope;
  policy: Policy;
  changes: readonly Change[];
  /** Seconds since the epoch. */
  now: bigint;
  format: FormatOptions;
};

/** POLICY_FROZEN, POLICY_LIMIT, POLICY_STEP and POLICY_FREEZE, in the order of the changes. */
export function checkPolicy(input: PolicyInput): Finding[] {
  return input.changes.flatMap((change) => [...limitsOf(input, change).flatMap((limit) => checkLimit(input, change, limit)), ...checkFreezes(input, change)]);
}

/** Ids of changes to fields that policy freezes: never planned. */
export function frozenChanges(input: PolicyInput): ReadonlySet<string> {
  return new Set(input.changes.filter((change) => limitsOf(input, change).some((limit) => limit.frozen === true)).map((change) => change.id));
}

/** The same limits for what a step changes besides: a side effect that stays is a change that nobody wrote. */
export function checkSideEffects(input: PolicyInput, effects: readonly SideEffect[]): Finding[] {
  const lasting = effects.filter((effect) => !effect.corrected);
  return lasting.flatMap((effect) => {
    const target = input.scope.byName.get(effect.contract);
    if (target === undefined) return [];
    const { contract, field, from, to, unit } = effect;
    const change: Change = {
      id: `${contract}.${field}`,
      contract,
      kind: target.kind.name,
      address: target.address,
      field,
      action: 'set',
      from,
      to,
      unit,
      risk: 'ambiguous',
    };
    return limitsOf(input, change).flatMap((limit) => checkLimit(input, change, limit));
  });
}

/** A kind's limit holds for what extends it, too; and what had another name before this change is limited by both. */
function limitsOf(input: PolicyInput, change: Change): FieldLimit[] {
  const formerly = formersAt(input.policy, change.address).flatMap(({ name, kinds }) => [name, ...kinds]);
  const names = [change.contract, ...(input.scope.byName.get(change.contract)?.kind.lineage ?? [change.kind]), ...formerly];
  return input.policy.limits.filter((limit) => names.some((name) => matchesPattern(limit.match, `${name}.${change.field}`)));
}

function formersAt({ formerly = [] }: Policy, address: string): FormerContract[] {
  return formerly.filter((former) => former.address.toLowerCase() === address.toLowerCase());
}

function checkLimit(input: PolicyInput, change: Change, limit: FieldLimit): Finding[] {
  if (limit.frozen === true)
    return [
      finding(change, {
        code: 'POLICY_FROZEN',
        message: `Policy freezes ${change.id}: it may not be changed.`,
        fix: `Put the live value back into YAML, or relax the limit "${limit.match}" in policy.yaml first.`,
      }),
    ];
  const to = numberOf(change.to);
  if (to === null) return [];
  const show = (value: bigint): string => formatScalar(value, { ...input.format, unit: change.unit });
  const outside = (limit.min !== undefined && to < limit.min) || (limit.max !== undefined && to > limit.max);
  const range = [limit.min === undefined ? '' : `at least ${show(limit.min)}`, limit.max === undefined ? '' : `at most ${show(limit.max)}`]
    .filter((part) => part !== '')
    .join(' and ');
  const found = outside
    ? [
        finding(change, {
          code: 'POLICY_LIMIT',
          message: `${change.id} would become ${show(to)}; policy allows ${range}.`,
          fix: 'Choose a value within the limit.',
        }),
      ]
    : [];
  const step = largestStep(numberOf(change.from), limit);
  if (step === null) return found;
  const moved = distance(numberOf(change.from), to);
  if (moved !== null && moved <= step) return found;
  const message =
    moved === null
      ? `${change.id} would be set to ${show(to)} from no number; policy limits how far it may move at once.`
      : `${change.id} would move by ${show(moved)}; policy allows ${show(step)} at once.`;
  return [...found, finding(change, { code: 'POLICY_STEP', message, fix: 'Go there in several smaller changes.' })];
}

/** The tighter of the absolute and the relative step; null where there is none. Relative ones are rounded down. */
function largestStep(from: bigint | null, limit: FieldLimit): bigint | null {
  const relative = limit.maxStepBps === undefined || from === null ? null : ((from < 0n ? -from : from) * limit.maxStepBps) / 10_000n;
  const steps = [limit.maxStep ?? null, limit.maxStepBps !== undefined && from === null ? 0n : relative].filter((step) => step !== null);
  return steps.reduce<bigint | null>((least, step) => (least === null || step < least ? step : least), null);
}

function distance(from: bigint | null, to: bigint): bigint | null {
  if (from === null) return null;
  return to > from ? to - from : from - to;
}

function numberOf(value: Change['to']): bigint | null {
  return value?.type === 'scalar' && typeof value.value === 'bigint' ? value.value : null;
}

function checkFreezes(input: PolicyInput, change: Change): Finding[] {
  const open = input.policy.freezes.filter((freeze) => freeze.from <= input.now && input.now < freeze.to && !freeze.allow.includes(change.risk));
  return open.map((freeze) =>
    finding(change, {
      code: 'POLICY_FREEZE',
      message: `${change.id} may not be changed now, policy has a freeze: ${freeze.reason}.`,
      fix: `Wait until the freeze ends${place(freeze)}, or change policy.yaml first.`,
    }),
  );
}

function place(freeze: FreezeWindow): string {
  return freeze.source === undefined ? '' : ` (${freeze.source.file}:${freeze.source.line})`;
}

function finding(change: Change, about: { code: Code; message: string; fix: string }): Finding {
  return {
    ...about,
    severity: 'error',
    contract: change.contract,
    field: change.field,
    changes: [change.id],
    ...(change.source === undefined ? {} : { source: change.source }),
  };
}

/** What the changes' and edits' risks and files (of a renamed contract both) ask for, each to be met by itself; what another one asks for anyway is left out. */
export function approvalsOf(policy: Policy, changes: readonly Change[], edits: readonly Edit[] = []): Approvals[] {
  const places = [
    ...changes.flatMap(({ risk, source, address }) => [{ file: source?.file }, ...formersAt(policy, address)].map(({ file }) => ({ risk, file }))),
    ...edits,
  ];
  const asked = places.flatMap(({ risk, file }) => [
    policy.approvals[risk],
    ...policy.paths.filter((path) => isBelow(path.match, file)).map((path) => path.approvals),
  ]);
  const distinct = asked.filter((one, i) => one.count > 0 && asked.findIndex((other) => sameApprovals(one, other)) === i);
  return distinct.filter((one) => !distinct.some((other) => other !== one && includes(other, one))).sort(byCount);
}

function sameApprovals(a: Approvals, b: Approvals): boolean {
  return a.count === b.count && a.teams.length === b.teams.length && a.teams.every((team) => b.teams.includes(team));
}

/** Whether whoever satisfies `a` has satisfied `b`, too. */
function includes(a: Approvals, b: Approvals): boolean {
  const accepted = b.teams.length === 0 || (a.teams.length > 0 && a.teams.every((team) => b.teams.includes(team)));
  return a.count >= b.count && accepted;
}

function byCount(a: Approvals, b: Approvals): number {
  return b.count - a.count || (a.teams.join() < b.teams.join() ? -1 : 1);
}

/** A glob of a contract's file, from the repository's root or from any folder in it. */
function isBelow(match: string, file: string | undefined): boolean {
  return file !== undefined && (matchesPattern(match, file) || matchesPattern(`*/${match}`, file));
}
