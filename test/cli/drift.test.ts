// mooring drift: in sync, pending, drifted, an emergency, unknown; who did it; and the exit code of each.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { EditOperation } from '../../src/desired/edit/edit.ts';
import type { DriftReport } from '../../src/types.ts';
import { type Desk, parsePlan, type Said, steady } from '../support/cli.ts';
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

function edit(contract: string, ...operations: EditOperation[]): void {
  desk.edit(`${folder}/contracts/${contract}.yaml`, operations);
}

function drift(more = ''): Promise<Said> {
  return desk.run(`drift --env ${environmentName} ${more}`);
}

async function report(): Promise<{ exit: number; status: string; items: [string, string, string | null][] }> {
  const { exit, stdout } = await drift('--format json');
  const { status, items } = JSON.parse(stdout) as DriftReport;
  return { exit, status, items: items.map((item) => [item.status, item.change.id, item.author?.senderName ?? null]) };
}

describe('mooring drift', () => {
  test('in sync: exit 0', async () => {
    const { exit, stdout, stderr } = await drift();
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    expect(stdout).toContain('in sync');
    expect(await report()).toEqual({ exit: 0, status: 'in sync', items: [] });
    expect(await world.sent()).toEqual({ handedOver: 0, taken: 0 });
  });

  test('pending: git is ahead, also where the chain was changed since by git itself', async () => {
    edit('arena', { path: ['spec', 'committeeSize'], set: '5' });
    expect(await report()).toMatchObject({ exit: 2, status: 'pending', items: [['pending', 'arena.committeeSize', null]] });
    const { digest } = parsePlan((await desk.run(`plan --env ${environmentName} --format json`)).stdout);
    expect((await desk.run(`apply --env ${environmentName} --digest ${digest} --quiet`)).exit).toBe(0);
    expect(await report()).toEqual({ exit: 0, status: 'in sync', items: [] });
    edit('arena', { path: ['spec', 'committeeSize'], set: '7' });
    expect(await report()).toMatchObject({ exit: 2, status: 'pending', items: [['pending', 'arena.committeeSize', 'owner']] });
  });

  test('drifted: the chain was changed behind git’s back; by whom, when and how', async () => {
    await world.byHand({ on: 'arena', call: 'setCommitteeParameters', args: [5n, 5n * 10n ** 18n] });
    await world.byHand({ on: 'arena', call: 'setOrchestrator', args: ['stranger', true] });
    const raise = world.encode({ on: 'stakeManager', call: 'setFeePct', args: [9n] });
    await world.byHand({ on: 'systemPause', call: 'executeGovernanceCall', args: ['stake-manager', raise] });
    edit('thermostat', { path: ['spec', 'kp'], set: '3' });
    const { exit, stdout } = await drift();
    expect(exit).toBe(2);
    await expect(steady(stdout)).toMatchFileSnapshot('../golden/cli/drift.txt');
    expect(await report()).toEqual({
      exit: 2,
      status: 'drifted',
      items: [
        ['drifted', 'arena.committeeSize', 'owner'],
        ['drifted', `arena.orchestrators[${world.addresses['stranger']}]`, 'owner'],
        ['drifted', 'stake-manager.feePct', 'owner'],
        ['pending', 'thermostat.kp', null],
      ],
    });
  });

  test('an emergency has a place of its own, and the guardian’s name', async () => {
    await world.byHand({ on: 'pauseGuard', call: 'pause', args: [['stake-manager', 'arena']], from: 'guardian' });
    const { exit, stdout } = await drift();
    expect(exit).toBe(2);
    await expect(steady(stdout)).toMatchFileSnapshot('../golden/cli/drift-emergency.txt');
    const { items, status } = await report();
    expect(status).toBe('drifted');
    expect(items.map(([kind, , who]) => [kind, who])).toEqual(items.map(() => ['emergency', 'guardian']));
    expect(items.map(([, id]) => id)).toEqual(expect.arrayContaining(['arena.paused', 'stake-manager.paused']));
  });

  test('unknown: what can not be read is not taken for in sync, nor for drifted', async () => {
    world.proxy.hooks.rewrite = (call, answer) =>
      call.method === 'eth_getLogs' ? { jsonrpc: '2.0', id: call.id, error: { code: -32601, message: 'the method eth_getLogs is not available' } } : answer;
    const { exit, stdout, stderr } = await drift();
    expect(exit, stderr).toBe(5);
    expect(stdout).toContain('unknown');
    expect(stdout).toContain('LIVE_UNKNOWN');
    const plan = await desk.run(`plan --env ${environmentName} --detailed-exitcode`);
    expect(plan.exit).toBe(5);
  });

  test('a contract that is gone is an error, not drift of all its fields', async () => {
    await world.node.setCode(world.addresses['thermostat'] ?? '', '0x');
    const { exit, stdout } = await drift();
    expect(stdout).toContain('NO_CODE');
    expect(exit).not.toBe(0);
  });
});
