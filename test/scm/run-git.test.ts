import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { hideCredentials } from '../../src/scm/hide-credentials.ts';
import { fileRawStore } from '../../src/scm/raw-files.ts';
import { runGit } from '../../src/scm/run-git.ts';
import { runIn } from './remote.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mooring-git-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

describe('one git command', () => {
  test('answers with its exit code and its bytes, whatever they are', async () => {
    await runGit({ folder, args: ['init', '--bare'] });
    const bytes = Buffer.from([0, 255, 13, 10, 200, 0]);
    const { output } = await runGit({ folder, args: ['hash-object', '-w', '--stdin'], input: bytes });
    const read = await runGit({ folder, args: ['cat-file', 'blob', output.toString().trim()] });
    expect([read.code, read.output]).toEqual([0, bytes]);
    expect((await runGit({ folder, args: ['cat-file', 'blob', 'nothing'] })).code).toBe(128);
  });

  test('is not led elsewhere by the environment that it is run in', async () => {
    await runGit({ folder, args: ['init', '--bare'] });
    vi.stubEnv('GIT_DIR', '/nowhere');
    vi.stubEnv('EDITOR', 'vi');
    expect((await runGit({ folder, args: ['rev-parse', '--is-bare-repository'] })).output.toString().trim()).toBe('true');
  });

  test('that answers too much is ended', async () => {
    await runGit({ folder, args: ['init', '--bare'] });
    const { output } = await runGit({ folder, args: ['hash-object', '-w', '--stdin'], input: Buffer.alloc(1_000_000) });
    await expect(runGit({ folder, args: ['cat-file', 'blob', output.toString().trim()], maxOutput: 1_000 })).rejects.toMatchObject({ code: 'GIT_OUTPUT' });
  });

  test('that gives no sign of life is ended', async () => {
    await runGit({ folder, args: ['init', '--bare'] });
    writeFileSync(join(folder, 'slow'), '#!/bin/sh\nexec sleep 5\n', { mode: 0o755 });
    runIn(folder, 'config', 'core.sshCommand', join(folder, 'slow'));
    await expect(runGit({ folder, args: ['ls-remote', 'ssh://host/x.git'], silenceMs: 200 })).rejects.toMatchObject({ code: 'GIT_TIMEOUT' });
  });

  test('without git, or without the folder, says so', async () => {
    await expect(runGit({ folder: join(folder, 'none'), args: ['status'] })).rejects.toMatchObject({ code: 'GIT_FAILED' });
    vi.stubEnv('PATH', '/nowhere');
    await expect(runGit({ folder, args: ['status'] })).rejects.toMatchObject({ code: 'GIT_MISSING' });
  });
});

test.each([
  ["unable to access 'https://me:pa%2Fss@host/x.git/': no", "unable to access 'https://…@host/x.git/': no"],
  ['https://token@host:8443/x.git?private_token=abc&y=1', 'https://…@host:8443/x.git?private_token=…&y=…'],
  ['HTTPS://a:b@c@host/x', 'HTTPS://…@host/x'],
  ['ssh://git:secret@host/x and ssh://git@host/x', 'ssh://git:…@host/x and ssh://git@host/x'],
  ['git@github.com:a/b.git', 'git@github.com:a/b.git'],
  ['https://host/a/@b', 'https://host/a/@b'],
])('credentials are taken out of: %s', (text, shown) => {
  expect(hideCredentials(text)).toBe(shown);
});

describe('raw bytes on this machine', () => {
  test('are given back, to nobody else, and only whole', async () => {
    const place = join(folder, 'raw');
    const store = fileRawStore(place);
    expect(await store.find('0xaa')).toBeNull();
    await store.keep([{ hash: '0xaa', raw: '0x02f8' }]);
    expect(await store.find('0xaa')).toBe('0x02f8');
    expect(statSync(join(place, '0xaa.raw')).mode & 0o077).toBe(0);
    writeFileSync(join(place, '0xbb.raw'), '0x02f');
    writeFileSync(join(place, '0xcc.raw.draft'), '0x02f8');
    expect([await store.find('0xbb'), await store.find('0xcc')]).toEqual([null, null]);
  });

  test('of a hash that names a file elsewhere are not looked for there', async () => {
    writeFileSync(join(folder, 'x.raw'), '0x02f8');
    expect(await fileRawStore(join(folder, 'raw')).find('../x')).toBeNull();
  });

  test('that can not be written are an error', async () => {
    writeFileSync(join(folder, 'raw'), 'a file');
    await expect(fileRawStore(join(folder, 'raw')).keep([{ hash: '0xaa', raw: '0x02' }])).rejects.toMatchObject({ code: 'JOURNAL_WRITE' });
  });
});
