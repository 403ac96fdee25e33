// Slashes as acts, on real contracts: planned, proven, sent once, and known by their event for ever.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { id } from '../../src/kinds/keccak.ts';
import { type Desk, type PlanFile, parsePlan, steady } from '../support/cli.ts';
import { type FieldWorld, folder, startFieldWorld } from '../support/field-world.ts';
import type { ProxyAnswer } from '../support/rpc-proxy.ts';
import { actFile, makeStrict, openRound, reasonsOf, slashByHand, stakeLeft } from '../support/slash-world.ts';

const arenaSource = readFileSync(join(import.meta.dirname, '../../contracts/SelfPlayArena.sol'), 'utf8');

let world: FieldWorld;
let desk: Desk;
let mark: string;

beforeAll(async () => {
  world = await startFieldWorld({ variant: 'governed' });
  await openRound(world);
  mark = await world.node.ask('evm_snapshot');
});
afterAll(() => world?.stop());
beforeEach(async () => {
  await world.node.ask('evm_revert', [mark]);
  mark = await world.node.ask('evm_snapshot');
  world.proxy.hooks = {};
  desk = world.desk();
});
afterEach(() => desk?.remove());

function act(id: string, change: Readonly<Record<string, string>> = {}): void {
  desk.write(`${folder}/acts/${id}.yaml`, actFile(change));
}

async function planned(): Promise<PlanFile> {
  const said = await desk.run('plan --env field --format json');
  return parsePlan(said.stdout);
}

async function apply(): Promise<string> {
  const { digest } = await planned();
  const said = await desk.run(`apply --env field --digest ${digest}`);
  expect(said.exit, said.stdout + said.stderr).toBe(0);
  return said.stdout;
}

const codes = ({ findings }: PlanFile): string[] => findings.map(({ code, severity }) => `${severity} ${code}`);

test('an act is proven, sent once, and then done for ever', async () => {
  act('spring');
  const plan = await planned();
  expect(plan.simulation).toMatchObject({ status: 'proven', method: 'simulateV1' });
  expect(plan.steps.map(({ id }) => id)).toEqual(['arena.reportValidatorMisconduct[spring]']);
  await apply();
  expect(await reasonsOf(world)).toEqual(['moderation:block [field/spring]']);
  expect(await stakeLeft(world)).toBe(95n);
  const after = await planned();
  expect([after.changes, after.steps, codes(after)]).toEqual([[], [], []]);
  expect(await apply()).toContain('Nothing to do');
  expect(await reasonsOf(world)).toHaveLength(1);
});

test('reads as what it is, in a plan, in a pull request and after it was sent', async () => {
  await slashByHand(world);
  act('spring');
  const said = async (line: string): Promise<string> => steady((await desk.run(`${line} --env field`)).stdout);
  const text = await said('plan --verbose');
  await expect(text).toMatchFileSnapshot('../golden/cli/act-plan.txt');
  await expect(await said('plan --format markdown')).toMatchFileSnapshot('../golden/cli/act-plan.md');
  await expect(await said('drift')).toMatchFileSnapshot('../golden/cli/act-drift.txt');
  await expect(steady(await apply())).toMatchFileSnapshot('../golden/cli/act-apply.txt');
});

test('known by the chain, not by the journal: another checkout does not do it again', async () => {
  act('spring');
  await apply();
  const elsewhere = world.desk();
  elsewhere.write(`${folder}/acts/spring.yaml`, actFile());
  expect(parsePlan((await elsewhere.run('plan --env field --format json')).stdout).steps).toEqual([]);
  elsewhere.remove();
});

test('done for ever, even where the history of its arena is declared to begin after it', async () => {
  act('spring');
  await apply();
  const later = String(BigInt(await world.node.ask<string>('eth_blockNumber', [])) + 1n);
  await world.node.ask('hardhat_mine', ['0x3']);
  // A checkout that has kept no history.
  const elsewhere = world.desk();
  elsewhere.write(`${folder}/acts/spring.yaml`, actFile());
  elsewhere.edit(`${folder}/contracts/arena.yaml`, [
    { path: ['fromBlock'], set: later },
    { path: ['adoptedAt'], set: later },
  ]);
  const { steps, changes } = parsePlan((await elsewhere.run('plan --env field --format json')).stdout);
  expect([steps, changes]).toEqual([[], []]);
  elsewhere.remove();
});

