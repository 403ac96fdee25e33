// Invariants and pausers of the state that a plan leaves. Pure.
import type { Code } from '../errors.ts';
import { fieldAt } from '../kinds/fields.ts';
import type { Finding, Invariant, Policy } from '../types.ts';
import { sameScalar } from '../values.ts';
import { mayCall } from './routes.ts';
import type { Scope, Target } from './scope.ts';
import { type Cell, fieldCell, memberCell, storedPath, type World } from './world.ts';

export type InvariantInput = {
  scope: Scope;
  policy: Policy;
  /** The state that the plan leaves. */
  world: World;
  /** Cells that the plan moves. */
  moved: ReadonlySet<string>;
};

/**
 * POLICY_INVARIANT: an error where the plan touches what is compared, else a warning about a state that is there already.
 */
export function checkInvariants(input: InvariantInput): Finding[] {
  return input.policy.invariants.flatMap((invariant) => {
    const found = [currentTarget, formerTarget].flatMap((targetOf) => checkInvariant(input, invariant, targetOf));
    return found.filter(({ message }, i) => found.findIndex((other) => other.message === message) === i);
  });
}

type TargetOf = (input: InvariantInput, name: string) => Target | undefined;

/** By the names of now; by those before this change where a name is none any more. */
function currentTarget(input: InvariantInput, name: string): Target | undefined {
  return input.scope.byName.get(name) ?? formerTarget(input, name);
}

/** By the names before this change: an invariant doesn't pass to another contract with its name. */
function formerTarget({ scope, policy }: InvariantInput, name: string): Target | undefined {
  const former = policy.formerly?.find((contract) => contract.name === name);
  return former === undefined ? scope.byName.get(name) : scope.byAddress.get(former.address.toLowerCase());
}

function checkInvariant(input: InvariantInput, invariant: Invariant, targetOf: TargetOf): Finding[] {
  const left = operand(input, invariant.left, targetOf);
  const right = typeof invariant.right === 'string' ? operand(input, invariant.right, targetOf) : { cell: null, value: invariant.right };
  const holds = left.value != null && right.value != null && compare(left.value, invariant.op, right.value);
  if (holds) return [];
  const touched = [left.cell, right.cell].some((cell) => cell !== null && input.moved.has(cell));
  return [violated(invariant, { left: left.value, right: right.value, touched })];
}

function operand(input: InvariantInput, path: string, targetOf: TargetOf): { cell: string | null; value: Cell | undefined } {
  const dot = path.indexOf('.');
  const target = targetOf(input, path.slice(0, dot));
  if (target === undefined) return { cell: null, value: undefined };
  const cell = fieldCell(target.address, storedPath(target.kind, path.slice(dot + 1)));
  return { cell, value: input.world.read(cell) };
}

function compare(left: NonNullable<Cell>, op: Invariant['op'], right: NonNullable<Cell>): boolean {
  if (op === '=') return sameScalar(left, right);
  if (op === '!=') return !sameScalar(left, right);
  if (typeof left !== 'bigint' || typeof right !== 'bigint') return false;
  if (op === '<') return left < right;
  if (op === '<=') return left <= right;
  return op === '>' ? left > right : left >= right;
}

function violated(invariant: Invariant, found: { left: Cell | undefined; right: Cell | undefined; touched: boolean }): Finding {
  const values = found.left == null || found.right == null ? 'one of them could not be read' : `${String(found.left)} and ${String(found.right)}`;
  return {
    code: 'POLICY_INVARIANT' satisfies Code,
    severity: found.touched ? 'error' : 'warning',
    message: `${invariant.name}: ${invariant.left} ${invariant.op} ${String(invariant.right)} ${found.touched ? 'would not hold after this plan' : 'does not hold'} (${values}).`,
    fix: 'Change the declared values so that it holds.',
    ...(invariant.source === undefined ? {} : { source: invariant.source }),
  };
}

/** How many addresses could pause each contract: of several flags the one that the fewest can set. */
export function countPausers(scope: Scope, world: World): ReadonlyMap<string, number> {
  const counts = [...scope.byName.values()].flatMap((target) => {
    const setters = target.kind.setters.filter(
      (setter) => setter.assigns === true && setter.fields.some((field) => target.kind.fields.get(field)?.role === 'pause'),
    );
    return setters.length === 0 ? [] : [[target.name, Math.min(...setters.map((setter) => pausersOf(world, target, setter.access)))] as const];
  });
  return new Map(counts);
}

/** POLICY_PAUSERS: fewer addresses could pause a contract than policy asks for, and fewer than before. */
export function checkPausers(input: InvariantInput & { before: ReadonlyMap<string, number> }): Finding[] {
  const least = input.policy.minPausers;
  return [...countPausers(input.scope, input.world)].flatMap(([name, then]) => {
    const now = input.before.get(name) ?? 0;
    const target = input.scope.byName.get(name);
    return target !== undefined && then < now && then < least ? [tooFew(target, { now, then, least })] : [];
  });
}

function pausersOf(world: World, target: Target, access: readonly string[]): number {
  const found = new Set<string>();
  for (const path of access) {
    const shape = fieldAt(target.kind, path)?.field.shape;
    if (shape === 'members' || shape === 'keyedMembers')
      for (const member of possibleMembers(target, path)) if (world.read(memberCell(target.address, path, member)) === true) found.add(member);
  }
  const read = (cell: string): Cell | undefined => world.read(cell);
  const single = access.filter((path) => !['members', 'keyedMembers'].includes(fieldAt(target.kind, path)?.field.shape ?? ''));
  for (const { address } of mayCall(read, { target, access: single })) found.add(address.toLowerCase());
  return found.size;
}

function possibleMembers(target: Target, path: string): Set<string> {
  const values = [target.live.fields.get(path)?.value, target.desired?.fields.get(path)?.value];
  return new Set(values.flatMap((value) => (value?.type === 'members' ? value.members.map((member) => member.toLowerCase()) : [])));
}

function tooFew(target: Target, counts: { now: number; then: number; least: number }): Finding {
  return {
    code: 'POLICY_PAUSERS' satisfies Code,
    severity: 'error',
    message: `After this plan ${counts.then} ${counts.then === 1 ? 'address' : 'addresses'} could pause ${target.name}, now ${counts.now}; policy asks for ${counts.least}.`,
    fix: 'Keep another pauser, or name the new one before the old one goes.',
    contract: target.name,
    ...(target.desired?.source === undefined ? {} : { source: target.desired.source }),
  };
}
