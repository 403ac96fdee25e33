// mooring plan, apply and status as an operator meets them: what is shown, what is asked, what is sent, and what never is.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Context } from '../../src/cli/command.ts';
import type { EditOperation } from '../../src/desired/edit.ts';
import { callsIn, type Desk, type PlanFile, parsePlan, type Said, steady } from '../support/cli.ts';
import { environmentName, type FieldWorld, folder, startFieldWorld } from '../support/field-world.ts';

let world: FieldWorld;
let desk: Desk;

beforeAll(async () => {
  world = await startFieldWorld({ variant: 'governed' });
});
afterAll(() => world?.stop());
beforeEach(async () => {
  await world.reset();
  desk = world.desk();
});
afterEach(() => desk?.remove());

const spec = (field: string, value: string): EditOperation => ({ path: ['spec', field], set: value });

function edit(contract: string, ...operations: EditOperation[]): void {
  desk.edit(`${folder}/contracts/${contract}.yaml`, operations);
}

/** What a reviewer meets: a split, a rotated orchestrator, a new stake floor, a side effect. */
function realisticChange(): void {
  edit(
    'arena',
    spec('teacherRewardSplitBps', '60%'),
    spec('studentRewardSplitBps', '20%'),
    { path: ['spec', 'orchestrators'], add: 'orchestrator-c' },
    { path: ['spec', 'orchestrators'], remove: 'orchestrator-a' },
  );
  edit('stake-manager', spec('minStake', '12 AGIALPHA'), spec('validatorRewardPct', '7%'));
}

function mooring(line: string, more: Partial<Context> = {}): Promise<Said> {
  return desk.run(`${line} --env ${environmentName}`, more);
}

async function planned(): Promise<PlanFile> {
  const said = await mooring('plan --format json');
  expect(said.exit, said.stdout + said.stderr).toBe(0);
  return parsePlan(said.stdout);
}

async function handedOver(): Promise<number> {
  return (await world.sent()).handedOver;
}

describe('mooring plan', () => {
  test('says in text what is sent, in which order, by whom, at what cost, and what the chain looks like afterwards', async () => {
    realisticChange();
    const { exit, stdout, stderr } = await mooring('plan');
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    await expect(steady(stdout)).toMatchFileSnapshot('../golden/cli/plan.txt');
  });

  test('says it in Markdown for a pull request', async () => {
    realisticChange();
    const { exit, stdout } = await mooring('plan --format markdown');
    expect(exit).toBe(0);
    await expect(steady(stdout)).toMatchFileSnapshot('../golden/cli/plan.md');
  });

  test('says all of it as JSON, in the shape that is published, whatever is in the way', async () => {
    const validate = new Ajv({ strict: true, allErrors: true, allowUnionTypes: true }).compile(
      JSON.parse(readFileSync(join(import.meta.dirname, '../../schemas/plan.schema.json'), 'utf8')) as object,
    );
    const plans: (() => unknown)[] = [
      () => {},
      realisticChange,
      () =>
        edit(
          'thermostat',
          { path: ['spec', 'roleTemperature', 'agent'], set: '0.9' },
          { path: ['spec', 'systemTemperature'], set: new Map([['within', ['1.5', '2.0']]]) },
        ),
      () => edit('stake-manager', { path: ['spec', 'agiTypes', 'agent-nft'], drop: true }, { path: ['spec', 'agiTypes', 'scholar-nft'], set: '130%' }),
      () => edit('role-book', { path: ['spec', 'roles', 'MINTER_ROLE'], add: 'teacher' }),
      () => world.byHand({ on: 'pauseGuard', call: 'pause', args: [['arena', 'stake-manager']], from: 'guardian' }),
      () =>
        edit(
          'stake-manager',
          spec('feePct', '60%'),
          { path: ['spec', 'burnPct'], drop: true },
          { path: ['spec', 'validatorRewardPct'], drop: true },
          spec('unbondingPeriod', '1 days'),
        ),
      () => edit('arena', spec('owner', '0x0000000000000000000000000000000000000001')),
    ];
    for (const prepare of plans) {
      await prepare();
      const { stdout } = await mooring('plan --format json');
      const plan: unknown = JSON.parse(stdout);
      expect(validate(plan), JSON.stringify(validate.errors?.slice(0, 3))).toBe(true);
      const unproven: unknown = JSON.parse((await mooring('plan --format json --proof never')).stdout);
      expect(validate(unproven), JSON.stringify(validate.errors?.slice(0, 3))).toBe(true);
    }
  });

  test('exits 0 with changes and without, and with --detailed-exitcode 2 where there are some', async () => {
    expect((await mooring('plan --detailed-exitcode')).exit).toBe(0);
    realisticChange();
    expect((await mooring('plan')).exit).toBe(0);
    expect((await mooring('plan --detailed-exitcode')).exit).toBe(2);
    edit('arena', spec('paused', 'true'), spec('owner', '0x0000000000000000000000000000000000000001'));
    expect((await mooring('plan --detailed-exitcode')).exit).toBe(3);
  });

  test('has one digest, whatever the block, the gas, the order of the lines and the folder', async () => {
    realisticChange();
    const { digest } = await planned();
    await world.node.mine(3);
    await world.byHand({ on: 'thermostat', call: 'setPID', args: [0n, 0n, 0n] });
    const lines = desk.read(`${folder}/contracts/stake-manager.yaml`).split('\n');
    const min = lines.findIndex((line) => line.includes('minStake:'));
    lines.splice(lines.findIndex((line) => line.startsWith('spec:')) + 1, 0, ...lines.splice(min, 1));
    desk.write(`${folder}/contracts/stake-manager.yaml`, lines.join('\n'));
    expect((await planned()).digest).toBe(digest);
    edit('stake-manager', spec('minStake', '13 AGIALPHA'));
    expect((await planned()).digest).not.toBe(digest);
  });

  test('without a proof says so, and how it could still be applied', async () => {
    realisticChange();
    const { exit, stdout } = await mooring('plan --proof never');
    expect(exit).toBe(0);
    expect(stdout).toContain('Not proven');
    expect(stdout).toContain('--unproven');
  });

  test('shows more with --verbose', async () => {
    const [short, long] = [await mooring('plan'), await mooring('plan --verbose')];
    expect(short.stdout).toContain('arena: totalRounds');
    expect(long.stdout).toMatch(/arena\.totalRounds\s+0\s+observed/);
  });
});

