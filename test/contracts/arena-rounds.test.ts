import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { one } from '../../scripts/deployment/contract-list.ts';
import type { Address } from '../../src/types.ts';
import { type ContractWorld, startContractWorld } from '../support/contract-world.ts';
import { namesOf } from './setter-cases.ts';

const zero = '0x0000000000000000000000000000000000000000';
const recipient = '0x00000000000000000000000000000000000000AA';

let world: ContractWorld;
let goBack: () => Promise<void>;
beforeAll(async () => {
  world = await startContractWorld();
  const { owner, stranger, validator } = world.accounts;
  await world.send({ from: stranger.address, on: 'jobRegistry', call: 'createJob', args: [`0x${'22'.repeat(32)}`] });
  await world.send({ from: owner.address, on: 'token', call: 'transfer', args: [validator.address, 100n * one] });
  await world.send({ from: validator.address, on: 'token', call: 'approve', args: [world.addresses.stakeManager, 100n * one] });
  await world.send({ from: validator.address, on: 'stakeManager', call: 'depositStake', args: [1n, 100n * one] });
  goBack = await world.snapshot();
});
beforeEach(() => goBack());
afterAll(() => world?.stop());

const as = (from: Address, call: string, ...args: unknown[]) => ({ from, on: 'arena' as const, call, args });
const run = (call: string, ...args: unknown[]) => as(world.accounts.orchestratorA.address, call, ...args);
const byOwner = (call: string, ...args: unknown[]) => as(world.accounts.owner.address, call, ...args);
const start = (jobId = 1n) => run('startRound', 3n, jobId, world.accounts.teacher.address, 'teacher', []);
const enterStudent = (account: Address, roundId = 1n, jobId = 1n) => run('registerStudentJob', roundId, jobId, account, 'student', []);
const enterValidator = (account: Address, roundId = 1n, jobId = 1n) => run('registerValidatorJob', roundId, jobId, account, 'validator', []);
const closeIdentity = () => world.send({ from: world.accounts.owner.address, on: 'identityRegistry', call: 'setOpen', args: [false] });
const balance = (of: Address) => world.read('token', 'balanceOf', of);
const other = (index: number) => `0x${'c'.repeat(38)}${index.toString(16).padStart(2, '0')}`;

describe('a round', () => {
  test('starts, fills, closes, is paid out by the splits, and can be read', async () => {
    const { teacher, student, validator } = world.accounts;
    expect(await world.result(start())).toBe(1n);
    expect(await namesOf(world, start())).toEqual(['RoundStarted']);
    expect(await namesOf(world, enterStudent(student.address))).toEqual(['StudentRegistered']);
    await world.send(enterStudent(other(1)));
    expect(await namesOf(world, enterValidator(validator.address))).toEqual(['ValidatorRegistered']);
    expect(await namesOf(world, run('closeRound', 1n))).toEqual(['RoundClosed']);
    const events = await world.send(run('finaliseRound', 1n, [student.address], -2n));
    expect(events.map(({ name }) => name).filter((name) => name !== 'Transfer')).toEqual([
      'RewardPaid',
      'RewardPaid',
      'RewardPaid',
      'RewardsDistributed',
      'RoundFinalised',
    ]);
    // 100 · 50 %, 50 · 30 %, 20 · 20 %.
    expect([await balance(teacher.address), await balance(student.address), await balance(validator.address)]).toEqual([50n * one, 15n * one, 4n * one]);
    expect(await balance(other(1))).toBe(0n);
    const round = (await world.read('arena', 'getRound', 1n)) as unknown[];
    expect([round[0], round[1], round[4], round[6], round[8], round[10], round[11]]).toEqual([
      3n,
      -2n,
      true,
      teacher.address,
      [student.address, expect.stringMatching(/^0x/)],
      [validator.address],
      [student.address],
    ]);
    expect(await world.read('arena', 'totalRounds')).toBe(1n);
  });

  test('is the owner’s and the orchestrators’ to run, and blocked while paused', async () => {
    const { owner, stranger, student } = world.accounts;
    await world.send(start());
    const calls = [start(), enterStudent(student.address), enterValidator(student.address), run('closeRound', 1n), run('finaliseRound', 1n, [], 0n)];
    for (const call of calls) expect(await world.refusal({ ...call, from: stranger.address }), call.call).toBe('NotAuthorised()');
    for (const call of calls.slice(0, 4)) expect(await world.refusal({ ...call, from: owner.address }), call.call).toBeNull();
    await world.send(byOwner('pause'));
    for (const call of calls) expect(await world.refusal(call), call.call).toBe('EnforcedPause()');
    await world.send(byOwner('unpause'));
    await world.send(byOwner('setOrchestrator', world.accounts.orchestratorA.address, false));
    expect(await world.refusal(start())).toBe('NotAuthorised()');
    expect(await world.refusal({ ...start(), from: world.accounts.orchestratorB.address })).toBeNull();
  });

  test('takes known people and jobs only', async () => {
    const { teacher, student, validator } = world.accounts;
    expect(await world.refusal(start(2n))).toBe('InvalidJob(2)');
    await world.send(start());
    expect(await world.refusal(enterStudent(student.address, 1n, 0n))).toBe('InvalidJob(0)');
    expect(await world.refusal(enterValidator(validator.address, 1n, 2n))).toBe('InvalidJob(2)');
    await closeIdentity();
    expect(await world.refusal(start())).toBe(`InvalidAgent(${teacher.address})`);
    expect(await world.refusal(enterStudent(student.address))).toBe(`InvalidAgent(${student.address})`);
    expect(await world.refusal(enterValidator(validator.address))).toBe(`InvalidValidator(${validator.address})`);
  });

  test('takes each once, and no more validators than the committee has seats', async () => {
    const { student, validator } = world.accounts;
    await world.send(start());
    await world.send(enterStudent(student.address));
    expect(await world.refusal(enterStudent(student.address))).toBe(`DuplicateParticipant(${student.address})`);
    await world.send(enterValidator(validator.address));
    expect(await world.refusal(enterValidator(validator.address))).toBe(`DuplicateParticipant(${validator.address})`);
    await world.send(enterValidator(other(1)));
    await world.send(enterValidator(other(2)));
    expect(await world.refusal(enterValidator(other(3)))).toBe('CommitteeFull(1)');
    await world.send(byOwner('setCommitteeParameters', 4n, one));
    expect(await world.refusal(enterValidator(other(3)))).toBeNull();
  });

  test('goes through its stages once', async () => {
    const { student } = world.accounts;
    for (const call of [enterStudent(student.address), enterValidator(student.address), run('closeRound', 1n), run('finaliseRound', 1n, [], 0n)]) {
      expect(await world.refusal(call), call.call).toBe('RoundNotFound(1)');
    }
    expect(await world.refusal(run('getRound', 0n))).toBe('RoundNotFound(0)');
    expect(await world.refusal(run('getRound', 1n))).toBe('RoundNotFound(1)');
    await world.send(start());
    expect(await world.refusal(run('finaliseRound', 1n, [], 0n))).toBe('RoundNotClosed(1)');
    await world.send(run('closeRound', 1n));
    for (const call of [enterStudent(student.address), enterValidator(student.address), run('closeRound', 1n)]) {
      expect(await world.refusal(call), call.call).toBe('RoundClosedAlready(1)');
    }
    await world.send(run('finaliseRound', 1n, [], 0n));
    expect(await world.refusal(run('finaliseRound', 1n, [], 0n))).toBe('RoundFinalisedAlready(1)');
  });
});

