// Emergency reductions on a real chain: none is reversed by the way, a lift reverses its own transaction and no other.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { EditOperation } from '../../src/desired/edit/edit.ts';
import { callsIn, codesIn, type Desk, type PlanFile, parsePlan, type Said, steady } from '../support/cli.ts';
import { environmentName, type FieldWorld, folder, type HandCall, startFieldWorld } from '../support/field-world.ts';
import { set } from './scenario.ts';

let world: FieldWorld;
let desk: Desk;

beforeAll(async () => {
  world = await startFieldWorld({ variant: 'key' });
});
afterAll(() => world?.stop());
beforeEach(async () => {
  await world.reset();
  desk = world.desk();
});
afterEach(() => desk?.remove());

const sticky = ['warning STICKY_REDUCTION'];
const unrelated: EditOperation = set('baseTeacherReward', '120 AGIALPHA');
const guardianPauses = (...targets: string[]): HandCall => ({ on: 'pauseGuard', call: 'pause', args: [targets], from: 'guardian' });

function edit(contract: string, ...operations: EditOperation[]): void {
  desk.edit(`${folder}/contracts/${contract}.yaml`, operations);
}

function mooring(line: string): Promise<Said> {
  return desk.run(`${line} --env ${environmentName}`);
}

async function plan(): Promise<PlanFile> {
  const said = await mooring('plan --format json');
  expect(said.exit, said.stdout + said.stderr).toBe(0);
  return parsePlan(said.stdout);
}

async function apply(digest: string): Promise<void> {
  const said = await mooring(`apply --digest ${digest} --quiet`);
  expect(said.exit, said.stdout + said.stderr).toBe(0);
}

/** Plans, expects exactly these calls and findings, and applies. */
async function planAndApply(expected: { calls: readonly string[]; findings: readonly string[] }): Promise<void> {
  const made = await plan();
  expect({ calls: callsIn(made), findings: codesIn(made.findings) }).toEqual(expected);
  await apply(made.digest);
}

type Measure = { name: string; by: HandCall; field: string; getter: HandCall; now: unknown };

const measures: readonly Measure[] = [
  { name: 'a guardian’s pause', by: guardianPauses('arena'), field: 'arena.paused', getter: { on: 'arena', call: 'paused' }, now: true },
  {
    name: 'a revocation with the owner’s key',
    by: { on: 'arena', call: 'setOrchestrator', args: ['orchestrator-a', false] },
    field: 'arena.orchestrators',
    getter: { on: 'arena', call: 'orchestrators', args: ['orchestrator-a'] },
    now: false,
  },
  {
    name: 'a lowered cap',
    by: { on: 'stakeManager', call: 'setMaxStakePerAddress', args: [500n * 10n ** 18n] },
    field: 'stake-manager.maxStakePerAddress',
    getter: { on: 'stakeManager', call: 'maxStakePerAddress' },
    now: 500n * 10n ** 18n,
  },
];