describe('mooring apply', () => {
  test('sends nothing without a digest, a plan file or a typed confirmation', async () => {
    realisticChange();
    const { exit, stderr } = await mooring('apply');
    expect(exit).toBe(64);
    expect(stderr).toContain('CONFIRMATION_MISSING');
    expect(await handedOver()).toBe(0);
  });

  test('takes a digest or a plan file, not both', async () => {
    realisticChange();
    const { exit, stderr } = await mooring(`apply --digest ${'ab'.repeat(32)} --plan plan.json`);
    expect(exit).toBe(64);
    expect(stderr).toContain('USAGE');
    expect(await handedOver()).toBe(0);
  });

  test('sends the plan that --out wrote, once', async () => {
    realisticChange();
    expect((await mooring('plan --out plans/plan.json')).exit).toBe(0);
    const plan = parsePlan(desk.read('plans/plan.json'));
    const { exit, stdout, stderr } = await mooring('apply --plan plans/plan.json');
    expect(exit, stderr).toBe(0);
    await expect(steady(stdout)).toMatchFileSnapshot('../golden/cli/apply.txt');
    await expect(steady(stderr)).toMatchFileSnapshot('../golden/cli/apply-progress.txt');
    expect(await world.sent()).toEqual({ handedOver: plan.steps.length, taken: plan.steps.length });
    await expect(steady((await mooring('status')).stdout)).toMatchFileSnapshot('../golden/cli/status.txt');
    const again = await mooring('apply --plan plans/plan.json');
    expect(again).toMatchObject({ exit: 0, stdout: 'Nothing to do: the chain is as git says. No transaction was sent.\n' });
    expect(await handedOver()).toBe(plan.steps.length);
    expect(callsIn(await planned())).toEqual([]);
  });

  test('shows the plan on a terminal and sends it when the first digits of its digest are typed', async () => {
    realisticChange();
    const { digest, steps } = await planned();
    const questions: string[] = [];
    const answer =
      (text: string) =>
      async (question: string): Promise<string> => {
        questions.push(question);
        return text;
      };
    for (const wrong of ['', 'yes', 'y', digest.slice(0, 7), digest.slice(1, 9)]) {
      const declined = await mooring('apply', { ask: answer(wrong) });
      expect(declined.exit).toBe(1);
      expect(declined.stderr).toContain('nothing was sent');
    }
    expect(await handedOver()).toBe(0);
    const done = await mooring('apply', { ask: answer(` ${digest.slice(0, 8).toUpperCase()}\n`) });
    expect(done.exit, done.stderr).toBe(0);
    expect(done.stderr).toContain('stake-manager.setMinStake');
    expect(questions.at(-1)).toContain(`${digest.slice(0, 8)} to send ${steps.length} transactions`);
    expect(await handedOver()).toBe(steps.length);
    const idle = await mooring('apply', { ask: answer('never asked') });
    expect(idle.exit).toBe(0);
    expect(questions).toHaveLength(6);
  });

  test('asks nothing about a plan that can not be applied', async () => {
    edit('arena', spec('owner', '0x0000000000000000000000000000000000000001'));
    const { exit, stderr } = await mooring('apply', { ask: () => Promise.reject(new Error('asked')) });
    expect(exit).toBe(3);
    expect(stderr).toContain('OWNER_UNKNOWN');
    expect(await handedOver()).toBe(0);
  });

  test('refuses a digest that nobody planned', async () => {
    realisticChange();
    const { exit, stderr } = await mooring(`apply --digest ${'ab'.repeat(32)}`);
    expect(exit).toBe(4);
    expect(stderr).toContain('STALE_PLAN');
    expect(await handedOver()).toBe(0);
  });

  test('refuses the approved plan when a live value has moved, and says which', async () => {
    realisticChange();
    const { digest } = await planned();
    await mooring('plan');
    await world.byHand({ on: 'arena', call: 'setRewardSplits', args: [4000n, 3000n, 3000n] });
    const { exit, stderr } = await mooring(`apply --digest ${digest}`);
    expect(exit).toBe(4);
    await expect(steady(stderr)).toMatchFileSnapshot('../golden/cli/apply-stale.txt');
    expect(await handedOver()).toBe(0);
  });

  test('refuses the approved plan when git has moved, and says what', async () => {
    realisticChange();
    await mooring('plan --out plan.json');
    edit('stake-manager', spec('minStake', '13 AGIALPHA'));
    edit('thermostat', spec('kp', '2'));
    const { exit, stderr } = await mooring('apply --plan plan.json');
    expect(exit).toBe(4);
    for (const said of ['stake-manager.minStake', '13 AGIALPHA', 'thermostat.kp']) expect(stderr).toContain(said);
    expect(await handedOver()).toBe(0);
  });

  test.each([
    ['is missing', null],
    ['is no JSON', 'digest: 12'],
    ['is no plan', '{"version": 1}'],
    ['has no digest in its place', '{"digest": {"a": 1}}'],
    ['has half a digest', '{"digest": "abcd"}'],
  ])('refuses a plan file that %s', async (_, text) => {
    if (text !== null) desk.write('plan.json', text);
    const { exit, stderr } = await mooring('apply --plan plan.json');
    expect([64, 65]).toContain(exit);
    expect(stderr).not.toContain('INTERNAL');
  });

  test('takes of a plan file only its digest: what else it says is not sent', async () => {
    realisticChange();
    await mooring('plan --out plan.json');
    const plan = parsePlan(desk.read('plan.json'));
    const forged = JSON.stringify({ ...plan, steps: plan.steps.map((step) => ({ ...step, data: '0xdeadbeef', to: world.addresses['stranger'] })) });
    desk.write('plan.json', forged);
    expect((await mooring('apply --plan plan.json --quiet')).exit).toBe(0);
    expect((await planned()).changes).toEqual([]);
  });

  test('refuses a plan without a proof, also with --unproven where policy asks for one', async () => {
    realisticChange();
    // A node that can do nothing but plain calls, and can't be forked either.
    world.proxy.hooks.rewrite = (call, answer) =>
      ['eth_simulateV1', 'net_version'].includes(call.method) || (call.method === 'eth_call' && call.params.length > 2)
        ? { id: call.id, jsonrpc: '2.0', error: { code: -32601, message: 'not supported' } }
        : answer;
    const { stdout } = await mooring('plan --out plan.json');
    expect(stdout).toContain('Not proven: ');
    expect(parsePlan(desk.read('plan.json')).simulation.status).toBe('unproven');
    for (const flags of ['', ' --unproven']) {
      const { exit, stderr } = await mooring(`apply --plan plan.json${flags}`);
      expect(exit).toBe(3);
      expect(stderr).toContain('PLAN_UNPROVEN');
    }
    expect(await handedOver()).toBe(0);
    desk.edit(`${folder}/policy.yaml`, [{ path: ['requireProof'], set: 'false' }]);
    await mooring('plan --out plan.json');
    expect((await mooring('apply --plan plan.json')).exit).toBe(3);
    const sent = await mooring('apply --plan plan.json --unproven');
    expect(sent.exit, sent.stderr).toBe(0);
  });

  test('refuses where policy asks for approvals that a command line can not give', async () => {
    realisticChange();
    desk.edit(`${folder}/policy.yaml`, [{ path: ['approvals', 'increase'], set: '2' }]);
    const plan = await planned();
    const given = await mooring(`apply --digest ${plan.digest}`);
    expect(given.exit).toBe(3);
    expect(given.stderr).toContain('APPROVAL_REQUIRED');
    const typed = await mooring('apply', { ask: async () => plan.digest.slice(0, 8) });
    expect(typed.exit).toBe(3);
    expect(await handedOver()).toBe(0);
  });

  test('says who is missing where it has no key, before it sends anything', async () => {
    realisticChange();
    const { digest } = await planned();
    const { exit, stderr } = await mooring(`apply --digest ${digest}`, { env: {} });
    expect(exit).toBe(64);
    expect(stderr).toContain('SIGNER_MISSING');
    expect(stderr).toContain('set MOORING_OWNER_KEY');
    expect(await handedOver()).toBe(0);
  });

  test('refuses a digest that has been spent, when the chain was moved back behind it', async () => {
    edit('stake-manager', spec('unbondingPeriod', '8 days'));
    const { digest } = await planned();
    expect((await mooring(`apply --digest ${digest} --quiet`)).exit).toBe(0);
    const back = world.encode({ on: 'stakeManager', call: 'setUnbondingPeriod', args: [604_800n] });
    await world.byHand({ on: 'systemPause', call: 'executeGovernanceCall', args: ['stake-manager', back] });
    expect((await planned()).digest).toBe(digest);
    const { exit, stderr } = await mooring(`apply --digest ${digest}`);
    expect(exit).toBe(4);
    expect(stderr).toContain('DIGEST_SPENT');
    expect(await handedOver()).toBe(1);
    const agreed = await mooring('apply --quiet', { ask: async () => digest.slice(0, 8) });
    expect(agreed.exit, agreed.stderr).toBe(0);
    expect(await handedOver()).toBe(2);
  });

  test('twice at once sends everything once', async () => {
    realisticChange();
    const { digest, steps } = await planned();
    const said = await Promise.all([mooring(`apply --digest ${digest}`), mooring(`apply --digest ${digest}`)]);
    const [done, other] = said.toSorted((a, b) => a.exit - b.exit);
    expect(done?.exit).toBe(0);
    if (other?.exit !== 0) expect(other?.stderr).toContain('JOURNAL_LOCKED');
    expect(await world.sent()).toEqual({ handedOver: steps.length, taken: steps.length });
  });

  test('as JSON is one document with the receipt in it', async () => {
    realisticChange();
    const { digest } = await planned();
    const { exit, stdout } = await mooring(`apply --digest ${digest} --format json`);
    expect(exit).toBe(0);
    const result = JSON.parse(stdout) as { outcome: string; receipt: { digest: string; transactions: { success: boolean }[] } };
    expect(result).toMatchObject({ outcome: 'done', receipt: { digest } });
    expect(result.receipt.transactions.every(({ success }) => success)).toBe(true);
  });
});

describe('mooring status', () => {
  test('before any run says that there is none, and needs no chain', async () => {
    const { exit, stdout } = await mooring('status');
    expect(exit).toBe(0);
    expect(stdout).toContain('no run yet');
    expect(world.proxy.exchanges).toEqual([]);
  });
});
