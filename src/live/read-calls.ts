// Many eth_calls at one block in few requests: Multicall3 where it stands, else its code by state override, else plain
// calls. All three give the same results. Knows no kinds.
import { MooringError } from '../errors.ts';
import type { BlockRef, CallRequest, CallResult, Hex, RpcFault } from '../types.ts';
import { faultError, isBlockMissing, isBusy, isNotCanonical, isRevert, isTooLarge, revertData } from './faults.ts';
import { hexData } from './json-shapes.ts';
import { decodeAggregate3, encodeAggregate3, multicall3Address, spareAddress } from './multicall.ts';
import { multicallCode } from './multicall-code.ts';
import type { Answer, RpcRequest } from './node.ts';

/** Sends requests in as few HTTP requests as the node allows; answers in order. */
export type Ask = (requests: readonly RpcRequest[]) => Promise<Answer[]>;

export type CallWay = 'multicall' | 'override' | 'plain';

export type CallReader = {
  read(requests: readonly CallRequest[], block: BlockRef): Promise<CallResult[]>;
  /** What stands at Multicall3's address, once that is known: nothing there saves a request in vain. */
  sawMulticall(code: Hex): void;
};

/** What is known of how this chain's calls can be packed. */
type Packing = {
  ask: Ask;
  ways: readonly CallWay[];
  /** The way in use, of `ways`. */
  at: number;
  /** Until it has answered once, a way that reverts is taken for one that doesn't work here. */
  proven: boolean;
  /** Bytes of call data in one call. */
  bytes: number;
};

/** Some 4,000 getters, which fits the usual limits of body and gas. */
const firstPackBytes = 650_000;
const bytesPerCall = 160;
const allWays: readonly CallWay[] = ['multicall', 'override', 'plain'];

/** `ways`: which may be used, in order; for tests. */
export function openCalls({ ask, ways = allWays }: { ask: Ask; ways?: readonly CallWay[] | undefined }): CallReader {
  const packing: Packing = { ask, ways, at: 0, proven: false, bytes: firstPackBytes };
  return {
    read: (requests, block) => read(packing, requests, block),
    sawMulticall(code) {
      if (code === '0x' && wayOf(packing) === 'multicall') packing.at += 1;
    },
  };
}

function wayOf(packing: Packing): CallWay {
  return packing.ways[packing.at] ?? 'plain';
}

async function read(packing: Packing, requests: readonly CallRequest[], block: BlockRef): Promise<CallResult[]> {
  const results = new Array<CallResult>(requests.length);
  const fill = async (indexes: readonly number[], how: typeof plain): Promise<void> => {
    const found = await how(
      packing,
      indexes.map((i) => requests[i] as CallRequest),
      block,
    );
    for (const [k, i] of indexes.entries()) results[i] = found[k] as CallResult;
  };
  // Who calls can't be said of a packed call.
  const { packable = [], named = [] } = Object.groupBy(requests.keys(), (i) => (requests[i]?.from === undefined ? 'packable' : 'named'));
  await Promise.all([fill(packable, packed), fill(named, plain)]);
  // A call that fails without a word may only have been left without gas by its neighbours: asked again, alone.
  const silent = packable.filter((i) => results[i]?.ok === false && results[i]?.data === '0x');
  if (wayOf(packing) !== 'plain') await fill(silent, plain);
  return results;
}

async function packed(packing: Packing, requests: readonly CallRequest[], block: BlockRef): Promise<CallResult[]> {
  const found = await Promise.all(packs(requests, packing.bytes).map((pack) => onePack(packing, pack, block)));
  return found.flat();
}

async function onePack(packing: Packing, pack: readonly CallRequest[], block: BlockRef): Promise<CallResult[]> {
  const way = wayOf(packing);
  if (way === 'plain') return plain(packing, pack, block);
  const [answer] = (await packing.ask([packRequest(way, pack, block)])) as [Answer];
  if ('error' in answer) {
    throwIfGone(answer.error, block);
    if (isBusy(answer.error)) throw faultError('eth_call', answer.error);
    if (isTooLarge(answer.error) || (packing.proven && isRevert(answer.error))) return halves(packing, pack, block);
    return byNextWay(packing, way, { pack, block });
  }
  const results = typeof answer.result === 'string' ? decodeAggregate3(answer.result, pack.length) : null;
  if (results === null) return byNextWay(packing, way, { pack, block });
  packing.proven = true;
  return results;
}