describe.each(measures)('$name', ({ name, by, field, getter, now }) => {
  test('survives an unrelated apply, is news in the plan and in drift, and nothing proposes to reverse it', async () => {
    await world.byHand(by);
    edit('arena', unrelated);
    await planAndApply({ calls: ['arena.setRewards'], findings: sticky });
    expect(await world.read(getter)).toEqual(now);
    expect((await world.sent()).handedOver).toBe(1);
    const drift = await mooring('drift');
    expect(drift.exit).toBe(2);
    await expect(steady(drift.stdout)).toMatchFileSnapshot(`../golden/scenarios/sticky/${name.replaceAll(/[^a-z]+/g, '-')}.txt`);
    const report = JSON.parse((await mooring('drift --format json')).stdout) as { status: string; items: { status: string; change: { id: string } }[] };
    expect(report.status).toBe('drifted');
    expect(report.items.map((item) => [item.status, item.change.id.replace(/\[.*/, '')])).toEqual([['emergency', field]]);
    await planAndApply({ calls: [], findings: sticky });
    expect((await mooring('plan --detailed-exitcode')).exit).toBe(2);
    expect((await world.sent()).handedOver).toBe(1);
  });

  test('is reversed by a lift that names its transaction, and only by that', async () => {
    const { hash } = await world.byHand(by);
    const other = await world.byHand({ on: 'arena', call: 'setPauser', args: ['pause-guard'] });
    lift(field, getter, other.hash);
    expect(callsIn(await plan())).toEqual([]);
    lift(field, getter, hash);
    const made = await plan();
    expect(codesIn(made.findings)).toEqual([]);
    expect(made.changes.map((change) => `${change.contract}.${change.field}`)).toEqual([field]);
    await apply(made.digest);
    expect(await world.read(getter)).not.toEqual(now);
    const again = await world.byHand(by);
    expect(again.hash).not.toBe(hash);
    await planAndApply({ calls: [], findings: sticky });
    expect(await world.read(getter)).toEqual(now);
    lift(field, getter, hash, again.hash);
    expect(codesIn((await plan()).findings)).toEqual([]);
  });
});

/** The whole lifts.yaml. A member of a set is the getter's argument. */
function lift(field: string, getter: HandCall, ...transactions: readonly string[]): void {
  const [contract = '', name = ''] = field.split('.');
  const member = getter.args === undefined ? '' : `, member: ${String(getter.args[0])}`;
  const entries = transactions.map((hash) => `  - { contract: ${contract}, field: ${name}${member}, transaction: "${hash}", reason: over, by: owner }`);
  desk.write(`${folder}/lifts.yaml`, `apiVersion: mooring/v1\nkind: Lifts\nlifts:\n${entries.join('\n')}\n`);
}

describe('a guardian’s pause of a module', () => {
  test('stays, while the other modules are as declared, and an unrelated apply is done', async () => {
    await world.byHand(guardianPauses('stake-manager'));
    edit('arena', unrelated);
    const made = await plan();
    expect(callsIn(made)).toEqual(['arena.setRewards']);
    expect(codesIn(made.findings)).toEqual(sticky);
    expect(made.changes.map((change) => change.id)).toEqual(['arena.baseTeacherReward']);
    await apply(made.digest);
    expect(await world.read({ on: 'stakeManager', call: 'paused' })).toBe(true);
  });

  test('of all modules and the arena stays, too', async () => {
    await world.byHand(
      guardianPauses('arena', 'engine-targets', 'job-registry', 'stake-manager', 'validation-module', 'dispute-module', 'platform-registry', 'fee-pool'),
    );
    edit('thermostat', set('kp', '1'));
    const made = await plan();
    expect(callsIn(made)).toEqual(['thermostat.setPID']);
    await apply(made.digest);
    for (const on of ['arena', 'engineTargets', 'jobRegistry', 'feePool'] as const) expect(await world.read({ on, call: 'paused' })).toBe(true);
  });
});

test('what git itself reduced is raised again by git alone', async () => {
  edit('arena', set('paused', 'true'));
  await planAndApply({ calls: ['arena.pause'], findings: [] });
  edit('arena', set('paused', 'false'));
  await planAndApply({ calls: ['arena.unpause'], findings: [] });
  expect(await world.read({ on: 'arena', call: 'paused' })).toBe(false);
});

test('written into YAML, an emergency measure is in sync, and still takes a lift to be reversed', async () => {
  const { hash } = await world.byHand(guardianPauses('arena'));
  edit('arena', set('paused', 'true'));
  expect((await mooring('drift')).exit).toBe(0);
  edit('arena', set('paused', 'false'));
  await planAndApply({ calls: [], findings: sticky });
  lift('arena.paused', { on: 'arena', call: 'paused' }, hash);
  await planAndApply({ calls: ['arena.unpause'], findings: [] });
});
