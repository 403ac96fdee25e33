// Calls, results, events and reverts of contracts, encoded and decoded on hex text: the hot path of every read, so it
// is hand-written and tested byte for byte against ethers (docs/decisions/codec.md). Pure: no chain, no kinds.
import { MooringError } from '../errors.ts';
import type { Hex, Log } from '../types.ts';
import { decodeValues } from './abi-decode.ts';
import { type AbiValue, encodeValue, encodeValues } from './abi-encode.ts';
import { type AbiItem, parseItem } from './abi-grammar.ts';
import { abiType, abiTypes } from './abi-types.ts';
import { id, keccak256 } from './keccak.ts';
import type { AbiError, AbiEvent, AbiFunction, AbiParameter } from './kind.ts';

export type { AbiValue };

const functionModifiers = new Set(['external', 'public', 'view', 'pure', 'payable', 'nonpayable', 'virtual', 'override']);
const panics: Readonly<Record<string, string>> = {
  '1': 'an assertion failed',
  '17': 'arithmetic overflow',
  '18': 'division by zero',
  '33': 'not a value of the enum',
  '34': 'broken storage bytes',
  '49': 'pop of an empty array',
  '50': 'index out of bounds',
  '65': 'out of memory',
  '81': 'call of an empty function pointer',
};
const errorText: AbiError = parseError('error Error(string)');
const errorPanic: AbiError = parseError('error Panic(uint256)');

/** `function name(types) view returns (types)`. Throws ABI_PARSE. */
export function parseFunction(text: string): AbiFunction {
  const item = itemOf(text, 'function');
  const strange = item.modifiers.find((modifier) => !functionModifiers.has(modifier));
  if (strange !== undefined) throw notUnderstood(text, `"${strange}"`);
  const { signature } = item;
  const view = item.modifiers.includes('view') || item.modifiers.includes('pure');
  const selector = lazily(() => id(signature).slice(0, 10));
  return {
    name: item.name,
    signature,
    get selector() {
      return selector();
    },
    inputs: item.inputs,
    outputs: item.outputs,
    view,
  };
}

/** `event Name(type indexed name, …)`. Throws ABI_PARSE. */
export function parseEvent(text: string): AbiEvent {
  const item = itemOf(text, 'event');
  if (item.modifiers.length > 0 || item.outputs.length > 0) throw notUnderstood(text, 'something behind the parameters');
  if (item.inputs.filter((input) => input.indexed).length > 3) throw notUnderstood(text, 'more than three indexed parameters');
  const { signature } = item;
  const topic = lazily(() => id(signature));
  return {
    name: item.name,
    signature,
    get topic() {
      return topic();
    },
    inputs: item.inputs,
  };
}

/** `error Name(types)`. Throws ABI_PARSE. */
export function parseError(text: string): AbiError {
  const item = itemOf(text, 'error');
  if (item.modifiers.length > 0 || item.outputs.length > 0) throw notUnderstood(text, 'something behind the parameters');
  const { signature } = item;
  const selector = lazily(() => id(signature).slice(0, 10));
  return {
    name: item.name,
    signature,
    get selector() {
      return selector();
    },
    inputs: item.inputs,
  };
}

/** Call data: selector and arguments. Throws ABI_ENCODE when a value does not fit its type. */
export function encodeCall(fn: AbiFunction, args: readonly AbiValue[]): Hex {
  if (fn.inputs.length === 0 && args.length === 0) return fn.selector;
  return fn.selector + encodeValues(abiTypes(fn.inputs), args);
}

/** What a call returned, in order. Throws ABI_DECODE, also for an empty answer (no contract, or no such function). */
export function decodeResult(fn: AbiFunction, data: Hex): AbiValue[] {
  return decodeValues(abiTypes(fn.outputs), data.slice(2));
}

/** The arguments of call data for `fn`. Throws ABI_DECODE, also when the selector is another's. */
export function decodeCall(fn: AbiFunction, data: Hex): AbiValue[] {
  if (data.slice(0, 10).toLowerCase() !== fn.selector) throw foreign('call data', fn.signature);
  return decodeValues(abiTypes(fn.inputs), data.slice(10), true);
}