async function byNextWay(packing: Packing, failed: CallWay, { pack, block }: { pack: readonly CallRequest[]; block: BlockRef }): Promise<CallResult[]> {
  if (wayOf(packing) === failed) {
    packing.at += 1;
    packing.proven = false;
  }
  return onePack(packing, pack, block);
}

async function halves(packing: Packing, pack: readonly CallRequest[], block: BlockRef): Promise<CallResult[]> {
  if (pack.length === 1) return plain(packing, pack, block);
  const middle = pack.length >> 1;
  packing.bytes = Math.min(packing.bytes, sizeOf(pack) >> 1);
  const found = await Promise.all([onePack(packing, pack.slice(0, middle), block), onePack(packing, pack.slice(middle), block)]);
  return found.flat();
}

async function plain({ ask }: Packing, requests: readonly CallRequest[], block: BlockRef): Promise<CallResult[]> {
  if (requests.length === 0) return [];
  const answers = await ask(requests.map((request) => ({ method: 'eth_call', params: [request, pinned(block)] })));
  return answers.map((answer) => plainResult(answer, block));
}

/** EIP-1898: the state after this very block, and only while it is part of the chain. */
export function pinned(block: BlockRef): { blockHash: Hex; requireCanonical: true } {
  return { blockHash: block.hash, requireCanonical: true };
}

/** Throws RPC_REORGED or RPC_NO_BLOCK when a fault says that the pinned block is gone or not there. */
export function throwIfGone(fault: RpcFault, block: BlockRef): void {
  if (isRevert(fault)) return;
  const name = `block ${block.number} (${block.hash})`;
  if (isNotCanonical(fault)) throw new MooringError('RPC_REORGED', `While reading, ${name} left the chain.`, { fix: 'Run again.' });
  if (isBlockMissing(fault))
    throw new MooringError('RPC_NO_BLOCK', `The node does not have the state of ${name}: ${fault.message}.`, {
      fix: 'Run again; for an old block, use an archive node.',
    });
}

/** What a fault of a reading at a pinned block means, as an error. */
export function pinnedFault(method: string, fault: RpcFault, block: BlockRef): MooringError {
  throwIfGone(fault, block);
  // Nothing else of what Mooring sends can be an invalid parameter.
  if (fault.code === -32602)
    return new MooringError('RPC_NO_BLOCK_HASH', `The node does not take a block by its hash: ${fault.message}.`, {
      fix: 'Use a node that supports EIP-1898.',
    });
  return faultError(method, fault);
}

function packRequest(way: 'multicall' | 'override', pack: readonly CallRequest[], block: BlockRef): RpcRequest {
  const to = way === 'multicall' ? multicall3Address : spareAddress;
  const params: unknown[] = [{ to, data: encodeAggregate3(pack) }, pinned(block)];
  if (way === 'override') params.push({ [spareAddress]: { code: multicallCode } });
  return { method: 'eth_call', params };
}

function plainResult(answer: Answer, block: BlockRef): CallResult {
  if ('result' in answer) return { ok: true, data: hexData(answer.result, "a call's result") };
  if (isRevert(answer.error)) return { ok: false, data: (revertData(answer.error) ?? '0x').toLowerCase() };
  throw pinnedFault('eth_call', answer.error, block);
}

function packs(requests: readonly CallRequest[], limit: number): CallRequest[][] {
  const found: CallRequest[][] = [];
  let bytes = 0;
  for (const request of requests) {
    const size = sizeOf([request]);
    const last = found.at(-1);
    if (last === undefined || bytes + size > limit) {
      found.push([request]);
      bytes = size;
    } else {
      last.push(request);
      bytes += size;
    }
  }
  return found;
}

function sizeOf(requests: readonly CallRequest[]): number {
  return requests.reduce((sum, request) => sum + bytesPerCall + ((request.data.length - 2) >> 1), 0);
}
