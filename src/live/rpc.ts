// Reads chains over JSON-RPC, everything pinned to one block hash. This folder turns a chain into a State and its
// history into authors; nothing here decides, writes to a chain, or knows YAML.
import { MooringError } from '../errors.ts';
import type { BlockRef, ChainReader, Finality, Hex } from '../types.ts';
import { faultError, isBlockMissing } from './faults.ts';
import { blockRef, hexData, quantity, toQuantity } from './json-shapes.ts';
import { multicall3Address } from './multicall.ts';
import { type Answer, openNode, type RpcRequest } from './node.ts';
import { openPace } from './pace.ts';
import { type Ask, type CallReader, type CallWay, openCalls, pinned, pinnedFault } from './read-calls.ts';
import { openRoute, type Route } from './route.ts';
import { type LogScan, scanLogs } from './scan-logs.ts';

export type ConnectOptions = {
  /** In order of preference. May hold secrets, which are never shown. */
  urls: readonly string[];
  /** HTTP requests in flight. */
  concurrency?: number;
  /** HTTP requests begun in any one second. */
  requestsPerSecond?: number;
  /** Entries from which on an answer of eth_getLogs counts as cut. */
  logLimit?: number;
  /** Blocks that a range of eth_getLogs spans at first. */
  logRange?: bigint;
  /** For one HTTP request, from start to end. */
  timeoutMs?: number;
  /** Tries after the first, of a request that failed for the moment. */
  retries?: number;
  /** First wait between tries; doubled each time, with jitter. */
  backOffMs?: number;
  /** Which ways of batching calls may be used, in order; all by default. */
  callWays?: readonly CallWay[];
};

/** One connection: what its methods share. */
type Link = {
  route: Route;
  ask: Ask;
  calls: CallReader;
  chainId: Promise<bigint> | undefined;
  multicallSeen: Promise<void> | undefined;
};

const anyRange = 1n << 62n;

/**
 * A reader of the chain that the URLs serve. Small readings asked for at the same time share an HTTP request.
 * Throws RPC_URL; its methods throw RPC_*, LOGS_INCOMPLETE. SIDE EFFECTS: kept-alive connections, until `close`.
 */
export function connect(options: ConnectOptions): ChainReader {
  const { concurrency = 8, retries = 5, backOffMs = 200, logLimit = 10_000, logRange = anyRange } = options;
  const pace = openPace({ inFlight: concurrency, perSecond: options.requestsPerSecond ?? 90 });
  const urls = options.urls.map(parseUrl);
  if (urls.length === 0) throw new MooringError('RPC_URL', 'There is no RPC URL.', { fix: 'Name one under rpc: in environment.yaml.' });
  const route = openRoute(urls.map((url) => openNode(url, { pace, sockets: concurrency, timeoutMs: options.timeoutMs ?? 20_000, retries, backOffMs })));
  const ask = openShared(route);
  const link: Link = { route, ask, calls: openCalls({ ask, ways: options.callWays }), chainId: undefined, multicallSeen: undefined };
  const scan: LogScan = { send: route.send, logLimit, logRange, parallel: concurrency, retries, backOffMs };
  return {
    chainId: () => chainId(link),
    head: (finality) => head(link, finality),
    block: (number) => getBlock(link, toQuantity(number)),
    calls: link.calls.read,
    ...stateReaders(link),
    logs: (filter) => scanLogs(scan, filter),
    async request<T>(method: string, params: readonly unknown[]): Promise<T> {
      return resultOf(method, (await route.send([{ method, params }]))[0]) as T;
    },
    batch: (requests) => (requests.length === 0 ? Promise.resolve([]) : route.send(requests)),
    close: () => route.close(),
  };
}

function chainId(link: Link): Promise<bigint> {
  link.chainId ??= link.ask([{ method: 'eth_chainId', params: [] }]).then(([answer]) => {
    const id = quantity(resultOf('eth_chainId', answer), 'the chain id');
    link.route.learn(id);
    return id;
  });
  return link.chainId;
}

