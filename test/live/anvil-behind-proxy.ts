// A fresh Anvil behind a proxy for each test of a file, and readers of it.
import { afterEach, beforeEach } from 'vitest';
import { type ConnectOptions, connect } from '../../src/live/rpc.ts';
import type { ChainReader } from '../../src/types.ts';
import { type Anvil, startAnvil } from '../support/anvil.ts';
import { type RpcProxy, startRpcProxy } from '../support/rpc-proxy.ts';

export type AnvilBehindProxy = {
  readonly anvil: Anvil;
  readonly proxy: RpcProxy;
  /** A reader through the proxy, closed after the test. */
  open(options?: Partial<ConnectOptions>): ChainReader;
  /** Something else to end after the test, before the chain. */
  atEnd(end: () => unknown): void;
};

/** To be called once in a test file. */
export function anvilBehindProxy(): AnvilBehindProxy {
  const ends: (() => unknown)[] = [];
  let chain: { anvil: Anvil; proxy: RpcProxy } | undefined;

  beforeEach(async () => {
    const anvil = await startAnvil();
    const proxy = await startRpcProxy(anvil.url);
    chain = { anvil, proxy };
    ends.push(
      () => proxy.stop(),
      () => anvil.stop(),
    );
  });

  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });

  function current(): { anvil: Anvil; proxy: RpcProxy } {
    if (chain === undefined) throw new Error('not within a test');
    return chain;
  }

  return {
    get anvil() {
      return current().anvil;
    },
    get proxy() {
      return current().proxy;
    },
    open(options = {}) {
      const reader = connect({ urls: [current().proxy.url], backOffMs: 5, timeoutMs: 2000, ...options });
      ends.unshift(() => reader.close());
      return reader;
    },
    atEnd: (end) => ends.unshift(end),
  };
}
