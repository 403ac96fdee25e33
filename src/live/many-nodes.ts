// Several nodes of one chain as one, for what can't wait: all are asked at once, and a dead one costs next to nothing.
// Not for plans: nothing here is pinned to a block.
import { setTimeout as sleep } from 'node:timers/promises';
import { MooringError } from '../errors.ts';
import type { ChainReader, RpcFault } from '../types.ts';
import { faultError, isRevert } from './faults.ts';
import { isQuantity, quantity, toQuantity } from './json-shapes.ts';

export type ManyNodesOptions = {
  /** One for each node. With short time-outs and no retries: the others stand in for one that fails. */
  chains: readonly ChainReader[];
  /** A node of another chain counts as dead. */
  chainId: bigint;
  /** For how long the others may still answer once one has. Whoever is late, but for its first request, which connects, isn't waited for. */
  graceMs?: number;
};

export type ManyNodes = ChainReader & {
  /** What each node that answered in time says to each request, for what none may decide alone. Throws as `batch` does. */
  opinions(requests: readonly Request[], waiting?: Waiting): Promise<Opinions>;
  /** Whether every node has answered every request in time. Else one that has not may know better. */
  heardAll(): boolean;
};

/**
 * `graceful`, unless said: for those that aren't known to be slow, and not for long. `answering`: for each that has answered
 * before, however late. `all`: for each, until it fails. Ends before that when `until` holds of what was heard so far.
 */
export type Waiting = { for?: 'graceful' | 'answering' | 'all'; until?: (heard: Opinions) => boolean };

/** By request: what the nodes say. */
export type Opinions = readonly (readonly Answer[])[];

type Request = { method: string; params: readonly unknown[] };
type Answer = { result: unknown } | { error: RpcFault };
/** What one node said, and how far it has got. */
type Heard = { head: bigint; answers: readonly Answer[] };
/** What is known of the nodes so far. */
type Crowd = {
  chains: readonly ChainReader[];
  chainId: bigint;
  graceMs: number;
  /** Were asked before. */
  met: Set<ChainReader>;
  late: Set<ChainReader>;
  answering: Set<ChainReader>;
  /** Owe an answer, or have failed. */
  missed: Set<ChainReader>;
};

/**
 * Answers are those of the node with the highest head among the ones that answered in time; a transaction counts as taken
 * when one node took it, and as known when one node knows it. Throws RPC_UNAVAILABLE when no node answers,
 * CHAIN_ID_MISMATCH when those that do serve another chain. SIDE EFFECTS: each request goes to every node.
 */
export function manyNodes({ chains, chainId, graceMs = 250 }: ManyNodesOptions): ManyNodes {
  const crowd: Crowd = { chains, chainId, graceMs, met: new Set(), late: new Set(), answering: new Set(), missed: new Set() };
  const batch: ChainReader['batch'] = async (requests) => {
    const heard = await askEach(crowd, requests);
    return requests.map(({ method }, i) => bestAnswer(method, heard, i));
  };
  const first = <T>(use: (chain: ChainReader) => Promise<T>): Promise<T> => firstOf(crowd, use);
  return {
    chainId: () => first(async () => chainId),
    head: (finality) => first((chain) => chain.head(finality)),
    block: (number) => first((chain) => chain.block(number)),
    calls: (requests, block) => first((chain) => chain.calls(requests, block)),
    code: (addresses, block) => first((chain) => chain.code(addresses, block)),
    storage: (slots, block) => first((chain) => chain.storage(slots, block)),
    balances: (addresses, block) => first((chain) => chain.balances(addresses, block)),
    logs: (filter) => first((chain) => chain.logs(filter)),
    async request<T>(method: string, params: readonly unknown[]): Promise<T> {
      const [answer] = await batch([{ method, params }]);
      if (answer === undefined || 'error' in answer) throw faultError(method, answer?.error ?? { code: 0, message: 'no answer' });
      return answer.result as T;
    },
    batch,
    opinions: async (requests, waiting) => opinionsIn(await askEach(crowd, requests, waiting), requests),
    heardAll: () => crowd.missed.size === 0,
    close: () => {
      for (const chain of chains) chain.close();
    },
  };
}

/** The same nodes, for what was doubtful: whoever has answered before is waited for. */
export function withSlow<T extends Pick<ManyNodes, 'opinions'>>(nodes: T): T {
  return { ...nodes, opinions: (requests) => nodes.opinions(requests, { for: 'answering' }) };
}

const tries = 3;
const betweenMs = 200;

/** Asks again where no node answered: the readers themselves don't. */
async function askEach(crowd: Crowd, requests: readonly Request[], waiting: Waiting = {}): Promise<readonly Heard[]> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await askOnce(crowd, requests, waiting);
    } catch (error) {
      if (!(error instanceof MooringError) || error.code !== 'RPC_UNAVAILABLE' || attempt === tries) throw error;
      await sleep(betweenMs * attempt);
    }
  }
}

/** By head, highest first; at least one. */
async function askOnce(crowd: Crowd, requests: readonly Request[], { for: whom = 'graceful', until }: Waiting): Promise<readonly Heard[]> {
  const heard: Heard[] = [];
  const answered = new Set<ChainReader>();
  const enough = Promise.withResolvers<void>();
  const asked = crowd.chains.map((chain) => ({
    chain,
    done: askOne(crowd, chain, requests).then((said) => {
      answered.add(chain);
      heard.push(said);
      if (until?.(opinionsIn(heard, requests))) enough.resolve();
    }),
  }));
  await firstThat(asked.map(({ done }) => done));
  const awaited = asked.filter(({ chain }) => isAwaited(crowd, chain, whom)).map(({ done }) => done);
  const end = Promise.race([Promise.allSettled(awaited), enough.promise]);
  await (whom === 'graceful' ? inTime(end, crowd.graceMs) : end);
  for (const { chain } of asked) note(crowd, chain, answered.has(chain));
  // Whoever answers later must not change what was made of it.
  return [...heard].sort(byHead);
}

