// The systemd unit and the Dockerfile: commands that exist, no more rights than needed, and secrets from outside.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { commandTraps } from '../../scripts/mooring-lines.ts';
import { commands } from '../../src/cli/commands.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, 'ci', path), 'utf8');
const specs = await Promise.all(commands.map(async ({ load }) => (await load()).spec));
const unit = read('systemd/mooring.service');
const docker = read('docker/Dockerfile');

/** `Key=value` lines by section. */
function settings(text: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  let section = '';
  for (const line of text.split('\n').filter((one) => one !== '' && !one.startsWith('#'))) {
    section = /^\[(\w+)\]$/.exec(line)?.[1] ?? section;
    const [, key, value] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (key !== undefined) found.set(`${section}.${key}`, [...(found.get(`${section}.${key}`) ?? []), value ?? '']);
  }
  return found;
}

test('the unit runs a command that exists, as a user of its own, and stops it in order', async () => {
  const found = settings(unit);
  const [line = ''] = found.get('Service.ExecStart') ?? [];
  expect(await commandTraps(line, specs)).toEqual([]);
  expect(found.get('Service.User')).toEqual(['mooring']);
  expect(found.get('Service.KillSignal')).toEqual(['SIGTERM']);
  expect(found.get('Service.Restart')).toEqual(['always']);
});

test('it may write nothing but its own folder, and has no secret in it', () => {
  const found = settings(unit);
  expect(
    Object.fromEntries(
      ['NoNewPrivileges', 'ProtectSystem', 'ProtectHome', 'CapabilityBoundingSet', 'ReadWritePaths'].map((key) => [key, found.get(`Service.${key}`)]),
    ),
  ).toEqual({
    NoNewPrivileges: ['yes'],
    ProtectSystem: ['strict'],
    ProtectHome: ['yes'],
    CapabilityBoundingSet: [''],
    ReadWritePaths: ['/var/lib/mooring'],
  });
  expect(found.get('Service.EnvironmentFile')).toEqual(['/etc/mooring/environment']);
  // A path, not a key.
  expect(found.get('Service.Environment')).toEqual(['MOORING_APP_KEY_FILE=%d/app-key']);
  expect(found.get('Service.LoadCredential')).toEqual(['app-key:/etc/mooring/app-key.pem']);
});

test('the image runs as nobody special, with Mooring alone, and no secret is built into it', async () => {
  expect(docker).toMatch(/^USER node$/m);
  expect(docker).not.toMatch(/^(?:ARG|ENV) .*(?:KEY|TOKEN|SECRET|PASS)\w*=(?!safe\.directory)/im);
  expect(docker.split('\n').filter((line) => line.startsWith('FROM '))).toEqual(['FROM node:24-bookworm-slim AS build', 'FROM node:24-bookworm-slim']);
  const run = /^# +mooring (run .*)$/m.exec(docker)?.[1] ?? '';
  // Loopback inside a container is reached by nobody.
  expect(run).toMatch(/--health 0\.0\.0\.0:9464 --listen 0\.0\.0\.0:8787/);
  expect(await commandTraps(`mooring ${run}`, specs)).toEqual([]);
});
