// A chain behind a proxy, with a fresh world on it for each test, and what tests ask about it.
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { ApplyOptions } from '../../src/apply/execute.ts';
import type { JournalEvent, SignedTransaction } from '../../src/types.ts';
import { type Anvil, startAnvil } from '../support/anvil.ts';
import { type RpcProxy, startRpcProxy } from '../support/rpc-proxy.ts';
import { makeWorld, type World } from './world.ts';

export type Stage = {
  readonly anvil: Anvil;
  readonly proxy: RpcProxy;
  readonly world: World;
  mine(blocks?: number): Promise<void>;
  /** An apply that makes blocks while it waits; `first` happens in its first wait, before the first block. */
  waiting(first?: () => Promise<unknown>): Partial<ApplyOptions>;
  /** An apply for which hours pass while it waits, and no block comes. */
  deserted(): Partial<ApplyOptions>;
  signed(): Promise<SignedTransaction[]>;
  /** How many events of a type the journal has. */
  types(type: JournalEvent['type']): Promise<number>;
  /** How often each of the first values was written. */
  writes(count: number): Promise<unknown[]>;
  nonceCount(): Promise<string>;
};

/** Registers the hooks that start and stop it all. `args` are Anvil's. */
export function useStage(args: readonly string[]): Stage {
  const live: { anvil?: Anvil; proxy?: RpcProxy; world?: World } = {};
  beforeAll(async () => {
    live.anvil = await startAnvil({ args });
    live.proxy = await startRpcProxy(live.anvil.url);
  });
  afterAll(async () => {
    await live.proxy?.stop();
    await live.anvil?.stop();
  });
  beforeEach(async () => {
    const { anvil, proxy } = stage;
    proxy.hooks = {};
    live.world = await makeWorld(proxy.url, anvil.url);
    proxy.reset();
  });
  afterEach(() => live.world?.close());
  const stage = stageOf(live);
  return stage;
}

function stageOf(live: { anvil?: Anvil; proxy?: RpcProxy; world?: World }): Stage {
  const world = (): World => live.world as World;
  const mine = async (blocks = 1): Promise<void> => {
    await world().rpc('anvil_mine', `0x${blocks.toString(16)}`);
  };
  return {
    get anvil() {
      return live.anvil as Anvil;
    },
    get proxy() {
      return live.proxy as RpcProxy;
    },
    get world() {
      return world();
    },
    mine,
    waiting(first = async () => {}) {
      let waits = 0;
      return {
        async sleep() {
          waits += 1;
          if (waits === 1) await first();
          await mine();
        },
      };
    },
    deserted() {
      let clock = 0;
      return {
        now: () => clock,
        async sleep() {
          clock += 600_000;
        },
      };
    },
    signed: async () => (await world().journal.read()).flatMap((event) => (event.type === 'signed' ? event.transactions : [])),
    types: async (type) => (await world().journal.read()).filter((event) => event.type === type).length,
    writes: async (count) => [...(await world().read()).writes.slice(0, count)],
    nonceCount: () => world().rpc('eth_getTransactionCount', world().signer.address, 'latest'),
  };
}

/** The test environment's settings, but for those given. */
export function environment(more: Partial<ApplyOptions['environment']>): ApplyOptions['environment'] {
  return { name: 'test', chainId: 31337n, confirmations: 1, finality: 'latest', maxFeePerGas: null, tokens: new Map(), ...more };
}
