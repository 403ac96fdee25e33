// Changes as wants: one value for one cell each. An aggregate's change becomes its own want or one for each of its parts. Pure.
import type { Code } from '../errors.ts';
import type { KindField } from '../kinds/kind.ts';
import type { Address, Change, Finding } from '../types.ts';
import type { Scope, Target } from './scope.ts';
import { plainestKind } from './spread-access.ts';
import { type Cell, fieldCell, partAddresses, storedPath, type World } from './world.ts';

/** `to` is null for unset, and for a member or entry that must go. A want without a change corrects a side effect. */
export type Want = { target: Target; path: string; member?: string; to: Cell; changes: readonly Change[] };

/** An aggregate that must move: all at once where every part does, else part by part. */
export type AggregateWant = { whole: Want | null; parts: readonly Want[] };

export type Wants = { fields: Want[]; aggregates: AggregateWant[]; findings: Finding[] };

type Aggregate = Extract<KindField, { shape: 'aggregate' }>;
type WantsInput = { scope: Scope; world: World; changes: readonly Change[]; withheld: ReadonlySet<string> };

export function wantsOf(input: WantsInput): Wants {
  const wants: Wants = { fields: [], aggregates: [], findings: [] };
  for (const change of input.changes) {
    const target = input.scope.byName.get(change.contract);
    if (target === undefined) continue;
    const field = target.kind.fields.get(change.field);
    if (field?.shape === 'aggregate') addAggregate(input, wants, { target, field, change });
    else wants.fields.push(wantOf(target, change));
  }
  return wants;
}

function wantOf(target: Target, change: Change): Want {
  const base = { target, path: change.field, changes: [change], ...(change.member === undefined ? {} : { member: change.member }) };
  if (change.to?.type !== 'scalar') return { ...base, to: null };
  const isFlag = change.member !== undefined && typeof change.to.value === 'boolean' && (change.action === 'add' || change.action === 'remove');
  return { ...base, to: isFlag && change.to.value === false ? null : change.to.value };
}

function addAggregate(input: WantsInput, wants: Wants, place: { target: Target; field: Aggregate; change: Change }): void {
  const { target, field, change } = place;
  const to = change.to?.type === 'scalar' ? change.to.value : null;
  const addresses = partAddresses((cell) => input.world.read(cell), target, field);
  const differing = addresses.filter((address) => input.world.read(fieldCell(address, field.getter)) !== to);
  const free = differing.filter((address) => !input.withheld.has(fieldCell(address, field.getter)));
  const parts = free.flatMap((address) => {
    const part = partTarget(input.scope, place, address);
    if (part === null) wants.findings.push(noWay(change, address));
    return part === null ? [] : [{ target: part, path: field.getter, to, changes: [change] }];
  });
  const whole = free.length === addresses.length && free.length > 0 ? { target, path: change.field, to, changes: [change] } : null;
  if (whole !== null || parts.length > 0) wants.aggregates.push({ whole, parts });
}

/** The managed contract at a part's address, or a stand-in that can be called like any contract with such a flag. */
function partTarget(scope: Scope, place: { target: Target; field: Aggregate }, address: Address): Target | null {
  const managed = scope.byAddress.get(address.toLowerCase());
  if (managed !== undefined) return managed;
  const kind = plainestKind(scope.kinds, place.field.getter);
  if (kind === null) return null;
  const { target } = place;
  const over = place.field.over.find((path) => addressAt(target, path).toLowerCase() === address.toLowerCase());
  const name = `${target.name}.${over ?? address}`;
  const live = { name, kind: kind.name, address, fromBlock: target.live.fromBlock, fields: new Map(), observe: new Set<string>() };
  return { name, address, kind, live, desired: null };
}

function addressAt(target: Target, path: string): string {
  const value = target.live.fields.get(storedPath(target.kind, path))?.value;
  return value?.type === 'scalar' ? String(value.value) : '';
}

function noWay(change: Change, address: Address): Finding {
  return {
    code: 'NO_SETTER' satisfies Code,
    severity: 'error',
    message: `${change.id} must move ${address} by itself, which no known kind can call.`,
    fix: `Declare the contract at ${address} in desired state.`,
    contract: change.contract,
    field: change.field,
    changes: [change.id],
    ...(change.source === undefined ? {} : { source: change.source }),
  };
}