function isAwaited({ late, answering }: Crowd, chain: ChainReader, whom: Waiting['for']): boolean {
  if (whom === 'all') return true;
  return whom === 'answering' ? answering.has(chain) : !late.has(chain);
}

function note({ met, late, missed }: Crowd, chain: ChainReader, isInTime: boolean): void {
  if (isInTime) late.delete(chain);
  else if (met.has(chain)) late.add(chain);
  if (!isInTime) missed.add(chain);
  met.add(chain);
}

function byHead(a: Heard, b: Heard): number {
  return Number(b.head - a.head);
}

function opinionsIn(heard: readonly Heard[], requests: readonly Request[]): Opinions {
  const inOrder = [...heard].sort(byHead);
  return requests.map((_, i) => answersTo(inOrder, i));
}

async function askOne(crowd: Crowd, chain: ChainReader, requests: readonly Request[]): Promise<Heard> {
  try {
    const said = await hear(crowd, chain, requests);
    crowd.answering.add(chain);
    return said;
  } catch (error) {
    crowd.answering.delete(chain);
    throw error;
  }
}

async function hear({ chainId }: Crowd, chain: ChainReader, requests: readonly Request[]): Promise<Heard> {
  const own = ['eth_chainId', 'eth_blockNumber'].map((method) => ({ method, params: [] }));
  const [id, head, ...answers] = await chain.batch([...own, ...requests]);
  const serves = numberIn('eth_chainId', id);
  if (serves !== chainId) throw mismatch(serves, chainId);
  return { head: numberIn('eth_blockNumber', head), answers };
}

function numberIn(method: string, answer: Answer | undefined): bigint {
  if (answer === undefined || 'error' in answer) throw faultError(method, answer?.error ?? { code: 0, message: 'no answer' });
  return quantity(answer.result, method);
}

async function firstOf<T>({ chains, chainId }: Crowd, use: (chain: ChainReader) => Promise<T>): Promise<T> {
  return firstThat(
    chains.map(async (chain) => {
      const serves = await chain.chainId();
      if (serves !== chainId) throw mismatch(serves, chainId);
      return use(chain);
    }),
  );
}

/** The first that succeeds; else what is most to be mended. */
async function firstThat<T>(attempts: readonly Promise<T>[]): Promise<T> {
  try {
    return await Promise.any(attempts);
  } catch (error) {
    const errors = (error as AggregateError).errors as unknown[];
    const wrong = errors.find((one) => one instanceof MooringError && one.code === 'CHAIN_ID_MISMATCH');
    if (wrong !== undefined || errors.length === 1) throw wrong ?? errors[0];
    throw new MooringError('RPC_UNAVAILABLE', `None of ${errors.length} RPCs answered: ${errors.map((one) => (one as Error).message).join(' ')}`, {
      fix: 'Check the RPC URLs in environment.yaml, or name a further one.',
    });
  }
}

function mismatch(serves: bigint, wanted: bigint): MooringError {
  return new MooringError('CHAIN_ID_MISMATCH', `the RPC serves chain ${serves}, not ${wanted}`, { fix: 'Check rpc and chainId in environment.yaml.' });
}

/** Resolves when `work` has, at the latest after so many milliseconds. */
async function inTime(work: Promise<unknown>, milliseconds: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  await Promise.race([work, promise]);
  clearTimeout(timer);
}

/** What any one node may say for all: what it took or knows of transactions. Else the freshest that could answer speaks. */
function bestAnswer(method: string, heard: readonly Heard[], i: number): Answer {
  const answers = answersTo(heard, i);
  const results = answers.filter((answer) => 'result' in answer);
  if (method === 'eth_sendRawTransaction') return results[0] ?? (answers[0] as Answer);
  const named = quantities(results);
  if (method === 'eth_getTransactionCount' && named.length > 0) return { result: toQuantity(ascending(named).at(-1) as bigint) };
  if (/^eth_getTransaction(?:ByHash|Receipt)$/.test(method)) return results.find(({ result }) => result != null) ?? results[0] ?? (answers[0] as Answer);
  // Paid in full: the freshest must not be able to name any.
  if (method === 'eth_maxPriorityFeePerGas' && named.length > 1) return { result: toQuantity(plausible(named, usualTip)) };
  const [freshest] = answers;
  return freshest !== undefined && ('result' in freshest || isRevert(freshest.error)) ? freshest : (results[0] ?? (freshest as Answer));
}

/** Where a node doesn't suggest one. Wei per gas. */
export const usualTip = 1_000_000_000n;

/** Those that are quantities: a node that answers nonsense stops nothing. */
export function quantities(answers: readonly Answer[]): bigint[] {
  return answers.flatMap((answer) => ('result' in answer && isQuantity(answer.result) ? [BigInt(answer.result)] : []));
}

/**
 * The highest of what nodes say, but not above both the lowest and what is usual: so that one that names too much, or
 * too little, doesn't decide.
 */
export function plausible(values: readonly bigint[], usual: bigint): bigint {
  const [lowest = usual, ...more] = ascending(values);
  const [, limit = usual] = ascending([lowest, usual]);
  const [bounded = limit] = ascending([more.at(-1) ?? lowest, limit]);
  return bounded;
}

function answersTo(heard: readonly Heard[], i: number): Answer[] {
  return heard.map(({ answers }) => answers[i] ?? { error: { code: 0, message: 'no answer' } });
}

function ascending(values: readonly bigint[]): bigint[] {
  return [...values].sort((a, b) => (a < b ? -1 : 1));
}
