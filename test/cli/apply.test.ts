// mooring apply and status as an operator meets them: what is asked, what is sent, and what never is.
import { describe, expect, test } from 'vitest';
import { callsIn, parsePlan, steady } from '../support/cli.ts';
import { folder } from '../support/field-world.ts';
import { spec, useOperator } from './operator.ts';

const here = useOperator();

describe('mooring apply', () => {
  test('sends nothing without a digest, a plan file or a typed confirmation', async () => {
    here.realisticChange();
    const { exit, stderr } = await here.mooring('apply');
    expect(exit).toBe(64);
    expect(stderr).toContain('CONFIRMATION_MISSING');
    expect(await here.handedOver()).toBe(0);
  });

  test('takes a digest or a plan file, not both', async () => {
    here.realisticChange();
    const { exit, stderr } = await here.mooring(`apply --digest ${'ab'.repeat(32)} --plan plan.json`);
    expect(exit).toBe(64);
    expect(stderr).toContain('USAGE');
    expect(await here.handedOver()).toBe(0);
  });

  test('sends the plan that --out wrote, once', async () => {
    here.realisticChange();
    expect((await here.mooring('plan --out plans/plan.json')).exit).toBe(0);
    const plan = parsePlan(here.desk.read('plans/plan.json'));
    const { exit, stdout, stderr } = await here.mooring('apply --plan plans/plan.json');
    expect(exit, stderr).toBe(0);
    await expect(steady(stdout)).toMatchFileSnapshot('../golden/cli/apply.txt');
    await expect(steady(stderr)).toMatchFileSnapshot('../golden/cli/apply-progress.txt');
    expect(await here.world.sent()).toEqual({ handedOver: plan.steps.length, taken: plan.steps.length });
    await expect(steady((await here.mooring('status')).stdout)).toMatchFileSnapshot('../golden/cli/status.txt');
    const again = await here.mooring('apply --plan plans/plan.json');
    expect(again).toMatchObject({ exit: 0, stdout: 'Nothing to do: the chain is as git says. No transaction was sent.\n' });
    expect(await here.handedOver()).toBe(plan.steps.length);
    expect(callsIn(await here.planned())).toEqual([]);
  });

  test('shows the plan on a terminal and sends it when the first digits of its digest are typed', async () => {
    here.realisticChange();
    const { digest, steps } = await here.planned();
    const questions: string[] = [];
    const answer =
      (text: string) =>
      async (question: string): Promise<string> => {
        questions.push(question);
        return text;
      };
    for (const wrong of ['', 'yes', 'y', digest.slice(0, 7), digest.slice(1, 9)]) {
      const declined = await here.mooring('apply', { ask: answer(wrong) });
      expect(declined.exit).toBe(1);
      expect(declined.stderr).toContain('nothing was sent');
    }
    expect(await here.handedOver()).toBe(0);
    const done = await here.mooring('apply', { ask: answer(` ${digest.slice(0, 8).toUpperCase()}\n`) });
    expect(done.exit, done.stderr).toBe(0);
    expect(done.stderr).toContain('stake-manager.setMinStake');
    expect(questions.at(-1)).toContain(`${digest.slice(0, 8)} to send ${steps.length} transactions`);
    expect(await here.handedOver()).toBe(steps.length);
    const idle = await here.mooring('apply', { ask: answer('never asked') });
    expect(idle.exit).toBe(0);
    expect(questions).toHaveLength(6);
  });

  test('asks nothing about a plan that can not be applied', async () => {
    here.edit('arena', spec('owner', '0x0000000000000000000000000000000000000001'));
    const { exit, stderr } = await here.mooring('apply', { ask: () => Promise.reject(new Error('asked')) });
    expect(exit).toBe(3);
    expect(stderr).toContain('OWNER_UNKNOWN');
    expect(await here.handedOver()).toBe(0);
  });

  test('refuses a digest that nobody planned', async () => {
    here.realisticChange();
    const { exit, stderr } = await here.mooring(`apply --digest ${'ab'.repeat(32)}`);
    expect(exit).toBe(4);
    expect(stderr).toContain('STALE_PLAN');
    expect(await here.handedOver()).toBe(0);
  });

  test('refuses the approved plan when a live value has moved, and says which', async () => {
    here.realisticChange();
    const { digest } = await here.planned();
    await here.mooring('plan');
    await here.world.byHand({ on: 'arena', call: 'setRewardSplits', args: [4000n, 3000n, 3000n] });
    const { exit, stderr } = await here.mooring(`apply --digest ${digest}`);
    expect(exit).toBe(4);
    await expect(steady(stderr)).toMatchFileSnapshot('../golden/cli/apply-stale.txt');
    expect(await here.handedOver()).toBe(0);
  });

  test('refuses the approved plan when git has moved, and says what', async () => {
    here.realisticChange();
    await here.mooring('plan --out plan.json');
    here.edit('stake-manager', spec('minStake', '13 AGIALPHA'));
    here.edit('thermostat', spec('kp', '2'));
    const { exit, stderr } = await here.mooring('apply --plan plan.json');
    expect(exit).toBe(4);
    for (const said of ['stake-manager.minStake', '13 AGIALPHA', 'thermostat.kp']) expect(stderr).toContain(said);
    expect(await here.handedOver()).toBe(0);
  });

  test.each([
    ['is missing', null],
    ['is no JSON', 'digest: 12'],
    ['is no plan', '{"version": 1}'],
    ['has no digest in its place', '{"digest": {"a": 1}}'],
    ['has half a digest', '{"digest": "abcd"}'],
  ])('refuses a plan file that %s', async (_, text) => {
    if (text !== null) here.desk.write('plan.json', text);
    const { exit, stderr } = await here.mooring('apply --plan plan.json');
    expect([64, 65]).toContain(exit);
    expect(stderr).not.toContain('INTERNAL');
  });

  test('takes of a plan file only its digest: what else it says is not sent', async () => {
    here.realisticChange();
    await here.mooring('plan --out plan.json');
    const plan = parsePlan(here.desk.read('plan.json'));
    const forged = JSON.stringify({ ...plan, steps: plan.steps.map((step) => ({ ...step, data: '0xdeadbeef', to: here.world.addresses['stranger'] })) });
    here.desk.write('plan.json', forged);
    expect((await here.mooring('apply --plan plan.json --quiet')).exit).toBe(0);
    expect((await here.planned()).changes).toEqual([]);
  });

  test('refuses a plan without a proof, also with --unproven where policy asks for one', async () => {
    here.realisticChange();
    // A node that can do nothing but plain calls, and can't be forked either.
    here.world.proxy.hooks.rewrite = (call, answer) =>
      ['eth_simulateV1', 'net_version'].includes(call.method) || (call.method === 'eth_call' && call.params.length > 2)
        ? { id: call.id, jsonrpc: '2.0', error: { code: -32601, message: 'not supported' } }
        : answer;
    const { stdout } = await here.mooring('plan --out plan.json');
    expect(stdout).toContain('Not proven: ');
    expect(parsePlan(here.desk.read('plan.json')).simulation.status).toBe('unproven');
    for (const flags of ['', ' --unproven']) {
      const { exit, stderr } = await here.mooring(`apply --plan plan.json${flags}`);
      expect(exit).toBe(3);
      expect(stderr).toContain('PLAN_UNPROVEN');
    }
    expect(await here.handedOver()).toBe(0);
    here.desk.edit(`${folder}/policy.yaml`, [{ path: ['requireProof'], set: 'false' }]);
    await here.mooring('plan --out plan.json');
    expect((await here.mooring('apply --plan plan.json')).exit).toBe(3);
    const sent = await here.mooring('apply --plan plan.json --unproven');
    expect(sent.exit, sent.stderr).toBe(0);
  });

  test('refuses where policy asks for approvals that a command line can not give', async () => {
    here.realisticChange();
    here.desk.edit(`${folder}/policy.yaml`, [{ path: ['approvals', 'increase'], set: '2' }]);
    const plan = await here.planned();
    const given = await here.mooring(`apply --digest ${plan.digest}`);
    expect(given.exit).toBe(3);
    expect(given.stderr).toContain('APPROVAL_REQUIRED');
    const typed = await here.mooring('apply', { ask: async () => plan.digest.slice(0, 8) });
    expect(typed.exit).toBe(3);
    expect(await here.handedOver()).toBe(0);
  });

  test('says who is missing where it has no key, before it sends anything', async () => {
    here.realisticChange();
    const { digest } = await here.planned();
    const { exit, stderr } = await here.mooring(`apply --digest ${digest}`, { env: {} });
    expect(exit).toBe(64);
    expect(stderr).toContain('SIGNER_MISSING');
    expect(stderr).toContain('set MOORING_OWNER_KEY');
    expect(await here.handedOver()).toBe(0);
  });

  test('refuses a digest that has been spent, when the chain was moved back behind it', async () => {
    here.edit('stake-manager', spec('unbondingPeriod', '8 days'));
    const { digest } = await here.planned();
    expect((await here.mooring(`apply --digest ${digest} --quiet`)).exit).toBe(0);
    const back = here.world.encode({ on: 'stakeManager', call: 'setUnbondingPeriod', args: [604_800n] });
    await here.world.byHand({ on: 'systemPause', call: 'executeGovernanceCall', args: ['stake-manager', back] });
    expect((await here.planned()).digest).toBe(digest);
    const { exit, stderr } = await here.mooring(`apply --digest ${digest}`);
    expect(exit).toBe(4);
    expect(stderr).toContain('DIGEST_SPENT');
    expect(await here.handedOver()).toBe(1);
    const agreed = await here.mooring('apply --quiet', { ask: async () => digest.slice(0, 8) });
    expect(agreed.exit, agreed.stderr).toBe(0);
    expect(await here.handedOver()).toBe(2);
  });

  test('twice at once sends everything once', async () => {
    here.realisticChange();
    const { digest, steps } = await here.planned();
    const said = await Promise.all([here.mooring(`apply --digest ${digest}`), here.mooring(`apply --digest ${digest}`)]);
    const [done, other] = said.toSorted((a, b) => a.exit - b.exit);
    expect(done?.exit).toBe(0);
    if (other?.exit !== 0) expect(other?.stderr).toContain('JOURNAL_LOCKED');
    expect(await here.world.sent()).toEqual({ handedOver: steps.length, taken: steps.length });
  });

  test('as JSON is one document with the receipt in it', async () => {
    here.realisticChange();
    const { digest } = await here.planned();
    const { exit, stdout } = await here.mooring(`apply --digest ${digest} --format json`);
    expect(exit).toBe(0);
    const result = JSON.parse(stdout) as { outcome: string; receipt: { digest: string; transactions: { success: boolean }[] } };
    expect(result).toMatchObject({ outcome: 'done', receipt: { digest } });
    expect(result.receipt.transactions.every(({ success }) => success)).toBe(true);
  });
});

describe('mooring status', () => {
  test('before any run says that there is none, and needs no chain', async () => {
    const { exit, stdout } = await here.mooring('status');
    expect(exit).toBe(0);
    expect(stdout).toContain('no run yet');
    expect(here.world.proxy.exchanges).toEqual([]);
  });
});
