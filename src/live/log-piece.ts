// One eth_getLogs: the part of a scan that it asks for, its request, its answer read strictly, its halves. Pure.
import { toChecksum } from '../kinds/keccak.ts';
import type { Address, Log, LogFilter } from '../types.ts';
import { malformed } from './faults.ts';
import { list, logEntry, toQuantity } from './json-shapes.ts';
import type { RpcRequest } from './node.ts';

export type LogPiece = { from: bigint; to: bigint; addresses: readonly Address[]; topics: LogFilter['topics'] };

export function logRequest(piece: LogPiece): RpcRequest {
  const address = piece.addresses.length === 1 ? piece.addresses[0] : piece.addresses;
  return { method: 'eth_getLogs', params: [{ address, topics: piece.topics, fromBlock: toQuantity(piece.from), toBlock: toQuantity(piece.to) }] };
}

/** The logs of an answer, addresses checksummed. A log that was not asked for makes the whole answer RPC_MALFORMED. */
export function readLogs(answer: unknown, piece: LogPiece): Log[] {
  const asked = new Map(piece.addresses.map((address) => [address.toLowerCase(), toChecksum(address)]));
  const first = topicsAt(piece.topics, 0);
  return list(answer, 'a list of logs').map((entry) => {
    const log = logEntry(entry);
    const address = asked.get(log.address);
    const inRange = log.blockNumber >= piece.from && log.blockNumber <= piece.to;
    const topic = log.topics[0];
    if (address === undefined || !inRange || (first !== null && (topic === undefined || !first.includes(topic))))
      throw malformed('a log that was not asked for');
    return { ...log, address };
  });
}

/** Halves by blocks, then by addresses, then by first topics; null when it is as small as can be. */
export function splitPiece(piece: LogPiece): [LogPiece, LogPiece] | null {
  if (piece.from < piece.to) {
    const middle = (piece.from + piece.to) / 2n;
    return [
      { ...piece, from: middle + 1n },
      { ...piece, to: middle },
    ];
  }
  if (piece.addresses.length > 1) {
    const [left, right] = halve(piece.addresses);
    return [
      { ...piece, addresses: left },
      { ...piece, addresses: right },
    ];
  }
  const topics = topicsAt(piece.topics, 0);
  if (topics === null || topics.length < 2) return null;
  const [left, right] = halve(topics);
  return [
    { ...piece, topics: [left, ...piece.topics.slice(1)] },
    { ...piece, topics: [right, ...piece.topics.slice(1)] },
  ];
}

/** The topics allowed at a position, lower-case; null for any. */
function topicsAt(topics: LogFilter['topics'], position: number): readonly string[] | null {
  const at = topics[position];
  if (at === undefined || at === null) return null;
  return (typeof at === 'string' ? [at] : at).map((topic) => topic.toLowerCase());
}

function halve<T>(items: readonly T[]): [T[], T[]] {
  const middle = items.length >> 1;
  return [items.slice(0, middle), items.slice(middle)];
}
