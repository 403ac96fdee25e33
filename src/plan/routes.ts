// Who may make a call, in a state of the abstract machine: a signer directly, or through a relay that it governs. Pure.
import { fieldAt } from '../kinds/fields.ts';
import type { KindRelay, KindSetter } from '../kinds/kind.ts';
import type { Address, Environment, Route } from '../types.ts';
import { sameScalar } from '../values.ts';
import type { Read } from './rules.ts';
import type { Scope, Target } from './scope.ts';
import { fieldCell, isZero, memberCell, storedPath } from './world.ts';

export type Callers = { signers: readonly Address[]; relays: readonly Relay[] };
export type Relay = { target: Target; relay: KindRelay };

/** A way to call, and the cells that make it one. */
export type Way = { route: Route; because: readonly string[] };

export function callersOf(scope: Scope, environment: Environment): Callers {
  const relays = [...scope.byName.values()].flatMap((target) => (target.kind.relay === undefined ? [] : [{ target, relay: target.kind.relay }]));
  return { signers: environment.signers.map((signer) => signer.address), relays };
}

/** The first signer, in the environment's order, that may make the call; direct ways before relayed ones. Null: nobody. */
export function wayOf(callers: Callers, read: Read, call: { target: Target; setter: KindSetter }): Way | null {
  for (const signer of callers.signers) {
    const cell = opens(read, call.target, call.setter.access, signer);
    if (cell !== null) return { route: { via: 'direct', signer }, because: cell === '' ? [] : [cell] };
  }
  for (const relay of callers.relays) {
    const way = wayThrough(callers, read, { ...call, relay });
    if (way !== null) return way;
  }
  return null;
}

function wayThrough(callers: Callers, read: Read, call: { target: Target; setter: KindSetter; relay: Relay }): Way | null {
  const { target, relay } = call.relay;
  if (!reaches(read, call.relay, call.target)) return null;
  const inner = opens(read, call.target, call.setter.access, target.address) ?? (isUnread(read, call) ? '' : null);
  if (inner === null) return null;
  for (const signer of callers.signers) {
    const outer = opens(read, target, relay.access, signer);
    if (outer !== null)
      return { route: { via: 'relay', signer, relay: target.address, relayName: target.name }, because: [inner, outer].filter((cell) => cell !== '') };
  }
  return null;
}

/** The cell that lets `caller` in, '' where anyone may call, null where nothing lets it in. */
function opens(read: Read, target: Target, access: readonly string[], caller: Address): string | null {
  for (const path of access) {
    if (path === 'anyone') return '';
    const cell = accessCell(target, path, caller);
    const value = read(cell);
    if (value === true || (typeof value === 'string' && sameScalar(value, caller))) return cell;
  }
  return null;
}

function accessCell(target: Target, path: string, caller: Address): string {
  const field = fieldAt(target.kind, path)?.field;
  const isSet = field?.shape === 'members' || field?.shape === 'keyedMembers';
  return isSet ? memberCell(target.address, path, caller) : fieldCell(target.address, storedPath(target.kind, path));
}

/** Nobody read who may call: a module that is no managed contract. Its relay is taken at its word, and the proof decides. */
function isUnread(read: Read, call: { target: Target; setter: KindSetter }): boolean {
  return call.target.desired === null && call.setter.access.every((path) => read(fieldCell(call.target.address, path)) === undefined);
}

function reaches(read: Read, { target, relay }: Relay, called: Target): boolean {
  return relay.targets.some((path) => {
    const address = read(fieldCell(target.address, storedPath(target.kind, path)));
    return typeof address === 'string' && sameScalar(address, called.address);
  });
}

/** Cells that decide who may call: whoever writes one of them comes before or after. */
export function accessReads(callers: Callers, call: { target: Target; setter: KindSetter }): string[] {
  const own = call.setter.access.flatMap((path) =>
    [...callers.signers, ...callers.relays.map(({ target }) => target.address)].map((caller) => accessCell(call.target, path, caller)),
  );
  const relayed = callers.relays.flatMap(({ target, relay }) => [
    ...relay.targets.map((path) => fieldCell(target.address, storedPath(target.kind, path))),
    ...relay.access.flatMap((path) => callers.signers.map((signer) => accessCell(target, path, signer))),
  ]);
  return [...new Set([...own, ...relayed])];
}

/** Addresses that may call, for people: by field, from the state that `read` shows. */
export function mayCall(read: Read, call: { target: Target; access: readonly string[] }): { path: string; address: Address }[] {
  return call.access.flatMap((path) => {
    const members = call.target.live.fields.get(path)?.value;
    if (members?.type === 'members') return members.members.map((address) => ({ path, address }));
    const value = read(fieldCell(call.target.address, storedPath(call.target.kind, path)));
    return typeof value === 'string' && !isZero(value) ? [{ path, address: value }] : [];
  });
}
