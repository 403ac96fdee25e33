// mooring sentinel replay and snapshot as operators meet them.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { takeLock } from '../../src/journal/lock.ts';
import { syncFolder } from '../../src/journal/sync-folder.ts';
import { openEventStore } from '../../src/loops/sentinel/event-store.ts';
import { evaluation, expansion, settingsWith } from '../loops/sentinel/world.ts';
import { type Desk, localFiles, makeDesk } from '../support/cli.ts';

const files = localFiles();
const settings = `apiVersion: mooring/v1
kind: Sentinel
budgetCap: 100
failureStreak: { threshold: 2 }
alertChannels: [log, ops]
channels: { ops: { type: webhook, url: "https://ops.example.org/hook", secretEnv: OPS_SECRET } }
`;
const events = [
  { type: 'evaluation', agent: 'root/a', cost: 10, value: 5, success: true, id: 'e-1' },
  { type: 'evaluation', agent: '__proto__', cost: 10, value: 5, success: false, id: 'e-2' },
  { type: 'evaluation', agent: '__proto__', cost: 10, value: 5, success: false },
  { type: 'evaluation', agent: 'root/a', cost: 10, value: 5, success: true, id: 'e-1' },
  { type: 'evaluation', agent: 'root/a', cost: 10, gmv: 300 },
  { type: 'evaluation', agent: 'root/a', cost: 10, gmv: 300 },
  { type: 'evaluation', agent: 'root/a', cost: 10, gmv: 300 },
  { type: 'expansion', spend: 25 },
  { type: 'expansion', cost: 15 },
];

let desk: Desk;

beforeEach(() => {
  desk = makeDesk(files);
  desk.write('desired-state/local/loops/sentinel.yaml', settings);
  desk.write('events.ndjson', events.map((event) => `${JSON.stringify(event)}\n`).join(''));
});
afterEach(() => desk.remove());

describe('mooring sentinel replay', () => {
  test('prints each decision, its event and its numbers, and the end', async () => {
    const { exit, stdout, stderr } = await desk.run('sentinel replay events.ndjson --env local');
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    await expect(stdout).toMatchFileSnapshot('../golden/cli/sentinel-replay.txt');
  });

  test('as JSON has the reference’s fields', async () => {
    const { stdout } = await desk.run('sentinel replay events.ndjson --env local --format json');
    const said = JSON.parse(stdout) as { snapshot: unknown; decisions: { mark: { event: number } }[]; repeated: number };
    expect(said.snapshot).toEqual({
      totalValue: 915,
      totalCost: 100,
      roi: 9.15,
      pauseReasons: ['budget_soft', 'budget_stop'],
      stopRequested: true,
      stopReason: 'budget_cap',
      prunedAgents: ['__proto__'],
      roiBreachCount: 0,
    });
    expect([said.decisions.map(({ mark }) => mark.event), said.repeated]).toEqual([[3, 6, 7, 8], 1]);
  });

  test('takes a JSON list, and the reference’s defaults where nothing is declared', async () => {
    desk.delete('desired-state/local/loops/sentinel.yaml');
    desk.write('events.json', JSON.stringify(events, null, 2));
    const { exit, stdout } = await desk.run('sentinel replay events.json --env local --verbose');
    expect(exit).toBe(0);
    expect(stdout).toMatch(/budgetCap +100000 +default/);
    expect(stdout).toContain('event 8 (events.json:');
  });

  test('tells every fault with its line, and decides nothing then', async () => {
    desk.write('events.ndjson', '{"type":"expansion","cost":1}\n{"type":"expansion","cost":NaN}\n{"type":"expansion","cost":-1}\n{"type":"expanssion"}\n');
    const { exit, stdout, stderr } = await desk.run('sentinel replay events.ndjson --env local');
    expect({ exit, stdout }).toEqual({ exit: 65, stdout: '' });
    await expect(stderr).toMatchFileSnapshot('../golden/cli/sentinel-replay-faults.txt');
  });

  test.each([
    ['nowhere.ndjson', 'FILE_MISSING'],
    ['desired-state', 'FILE_NOT_REGULAR'],
    ['latin.ndjson', 'FILE_NOT_UTF8'],
    ['twice.ndjson', 'EVENT_ID_CONFLICT'],
  ])('of %s ends with 65', async (file, code) => {
    desk.write('twice.ndjson', '{"type":"expansion","cost":1,"id":"a"}\n{"type":"expansion","cost":2,"id":"a"}\n');
    writeFileSync(join(desk.root, 'latin.ndjson'), Buffer.from([0x7b, 0xe4, 0x7d]));
    const { exit, stdout } = await desk.run(`sentinel replay ${file} --env local --format json`);
    expect([exit, (JSON.parse(stdout) as { error: { code: string } }).error.code]).toEqual([65, code]);
  });

  test.each(['sentinel replay --env local', 'sentinel replay a b --env local'])('%s is not understood', async (line) => {
    expect((await desk.run(line)).exit).toBe(64);
  });
});

describe('mooring sentinel snapshot', () => {
  async function record(): Promise<void> {
    const folder = join(desk.root, '.mooring/local/sentinel');
    const store = await openEventStore({ folder, settings: settingsWith({ budgetCap: 100 }), lock: (place) => takeLock(join(place, 'lock')), syncFolder });
    store.count([evaluation({ agent: 'root/a', cost: 10, value: 5, id: 'e-1', from: 'http' }), expansion(85, { from: 'events.ndjson:2' })]);
    store.close();
  }

  test('says what was counted and where it comes from', async () => {
    await record();
    const { exit, stdout } = await desk.run('sentinel snapshot --env local');
    expect(exit).toBe(0);
    await expect(stdout).toMatchFileSnapshot('../golden/cli/sentinel-snapshot.txt');
  });

  test('says so where nothing was recorded, and makes nothing', async () => {
    const { exit, stdout } = await desk.run('sentinel snapshot --env local');
    expect(exit).toBe(0);
    expect(stdout).toContain('recorded nothing yet');
    expect(desk.has('.mooring')).toBe(false);
  });

  test('as JSON has the reference’s fields, their origins and what is pending', async () => {
    await record();
    const { stdout } = await desk.run('sentinel snapshot --env local --format json');
    expect(JSON.parse(stdout)).toMatchObject({
      recorded: true,
      snapshot: { totalValue: 5, totalCost: 95, pauseReasons: ['budget_soft'], stopRequested: false, stopReason: null, prunedAgents: [], roiBreachCount: 2 },
      origins: { totalCost: '1 expansion and 1 evaluation, last by event 2 (events.ndjson:2)' },
      pending: [{ number: 1, decision: { measures: [{ kind: 'pause', reason: 'budget_soft' }] } }],
    });
  });

  test('stops at a record that was changed', async () => {
    await record();
    const log = '.mooring/local/sentinel/log-000001.jsonl';
    desk.write(log, desk.read(log).replace('"cost":85', '"cost":15'));
    expect(await desk.run('sentinel snapshot --env local')).toMatchObject({ exit: 1, stderr: expect.stringContaining('LOOP_STATE_CORRUPT') });
  });
});
