// The one guard behind break-glass: a signer that signs nothing but pauses, whoever asks and whatever was built before.
import { MooringError } from '../../errors.ts';
import { decodeCall, encodeCall } from '../../kinds/abi.ts';
import type { AbiFunction, Kind, Kinds } from '../../kinds/kind.ts';
import type { Address, Hex, Signer, UnsignedTransaction } from '../../types.ts';
import { isPause } from './parts.ts';
import type { Part } from './types.ts';

export type Allowed = { kinds: Kinds; parts: readonly Part[] };

type Call = Pick<UnsignedTransaction, 'to' | 'data'>;

/**
 * Signs only calls that set one of the parts' flags to the value that reduces risk, directly or through a contract that
 * pauses others or forwards calls. `sign` throws NOT_A_PAUSE for anything else.
 */
export function onlyPauses(signer: Signer, allowed: Allowed): Signer {
  return {
    address: signer.address,
    async sign(transaction) {
      if (transaction.value !== 0n || !pausesOnly(transaction, allowed)) throw refused(transaction);
      return signer.sign(transaction);
    },
    signMessage: (message) => signer.signMessage(message),
  };
}

function pausesOnly(call: Call, allowed: Allowed): boolean {
  return isOwnPause(call, allowed) || [...allowed.kinds.values()].some((kind) => isGuardPause(call, kind, allowed) || isRelayedPause(call, kind, allowed));
}

/** A setter of the part's own kind, for the part's field, with the value that reduces risk as its only argument, or with none. */
function isOwnPause({ to, data }: Call, { parts }: Allowed): boolean {
  return parts.some(({ address, kind, field, value, setter }) => {
    if (!same(address, to) || !isPause(kind, field, value) || setter.fields.join() !== field) return false;
    const fn = kind.functions.get(setter.function);
    const args = fn === undefined ? null : argumentsOf(fn, data);
    if (args === null) return false;
    return setter.does === 'assign' ? args.length === 0 && setter.assigns === value : setter.does === 'set' && args.length === 1 && args[0] === value;
  });
}

function isGuardPause({ data }: Call, { functions, pausesOthers }: Kind, { parts }: Allowed): boolean {
  const fn = pausesOthers === undefined ? undefined : functions.get(pausesOthers.function);
  const targets = fn === undefined ? undefined : argumentsOf(fn, data)?.[0];
  if (!Array.isArray(targets) || targets.length === 0) return false;
  // A guard can do nothing but pause; what it is told to pause is checked all the same.
  return targets.every((target) => parts.some(({ address, kind, field, value }) => same(address, String(target)) && value && isPause(kind, field, value)));
}

function isRelayedPause({ data }: Call, { functions, relay }: Kind, allowed: Allowed): boolean {
  const fn = relay === undefined ? undefined : functions.get(relay.function);
  const [to, inner] = (fn === undefined ? null : argumentsOf(fn, data)) ?? [];
  return typeof to === 'string' && typeof inner === 'string' && isOwnPause({ to, data: inner }, allowed);
}

/** Null where it is another function's call, or has more behind it. */
function argumentsOf(fn: AbiFunction, data: Hex): ReturnType<typeof decodeCall> | null {
  if (fn.inputs.length === 0) return data.toLowerCase() === fn.selector ? [] : null;
  try {
    const args = decodeCall(fn, data);
    return encodeCall(fn, args) === data.toLowerCase() ? args : null;
  } catch {
    return null;
  }
}

function same(a: Address, b: Address): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function refused({ to, data, value }: UnsignedTransaction): MooringError {
  return new MooringError('NOT_A_PAUSE', `a call of ${to} (${data.slice(0, 10)}, ${value} wei) is no pause of what was asked for, so it was not signed`, {
    fix: 'Nothing but pauses goes out this way. Propose any other change by pull request.',
  });
}
