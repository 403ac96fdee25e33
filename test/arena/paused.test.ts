// What a pause keeps back, before a round and in the middle of one, and what it doesn't.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Desk } from '../support/cli.ts';
import { arenaRun, board, logOf, roundOf, type Stage, startStage } from './stage.ts';

let stage: Stage;
let desk: Desk;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage?.stop());
beforeEach(() => {
  desk = stage.desk();
});
afterEach(async () => {
  desk.remove();
  await stage.reset();
});

const rounds = (): Promise<unknown> => stage.world.read({ on: 'arena', call: 'totalRounds' });
const round = async (id: bigint): Promise<unknown[]> => (await stage.world.read({ on: 'arena', call: 'getRound', args: [id] })) as unknown[];
const counts = (name: string): number[] => {
  const { wins = 0, losses = 0, slashes = 0 } = board(desk)[stage.of(name)] ?? {};
  return [wins, losses, slashes];
};

/** Everyone is good, but one. */
function scored(students: string[], validators: string[], bad: string): { scores: Record<string, number> } {
  return { scores: Object.fromEntries([...students, ...validators].map((address) => [address, address === stage.of(bad) ? 0.1 : 0.9])) };
}

describe('while something is paused', () => {
  test.each([
    ['arena', 'pause', 'owner'],
    ['engineTargets', 'pause', 'owner'],
    ['systemPause', 'pauseAll', 'owner'],
  ] as const)('no new round is started: %s.%s', async (on, call, from) => {
    await stage.world.byHand({ on, call, from });
    const said = await arenaRun(desk);
    expect([said.exit, said.stderr.includes('ARENA_GATED')]).toEqual([3, true]);
    expect(await rounds()).toBe(0n);
    expect(stage.world.proxy.count('eth_sendRawTransaction')).toBe(0);
    expect(logOf(desk).at(-1)).toMatchObject({ event: 'round_gated', level: 'warn' });
  });

  test('a StakeManager alone is enough, and so is a flag that can not be read', async () => {
    const { node, deployment } = stage.world;
    const { stakeManager, reputationEngine } = deployment.addresses;
    await stage.world.byHand({ on: 'pauseGuard', call: 'pause', args: [[stakeManager]], from: 'guardian' });
    expect((await arenaRun(desk)).stderr).toContain('StakeManager paused');
    await stage.reset();
    await node.setCode(reputationEngine, '0x');
    expect((await arenaRun(desk)).stderr).toContain('reputationEngine: whether it is paused could not be read');
    expect(await rounds()).toBe(0n);
  });

  // start, student, validator, validator, close, finalise
  test.each([1, 2, 3, 5, 6])('a round that is paused at its transaction %d goes on with everyone when resumed', async (nth) => {
    let sent = 0;
    stage.world.proxy.hooks = {
      async before({ calls }) {
        if (calls.some(({ method }) => method === 'eth_sendRawTransaction') && ++sent === nth) await stage.world.byHand({ on: 'arena', call: 'pause' });
        return undefined;
      },
    };
    expect((await arenaRun(desk)).exit).toBe(3);
    stage.world.proxy.hooks = {};
    await stage.world.byHand({ on: 'arena', call: 'unpause' });
    if (nth === 1) {
      // The start has failed, so it is a new round again: paused expansions keep it back.
      await stage.world.byHand({ on: 'engineTargets', call: 'pause' });
      expect([(await arenaRun(desk)).exit, await rounds()]).toEqual([3, 0n]);
      await stage.world.byHand({ on: 'engineTargets', call: 'unpause' });
    }
    expect((await arenaRun(desk)).stdout).toContain('round s-1: #1 finalised, 1 of 1 won');
    expect(roundOf(desk, 's-1')).toMatchObject({ leftOut: [] });
    expect((await round(1n))[10]).toEqual([stage.of('validator'), stage.of('guardian')]);
    expect([await rounds(), counts('student')]).toEqual([1n, [1, 0, 0]]);
  });

  test.each(['before its payment is signed', 'while its payment is on its way'])(
    'a round under way waits; its losses are counted, its wins are not yet, and it ends when resumed: paused %s',
    async (when) => {
      desk.remove();
      desk = stage.desk('studentsPerRound: 2\n');
      const { world, judge } = stage;
      await arenaRun(desk, 4);
      const before = [counts('student'), counts('stranger')];
      let judged = false;
      judge.answer = async ({ students, validators }) => {
        judged = true;
        if (when.startsWith('before')) await world.byHand({ on: 'arena', call: 'pause' });
        return scored(students, validators, 'student');
      };
      world.proxy.hooks = {
        async before({ calls }) {
          const isPayment = judged && when.startsWith('while') && calls.some(({ method }) => method === 'eth_sendRawTransaction');
          if (isPayment) await world.byHand({ on: 'arena', call: 'pause' });
          return undefined;
        },
      };
      const said = await arenaRun(desk, 5);
      expect(said.exit, said.stderr + said.stdout).toBe(3);
      expect(roundOf(desk, 's-5').stage).toBe('judged');
      expect(counts('student')).toEqual([before[0]?.[0], 1, 0]);
      expect(counts('stranger')).toEqual(before[1]);
      world.proxy.hooks = {};
      // Still paused: nothing new, and nothing counted twice.
      expect((await arenaRun(desk, 5)).exit).toBe(3);
      await world.byHand({ on: 'arena', call: 'unpause' });
      expect((await arenaRun(desk, 5)).exit).toBe(0);
      expect(counts('student')).toEqual([before[0]?.[0], 1, 0]);
      expect(counts('stranger')[0]).toBe((before[1]?.[0] ?? 0) + 1);
      expect([await rounds(), (await round(5n))[4], judge.asked]).toEqual([5n, true, 5]);
    },
  );
});
