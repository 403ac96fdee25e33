// Rounds on a real chain: run, judged, paid, slashed, and stopped by pauses.
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { one } from '../../scripts/deployment/contract-list.ts';
import type { Desk } from '../support/cli.ts';
import { environmentName, folder } from '../support/field-world.ts';
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

const rounds = (): Promise<unknown> => stage.world.read({ on: 'arena', call: 'totalRounds' });
const round = async (id: bigint): Promise<unknown[]> => (await stage.world.read({ on: 'arena', call: 'getRound', args: [id] })) as unknown[];
const counts = (name: string): number[] => {
  const { wins = 0, losses = 0, slashes = 0 } = board(desk)[stage.of(name)] ?? {};
  return [wins, losses, slashes];
};

async function startHook(take: (body: string, headers: Record<string, unknown>) => void): Promise<{ url: string; stop(): Promise<void> }> {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += String(piece);
    take(body, request.headers);
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, stop };
}

/** Everyone is good, but one. */
function scored(students: string[], validators: string[], bad: string): { scores: Record<string, number> } {
  return { scores: Object.fromEntries([...students, ...validators].map((address) => [address, address === stage.of(bad) ? 0.1 : 0.9])) };
}

describe('a run', () => {
  test('starts, fills, closes, has judged and finalises each round, once', async () => {
    const said = await arenaRun(desk, 2);
    expect(said, said.stderr).toMatchObject({ exit: 0 });
    expect(said.stdout.trim().split('\n')).toEqual([
      'round s-1: #1 finalised, 1 of 1 won, difficulty 1 (+1)',
      'round s-2: #2 finalised, 1 of 1 won, difficulty 2 (+1)',
    ]);
    const first = await round(1n);
    expect([first[0], first[1], first[4], first[6], first[8], first[11]]).toEqual([
      1n,
      1n,
      true,
      stage.of('teacher'),
      [stage.of('student')],
      [stage.of('student')],
    ]);
    expect(first[10]).toEqual([stage.of('validator'), stage.of('guardian')]);
    expect(counts('student')).toEqual([2, 0, 0]);
    const again = await arenaRun(desk, 2);
    expect([again.exit, again.stdout]).toEqual([0, 'round s-1: done before\nround s-2: done before\n']);
    expect(await rounds()).toBe(2n);
    expect(counts('student')).toEqual([2, 0, 0]);
  });

  test('leaves a receipt in the reference’s form', async () => {
    await arenaRun(desk);
    const receipt = JSON.parse(desk.read(`${arenaFolder}/runs/s-1.json`));
    expect(receipt.run).toMatchObject({ id: 's-1', plan_id: 's-1', state: 'completed', est_budget: String((50n + 15n + 8n) * one) });
    expect(receipt.steps.map((step: { name: string; state: string }) => [step.name, step.state])).toEqual(
      ['start', 'register', 'close', 'judge', 'finalise', 'score'].map((name) => [name, 'completed']),
    );
    expect(receipt.current).toBeNull();
    expect(receipt.receipts).toMatchObject({ plan_id: 's-1', job_id: '1', cids: [], timings: { state: 'completed' } });
    expect(receipt.receipts.txes.length).toBe(6);
    expect(receipt.receipts.payouts).toEqual({
      [stage.of('teacher')]: String(50n * one),
      [stage.of('student')]: String(15n * one),
      [stage.of('validator')]: String(4n * one),
      [stage.of('guardian')]: String(4n * one),
    });
    expect(receipt.receipts.timings.scoreboard[stage.of('student')].wins).toBe(1);
  });

  test('tries more agents as visits grow, and is the same for the same seed', async () => {
    stage.judge.answer = ({ students, validators }) => scored(students, validators, 'student');
    await arenaRun(desk, 6);
    const chosen = [1, 2, 3, 4, 5, 6].map((n) => roundOf(desk, `s-${n}`).students[0]?.path);
    // The limit is floor(visits^0.5): the second child comes after four visits.
    expect(chosen.slice(0, 5)).toEqual(['root/student', 'root/student', 'root/student', 'root/student', 'root/stranger']);
    const other = stage.desk();
    await stage.reset();
    stage.judge.answer = ({ students, validators }) => scored(students, validators, 'student');
    await arenaRun(other, 6);
    expect([1, 2, 3, 4, 5, 6].map((n) => roundOf(other, `s-${n}`).students[0]?.path)).toEqual(chosen);
    other.remove();
  });

  test('leaves out who can not be entered, and gives up on a round without students', async () => {
    await stage.world.byHand({ on: 'identityRegistry', call: 'setOpen', args: [false] });
    for (const name of ['teacher', 'student']) await stage.world.byHand({ on: 'identityRegistry', call: 'setAllowed', args: [name, true] });
    const said = await arenaRun(desk);
    expect([said.exit, said.stdout]).toEqual([0, 'round s-1: #1 finalised, 1 of 1 won, difficulty 1 (+1)\n']);
    expect((await round(1n))[10]).toEqual([]);
    await stage.world.byHand({ on: 'identityRegistry', call: 'setAllowed', args: ['student', false] });
    expect((await arenaRun(desk, 2)).stdout).toContain('round s-2: #2 abandoned');
    expect((await round(2n))[4]).toBe(false);
    expect(counts('student')).toEqual([1, 0, 0]);
  });

  test('stops where the judge can not be followed, and goes on there', async () => {
    stage.judge.answer = () => ({ scores: {} });
    const said = await arenaRun(desk);
    expect([said.exit, said.stderr.includes('JUDGE_ANSWER')]).toEqual([5, true]);
    expect(roundOf(desk, 's-1').stage).toBe('closed');
    stage.judge.answer = null;
    expect((await arenaRun(desk)).stdout).toContain('round s-1: #1 finalised');
    expect(await rounds()).toBe(1n);
  });

  test('is signed for, and told, where monitoring has a webhook; one that fails holds nothing up', async () => {
    const heard: { body: string; headers: Record<string, unknown> }[] = [];
    const hook = await startHook((body, headers) => heard.push({ body, headers }));
    desk.write(
      `${folder}/loops/sentinel.yaml`,
      `apiVersion: mooring/v1\nkind: Sentinel\nalertChannels: [log, ops, dead]\nchannels:\n  ops: { type: webhook, url: "${hook.url}", secretEnv: OPS_SECRET }\n  dead: { type: webhook, url: "http://127.0.0.1:1/", secretEnv: OPS_SECRET }\n`,
    );
    desk.env['OPS_SECRET'] = 'a-secret-of-some-length';
    const said = await arenaRun(desk);
    await hook.stop();
    expect([said.exit, said.stderr.includes('a-secret'), said.stderr.includes('did not take')]).toEqual([0, false, true]);
    const [{ body, headers }] = heard as [(typeof heard)[number]];
    expect(JSON.parse(body)).toMatchObject({
      source: 'arena/s-1',
      reason: 'round_finalised',
      severity: 'info',
      messages: [expect.stringContaining('finalised')],
    });
    const signature = createHmac('sha256', 'a-secret-of-some-length').update(`${headers['mooring-timestamp']}.${body}`).digest('hex');
    expect([heard.length, headers['mooring-signature']]).toEqual([1, `sha256=${signature}`]);
  });

  test('without a judge draws scores from the seed, but never where real money is', async () => {
    const file = `${folder}/loops/arena.yaml`;
    desk.write(file, desk.read(file).replace(/judge:.*\n/, ''));
    expect((await arenaRun(desk)).stdout).toContain('round s-1: #1 finalised');
    const settings = `${folder}/environment.yaml`;
    desk.write(settings, desk.read(settings).replace(/rpc: .*/, `rpc: ["${stage.world.url}", "${stage.world.proxy.url}"]\nproduction: true`));
    const said = await arenaRun(desk, 2);
    expect([said.exit, said.stderr.includes('ARENA_MISSING')]).toEqual([65, true]);
    expect(await rounds()).toBe(1n);
  });

  test('refuses a folder that has the rounds of another arena', async () => {
    await arenaRun(desk);
    const file = `${arenaFolder}/rounds/s-1.json`;
    desk.write(file, desk.read(file).replaceAll(stage.world.deployment.addresses.arena, stage.of('stranger')));
    const said = await arenaRun(desk, 2);
    expect([said.exit, said.stderr.includes('ROUND_FOREIGN')]).toEqual([1, true]);
    expect(await rounds()).toBe(1n);
  });

  test('with a key that is no orchestrator’s is refused before anything is sent', async () => {
    await stage.world.byHand({ on: 'arena', call: 'setOrchestrator', args: ['orchestrator-a', false] });
    const said = await arenaRun(desk);
    expect([said.exit, said.stderr.includes('SIGNER_MISSING')]).toEqual([64, true]);
    expect(stage.world.proxy.count('eth_sendRawTransaction')).toBe(0);
  });
});

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
    // Beyond its bounds it is for people: exactly what mooring slash --from-log takes.
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
    expect((await desk.run(`arena reconcile --env ${environmentName}`)).stdout).toBe('the scoreboard has the slashes of the chain\n');
    expect(desk.read(`${arenaFolder}/scoreboard.json`)).toBe(before);
  });
});

test('a broken scoreboard stops everything before it begins, and is kept', async () => {
  await arenaRun(desk);
  desk.write(`${arenaFolder}/scoreboard.json`, '{"torn');
  const handed = stage.world.proxy.count('eth_sendRawTransaction');
  for (const line of [`arena run --env ${environmentName} --rounds 2 --seed s`, `arena reconcile --env ${environmentName}`]) {
    const said = await desk.run(line);
    expect([said.exit, said.stderr.includes('SCOREBOARD_CORRUPT')]).toEqual([1, true]);
  }
  expect(stage.world.proxy.count('eth_sendRawTransaction')).toBe(handed);
  expect(desk.read(`${arenaFolder}/scoreboard.json`)).toBe('{"torn');
  expect(desk.files(arenaFolder).filter((file) => file.includes('corrupt')).length).toBe(1);
  expect(desk.has(`${arenaFolder}/rounds/s-2.json`)).toBe(false);
});
