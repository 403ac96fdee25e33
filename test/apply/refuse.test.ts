// What stops an apply before anything is signed.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { JournalEvent } from '../../src/types.ts';
import { type Anvil, startAnvil } from '../support/anvil.ts';
import { type RpcProxy, startRpcProxy } from '../support/rpc-proxy.ts';
import { environment } from './stage.ts';
import { makeWorld, type World } from './world.ts';

let anvil: Anvil;
let proxy: RpcProxy;
let world: World;

beforeAll(async () => {
  anvil = await startAnvil();
  proxy = await startRpcProxy(anvil.url);
});
afterAll(async () => {
  await proxy.stop();
  await anvil.stop();
});
beforeEach(async () => {
  world = await makeWorld(proxy.url, anvil.url);
  proxy.hooks = {};
  proxy.reset();
});
afterEach(async () => {
  // The one assertion of every test here: nothing was signed, nothing was sent.
  expect((await world.journal.read()).map((event: JournalEvent) => event.type)).not.toContain('signed');
  expect(proxy.count('eth_sendRawTransaction')).toBe(0);
  world.close();
});

const two = [
  { number: 0, to: 5n, group: 0 },
  { number: 1, to: 6n, group: 1 },
];

/** Applies a plan made before `meanwhile`, by a `replan` that sees what is there afterwards. */
async function applyAfter(meanwhile: () => Promise<unknown>, given = true): Promise<unknown> {
  const plan = await world.plan(two);
  await meanwhile();
  return world.apply(two, { digest: plan.digest, ...(given ? { plan } : {}) });
}

/** Applies a plan that stays as it was, so that only the last look before signing can see what moved. */
async function applyBlind(meanwhile: () => Promise<unknown>, more: Parameters<World['apply']>[1] = {}): Promise<unknown> {
  const plan = await world.plan(two);
  await meanwhile();
  return world.apply(two, { digest: plan.digest, replan: async () => plan, ...more });
}

function stoppedBy(code: string): object {
  return { outcome: 'stopped', findings: expect.arrayContaining([expect.objectContaining({ code, severity: 'error' })]) };
}

describe('the plan', () => {
  test('is stale when a live value that it changes has moved, and says which', async () => {
    const stale = applyAfter(() => world.poke('set', 1n, 3n));
    await expect(stale).rejects.toMatchObject({
      code: 'STALE_PLAN',
      exitCode: 4,
      findings: [{ code: 'PLAN_MOVED', field: 'value.k1', changes: ['box.value.k1'] }],
    });
  });

  test('is stale when a change of it is not planned any more', async () => {
    await expect(applyAfter(() => world.poke('freeze', 0n))).rejects.toMatchObject({ code: 'STALE_PLAN', findings: [{ changes: ['box.value.k0'] }] });
  });

  test('is stale when somebody else made a part of it', async () => {
    await expect(applyAfter(() => world.poke('set', 0n, 5n))).rejects.toMatchObject({ code: 'STALE_PLAN', findings: [{ changes: ['box.value.k0'] }] });
  });

  test('is stale when its digest is not known here', async () => {
    await expect(applyAfter(() => world.poke('set', 1n, 3n), false)).rejects.toMatchObject({ code: 'STALE_PLAN', exitCode: 4 });
    await expect(world.apply(two, { digest: 'f'.repeat(64) })).rejects.toMatchObject({ code: 'STALE_PLAN' });
  });

  test('is stale when it wants more than was approved', async () => {
    const plan = await world.plan(two.slice(0, 1));
    await expect(world.apply(two, { digest: plan.digest, plan })).rejects.toMatchObject({ code: 'STALE_PLAN', findings: [{ changes: ['box.value.k1'] }] });
  });

  test('is not sent because a file says that it has the digest', async () => {
    const forged = { ...(await world.plan(two)), digest: 'f'.repeat(64) };
    await expect(world.apply(two, { digest: forged.digest, plan: forged })).rejects.toMatchObject({ code: 'STALE_PLAN' });
  });

  test('has nothing to do when everything is as wanted, whatever the digest', async () => {
    await world.poke('set', 0n, 5n);
    await world.poke('set', 1n, 6n);
    expect(await world.apply(two, { digest: 'f'.repeat(64) })).toEqual({ outcome: 'done', receipt: null, findings: [] });
  });

  test('is not sent without its proof, but where both the caller and policy allow it', async () => {
    const replan = () => world.plan(two, { simulation: { status: 'unproven', reason: 'the node cannot simulate' } });
    await expect(world.apply(two, { replan })).rejects.toMatchObject({ code: 'PLAN_UNPROVEN', exitCode: 3 });
    await expect(world.apply(two, { replan, allowUnproven: true, policy: { requireProof: true } })).rejects.toMatchObject({ code: 'PLAN_UNPROVEN' });
  });

  test('is not sent when it has errors', async () => {
    const error = { code: 'STALE_PLAN', severity: 'error' as const, message: 'm' };
    await expect(world.apply(two, { replan: () => world.plan(two, { findings: [error, { ...error, code: 'NONCE_GAP' }] }) })).rejects.toMatchObject({
      code: 'PLAN_BLOCKED',
      findings: [error, {}],
    });
    await expect(world.apply(two, { replan: () => world.plan(two, { findings: [{ ...error, code: 'NONCE_GAP' }] }) })).rejects.toMatchObject({
      code: 'NONCE_GAP',
    });
  });

  test('is not sent when its simulation failed', async () => {
    const { block } = await world.plan(two);
    const simulation = {
      status: 'failed' as const,
      method: 'simulateV1' as const,
      block,
      feePerGas: null,
      steps: [],
      reread: 0,
      declared: 0,
      asDeclared: 0,
      sideEffects: [],
    };
    await expect(world.apply(two, { replan: () => world.plan(two, { simulation }) })).rejects.toMatchObject({ code: 'PLAN_BLOCKED' });
  });

  test('is not sent when it could not be made', async () => {
    proxy.hooks = { before: () => ({ status: 503 }) };
    await expect(world.apply(two, { digest: 'f'.repeat(64) })).rejects.toMatchObject({ code: 'RPC_UNAVAILABLE', exitCode: 5 });
    proxy.hooks = {};
  });
});

