// A slash as a call and as an event, by what its kind says of both. Pure.
import { MooringError } from '../errors.ts';
import type { DecodedCall, Hex, Log, PastAct, Slash } from '../types.ts';
import { decodeEvent, encodeCall } from './abi.ts';
import { toChecksum } from './keccak.ts';
import type { AbiEvent, Kind, KindSlashes } from './kind.ts';

/** Throws INTERNAL for a kind without slashes. */
export function slashesOf(kind: Kind): KindSlashes {
  if (kind.slashes === undefined) throw new MooringError('INTERNAL', `Nothing can be slashed on a ${kind.name}.`);
  return kind.slashes;
}

/** The event that every slash shows; null where the kind has none. */
export function slashEvent(kind: Kind): AbiEvent | null {
  return kind.slashes === undefined ? null : (kind.events.get(kind.slashes.event) ?? null);
}

/** The call that does it, and its arguments for people. */
export function encodeSlash(kind: Kind, { round, validator, amount, recipient, reason }: Slash): { data: Hex; args: DecodedCall['args'] } {
  const fn = kind.functions.get(slashesOf(kind).function);
  if (fn === undefined) throw new MooringError('INTERNAL', `${kind.name} has no function ${slashesOf(kind).function}.`);
  const values = [round, validator, amount, recipient, reason];
  return { data: encodeCall(fn, values), args: fn.inputs.map(({ name, type }, i) => ({ name, type, value: values[i] })) };
}

/** What an event of a slash says. Throws ABI_DECODE. */
export function decodeSlash(event: AbiEvent, log: Pick<Log, 'topics' | 'data'>): Slash {
  const args = decodeEvent(event, log);
  const [round, validator, amount, recipient, reason] = event.inputs.map(({ name }, i) => args[name === '' ? String(i) : name]);
  return {
    round: BigInt(String(round)),
    validator: toChecksum(String(validator)),
    amount: BigInt(String(amount)),
    recipient: toChecksum(String(recipient)),
    reason: String(reason),
  };
}

/** The same with where it stands in the chain's history. */
export function pastSlash(event: AbiEvent, log: Log): PastAct {
  return { ...decodeSlash(event, log), transaction: log.transactionHash, block: log.blockNumber };
}
