// The App's key as services can be given it: many lines, one line with written-out breaks, or a file.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { credentialsIn } from '../../src/cli/pr/credentials.ts';
import { redact } from '../../src/cli/secrets/secrets.ts';

const pem = '-----BEGIN PRIVATE KEY-----\nnot-a-real-key\n-----END PRIVATE KEY-----\n';
const app = { type: 'app', appId: '7', privateKey: pem };

let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'mooring-key-'));
  writeFileSync(join(cwd, 'app.pem'), pem);
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const given = (env: Record<string, string>) => credentialsIn({ cwd, env: { MOORING_APP_ID: '7', ...env } });

test.each<[string, Record<string, string>]>([
  ['as it is', { MOORING_APP_KEY: pem }],
  ['on one line', { MOORING_APP_KEY: pem.replaceAll('\n', '\\n') }],
  ['in a file', { MOORING_APP_KEY_FILE: 'app.pem' }],
  ['in a variable, which goes before a file', { MOORING_APP_KEY: pem, MOORING_APP_KEY_FILE: 'none.pem' }],
])('the key %s is read, and shown nowhere', (_name, env) => {
  expect(given(env)).toEqual(app);
  expect(redact(`it said ${pem}`, {})).toBe('it said ***');
});

test('a file that is not there is told by its path, and no token is taken in its place', () => {
  const failed = expect.objectContaining({ code: 'GITHUB_CREDENTIALS', message: expect.stringContaining('none.pem') });
  expect(() => given({ MOORING_APP_KEY_FILE: 'none.pem', MOORING_TOKEN: 'a-token' })).toThrow(failed);
});

test('without any of them a token is, and without that it says what is missing', () => {
  expect(given({ GITHUB_TOKEN: 'a-token' })).toEqual({ type: 'token', token: 'a-token' });
  expect(() => given({})).toThrow(expect.objectContaining({ code: 'GITHUB_CREDENTIALS' }));
});
