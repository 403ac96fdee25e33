import { afterEach, expect, test } from 'vitest';
import { startAnvil } from '../support/anvil.ts';
import { startHardhat } from '../support/hardhat.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function rpc(url: string, method: string): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: [] }),
  });
  return ((await response.json()) as { result: unknown }).result;
}

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('anvil serves a chain, takes arguments, and is gone after stop', async () => {
  const anvil = await startAnvil({ args: ['--chain-id', '4242'] });
  stops.push(() => anvil.stop());
  expect(await rpc(anvil.url, 'eth_chainId')).toBe('0x1092');
  expect(alive(anvil.pid)).toBe(true);
  await anvil.stop();
  expect(alive(anvil.pid)).toBe(false);
});

test('anvil that refuses its arguments says why', async () => {
  await expect(startAnvil({ args: ['--no-such-option'] })).rejects.toThrow('no-such-option');
});

test("two anvils and two of Hardhat's chains live side by side", async () => {
  const chains = await Promise.all([startAnvil(), startAnvil(), startHardhat(), startHardhat({ override: { chainId: 555 } })]);
  for (const chain of chains) stops.push(() => chain.stop());
  expect(new Set(chains.map((chain) => chain.url)).size).toBe(4);
  expect(await Promise.all(chains.map((chain) => rpc(chain.url, 'eth_chainId')))).toEqual(['0x7a69', '0x7a69', '0x7a69', '0x22b']);
});
