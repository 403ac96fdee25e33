// A process that applies for real and, on demand, kills itself at one named edge of its ports: the product has no hooks.
// argv[2] is a CrashOrder as JSON; its last line on stdout is how the apply ended.
import { existsSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { type ApplyOptions, execute } from '../../src/apply/execute.ts';
import { signerFromEnv } from '../../src/apply/signer.ts';
import { MooringError } from '../../src/errors.ts';
import { openFileStore } from '../../src/journal/file-store.ts';
import { connect } from '../../src/live/rpc.ts';
import type { ChainReader, JournalEvent, JournalStore, Signer } from '../../src/types.ts';
import { planBox, type Wish } from './box.ts';
import { crowdedBlock, crowdingTip } from './crowd.ts';
import { applyDefaults } from './defaults.ts';

export type CrashOrder = {
  url: string;
  folder: string;
  box: string;
  key: string;
  address: string;
  digest: string;
  wishes: readonly { number: number; to: string; group: number }[];
  confirmations: number;
  /** Makes a block in each wait, where the chain makes none by itself. */
  mine: boolean;
  /** So many blocks are crowded by what pays more. */
  crowdedBlocks?: number;
  stuckBlocks?: number;
  /** Tell at the end how often each edge was passed. */
  countEdges?: boolean;
  /** The control: signed transactions are journaled after they are sent. */
  journalLate?: boolean;
  /** Dies, or stops, the `nth` time (from 1) it comes to `edge`. `part`: transactions sent, or bytes cut off, before that. */
  at?: { edge: string; nth: number; part?: number; signal?: 'SIGKILL' | 'SIGSTOP' };
};

const order = JSON.parse(process.argv[2] ?? '{}') as CrashOrder;
const passed = new Map<string, number>();

/** Whether this is the edge, and the time, to die at. */
function isDue(edge: string): boolean {
  passed.set(edge, (passed.get(edge) ?? 0) + 1);
  return order.at?.edge === edge && order.at.nth === passed.get(edge);
}

function die(): void {
  const signal = order.at?.signal ?? 'SIGKILL';
  process.kill(process.pid, signal);
  // The signal may take a moment to arrive, and nothing may happen in between.
  if (signal === 'SIGKILL') for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
}

function edge(name: string): void {
  if (isDue(name)) die();
}

async function between<T>(name: string, act: () => Promise<T>): Promise<T> {
  edge(`${name} before`);
  const result = await act();
  edge(`${name} after`);
  return result;
}

function crashingStore(store: JournalStore): JournalStore {
  let late: readonly JournalEvent[] = [];
  const file = join(order.folder, 'journal.jsonl');
  async function append(events: readonly JournalEvent[]): Promise<void> {
    const type = events[0]?.type ?? 'nothing';
    if (isDue(`torn ${type}`)) await tear(store, file, events);
    await between(`append ${type}`, () => store.append(events));
  }
  return {
    ...store,
    lock: () => between('lock', () => store.lock()),
    keepReceipt: (receipt, signature) => between('receipt', () => store.keepReceipt(receipt, signature)),
    async append(events) {
      if (order.journalLate && events[0]?.type === 'signed') {
        late = events;
        return;
      }
      const held = late;
      late = [];
      if (held.length > 0) await append(held);
      await append(events);
    },
  };
}

/** Leaves what a write that was cut short leaves: all of the line but its last bytes. */
async function tear(store: JournalStore, file: string, events: readonly JournalEvent[]): Promise<void> {
  const before = existsSync(file) ? statSync(file).size : 0;
  await store.append(events);
  const length = statSync(file).size - before;
  truncateSync(file, before + Math.max(1, length - Math.min(order.at?.part ?? 1, length - 1)));
  die();
}

function crashingChain(chain: ChainReader): ChainReader {
  return {
    ...chain,
    calls: (requests, block) => between('calls', () => chain.calls(requests, block)),
    request: (method, params) => between(`request ${method}`, () => chain.request(method, params)),
    async batch(requests) {
      const name = requests[0]?.method === 'eth_sendRawTransaction' ? 'send' : `batch ${requests[0]?.method}`;
      if (name === 'send' && isDue('between two sends')) {
        await chain.batch(requests.slice(0, order.at?.part ?? 1));
        die();
      }
      return between(name, () => chain.batch(requests));
    },
  };
}

function crashingSigner(signer: Signer): Signer {
  return { ...signer, sign: (transaction) => between('sign', () => signer.sign(transaction)) };
}

async function main(): Promise<void> {
  const chain = connect({ urls: [order.url], requestsPerSecond: 100_000 });
  const signer = signerFromEnv({ variable: 'KEY', address: order.address, env: { KEY: order.key } });
  const wishes: Wish[] = order.wishes.map((wish) => ({ ...wish, to: BigInt(wish.to) }));
  let crowded = 0;
  const rpc = <T>(method: string, ...params: unknown[]) => chain.request<T>(method, params);
  const tip = order.crowdedBlocks === undefined ? 0n : await crowdingTip(rpc);
  const sleep: ApplyOptions['sleep'] = async (ms) => {
    edge('sleep');
    if (!order.mine) return void (await new Promise((resolve) => setTimeout(resolve, ms)));
    if (crowded++ < (order.crowdedBlocks ?? 0)) return crowdedBlock(rpc, tip);
    await chain.request('evm_mine', []);
  };
  const defaults = applyDefaults({
    chain: crashingChain(chain),
    signer: crashingSigner(signer),
    journal: crashingStore(openFileStore(order.folder)),
    box: order.box,
  });
  try {
    const { outcome, findings } = await execute({
      ...defaults,
      environment: { ...defaults.environment, confirmations: order.confirmations },
      patience: { ...defaults.patience, stuckBlocks: BigInt(order.stuckBlocks ?? 50) },
      digest: order.digest,
      sleep,
      replan: () => between('replan', () => planBox({ chain, address: order.box, signer: order.address, wishes })),
    });
    say({ outcome, codes: findings.map(({ code }) => code), ...(order.countEdges ? { edges: [...passed] } : {}) });
  } catch (error) {
    say({ error: error instanceof MooringError ? error.code : String((error as Error).stack) });
  } finally {
    chain.close();
  }
}

function say(ending: object): void {
  process.stdout.write(`${JSON.stringify(ending)}\n`);
}

await main();
