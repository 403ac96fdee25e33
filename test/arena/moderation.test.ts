// Who is blocked, slashed within which bounds, logged for whom, and counted from the chain.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { one } from '../../scripts/deployment/contract-list.ts';
import { readSlashLog } from '../../src/cli/propose/slash-log.ts';
import type { Desk } from '../support/cli.ts';
import { environmentName } from '../support/field-world.ts';
import { arenaFolder, arenaRun, board, logOf, roundOf, type Stage, startStage } from './stage.ts';

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

const round = async (id: bigint): Promise<unknown[]> => (await stage.world.read({ on: 'arena', call: 'getRound', args: [id] })) as unknown[];
const counts = (name: string): number[] => {
  const { wins = 0, losses = 0, slashes = 0 } = board(desk)[stage.of(name)] ?? {};
  return [wins, losses, slashes];
};

/** Everyone is good, but one. */
function scored(students: string[], validators: string[], bad: string): { scores: Record<string, number> } {
  return { scores: Object.fromEntries([...students, ...validators].map((address) => [address, address === stage.of(bad) ? 0.1 : 0.9])) };
}

describe('moderation', () => {
  const slash = 'moderation: { subjects: [collusion], minScore: 0.5 }\nslash: { amount: "5 AGIALPHA", maxPerRun: "8 AGIALPHA", recipient: treasury }\n';
  const caught = (names: string[]) => {
    stage.judge.answer = ({ students, validators }) => ({
      scores: Object.fromEntries([...students, ...validators].map((address) => [address, 0.9])),
      subjects: Object.fromEntries(names.map((name) => [stage.of(name), ['collusion']])),
    });
  };
  const slashed = async (name: string): Promise<unknown> => (await stage.world.read({ on: 'stakeManager', call: 'stakes', args: [name, 1n] })) as unknown;

  test('slashes a blocked validator within its bounds, once, logs it, and counts it from the chain', async () => {
    desk.remove();
    desk = stage.desk(slash);
    caught(['validator', 'guardian', 'student']);
    const said = await arenaRun(desk);
    expect(said.exit, said.stderr).toBe(0);
    expect([await slashed('validator'), await slashed('guardian')]).toEqual([95n * one, 97n * one]);
    const lines = logOf(desk).filter(({ event }) => event === 'slash_reported');
    expect(lines).toEqual([
      {
        time: expect.stringMatching(/^\d{4}-/),
        level: 'warn',
        event: 'slash_reported',
        round: '1',
        validator: stage.of('validator'),
        amount: String(5n * one),
        recipient: stage.of('treasury'),
        message: 'validator slashed: moderation:block',
        transaction: expect.stringMatching(/^0x/),
      },
      expect.objectContaining({ validator: stage.of('guardian'), amount: String(3n * one) }),
    ]);
    expect([counts('validator'), counts('guardian'), counts('student')]).toEqual([
      [0, 0, 1],
      [0, 0, 1],
      [0, 1, 0],
    ]);
    caught(['validator']);
    await arenaRun(desk, 2);
    expect(await slashed('validator')).toBe(95n * one);
    // Beyond its bounds it is for people: mooring slash --from-log takes this one, and passes over those that were made.
    expect(readSlashLog('log', desk.read(`${arenaFolder}/orchestrator.ndjson`))).toEqual([expect.objectContaining({ round: 2n, amount: 5n * one })]);
    expect(logOf(desk).at(-2)).toEqual({
      time: expect.stringMatching(/^\d{4}-/),
      level: 'warn',
      event: 'validator_slashed',
      round: '2',
      validator: stage.of('validator'),
      amount: String(5n * one),
      recipient: stage.of('treasury'),
      message: 'validator slashed: moderation:block',
    });
  });

  test('a slash does not wait for a payment that a pause holds up, and is made, counted and told once', async () => {
    desk.remove();
    desk = stage.desk(slash);
    caught(['validator']);
    const { answer } = stage.judge;
    stage.judge.answer = async (question) => {
      await stage.world.byHand({ on: 'arena', call: 'pause' });
      return (await answer?.(question)) ?? { scores: {} };
    };
    for (let i = 0; i < 2; i++) {
      expect((await arenaRun(desk)).exit).toBe(3);
      expect([roundOf(desk, 's-1').stage, await slashed('validator'), counts('validator')]).toEqual(['judged', 95n * one, [0, 0, 1]]);
    }
    await stage.world.byHand({ on: 'arena', call: 'unpause' });
    expect((await arenaRun(desk)).exit).toBe(0);
    expect([await slashed('validator'), counts('validator')]).toEqual([95n * one, [0, 0, 1]]);
    expect(logOf(desk).filter(({ event }) => event === 'slash_reported').length).toBe(1);
  });

  test('slashes nobody where the policy doesn’t say so, or the account may not; the round goes on', async () => {
    desk.remove();
    desk = stage.desk('moderation: { subjects: [collusion] }\n');
    caught(['validator']);
    expect((await arenaRun(desk)).stdout).toContain('to be slashed (refused)');
    expect(logOf(desk).at(-2)).toMatchObject({ event: 'slash_undecided', validator: stage.of('validator') });
    expect(await slashed('validator')).toBe(100n * one);
    desk.remove();
    desk = stage.desk(slash.replace('"5 AGIALPHA"', '"500 AGIALPHA"').replace('"8 AGIALPHA"', '"800 AGIALPHA"'));
    await stage.reset();
    caught(['validator']);
    expect((await arenaRun(desk)).stdout).toMatch(/finalised.*validator to be slashed \(refused\): moderation:block/);
    expect(logOf(desk).at(-2)).toMatchObject({ event: 'validator_slashed', amount: String(500n * one) });
    expect(await slashed('validator')).toBe(100n * one);
  });

  test('a score that is too low is a reason of its own', async () => {
    desk.remove();
    desk = stage.desk(slash);
    stage.judge.answer = ({ students, validators }) => scored(students, validators, 'guardian');
    expect((await arenaRun(desk)).stdout).toContain('guardian slashed: auto-slash:score');
  });

  test('listed agents are never entered', async () => {
    desk.remove();
    desk = stage.desk('moderation: { agents: [student, validator] }\n');
    await arenaRun(desk);
    const found = await round(1n);
    expect([found[8], found[10]]).toEqual([[stage.of('stranger')], [stage.of('guardian')]]);
  });

  test('reconcile takes slashes of any hand from the chain, and done again changes nothing', async () => {
    await arenaRun(desk);
    const report = { on: 'arena', call: 'reportValidatorMisconduct', from: 'owner' } as const;
    for (const amount of [one, 2n * one]) await stage.world.byHand({ ...report, args: [1n, 'validator', amount, 'treasury', 'by hand'] });
    expect((await desk.run(`arena reconcile --env ${environmentName}`)).stdout).toBe('validator: 0 → 2 slashes\n');
    const before = desk.read(`${arenaFolder}/scoreboard.json`);
    expect((await desk.run(`arena reconcile --env ${environmentName}`)).stdout).toBe('the scoreboard has all rounds, and the slashes of the chain\n');
    expect(desk.read(`${arenaFolder}/scoreboard.json`)).toBe(before);
  });
});
