// The real walk on our own contracts: many kinds of fields at once, through SystemPause and directly.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { brokenConditions } from '../../src/apply/conditions.ts';
import { openEnvironment } from '../../src/cli/environment/open.ts';
import { makePlan } from '../../src/cli/environment/walk.ts';
import { main, processContext } from '../../src/cli/main.ts';
import { type EditOperation, editDocument } from '../../src/desired/edit/edit.ts';
import type { Condition, Plan } from '../../src/types.ts';
import { type Anvil, startAnvil } from '../support/anvil.ts';
import { deploy } from '../support/deploy.ts';
import { type RpcProxy, startRpcProxy } from '../support/rpc-proxy.ts';

let anvil: Anvil;
let proxy: RpcProxy;
let root: string;
let key: string;

beforeAll(async () => {
  anvil = await startAnvil();
  proxy = await startRpcProxy(anvil.url);
  const deployment = await deploy({ url: anvil.url, variant: 'governed' });
  key = deployment.accounts.owner.privateKey;
  root = mkdtempSync(join(tmpdir(), 'mooring-walk-'));
  cpSync(join(import.meta.dirname, '../../desired-state'), join(root, 'desired-state'), { recursive: true });
  const file = join(root, 'desired-state/local/environment.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replace('http://127.0.0.1:8545', proxy.url));
}, 120_000);
afterAll(async () => {
  await proxy?.stop();
  await anvil?.stop();
  rmSync(root, { recursive: true, force: true });
});

async function mooring(...args: string[]): Promise<{ exit: number; said: string }> {
  let said = '';
  const keep = (text: string) => (said += text);
  const context = { ...processContext(), cwd: root, env: { MOORING_OWNER_KEY: key }, ask: null, stdout: keep, stderr: keep };
  return { exit: await main([...args, '--env', 'local'], context), said };
}

function edit(contract: string, operations: readonly EditOperation[]): void {
  const file = join(root, `desired-state/local/contracts/${contract}.yaml`);
  writeFileSync(file, editDocument(readFileSync(file, 'utf8'), operations));
}

function spec(field: string, value: string): EditOperation {
  return { path: ['spec', ...field.split('.')], set: value };
}

async function plan(): Promise<Plan> {
  const { exit, said } = await mooring('validate');
  expect(exit, said).toBe(0);
  const context = { ...processContext(), cwd: root, env: {}, ask: null };
  const opened = openEnvironment(context, { env: 'local' });
  const made = await makePlan(opened, { now: Date.now, proof: true });
  opened.close();
  return made.plan;
}

describe('the real walk', () => {
  test('ten changes over five contracts are applied, verified, and the next plan is empty', async () => {
    edit('arena', [
      spec('teacherRewardSplitBps', '50%'),
      spec('studentRewardSplitBps', '20%'),
      { path: ['spec', 'orchestrators'], add: 'orchestrator-c' },
      { path: ['spec', 'orchestrators'], remove: 'orchestrator-a' },
    ]);
    edit('stake-manager', [
      spec('minStake', '12 AGIALPHA'),
      spec('roleMinimumStake.agent', '3 AGIALPHA'),
      spec('validatorRewardPct', '7%'),
      spec('unbondingPeriod', '8 days'),
      spec('agiTypes.agent-nft', '140%'),
    ]);
    edit('fee-pool', [spec('burnPct', '2%')]);
    edit('thermostat', [spec('kp', '2')]);
    edit('engine-targets', [spec('targetRoi', '2.5')]);
    const made = await plan();
    expect(made.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    proxy.reset();
    const { exit, said } = await mooring('apply', '--digest', made.digest);
    expect(said).not.toContain(key.slice(2));
    expect(exit, said).toBe(0);
    expect(proxy.exchanges.length / made.steps.length).toBeLessThanOrEqual(6);
    expect((await plan()).changes).toEqual([]);
    expect((await mooring('apply', '--digest', made.digest)).exit).toBe(0);
    expect(proxy.count('eth_sendRawTransaction')).toBe(made.steps.length);
  }, 60_000);

  test('every condition of a plan is read as the plan saw it, and seen to break', async () => {
    edit('arena', [{ path: ['spec', 'orchestrators'], add: 'orchestrator-a' }]);
    edit('stake-manager', [
      spec('feePct', '4%'),
      { path: ['spec', 'agiTypes', 'scholar-nft'], drop: true },
      spec('stakeIncreasePct', '15%'),
      spec('employerSlashPct', '5%'),
      spec('paused', 'true'),
    ]);
    edit('fee-pool', [spec('paused', 'true')]);
    edit('system-pause', [spec('paused', 'true')]);
    const made = await plan();
    const context = { ...processContext(), cwd: root, env: {}, ask: null };
    const opened = openEnvironment(context, { env: 'local' });
    const block = await opened.chain.head('latest');
    const session = { chain: opened.chain, kinds: opened.kinds, contracts: opened.desired.state.contracts };
    const first = made.steps.filter((step) => step.group === 0).flatMap((step) => step.precondition);
    expect(first.length).toBeGreaterThan(0);
    expect(await brokenConditions(session, first, block)).toEqual([]);
    const paused = (value: boolean): Condition => ({ contract: 'system-pause', field: 'paused', value: { type: 'scalar', value } });
    expect(await brokenConditions(session, [paused(false)], block)).toEqual([]);
    // What no getter tells is not judged.
    const silent: Condition[] = [
      { contract: 'arena', field: 'orchestrators', value: { type: 'members', members: [] } },
      { contract: 'thermostat', field: 'roleTemperature.agent', value: { type: 'unset' } },
    ];
    expect(await brokenConditions(session, silent, block)).toEqual([]);
    const broken = await brokenConditions(session, [...made.steps.flatMap((step) => step.postcondition), paused(true)], block);
    opened.close();
    const fields = new Set(broken.map(({ condition }) => `${condition.contract}.${condition.field}`));
    for (const field of ['arena.orchestrators', 'stake-manager.agiTypes', 'stake-manager.feePct', 'stake-manager.employerSlashPct', 'system-pause.paused'])
      expect(fields).toContain(field);
  }, 60_000);
});