test('mined once, an act is not planned again by who has the journal, even where its own history is declared to begin after it', async () => {
  act('spring');
  await apply();
  const later = String(BigInt(await world.node.ask<string>('eth_blockNumber', [])) + 1n);
  await world.node.ask('hardhat_mine', ['0x3']);
  act('spring', { fromBlock: later });
  // What was scanned before would show it.
  rmSync(join(desk.root, '.mooring/field/cursors'), { recursive: true });
  desk.edit(`${folder}/contracts/arena.yaml`, [
    { path: ['fromBlock'], set: later },
    { path: ['adoptedAt'], set: later },
  ]);
  const again = await planned();
  expect([again.steps, codes(again)]).toEqual([[], ['error ACT_UNKNOWN']]);
  expect(again.findings[0]?.message).toContain(`from block ${later} on`);
  // Another chain of the same number has never seen that transaction.
  await world.node.ask('evm_revert', [mark]);
  mark = await world.node.ask('evm_snapshot');
  act('spring');
  expect((await planned()).steps).toHaveLength(1);
});

test('two acts that say the same are both done, and one by hand takes the place of neither', async () => {
  await slashByHand(world);
  act('spring');
  act('winter');
  await apply();
  expect(await reasonsOf(world)).toEqual(['moderation:block', 'moderation:block [field/spring]', 'moderation:block [field/winter]']);
  expect(await stakeLeft(world)).toBe(85n);
  expect((await planned()).unmanaged.filter(({ reason }) => reason === 'by hand')).toHaveLength(1);
  expect((await desk.run('drift --env field')).exit).toBe(0);
});

describe('a proof', () => {
  test('refuses what the contract refuses', async () => {
    act('spring', { validator: 'stranger' });
    expect(codes(await planned())).toEqual(['error PROOF_REVERT']);
    act('spring', { amount: '101 AGIALPHA' });
    expect(codes(await planned())).toEqual(['error PROOF_REVERT']);
  });

  test('wants to see the stake taken, not only the event', async () => {
    const idle = arenaSource.replace('ISlasher(stakeManager).slash(validator, amount, recipient);', '');
    await makeStrict(world, idle);
    act('spring');
    const plan = await planned();
    expect([plan.simulation.status, codes(plan)]).toEqual(['failed', ['error PROOF_ACT_MISSING']]);
  });

  test('wants to see the event with its reason', async () => {
    const mute = arenaSource.replace(
      'emit ValidatorMisconduct(roundId, validator, amount, recipient, reason);',
      'emit ValidatorMisconduct(roundId, validator, amount, recipient, "x");',
    );
    await makeStrict(world, mute);
    act('spring');
    expect(codes(await planned())).toEqual(['error PROOF_ACT_MISSING']);
  });
});