/**
 * An event's arguments by name (by position, `"0"`, where unnamed). An indexed argument of a dynamic type is the hash
 * that the log holds. Text that is not UTF-8 is shown with replacement characters. Throws ABI_DECODE.
 */
export function decodeEvent(event: AbiEvent, log: Pick<Log, 'topics' | 'data'>): Record<string, AbiValue> {
  const indexed = event.inputs.filter((input) => input.indexed);
  if (log.topics[0]?.toLowerCase() !== event.topic || log.topics.length !== indexed.length + 1) throw foreign('log', event.signature);
  const others = decodeValues(abiTypes(event.inputs.filter((input) => !input.indexed)), log.data.slice(2), true);
  let topic = 1;
  let other = 0;
  return Object.fromEntries(
    event.inputs.map((input, i) => {
      const value = input.indexed ? decodeTopic(input, log.topics[topic++] ?? '0x') : (others[other++] as AbiValue);
      return [input.name || String(i), value];
    }),
  );
}

/** The topic that an indexed argument of elementary type leaves in a log, for filters. Throws ABI_PARSE, ABI_ENCODE. */
export function encodeTopic(type: string, value: AbiValue): Hex {
  const tree = abiType({ name: '', type, indexed: true });
  if (tree.type === 'string' && typeof value === 'string') return id(value);
  if (tree.type === 'bytes' && typeof value === 'string') return keccak256(value);
  if (tree.dynamic || tree.type === 'array' || tree.type === 'tuple') throw notUnderstood(type, 'a type that has no topic of its own');
  return `0x${encodeValue(tree, value)}`;
}

/** A revert's data in words: `InvalidSplit()`, `Error("temp")`, `Panic(17: arithmetic overflow)`. Never throws. */
export function decodeRevert(errors: readonly AbiError[], data: Hex): string {
  if (data.length < 10) return 'reverted without a reason';
  const selector = data.slice(0, 10).toLowerCase();
  const error = [errorText, errorPanic, ...errors].find((candidate) => candidate.selector === selector);
  if (error === undefined) return `unknown error ${selector}`;
  try {
    const values = decodeValues(abiTypes(error.inputs), data.slice(10), true);
    if (error === errorPanic) return `Panic(${values[0]}: ${panics[String(values[0])] ?? 'unknown code'})`;
    return `${error.name}(${values.map(showValue).join(', ')})`;
  } catch {
    return `${error.name}(malformed)`;
  }
}

/** Most of a kind's hashes are never asked for. */
function lazily<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function showValue(value: AbiValue): string {
  if (Array.isArray(value)) return `[${value.map(showValue).join(', ')}]`;
  return typeof value === 'string' && !/^0x[0-9a-fA-F]*$/.test(value) ? JSON.stringify(value) : String(value);
}

function decodeTopic(input: AbiParameter, topic: Hex): AbiValue {
  const tree = abiType(input);
  const hashed = tree.dynamic || tree.type === 'array' || tree.type === 'tuple';
  const type = hashed ? abiType({ name: '', type: 'bytes32', indexed: true }) : tree;
  return decodeValues([type], topic.slice(2))[0] as AbiValue;
}

function itemOf(text: string, keyword: string): AbiItem {
  const item = parseItem(text);
  if (item.keyword !== keyword) throw notUnderstood(text, `"${item.keyword}" where ${keyword} is expected`);
  return item;
}

function notUnderstood(text: string, found: string): MooringError {
  return new MooringError('ABI_PARSE', `In "${text}": found ${found}.`, { fix: 'Write it as in Solidity, e.g. "event Paused(address account)".' });
}

function foreign(what: string, signature: string): MooringError {
  return new MooringError('ABI_DECODE', `The ${what} is not of ${signature}.`, { fix: 'Check that the address holds a contract of the declared kind.' });
}