/** Chain id and Multicall3's presence are needed in every run, and ride along in the same HTTP request. */
async function head(link: Link, finality: Finality): Promise<BlockRef> {
  link.multicallSeen ??= lookForMulticall(link);
  const [block] = await Promise.all([getBlock(link, finality), chainId(link), link.multicallSeen]);
  if (block === null)
    throw new MooringError('RPC_NO_BLOCK', `The node has no ${finality} block.`, { fix: 'Wait, or set another finality in environment.yaml.' });
  return block;
}

async function lookForMulticall({ ask, calls }: Link): Promise<void> {
  const [answer] = await ask([{ method: 'eth_getCode', params: [multicall3Address, 'latest'] }]);
  if (answer !== undefined && 'result' in answer) calls.sawMulticall(hexData(answer.result, 'code'));
}

async function getBlock({ ask }: Link, name: string): Promise<BlockRef | null> {
  const [answer] = await ask([{ method: 'eth_getBlockByNumber', params: [name, false] }]);
  // Some nodes say "not found" where others say null.
  if (answer !== undefined && 'error' in answer && isBlockMissing(answer.error)) return null;
  const result = resultOf('eth_getBlockByNumber', answer);
  return result === null ? null : blockRef(result);
}

function stateReaders(link: Link): Pick<ChainReader, 'code' | 'storage' | 'balances'> {
  return {
    async code(addresses, block) {
      const requests = addresses.map((address) => ({ method: 'eth_getCode', params: [address, pinned(block)] }));
      return (await atBlock(link, requests, block)).map((result): Hex => hexData(result, 'code'));
    },
    async storage(slots, block) {
      const requests = slots.map(({ address, slot }) => ({ method: 'eth_getStorageAt', params: [address, slot, pinned(block)] }));
      return (await atBlock(link, requests, block)).map((result): Hex => `0x${quantity(result, 'a storage slot').toString(16).padStart(64, '0')}`);
    },
    async balances(addresses, block) {
      const requests = addresses.map((address) => ({ method: 'eth_getBalance', params: [address, pinned(block)] }));
      return (await atBlock(link, requests, block)).map((result) => quantity(result, 'a balance'));
    },
  };
}

async function atBlock({ ask }: Link, requests: readonly RpcRequest[], block: BlockRef): Promise<unknown[]> {
  const answers = requests.length === 0 ? [] : await ask(requests);
  return answers.map((answer, i) => {
    if ('error' in answer) throw pinnedFault(requests[i]?.method ?? '', answer.error, block);
    return answer.result;
  });
}

/** Collects what is asked for in one turn of the event loop, and sends it as one. */
function openShared(route: Route): Ask {
  type Waiting = { requests: readonly RpcRequest[]; resolve(answers: Answer[]): void; reject(error: unknown): void };
  let waiting: Waiting[] = [];

  async function flush(): Promise<void> {
    const sharing = waiting;
    waiting = [];
    try {
      // A block that one node behind a load balancer has, the next may not have yet.
      const answers = await route.send(
        sharing.flatMap(({ requests }) => requests),
        { retryIf: isBlockMissing },
      );
      let at = 0;
      for (const { requests, resolve } of sharing) {
        resolve(answers.slice(at, at + requests.length));
        at += requests.length;
      }
    } catch (error) {
      for (const { reject } of sharing) reject(error);
    }
  }

  return function ask(requests) {
    const { promise, resolve, reject } = Promise.withResolvers<Answer[]>();
    if (waiting.length === 0) setImmediate(() => void flush());
    waiting.push({ requests, resolve, reject });
    return promise;
  };
}

function resultOf(method: string, answer: Answer | undefined): unknown {
  if (answer === undefined) throw new MooringError('INTERNAL', `No answer to ${method}.`);
  if ('error' in answer) throw faultError(method, answer.error);
  return answer.result;
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:')) return url;
  throw new MooringError('RPC_URL', 'An RPC URL is not an http or https URL.', {
    fix: 'Write it as https://host/path; the URL itself is not shown, since it may hold a key.',
  });
}
