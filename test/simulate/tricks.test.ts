// A contract that does other things than its kind says: each way of proving must see it.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { prove } from '../../src/simulate/prove.ts';
import type { Plan, ProofMethod } from '../../src/types.ts';
import { type Anvil, startAnvil } from '../support/anvil.ts';
import { codesOf, type Edits, type Ground, preparePlan, proveEdits } from './proof-world.ts';
import { addressOf, members, scalar } from './states.ts';
import { deployTricksters } from './trickster.ts';

const all: readonly ProofMethod[] = ['simulateV1', 'runner', 'fork'];
/** Limits with consequences, as in Trickster.sol. */
const limits = { harmless: 1n, letsAnotherIn: 13n, upgrades: 14n, movesBeacon: 15n, mutes: 16n, breaksGetter: 17n, ignored: 18n, movesSpare: 19n };

let anvil: Anvil;
let ground: Ground;
beforeAll(async () => {
  anvil = await startAnvil();
  ground = await deployTricksters(anvil.url);
});
afterAll(async () => {
  ground.chain.close();
  await anvil.stop();
});

async function problems(method: ProofMethod, edits: Edits): Promise<{ codes: string[]; plan: Plan }> {
  const plan = await proveEdits(ground, edits, { methods: [method] });
  return { codes: codesOf(plan).filter((code) => !code.startsWith('info')), plan };
}

describe.each(all)('%s', (method) => {
  test.each(['plain', 'proxied', 'beaconed'])('%s: an honest change is proven', async (name) => {
    const { codes, plan } = await problems(method, { [name]: { limit: scalar(limits.harmless), spare: scalar(3n) } });
    expect(codes).toEqual([]);
    expect(plan.simulation).toMatchObject({ status: 'proven', method, asDeclared: 12, declared: 12, reread: 12, sideEffects: [] });
  });

  test('a proxy that points elsewhere behind the steps', async () => {
    const { codes, plan } = await problems(method, { proxied: { limit: scalar(limits.upgrades) } });
    expect(codes).toContain('error PROOF_CODE_CHANGED proxied');
    expect(plan.simulation.status).toBe('failed');
  });

  test('a beacon that points elsewhere behind the steps', async () => {
    const { codes } = await problems(method, { beaconed: { limit: scalar(limits.movesBeacon) } });
    expect(codes).toContain('error PROOF_CODE_CHANGED beaconed');
    expect(codes.join()).not.toContain('proxied');
  });

  test('a change that does not happen', async () => {
    const { codes, plan } = await problems(method, { plain: { limit: scalar(limits.ignored) } });
    expect(codes).toContain('error PROOF_CHANGE_MISSING plain limit');
    expect(plan.simulation).toMatchObject({ status: 'failed', asDeclared: 11 });
  });

  test('a getter that a step breaks', async () => {
    const { codes } = await problems(method, { plain: { limit: scalar(limits.breaksGetter) } });
    expect(codes).toEqual(['error PROOF_UNREADABLE plain limit']);
  });

  test('a side effect nobody foresaw: found, traced to its step among others, put back, proven', async () => {
    const edits = {
      plain: { limit: scalar(limits.movesSpare) },
      proxied: { limit: scalar(2n), spare: scalar(2n) },
      beaconed: { limit: scalar(2n), spare: scalar(2n) },
    };
    const { codes, plan } = await problems(method, edits);
    expect(codes).toEqual(['error PROOF_SIDE_EFFECT plain spare']);
    const effects = plan.simulation.status === 'failed' ? plan.simulation.sideEffects : [];
    expect(effects).toMatchObject([
      { contract: 'plain', field: 'spare', from: scalar(0n), to: scalar(1n), step: 'plain.setLimit', managed: true, corrected: false },
    ]);
    const again = await proveEdits(ground, edits, { methods: [method], observed: effects });
    expect(codesOf(again).filter((code) => code.startsWith('error'))).toEqual([]);
    expect(again.simulation).toMatchObject({ status: 'proven', sideEffects: [{ field: 'spare', corrected: true }] });
  });

  test('a side effect on what git does not declare is shown and stops nothing', async () => {
    const { codes, plan } = await problems(method, { plain: { limit: scalar(limits.movesSpare), spare: null } });
    expect(codes).toEqual(['warning PROOF_SIDE_EFFECT plain spare']);
    expect(plan.simulation).toMatchObject({ status: 'proven', sideEffects: [{ field: 'spare', managed: false, corrected: false }] });
  });
});

describe.each(['simulateV1', 'fork'] as const)('%s, which sees logs', (method) => {
  test('a member whom only a log names', async () => {
    const { codes, plan } = await problems(method, { plain: { limit: scalar(limits.letsAnotherIn) } });
    expect(codes).toEqual(['error PROOF_SIDE_EFFECT plain operators']);
    expect(plan.simulation).toMatchObject({ sideEffects: [{ field: 'operators', step: 'plain.setLimit' }] });
  });

  test('an event that is not emitted', async () => {
    const { codes } = await problems(method, { plain: { limit: scalar(limits.ignored) } });
    expect(codes).toContain('warning PROOF_EVENT_MISSING plain');
  });
});

test("a set that changes without its event can't be read from history any more", async () => {
  const { codes } = await problems('simulateV1', { plain: { limit: scalar(limits.mutes), operators: members(addressOf(77)) } });
  expect(codes).toEqual(['error PROOF_EVENT_MISSING plain']);
});

test('a plan whose block is not that of the live state is a bug', async () => {
  const { plan, ...rest } = await preparePlan(ground, { plain: { limit: scalar(1n) } });
  const other = { ...plan, block: { ...plan.block, hash: `0x${'0'.repeat(64)}` } };
  await expect(prove({ ...rest, plan: other, kinds: ground.kinds, chain: ground.chain })).rejects.toMatchObject({ code: 'INTERNAL' });
});

test('code that is not what was read at the pinned block', async () => {
  const { live, ...rest } = await preparePlan(ground, { plain: { limit: scalar(1n) } });
  const contracts = live.contracts.map((contract) => (contract.name === 'proxied' ? { ...contract, code: { hash: `0x${'1'.repeat(64)}` } } : contract));
  const plan = await prove({ ...rest, live: { ...live, contracts }, kinds: ground.kinds, chain: ground.chain });
  expect(codesOf(plan)).toContain('error PROOF_CODE_CHANGED proxied');
});
