// The command line and its RPCs: none, the wrong one, two that disagree, one that hides an event. Nothing is ever sent in doubt.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { EditOperation } from '../../src/desired/edit/edit.ts';
import { id } from '../../src/kinds/keccak.ts';
import { callsIn, codesIn, type Desk, type PlanFile, parsePlan, type Said } from '../support/cli.ts';
import { environmentName, type FieldWorld, folder, startFieldWorld } from '../support/field-world.ts';
import { type RpcProxy, startRpcProxy } from '../support/rpc-proxy.ts';

let world: FieldWorld;
let other: RpcProxy;
let desk: Desk;

beforeAll(async () => {
  world = await startFieldWorld({ variant: 'key' });
  other = await startRpcProxy(world.url);
});
afterAll(async () => {
  await other?.stop();
  await world?.stop();
});
beforeEach(async () => {
  await world.reset();
  other.hooks = {};
  other.reset();
  desk = world.desk();
});
afterEach(() => desk?.remove());

const spec = (field: string, value: string): EditOperation => ({ path: ['spec', field], set: value });

function edit(contract: string, ...operations: EditOperation[]): void {
  desk.edit(`${folder}/contracts/${contract}.yaml`, operations);
}

function environment(...operations: EditOperation[]): void {
  desk.edit(`${folder}/environment.yaml`, operations);
}

function mooring(line: string): Promise<Said> {
  return desk.run(`${line} --env ${environmentName}`);
}

async function plan(): Promise<PlanFile> {
  const said = await mooring('plan --format json');
  expect(said.exit, said.stdout + said.stderr).toBe(0);
  return parsePlan(said.stdout);
}

const digest = 'ab'.repeat(32);
const online = [['plan'], ['drift'], [`apply --digest ${digest}`], ['import --kind Ownable --address identity-registry --name identities']];

/** Refused with this code, in words, and nothing was sent. */
async function refused(line: string, expected: { exit: number; code: string }): Promise<void> {
  const { exit, stdout, stderr } = await mooring(line);
  expect(exit, stdout + stderr).toBe(expected.exit);
  expect(stderr).toMatch(new RegExp(`^mooring: (desired-state\\S+ )?${expected.code}: .{20,}\\n +fix: .{20,}\\n`));
  expect(await world.sent()).toEqual({ handedOver: 0, taken: 0 });
}

describe.each(online)('mooring %s', (line) => {
  test('on another network stops', async () => {
    environment({ path: ['chainId'], set: '1' });
    await refused(line, { exit: 65, code: 'CHAIN_ID_MISMATCH' });
  });

  test('without the right to ask stops at once', async () => {
    world.proxy.hooks.before = () => ({ status: 401, body: 'who are you?' });
    await refused(line, { exit: 5, code: 'RPC_UNAVAILABLE' });
    expect(world.proxy.exchanges.length).toBeLessThanOrEqual(3);
  });
});

/** Each takes its time, since a node may come back: so they are waited for together. */
test('an RPC that is down or no node at all is told by its host alone, and the next one answers for it', async () => {
  const [down, garbage, next] = [world.desk(), world.desk(), world.desk()];
  const env = { RPC_TOKEN: 'a-token-that-nobody-may-see' };
  const pointTo = (where: Desk, ...urls: string[]): void => where.edit(`${folder}/environment.yaml`, [{ path: ['rpc'], set: urls }]);
  pointTo(down, 'http://127.0.0.1:1/v3/${RPC_TOKEN}');
  pointTo(garbage, `${other.url}/v3/\${RPC_TOKEN}`);
  pointTo(next, 'http://127.0.0.1:1/v3/${RPC_TOKEN}', world.proxy.url);
  other.hooks.rewriteText = () => '<html><body>It works!</body></html>';
  const said = await Promise.all([down, garbage, next].map((where) => where.run(`plan --env ${environmentName}`, { env })));
  for (const where of [down, garbage, next]) where.remove();
  expect(said.map(({ exit }) => exit)).toEqual([5, 5, 0]);
  expect(said[0]?.stderr).toMatch(/RPC_UNAVAILABLE.*http:\/\/127\.0\.0\.1:1[: ]/);
  expect(said[1]?.stderr).toMatch(/RPC_MALFORMED/);
  expect(said[2]?.stdout).toContain('nothing to change');
  for (const { stdout, stderr } of said) expect(stdout + stderr).not.toContain('a-token');
});

