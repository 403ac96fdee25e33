import { describe, expect, test } from 'vitest';
import { MooringError } from '../../src/errors.ts';
import { connect } from '../../src/live/rpc.ts';
import type { Fault } from '../support/rpc-proxy.ts';

import { anvilBehindProxy } from './anvil-behind-proxy.ts';
import { errorOf } from './error-of.ts';

const here = anvilBehindProxy();

describe('secrets', () => {
  const canary = 'c4n4ry9f3ac17be5d2';

  test('of a URL are in no error, whatever the node repeats', async () => {
    const port = new URL(here.proxy.url).port;
    const urls = [`http://user-${canary}:pass-${canary}@127.0.0.1:${port}/v3/${canary}?apikey=${canary}`];
    const echo = (exchange: { path: string }) => ({
      status: 200,
      body: JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: -32000, message: `no access for ${exchange.path} (${canary.toUpperCase()})` } }),
    });
    const broken: ((exchange: { path: string }) => Fault)[] = [
      () => 'drop',
      () => ({ status: 500 }),
      () => ({ status: 404 }),
      () => ({ status: 200, body: canary }),
      echo,
    ];
    for (const before of broken) {
      here.proxy.hooks = { before };
      const chain = here.open({ urls, retries: 1 });
      const attempts = [
        () => chain.head('latest'),
        () => chain.request('eth_chainId', []),
        () => chain.batch(['eth_chainId', 'eth_accounts'].map((method) => ({ method, params: [] }))),
      ];
      for (const attempt of attempts) {
        const outcome: unknown = await attempt().catch((error: unknown) => error);
        const shown = outcome instanceof MooringError ? [outcome.message, outcome.fix, outcome.stack, outcome.cause, outcome.findings] : outcome;
        expect(JSON.stringify(shown).toLowerCase()).not.toContain(canary);
      }
    }
    expect(here.proxy.exchanges[0]?.path).toBe(`/v3/${canary}?apikey=${canary}`);
  });

  test('of a malformed URL neither', async () => {
    for (const url of [`ftp://${canary}@host/`, `https:/\\${canary} x`, canary]) {
      const error = await errorOf(Promise.resolve().then(() => connect({ urls: [url] })));
      expect(error.code).toBe('RPC_URL');
      expect(`${error.message}${error.fix}`).not.toContain(canary);
    }
  });

  test('a key in the host name is blotted, the host stays readable', async () => {
    const error = await errorOf(here.open({ urls: [`http://${canary}.rpc.invalid/`], retries: 0 }).chainId());
    expect(error.message).not.toContain(canary);
    expect(error.message).toContain('rpc.invalid');
  });
});
