// Rounds on a real chain: run, judged, paid, and gone on with.
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { one } from '../../scripts/deployment/contract-list.ts';
import { readPastRounds, roundsOf } from '../../src/arena/past-rounds.ts';
import { signsIn } from '../../src/loops/alerts/log-signs.ts';
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
    expect(logOf(desk).at(-1)).toMatchObject({ event: 'round_failed', level: 'error', message: expect.stringContaining('round s-1 failed: JUDGE_ANSWER') });
    // What an incident's report makes of it.
    expect(signsIn(desk.read(`${arenaFolder}/orchestrator.ndjson`), []).map(({ what }) => what)).toContain('failed round');
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

test('a scoreboard that was put back gets the rounds again that it lacks, once', async () => {
  await arenaRun(desk, 2);
  const whole = board(desk);
  const older = desk.read(`${arenaFolder}/scoreboard.json.previous`);
  expect(JSON.parse(older)).not.toEqual(whole);
  const bare = (scores: typeof whole): unknown => Object.entries(scores).map(([agent, { updatedAt: _, ...score }]) => [agent, score]);
  for (const line of [`arena reconcile --env ${environmentName}`, `arena run --env ${environmentName} --rounds 2 --seed s`]) {
    desk.write(`${arenaFolder}/scoreboard.json`, older);
    for (let i = 0; i < 2; i++) {
      const said = await desk.run(line);
      expect(said.exit, said.stderr).toBe(0);
      expect(bare(board(desk))).toEqual(bare(whole));
    }
  }
  expect((await logOf(desk)).filter(({ event }) => event === 'round_recounted').map(({ round }) => round)).toEqual(['s-2', 's-2']);
});

test('a rotation shows what those who hold the role have done in rounds', async () => {
  const rotate = async (): Promise<string> => {
    const line = `rotate --env ${environmentName} --role orchestrators --old orchestrator-a --new stranger --reason because --dry-run`;
    return (await desk.run(line)).stdout;
  };
  expect(await rotate()).toContain(`No scoreboard and no receipts of rounds in ${arenaFolder}`);
  await arenaRun(desk, 2);
  expect(await rotate()).toMatch(/orchestrator-a .*no line on the scoreboard +played in no round +its last transaction was of round s-2/);
});

describe('of an account is told', () => {
  const folder = (): string => join(desk.root, arenaFolder);

  test('what it has won, and the rounds that it was entered in, in order', async () => {
    await arenaRun(desk, 2);
    const past = readPastRounds(folder());
    const [student] = roundOf(desk, 's-2').students;
    expect(past === null ? null : roundsOf(past, (student?.address ?? '').toLowerCase(), null)).toMatchObject({
      score: board(desk)[student?.address ?? ''],
      entered: ['s-1', 's-2'],
      sent: null,
    });
    expect(past?.unread).toEqual([]);
  });

  test('what can not be read', () => {
    desk.write(`${arenaFolder}/scoreboard.json`, '{"torn');
    desk.write(`${arenaFolder}/runs/s-1.json`, '{"run":{}}');
    expect(readPastRounds(folder())).toMatchObject({ rounds: [], unread: ['scoreboard.json: it is not JSON', 'runs/s-1.json is not the receipt of a round'] });
  });

  test('nothing where there was no round', () => {
    expect(readPastRounds(folder())).toBeNull();
  });
});