test('a variable of an RPC URL that is not set is named', async () => {
  environment({ path: ['rpc'], set: ['http://127.0.0.1:1/${RPC_TOKEN}'] });
  const { exit, stderr } = await mooring('plan');
  expect(exit).toBe(64);
  expect(stderr).toContain('RPC_TOKEN');
});

describe('a production environment', () => {
  beforeEach(() => environment({ path: ['production'], set: 'true' }, { path: ['rpc'], set: [world.proxy.url, other.url] }));

  test('needs a second RPC', async () => {
    environment({ path: ['rpc'], set: [world.proxy.url] });
    const { exit, stderr } = await mooring('plan');
    expect(exit).toBe(65);
    expect(stderr).toContain('SECOND_RPC_MISSING');
  });

  test('plans and applies where both agree', async () => {
    edit('arena', spec('baseTeacherReward', '120 AGIALPHA'));
    const { digest: approved } = await plan();
    const said = await mooring(`apply --digest ${approved} --quiet`);
    expect(said.exit, said.stderr).toBe(0);
    expect(other.exchanges.length).toBeGreaterThan(0);
  });

  test.each(online.slice(0, 3))('%s stops where they disagree about a value, and names it', async (line) => {
    edit('arena', spec('committeeSize', '5'));
    const { digest: approved } = await plan();
    // 100 AGIALPHA, the teacher's reward, a wei more.
    other.hooks.rewriteText = (text) => text.replaceAll('56bc75e2d63100000', '56bc75e2d63100001');
    const { exit, stderr } = await mooring(line.replace(digest, approved));
    expect(exit, stderr).toBe(5);
    expect(stderr).toContain('PROVIDERS_DISAGREE');
    expect(stderr).toContain('arena.baseTeacherReward');
    expect(await world.sent()).toEqual({ handedOver: 0, taken: 0 });
  });

  test('stops where one of them hides members of a set', async () => {
    await world.byHand({ on: 'arena', call: 'setOrchestrator', args: ['stranger', true] });
    const hidden = BigInt(await world.node.ask<string>('eth_blockNumber'));
    hide(world.proxy, [hidden]);
    const { exit, stderr } = await mooring('plan');
    expect(exit, stderr).toBe(5);
    expect(stderr).toContain('arena.orchestrators');
  });

  test('does not lift an emergency because one of them hides it', async () => {
    for (const paused of ['true', 'false']) {
      edit('arena', spec('paused', paused));
      const { digest: approved } = await plan();
      expect((await mooring(`apply --digest ${approved} --quiet`)).exit).toBe(0);
    }
    const unpaused = BigInt(await world.node.ask<string>('eth_blockNumber'));
    const { block } = await world.byHand({ on: 'pauseGuard', call: 'pause', args: [['arena']], from: 'guardian' });
    expect(codesIn((await plan()).findings)).toEqual(['warning STICKY_REDUCTION']);
    // What is left of the history: git itself paused the arena, and never unpaused it.
    hide(world.proxy, [unpaused, block]);
    forgetScans();
    const { exit, stdout, stderr } = await mooring('plan');
    expect(exit, stdout).toBe(5);
    expect(stderr).toContain('PROVIDERS_DISAGREE');
    // The control: alone, that RPC would be believed.
    environment({ path: ['production'], set: 'false' }, { path: ['rpc'], set: [world.proxy.url] });
    forgetScans();
    expect(callsIn(await plan())).toEqual(['arena.unpause']);
  });
});

/** As in a fresh checkout. */
function forgetScans(): void {
  const kept = desk.files('.mooring/field/cursors');
  expect(kept.length).toBeGreaterThan(0);
  for (const file of kept) desk.delete(file);
}

const pauses = new Set([id('Paused(address)'), id('Unpaused(address)'), id('OrchestratorUpdated(address,bool)')]);

/** Leaves out pause and membership events of some blocks. */
function hide(proxy: RpcProxy, blocks: readonly bigint[]): void {
  proxy.hooks.rewrite = (call, answer) => {
    if (call.method !== 'eth_getLogs' || !Array.isArray(answer.result)) return answer;
    const kept = (answer.result as { blockNumber: string; topics: string[] }[]).filter(
      (log) => !(blocks.includes(BigInt(log.blockNumber)) && pauses.has(log.topics[0] ?? '')),
    );
    return { ...answer, result: kept };
  };
}
