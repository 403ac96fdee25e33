// Reads the JSON of nodes into the nouns: whatever has not exactly the expected shape is RPC_MALFORMED. Pure.
import type { BlockRef, Hex, Log } from '../types.ts';
import { malformed } from './faults.ts';

type Fields = Readonly<Record<string, unknown>>;

/** `0x1a` → 26n. */
export function quantity(value: unknown, what: string): bigint {
  if (isQuantity(value)) return BigInt(value);
  throw malformed(`${what} is not a quantity`);
}

export function isQuantity(value: unknown): value is Hex {
  return typeof value === 'string' && /^0x[0-9a-fA-F]{1,64}$/.test(value);
}

/** Whole bytes, lower-case; `bytes` demands their number. */
export function hexData(value: unknown, what: string, bytes?: number): Hex {
  if (typeof value !== 'string' || value.length % 2 !== 0 || !isHex(value)) throw malformed(`${what} is not hex data`);
  if (bytes !== undefined && value.length !== 2 + bytes * 2) throw malformed(`${what} is not ${bytes} bytes long`);
  return value.toLowerCase();
}

export function blockRef(value: unknown): BlockRef {
  const block = fields(value, 'a block');
  return {
    number: quantity(block['number'], 'a block number'),
    hash: hexData(block['hash'], 'a block hash', 32),
    timestamp: quantity(block['timestamp'], 'a block time'),
  };
}

export function logEntry(value: unknown): Log {
  const log = fields(value, 'a log');
  const topics = log['topics'];
  if (!Array.isArray(topics)) throw malformed('a log has no topics');
  // A log that waits for its block, or was taken back, has no place in history.
  if (log['removed'] === true) throw malformed('a log that was taken back');
  return {
    address: hexData(log['address'], "a log's address", 20),
    topics: topics.map((topic) => hexData(topic, 'a topic', 32)),
    data: hexData(log['data'], "a log's data"),
    blockNumber: quantity(log['blockNumber'], "a log's block number"),
    blockHash: hexData(log['blockHash'], "a log's block hash", 32),
    transactionHash: hexData(log['transactionHash'], "a log's transaction", 32),
    transactionIndex: Number(quantity(log['transactionIndex'], "a log's transaction index")),
    logIndex: Number(quantity(log['logIndex'], "a log's index")),
  };
}

export function list(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw malformed(`${what} is not a list`);
}

export function fields(value: unknown, what: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw malformed(`${what} is not an object`);
}

/** 26n → `0x1a`. */
export function toQuantity(value: bigint): Hex {
  return `0x${value.toString(16)}`;
}

/** A regular expression over megabytes of hex is slow and can exhaust its stack: checked in pieces. */
function isHex(value: string): boolean {
  if (!value.startsWith('0x')) return false;
  for (let at = 2; at < value.length; at += 65_536) {
    if (!/^[0-9a-fA-F]*$/.test(value.slice(at, at + 65_536))) return false;
  }
  return true;
}
