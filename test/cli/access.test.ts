// mooring access: who holds which power, since when, by whom, and when last used; what can't be told is said.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { AccessReport, AccessRow } from '../../src/render/access-text.ts';
import { type Desk, parsePlan, steady } from '../support/cli.ts';
import { environmentName, type FieldWorld, folder, startFieldWorld } from '../support/field-world.ts';

const nobody = '0x000000000000000000000000000000000000dEaD';

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

type Printed = Omit<AccessReport, 'rows'> & { rows: readonly AccessRow[] };

async function report(exit = 0): Promise<Printed> {
  const said = await desk.run(`access --env ${environmentName} --format json`);
  expect(said.exit, said.stderr).toBe(exit);
  return JSON.parse(said.stdout) as Printed;
}

function rowOf({ rows }: Printed, place: string, account?: string): AccessRow {
  const found = rows.filter((row) => `${row.contract}.${row.field}` === place && (account === undefined || row.account === account));
  expect(found, place).toHaveLength(1);
  return found[0] as AccessRow;
}

describe('mooring access', () => {
  test('every power of every contract, also of modules without a file, by name', async () => {
    const all = await report();
    const held = all.rows.map(({ contract, field, name }) => `${contract}.${field}: ${name}`);
    expect(held).toEqual(
      expect.arrayContaining([
        'arena.owner: owner',
        'arena.pauser: pause-guard',
        'arena.orchestrators: orchestrator-a',
        'arena.orchestrators: orchestrator-b',
        'stake-manager.governance: system-pause',
        'stake-manager.validatorLockManagers: lock-manager',
        'stake-manager.validatorLockManagers: arena',
        'pause-guard.guardians: guardian',
        'fee-pool.rewarders: arena',
        'role-book.roles.DEFAULT_ADMIN_ROLE: owner',
        'system-pause.paused.validationModule.owner: system-pause',
      ]),
    );
    // Another name of governance is not another power, and a flag is none.
    expect(held.filter((line) => line.startsWith('stake-manager.owner') || line.includes('.paused:'))).toEqual([]);
    expect(new Set(held).size).toBe(held.length);
    expect(all.findings).toEqual([]);
    const said = await desk.run(`access --env ${environmentName}`);
    await expect(steady(said.stdout)).toMatchFileSnapshot('../golden/cli/access.txt');
    expect(await world.sent()).toEqual({ handedOver: 0, taken: 0 });
  });

  test('since when and by whom: the latest grant, not one that repeats it; a run of ours by its name', async () => {
    const c = world.addresses['orchestrator-c'] ?? '';
    await world.byHand({ on: 'arena', call: 'setOrchestrator', args: ['orchestrator-c', true] });
    await world.byHand({ on: 'arena', call: 'setOrchestrator', args: ['orchestrator-c', false] });
    const granted = await world.byHand({ on: 'arena', call: 'setOrchestrator', args: ['orchestrator-c', true] });
    await world.byHand({ on: 'arena', call: 'setOrchestrator', args: ['orchestrator-c', true] });
    const row = rowOf(await report(), 'arena.orchestrators', c);
    expect(row).toMatchObject({ role: 'role', name: 'orchestrator-c', grantedBy: { name: 'owner' }, run: null });
    expect(row.since).toMatchObject({ transaction: granted.hash, block: String(granted.block), created: false });
    expect(rowOf(await report(), 'pause-guard.owner')).toMatchObject({ since: { created: true }, grantedBy: { name: 'owner' } });

    desk.edit(`${folder}/contracts/stake-manager.yaml`, [{ path: ['spec', 'validatorLockManagers'], add: 'stranger' }]);
    desk.edit(`${folder}/contracts/arena.yaml`, [{ path: ['spec', 'orchestrators'], add: 'orchestrator-c' }]);
    const { digest } = parsePlan((await desk.run(`plan --env ${environmentName} --format json`)).stdout);
    const applied = await desk.run(`apply --env ${environmentName} --digest ${digest} --quiet`);
    expect(applied.exit, applied.stderr).toBe(0);
    const ours = rowOf(await report(), 'stake-manager.validatorLockManagers', world.addresses['stranger']);
    expect(ours.run).toMatch(/^\d{8}T\d{6}Z-/);
  });

  test('last used: the newest transaction of the account, or through the contract that holds the power; else unknown', async () => {
    await world.byHand({ on: 'pauseGuard', call: 'pause', args: [['arena']], from: 'guardian' });
    await world.byHand({ on: 'arena', call: 'unpause' });
    const last = await world.byHand({ on: 'pauseGuard', call: 'pause', args: [['arena']], from: 'guardian' });
    const all = await report();
    expect(rowOf(all, 'pause-guard.guardians').lastUsed).toMatchObject({ transaction: last.hash, block: String(last.block) });
    expect(rowOf(all, 'arena.pauser').lastUsed).toMatchObject({ transaction: last.hash, contract: 'arena' });
    const idle = rowOf(all, 'arena.orchestrators', world.addresses['orchestrator-b']);
    expect(idle.lastUsed).toBeNull();
    expect(idle.unknown.lastUsed).toMatch(/./);
  });

  test('an account without a name is a warning, a role without one is listed by its id', async () => {
    const role = `0x${'12'.repeat(32)}`;
    await world.byHand({ on: 'roleBook', call: 'grantRole', args: [role, nobody] });
    const all = await report();
    expect(rowOf(all, `role-book.roles.${role}`)).toMatchObject({ account: nobody, name: null });
    expect(all.findings).toMatchObject([{ code: 'ACCOUNT_UNNAMED', severity: 'warning' }]);
  });

  test('what can not be read is unknown: exit 5, and nobody is made up', async () => {
    const arena = (world.addresses['arena'] ?? '').toLowerCase();
    world.proxy.hooks.rewrite = (call, answer) =>
      call.method === 'eth_getLogs' && JSON.stringify(call.params).toLowerCase().includes(arena)
        ? { jsonrpc: '2.0', id: call.id, error: { code: -32601, message: 'the method eth_getLogs is not available' } }
        : answer;
    const all = await report(5);
    expect(all.rows.filter(({ contract, field }) => contract === 'arena' && field === 'orchestrators')).toEqual([]);
    expect(all.findings).toContainEqual(expect.objectContaining({ code: 'LIVE_UNKNOWN', contract: 'arena', field: 'orchestrators' }));
    const owner = rowOf(all, 'arena.owner');
    expect({ since: owner.since, used: owner.lastUsed }).toEqual({ since: null, used: null });
    expect(Object.keys(owner.unknown)).toEqual(['since', 'lastUsed']);
    // The history of another contract is whole, but the arena's may hold something newer.
    const other = rowOf(all, 'engine-targets.owner');
    expect({ by: other.grantedBy?.name, used: other.lastUsed }).toEqual({ by: 'owner', used: null });
  });

  test('as CSV: a header, a line each, and no cell that a spreadsheet would run', async () => {
    const all = await report();
    const { stdout } = await desk.run(`access --env ${environmentName} --format csv`);
    const lines = stdout.trimEnd().split('\r\n');
    expect(lines).toHaveLength(all.rows.length + 1);
    expect(lines[0]?.split(',').slice(0, 6)).toEqual(['contract', 'contract_address', 'field', 'role', 'account', 'name']);
  });
});
