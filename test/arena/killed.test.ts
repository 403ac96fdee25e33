// The orchestrator killed at any point of a round, and started again: one round on chain, everything paid and counted once.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { one } from '../../scripts/deployment/contract-list.ts';
import type { Desk } from '../support/cli.ts';
import { environmentName } from '../support/field-world.ts';
import { arenaFolder, arenaRun, board, logOf, roundOf, type Stage, startStage } from './stage.ts';

const command = `arena run --env ${environmentName} --rounds 1 --seed s`;
const settings = 'moderation: { subjects: [collusion] }\nslash: { amount: "5 AGIALPHA", maxPerRun: "5 AGIALPHA", recipient: treasury }\n';

let stage: Stage;
let desk: Desk;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage?.stop());
beforeEach(() => {
  desk = stage.desk(settings);
  stage.judge.answer = ({ students, validators }) => ({
    scores: Object.fromEntries([...students, ...validators].map((address) => [address, 0.9])),
    subjects: { [stage.of('validator')]: ['collusion'] },
  });
});
afterEach(async () => {
  desk.remove();
  await stage.reset();
});

/** Kills the command at its nth transaction: before the chain has it, or as soon as the chain has mined it. */
async function killedAt(nth: number, when: 'before' | 'after'): Promise<void> {
  const { proxy, node } = stage.world;
  const started = desk.spawn(command);
  let sent = 0;
  proxy.hooks = {
    async before({ calls }) {
      const raw = calls.find(({ method }) => method === 'eth_sendRawTransaction');
      if (raw === undefined || ++sent !== nth) return undefined;
      if (when === 'after') await node.ask('eth_sendRawTransaction', raw.params);
      started.kill();
      return 'hang';
    },
  };
  expect((await started.said).exit).toBe(137);
  proxy.hooks = {};
}

async function expectOnce(): Promise<void> {
  const { world, of } = stage;
  const round = (await world.read({ on: 'arena', call: 'getRound', args: [1n] })) as unknown[];
  expect(await world.read({ on: 'arena', call: 'totalRounds' })).toBe(1n);
  expect([round[4], round[8], round[10], round[11]]).toEqual([true, [of('student')], [of('validator'), of('guardian')], [of('student')]]);
  expect(await world.read({ on: 'token', call: 'balanceOf', args: ['teacher'] })).toBe(50n * one);
  expect(await world.read({ on: 'stakeManager', call: 'stakes', args: ['validator', 1n] })).toBe(95n * one);
  const { [of('student')]: student, [of('validator')]: validator } = board(desk);
  expect([student?.wins, student?.losses, validator?.slashes]).toEqual([1, 0, 1]);
  expect(roundOf(desk, 's-1')).toMatchObject({ stage: 'done', leftOut: [] });
  expect(logOf(desk).filter(({ event }) => event === 'validator_slashed')).toEqual([]);
  expect(new Set(logOf(desk).flatMap(({ event, transaction }) => (event === 'slash_reported' ? [transaction] : []))).size).toBe(1);
}

describe('killed with kill -9', () => {
  // start, student, validator, validator, close, slash, finalise
  test.each([1, 2, 4, 5, 6, 7].flatMap((nth) => (['before', 'after'] as const).map((when) => [nth, when] as const)))(
    'at transaction %d, %s the chain has it',
    async (nth, when) => {
      await killedAt(nth, when);
      const said = await arenaRun(desk);
      expect(said.exit, said.stderr).toBe(0);
      await expectOnce();
    },
    60_000,
  );

  test('again and again', async () => {
    for (const nth of [1, 1, 2, 1, 2]) await killedAt(nth, 'after');
    expect((await arenaRun(desk)).exit).toBe(0);
    await expectOnce();
  }, 120_000);
});

test.each([
  ['start', 1],
  ['entry of a validator', 4],
  ['slash', 6],
])(
  'with its journal lost after the %s was sent, the chain is asked, and nothing is done twice',
  async (_name, nth) => {
    await killedAt(nth, 'after');
    rmSync(join(desk.root, '.mooring'), { recursive: true });
    const said = await arenaRun(desk);
    expect(said.exit, said.stderr).toBe(0);
    await expectOnce();
  },
  60_000,
);

test('a start that was signed and never sent is not sent in the middle of a pause, but after it', async () => {
  await killedAt(1, 'before');
  await stage.world.byHand({ on: 'engineTargets', call: 'pause' });
  expect((await arenaRun(desk)).exit).toBe(3);
  expect(await stage.world.read({ on: 'arena', call: 'totalRounds' })).toBe(0n);
  await stage.world.byHand({ on: 'engineTargets', call: 'unpause' });
  expect((await arenaRun(desk)).exit).toBe(0);
  await expectOnce();
}, 60_000);

test('a second process on the same files is refused', async () => {
  let other: Promise<{ exit: number; stderr: string }> | null = null;
  stage.world.proxy.hooks = {
    async before({ calls }) {
      if (other !== null || !calls.some(({ method }) => method === 'eth_sendRawTransaction')) return undefined;
      other = desk.run(command);
      expect((await other).exit).toBe(1);
      return undefined;
    },
  };
  expect((await arenaRun(desk)).exit).toBe(0);
  expect((await (other as unknown as Promise<{ stderr: string }>)).stderr).toContain('ARENA_STATE_LOCKED');
  await expectOnce();
});

test('a record that is not one stops everything: a second round would be started', async () => {
  await killedAt(2, 'after');
  const file = `${arenaFolder}/rounds/s-1.json`;
  desk.write(file, desk.read(file).slice(0, 100));
  const said = await arenaRun(desk);
  expect([said.exit, said.stderr.includes('ROUND_RECORD_CORRUPT')]).toEqual([1, true]);
  expect(await stage.world.read({ on: 'arena', call: 'totalRounds' })).toBe(1n);
}, 60_000);
