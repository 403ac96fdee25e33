// Alerts at an Alertmanager, and from one: against the stand-in, and in the long form against Debian's.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { syncFolder } from '../../../src/journal/sync-folder.ts';
import { deliver } from '../../../src/loops/alerts/deliver.ts';
import { type Alert, accept } from '../../../src/loops/alerts/outbox.ts';
import { type OutboxFile, openOutbox } from '../../../src/loops/alerts/outbox-file.ts';
import { takeIncoming } from '../../../src/loops/alerts/take-incoming.ts';
import { openIntake } from '../../../src/loops/sentinel/intake-server.ts';
import { initialState } from '../../../src/loops/sentinel/state.ts';
import { type Alertmanager, startAlertmanagerStandIn, startRealAlertmanager } from '../../support/alertmanager.ts';

const full = process.env.MOORING_FULL === '1';
const secret = 'a secret that is long enough';
const budget: Alert = {
  severity: 'critical',
  source: 'sentinel',
  environment: 'local',
  reason: 'budget_stop',
  message: 'The budget is spent.',
  detail: '',
  at: 0,
};

let folder: string;
let box: OutboxFile;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mooring-alertmanager-test-'));
  box = openOutbox(folder, syncFolder);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const servers: [name: string, start: () => Promise<Alertmanager>][] = [
  ['the stand-in', startAlertmanagerStandIn],
  ...(full ? ([['Debian’s Alertmanager', startRealAlertmanager]] as [string, () => Promise<Alertmanager>][]) : []),
];

describe.each(servers)('%s', (_name, start) => {
  let manager: Alertmanager;
  beforeEach(async () => {
    manager = await start();
  });
  afterEach(() => manager?.stop());

  async function send(alert: Partial<Alert> = {}): Promise<number> {
    const now = Date.now();
    box.change((outbox) => accept(outbox, [{ ...budget, at: now, ...alert }], { now, channels: ['am'] }));
    return deliver({ box, channels: [{ name: 'am', type: 'alertmanager', url: manager.url }], log: () => {}, now: () => now + 60_000 });
  }

  test('has each alert once, however often it is told', async () => {
    expect([await send(), await send({ severity: 'info', detail: 'again' })]).toEqual([0, 0]);
    expect(await send({ message: 'The budget is still spent.' })).toBe(0);
    const active = await manager.active();
    expect(active.map(({ labels }) => `${labels['severity']} ${labels['reason']}`).sort()).toEqual(['critical budget_stop', 'info budget_stop']);
    const critical = active.find(({ labels }) => labels['severity'] === 'critical');
    expect(critical?.annotations['summary']).toBe('The budget is still spent.');
    expect(box.state().notifications).toEqual([]);
  });
});

test.runIf(full)('what Debian’s Alertmanager notifies is taken, with the component that it is about', async () => {
  const taken = Promise.withResolvers<readonly string[]>();
  const intake = await openIntake({
    host: '127.0.0.1',
    port: 0,
    secret,
    count: () => ({ results: [], decisions: [] }),
    state: () => initialState,
    log: () => {},
    takeAlerts(body, key) {
      const contracts = [{ name: 'arena', address: `0x${'1'.repeat(40)}`, lineage: ['SelfPlayArena'] }];
      const outcome = takeIncoming(body, key, { box, environment: 'local', contracts, channels: ['log'], now: Date.now });
      taken.resolve(outcome.affected);
      return outcome;
    },
  });
  const manager = await startRealAlertmanager({ url: `${intake.url}/v1/alerts`, secret });
  try {
    const alert = {
      labels: { alertname: 'Rounds', severity: 'critical', reason: 'moderation:block' },
      annotations: { summary: 'moderation:block in round 12' },
    };
    const posted = await fetch(`${manager.url}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify([{ ...alert, startsAt: new Date().toISOString() }]),
    });
    expect(posted.status).toBe(200);
    expect(await taken.promise).toEqual(['arena']);
    expect(box.state().notifications).toHaveLength(1);
  } finally {
    await manager.stop();
    await intake.close();
  }
});
