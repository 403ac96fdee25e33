// Hardhat's network: each transaction its own block, and an error for one that was mined and reverted.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type HardhatChain, startHardhat } from '../support/hardhat.ts';
import { type RpcProxy, startRpcProxy } from '../support/rpc-proxy.ts';
import { makeWorld } from './world.ts';

let hardhat: HardhatChain;
let proxy: RpcProxy;
const wishes = [0, 0, 0, 1].map((group, number) => ({ number, to: 5n, group }));

beforeAll(async () => {
  hardhat = await startHardhat();
  proxy = await startRpcProxy(hardhat.url);
});
afterAll(async () => {
  await proxy.stop();
  await hardhat.stop();
});

describe('on a chain that mines at once', () => {
  test('everything is sent once', async () => {
    const world = await makeWorld(proxy.url, hardhat.url, 'hardhat');
    expect(await world.apply(wishes)).toMatchObject({ outcome: 'done', findings: [] });
    expect((await world.read()).writes.slice(0, 5)).toEqual([1n, 1n, 1n, 1n, 0n]);
    world.close();
  });

  test('an error for a transaction that was mined does not mean "not sent"', async () => {
    const world = await makeWorld(proxy.url, hardhat.url, 'hardhat');
    const answers: string[] = [];
    proxy.hooks = {
      async before({ calls }) {
        if (calls[0]?.method === 'eth_sendRawTransaction' && answers.length === 0) await world.poke('setBroken', 1n, true);
        return undefined;
      },
      rewrite(call, answer) {
        if (call.method === 'eth_sendRawTransaction') answers.push(answer.error === undefined ? 'accepted' : 'error');
        return answer;
      },
    };
    const { digest } = await world.plan(wishes);
    const { outcome, findings } = await world.apply(wishes, { digest });
    expect(outcome).toBe('partial');
    expect(answers).toEqual(['accepted', 'error', 'accepted']);
    expect(findings).toMatchObject([{ code: 'STEP_REVERTED', message: expect.stringContaining('Broken(1)') }, { code: 'STEP_NOT_TRIED' }]);
    proxy.hooks = {};
    await world.poke('setBroken', 1n, false);
    expect(await world.apply(wishes, { digest })).toMatchObject({ outcome: 'done' });
    expect((await world.read()).writes.slice(0, 5)).toEqual([1n, 1n, 1n, 1n, 0n]);
    expect(await world.rpc('eth_getTransactionCount', world.signer.address, 'latest')).toBe('0x5');
    world.close();
  });

  test('what the node has mined already and is sent again is not sent twice', async () => {
    const world = await makeWorld(proxy.url, hardhat.url, 'hardhat');
    let lost = 0;
    proxy.hooks = {
      async before(exchange) {
        if (exchange.calls[0]?.method !== 'eth_sendRawTransaction' || lost++ > 1) return undefined;
        const body = JSON.stringify(exchange.calls.map((call) => ({ jsonrpc: '2.0', ...call })));
        await (await fetch(hardhat.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })).text();
        return lost === 1 ? 'drop' : undefined;
      },
    };
    expect(await world.apply(wishes)).toMatchObject({ outcome: 'done', findings: [] });
    expect(lost).toBeGreaterThan(1);
    expect((await world.read()).writes.slice(0, 5)).toEqual([1n, 1n, 1n, 1n, 0n]);
    proxy.hooks = {};
    world.close();
  });
});