describe('paying out', () => {
  beforeEach(async () => {
    await world.send(start());
    await world.send(enterStudent(world.accounts.student.address));
    await world.send(enterValidator(world.accounts.validator.address));
    await world.send(run('closeRound', 1n));
  });
  const finalise = (...winners: Address[]) => run('finaliseRound', 1n, winners, 1n);

  test('winners are students of the round, each once', async () => {
    const { student, stranger } = world.accounts;
    expect(await world.refusal(finalise(stranger.address))).toBe(`InvalidAgent(${stranger.address})`);
    expect(await world.refusal(finalise(student.address, student.address))).toBe(`DuplicateParticipant(${student.address})`);
  });

  test('needs a fee pool of which the arena is a rewarder, and which isn’t paused', async () => {
    const { owner, student } = world.accounts;
    await world.send({ from: owner.address, on: 'feePool', call: 'pause' });
    expect(await world.refusal(finalise(student.address))).toBe('EnforcedPause()');
    await world.send({ from: owner.address, on: 'feePool', call: 'unpause' });
    await world.send({ from: owner.address, on: 'feePool', call: 'setRewarder', args: [world.addresses.arena, false] });
    expect(await world.refusal(finalise(student.address))).toBe('NotRewarder()');
    await world.send(byOwner('setFeePool', zero));
    expect(await world.refusal(finalise(student.address))).toBe('FeePoolNotConfigured()');
  });

  test('who has no split gets nothing', async () => {
    const { student, teacher, validator } = world.accounts;
    await world.send(byOwner('setRewardSplits', 0n, 10_000n, 0n));
    await world.send(finalise(student.address));
    expect([await balance(teacher.address), await balance(student.address), await balance(validator.address)]).toEqual([0n, 50n * one, 0n]);
  });
});

describe('misconduct', () => {
  beforeEach(async () => {
    await world.send(start());
    await world.send(enterValidator(world.accounts.validator.address));
  });
  const report = (amount = 10n * one, roundId = 1n) =>
    run('reportValidatorMisconduct', roundId, world.accounts.validator.address, amount, recipient, 'moderation:block');

  test('is slashed through the StakeManager, paused or not', async () => {
    const { validator } = world.accounts;
    const [event] = await world.send(report());
    expect(event).toMatchObject({
      name: 'ValidatorMisconduct',
      args: { roundId: 1n, validator: validator.address, amount: 10n * one, recipient, reason: 'moderation:block' },
    });
    await world.send(byOwner('pause'));
    expect((await namesOf(world, report())).slice(0, 2)).toEqual(['ValidatorMisconduct', 'StakeSlashed']);
    expect(await world.read('stakeManager', 'stakes', validator.address, 1n)).toBe(80n * one);
  });

  test('is reported by owner and orchestrators, of validators of the round', async () => {
    const { owner, stranger, student } = world.accounts;
    expect(await world.refusal({ ...report(), from: stranger.address })).toBe('NotAuthorised()');
    expect(await world.refusal({ ...report(), from: owner.address })).toBeNull();
    expect(await world.refusal(report(10n, 2n))).toBe('RoundNotFound(2)');
    expect(await world.refusal(report(0n))).toBe('InvalidAmount()');
    expect(await world.refusal(run('reportValidatorMisconduct', 1n, student.address, 1n, recipient, ''))).toBe(`InvalidValidator(${student.address})`);
  });

  test('needs a StakeManager that accepts the arena', async () => {
    const { owner } = world.accounts;
    await world.send({ from: owner.address, on: 'stakeManager', call: 'setValidatorLockManager', args: [world.addresses.arena, false] });
    expect(await world.refusal(report())).toBe('Unauthorized()');
    await world.send(byOwner('setStakeManager', zero));
    expect(await world.refusal(report())).toBe('StakeManagerNotConfigured()');
    expect(await world.refusal(report(0n))).toBe('InvalidAmount()');
  });
});