describe('the chain', () => {
  test('of another id', async () => {
    const settings = environment({ chainId: 1n });
    await expect(applyBlind(async () => {}, { environment: settings })).rejects.toMatchObject({ code: 'CHAIN_ID_MISMATCH' });
  });

  test('that becomes another one in the middle', async () => {
    const change = async () => {
      await world.chain.chainId();
      proxy.hooks = { rewrite: (call, answer) => (call.method === 'eth_chainId' ? { ...answer, result: '0x1' } : answer) };
    };
    expect(await applyBlind(change)).toMatchObject(stoppedBy('CHAIN_ID_MISMATCH'));
  });

  test('without code at the address', async () => {
    expect(await applyBlind(() => world.rpc('anvil_setCode', world.box, '0x'))).toMatchObject(stoppedBy('CODE_MISSING'));
  });

  test('on which the owner has changed', async () => {
    const result = await applyBlind(() => world.poke('give', '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'));
    expect(result).toMatchObject(stoppedBy('PREFLIGHT_REVERT'));
    expect(JSON.stringify((result as { findings: object }).findings)).toContain(`NotOwner(${world.signer.address})`);
  });

  test('on which a step starts from another value', async () => {
    expect(await applyBlind(() => world.poke('set', 0n, 4n))).toMatchObject(stoppedBy('PRECONDITION_MOVED'));
  });

  test('on which a step would fail', async () => {
    expect(await applyBlind(() => world.poke('setBroken', 0n, true))).toMatchObject(stoppedBy('PREFLIGHT_REVERT'));
  });
});

describe('the signer', () => {
  test('whose key was not given', async () => {
    await expect(applyBlind(async () => {}, { signers: new Map() })).rejects.toMatchObject({ code: 'SIGNER_MISSING' });
    expect(await world.journal.read()).toEqual([]);
  });

  test('without money', async () => {
    const balance = await world.rpc<string>('eth_getBalance', world.signer.address, 'latest');
    const stopped = await applyBlind(() => world.rpc('anvil_setBalance', world.signer.address, '0x1'));
    await world.rpc('anvil_setBalance', world.signer.address, balance);
    expect(stopped).toMatchObject(stoppedBy('FUNDS_MISSING'));
  });

  test('whose cap is below what the chain asks for', async () => {
    const settings = environment({ maxFeePerGas: 1n });
    expect(await applyBlind(async () => {}, { environment: settings })).toMatchObject(stoppedBy('FEE_ABOVE_CAP'));
  });

  test('with transactions of its own waiting', async () => {
    proxy.hooks = {
      rewrite: (call, answer) => (call.method === 'eth_getTransactionCount' && call.params[1] === 'pending' ? { ...answer, result: '0x2' } : answer),
    };
    expect(await applyBlind(async () => {})).toMatchObject(stoppedBy('NONCE_BUSY'));
  });
});

test('a journal that another apply holds', async () => {
  const lock = await world.journal.lock();
  await expect(world.apply(two)).rejects.toMatchObject({ code: 'JOURNAL_LOCKED' });
  await lock.release();
});
