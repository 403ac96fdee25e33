// What a transaction called, in the words of the kinds: through a relay, the call that was meant. Pure.
import { MooringError } from '../errors.ts';
import { type AbiValue, decodeCall } from '../kinds/abi.ts';
import type { Kind, Kinds } from '../kinds/kind.ts';
import type { Address, DecodedCall, Hex, State } from '../types.ts';

/** Null where the target isn't managed, or has no such function by its kind. */
export function decodeTransaction(transaction: { to: Address | null; input: Hex }, state: Pick<State, 'contracts'>, kinds: Kinds): DecodedCall | null {
  const { to, input } = transaction;
  const contract = to === null ? undefined : state.contracts.find(({ address }) => address.toLowerCase() === to.toLowerCase());
  const kind = contract === undefined ? undefined : kinds.get(contract.kind);
  if (contract === undefined || kind === undefined) return null;
  const called = functionCalled(kind, input);
  if (called === null) return null;
  const inner = called.name === kind.relay?.function ? relayed(called.args, state, kinds) : null;
  return inner ?? { contract: contract.name, function: called.name, args: called.args };
}

type Called = { name: string; args: DecodedCall['args'] };

function functionCalled(kind: Kind, input: Hex): Called | null {
  const fn = [...kind.functions.values()].find(({ selector }) => input.slice(0, 10).toLowerCase() === selector);
  if (fn === undefined) return null;
  try {
    const values = decodeCall(fn, input);
    return { name: fn.name, args: fn.inputs.map(({ name, type }, i) => ({ name: name || String(i), type, value: values[i] })) };
  } catch (error) {
    if (error instanceof MooringError && error.code === 'ABI_DECODE') return null;
    throw error;
  }
}

/** A relay takes (address target, bytes data). */
function relayed(args: DecodedCall['args'], state: Pick<State, 'contracts'>, kinds: Kinds): DecodedCall | null {
  const [to, input] = args.map(({ value }) => value as AbiValue);
  return typeof to === 'string' && typeof input === 'string' ? decodeTransaction({ to, input }, state, kinds) : null;
}
