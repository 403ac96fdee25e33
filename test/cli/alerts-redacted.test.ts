// What a node or GitHub says may hold a secret: it leaves by no kind of channel, and is not on disk.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Context } from '../../src/cli/command.ts';
import { openAlarm } from '../../src/cli/loops/alarm.ts';
import { noMeters } from '../../src/cli/loops/loop.ts';
import { openSentinelLoop } from '../../src/cli/sentinel/open-loop.ts';
import { openSentinel } from '../../src/cli/sentinel/open-sentinel.ts';
import type { ReadyChannel } from '../../src/loops/alerts/channel-request.ts';
import { type Desk, localFiles, makeDesk } from '../support/cli.ts';

const canary = 's3cret-of-the-environment';
const env = { GITHUB_TOKEN: canary, OPS_WEBHOOK: 'slack', OPS_SECRET: 'key-of-ops' };
const alert = {
  severity: 'critical',
  reason: 'proposal_failed',
  message: `It said ${canary}.`,
  detail: `fetch https://x:${canary}@git.example/x failed`,
} as const;
const kinds = ['log', 'webhook', 'alertmanager', 'pagerduty', 'slack'] as const;

let server: Server;
let url: string;
/** All that left, by the kind of its channel. */
let left: Map<string, string>;

beforeEach(async () => {
  left = new Map();
  server = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request.setEncoding('utf8')) body += piece;
    left.set(request.url?.split('/')[1] ?? '', body);
    response.end();
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const log = (message: string, data: object = {}): void => void left.set('log', `${message} ${JSON.stringify(data)}`);

function expectClean(outbox: string): void {
  expect([...left.keys()].sort()).toEqual([...kinds].sort());
  for (const [kind, text] of left) {
    expect(text, kind).toContain('It said ***.');
    expect(text, kind).not.toContain(canary);
  }
  expect(outbox).not.toContain(canary);
}

test('an alarm’s', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mooring-alarm-'));
  const channels = kinds.map((type): ReadyChannel => ({ name: type, type, url: `${url}/${type}`, secret: 'key-of-ops', key: 'key-of-ops' }));
  const alarm = openAlarm({ folder, environment: 'local', channels, env, log, meters: noMeters, now: Date.now });
  alarm.raise([{ ...alert, source: 'thermostat' }]);
  const outbox = readFileSync(join(folder, 'outbox.json'), 'utf8');
  await alarm.send();
  rmSync(folder, { recursive: true, force: true });
  expectClean(outbox);
});

test('the sentinel’s', async () => {
  const desk: Desk = makeDesk(localFiles());
  const path = (type: string): string => (type === 'slack' ? '${OPS_WEBHOOK}' : type);
  const ofKind = (type: string): string => `  ${type}: { type: ${type}, url: "${url}/${path(type)}"${extra[type] ?? ''} }\n`;
  const extra: Record<string, string> = { webhook: ', secretEnv: OPS_SECRET', pagerduty: ', keyEnv: OPS_SECRET' };
  const settings = `apiVersion: mooring/v1\nkind: Sentinel\nalertChannels: [${kinds.join(', ')}]\nchannels:\n${kinds.slice(1).map(ofKind).join('')}`;
  desk.write('desired-state/local/loops/sentinel.yaml', settings);
  const context: Context = { cwd: desk.root, env, stdout: () => {}, stderr: () => {}, ask: null, now: Date.now, colour: false };
  const options = { env: 'local' };
  const sentinel = openSentinel(context, options);
  const none = { listen: null, file: null, chain: false, pause: null, propose: async () => 'rehearsed' as const, withdraw: async () => false };
  const loop = await openSentinelLoop({ context, options, sentinel, log, meters: noMeters, ...none, opening: [alert] });
  const outbox = readFileSync(join(sentinel.folder, 'outbox.json'), 'utf8');
  await loop.close();
  desk.remove();
  expectClean(outbox);
});