describe('while the arena is paused', () => {
  const pause = () => world.byHand({ on: 'arena', call: 'pause' });
  const declare = (paused: boolean): void => desk.edit(`${folder}/contracts/arena.yaml`, [{ path: ['spec', 'paused'], set: String(paused) }]);

  test('our own arena takes it', async () => {
    await pause();
    declare(true);
    act('spring');
    await apply();
    expect(await reasonsOf(world)).toEqual(['moderation:block [field/spring]']);
  });

  test('one that refuses it lets it wait, and it follows the unpause', async () => {
    await makeStrict(world, arenaSource);
    await pause();
    declare(true);
    act('spring');
    desk.edit(`${folder}/contracts/arena.yaml`, [{ path: ['spec', 'committeeSize'], set: '5' }]);
    const waiting = await planned();
    expect([codes(waiting), waiting.steps.map(({ id }) => id)]).toEqual([['warning ACT_WAITS'], ['arena.setCommitteeParameters']]);
    await apply();
    expect(await reasonsOf(world)).toEqual([]);
    declare(false);
    desk.write(`${folder}/lifts.yaml`, await lift());
    const plan = await planned();
    expect(plan.steps.map(({ id }) => id)).toEqual(['arena.unpause', 'arena.reportValidatorMisconduct[spring]']);
    await apply();
    expect(await reasonsOf(world)).toEqual(['moderation:block [field/spring]']);
  });

  async function lift(): Promise<string> {
    const { reductions } = await planned();
    const entries = reductions.map(({ transaction }) => `  - { contract: arena, field: paused, transaction: "${transaction}", reason: over, by: us }\n`);
    return `apiVersion: mooring/v1\nkind: Lifts\nlifts:\n${entries.join('')}`;
  }
});

test('a file that was changed or removed after it was done is said, and nothing is sent', async () => {
  act('spring');
  await apply();
  act('spring', { amount: '6 AGIALPHA' });
  const changed = await planned();
  expect([changed.steps, codes(changed)]).toEqual([[], ['warning ACT_CHANGED']]);
  desk.delete(`${folder}/acts/spring.yaml`);
  const removed = await planned();
  expect([removed.steps, codes(removed)]).toEqual([[], ['warning ACT_REMOVED']]);
});

test('an event in a block that is not confirmed yet counts as done', async () => {
  const environment = desk.read(`${folder}/environment.yaml`);
  desk.write(`${folder}/environment.yaml`, `${environment.replace(/^finality:.*\n/m, '')}finality: finalized\n`);
  await world.node.mine(100);
  act('spring');
  expect((await planned()).steps).toHaveLength(1);
  await slashByHand(world, 'moderation:block [field/spring]');
  expect((await planned()).steps).toEqual([]);
});

test('an event that comes between plan and signature keeps it from being signed', async () => {
  act('spring');
  const { digest } = await planned();
  let proofs = 0;
  world.proxy.hooks = {
    async before({ calls }) {
      if (!calls.some(({ method }) => method === 'eth_simulateV1')) return undefined;
      proofs += 1;
      if (proofs === 1) await slashByHand(world, 'by somebody faster [field/spring]');
      return undefined;
    },
  };
  const said = await desk.run(`apply --env field --digest ${digest}`);
  expect(said.exit, said.stdout + said.stderr).toBe(4);
  expect(said.stdout + said.stderr).toContain('has been done meanwhile');
  expect(await reasonsOf(world)).toEqual(['by somebody faster [field/spring]']);
});

test('a history that can not be read keeps it from being planned', async () => {
  await slashByHand(world);
  act('spring');
  world.proxy.hooks = {
    rewrite: ({ method }, answer) => (method === 'eth_getLogs' ? blinded(answer) : answer),
  };
  const said = await desk.run('plan --env field');
  expect([said.exit, said.stdout]).toEqual([5, expect.stringContaining('ACT_UNKNOWN')]);
});

/** Slashes whose content can not be read. */
function blinded(answer: ProxyAnswer): ProxyAnswer {
  const topic = id('ValidatorMisconduct(uint256,address,uint256,address,string)');
  const logs = Array.isArray(answer.result) ? (answer.result as { topics: string[] }[]) : [];
  return { ...answer, result: logs.map((log) => (log.topics[0] === topic ? { ...log, data: '0x' } : log)) };
}

test('on a node that cannot simulate transactions, a local fork shows the event', async () => {
  const other = await startFieldWorld({ variant: 'governed', on: 'hardhat' });
  try {
    await openRound(other);
    const checkout = other.desk();
    checkout.write(`${folder}/acts/spring.yaml`, actFile());
    const plan = parsePlan((await checkout.run('plan --env field --format json')).stdout);
    checkout.remove();
    expect(plan.simulation).toMatchObject({ status: 'proven', method: 'fork' });
  } finally {
    await other.stop();
  }
});
