// Which files an environment has, where they come from, and what is said about those that don't belong.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { diskSource } from '../../src/desired/file-source.ts';
import { loadDesired } from '../../src/desired/load.ts';
import { MooringError } from '../../src/errors.ts';
import { approvalExample, digestExample } from './examples.ts';
import { accounts, type Files, findingsOf, load, sample, sourceWith } from './world.ts';

/** `code file` of each finding. */
function said(files: Files): string[] {
  return findingsOf(files).map((finding) => `${finding.code} ${finding.source?.file.replace('desired-state/local/', '')}`);
}

describe('an environment', () => {
  test('that is missing', () => {
    const caught = (environment: string) => {
      try {
        return loadDesired({ source: sourceWith({}), environment });
      } catch (error) {
        return error;
      }
    };
    expect(caught('locl')).toMatchObject({ code: 'ENVIRONMENT_NOT_FOUND', fix: 'use local' });
    expect(caught('../local')).toMatchObject({ code: 'ENVIRONMENT_NOT_FOUND' });
    expect(caught('')).toMatchObject({ code: 'ENVIRONMENT_NOT_FOUND' });
  });

  test.each<[what: string, files: Files, expected: readonly string[]]>([
    ['without its main file', { 'environment.yaml': null }, ['FILE_MISSING environment.yaml']],
    ['with a directory where a file should be', { 'policy.yaml/x': '' }, ['FILE_NOT_REGULAR policy.yaml']],
    ['with a directory where a contract should be', { 'contracts/a.yaml/x': '' }, ['FILE_NOT_REGULAR contracts/a.yaml']],
    ['with a file where contracts should be', { contracts: 'x' }, ['FILE_NOT_REGULAR contracts']],
    ['with another ending', { 'contracts/a.yml': sample('') }, ['FILE_NAME contracts/a.yml']],
    ['with a name that is no name', { 'contracts/a b.yaml': sample('') }, ['FILE_NAME contracts/a b.yaml']],
    ['with a name that means something else', { 'contracts/unset.yaml': sample('') }, ['FILE_NAME contracts/unset.yaml']],
    ['with a file in a wrong place', { 'polcy.yaml': 'x' }, ['FILE_UNKNOWN polcy.yaml']],
    ['with a folder of contracts', { 'contracts/old/a': '' }, ['FILE_UNKNOWN contracts/old']],
    ['with files of other parts, texts and hidden ones', { 'loops/thermostat.yaml': 'x', 'README.md': 'x', 'contracts/.keep': '', CODEOWNERS: 'x' }, []],
    ['with a name that is no digest', { 'approvals/x.yaml': approvalExample }, ['FILE_NAME approvals/x.yaml']],
    ['with a digest in capitals', { [`approvals/${'AB'.repeat(32)}.yaml`]: approvalExample }, [`FILE_NAME approvals/${'AB'.repeat(32)}.yaml`]],
    ['with a digest that is too long', { [`approvals/${digestExample}0.yaml`]: approvalExample }, [`FILE_NAME approvals/${digestExample}0.yaml`]],
    ['with an approval of another ending', { [`approvals/${digestExample}.yml`]: approvalExample }, [`FILE_NAME approvals/${digestExample}.yml`]],
    ['with a note among approvals', { 'approvals/list.txt': 'x', 'approvals/README.md': 'x' }, ['FILE_UNKNOWN approvals/list.txt']],
    ['with a file where approvals should be', { approvals: 'x' }, ['FILE_NOT_REGULAR approvals']],
    ['with a broken kind', { 'kinds/Sample.yaml': 'kind: [' }, ['KIND_SYNTAX kinds/Sample.yaml']],
    ['with an empty contract', { 'contracts/a.yaml': '' }, ['FILE_EMPTY contracts/a.yaml']],
  ])('%s', (_, files, expected) => {
    expect(said(files)).toEqual(expected);
  });

  test('shows all findings of all files, sorted by place', () => {
    const files = {
      'contracts/b.yaml': sample('spec:\n  shar: 1\n  stake: 1e18\n'),
      'contracts/a.yaml': sample('spec:\n  owner: nobody\n', accounts['account-c']),
      'lifts.yaml': 'x: 1\n',
    };
    expect(said(files)).toEqual([
      'NAME_UNKNOWN contracts/a.yaml',
      'FIELD_UNKNOWN contracts/b.yaml',
      'NUMBER_EXPONENT contracts/b.yaml',
      ...['KEY_UNKNOWN', 'KEY_MISSING', 'KEY_MISSING', 'KEY_MISSING'].map((code) => `${code} lifts.yaml`),
    ]);
  });

  test('with thousands of errors shows the first hundred of a file, and how many more there are', () => {
    const findings = findingsOf({ 'contracts/a.yaml': sample(`spec:\n${Array.from({ length: 5_000 }, (_, i) => `  no${i}: 1\n`).join('')}`) });
    expect(findings).toHaveLength(100);
    expect(findings.at(-1)?.message).toMatch(/4900 more/);
  });

  test('with thousands of contracts', () => {
    const files = Object.fromEntries(Array.from({ length: 5_001 }, (_, i) => [`contracts/c${i}.yaml`, 'x']));
    expect(said(files)).toEqual(['FILE_TOO_MANY contracts']);
  });

  test('with thousands of approvals', () => {
    const files = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`approvals/${String(i).padStart(64, '0')}.yaml`, 'apiVersion: x']));
    expect(said(files(5_001))).toEqual(['FILE_TOO_MANY approvals']);
    expect(said(files(1_001))).toContain(`DOCUMENT_VERSION approvals/${String(1_000).padStart(64, '0')}.yaml`);
  });

  test('in another folder', () => {
    const { desired } = loadDesired({ source: sourceWith({}), environment: 'local', directory: 'desired-state' });
    expect(desired.state.environment).toBe('local');
  });
});

describe('on disk', () => {
  let root = '';
  const put = (path: string, content: string | Uint8Array) => {
    mkdirSync(join(root, 'desired-state/local', path, '..'), { recursive: true });
    writeFileSync(join(root, 'desired-state/local', path), content);
  };
  const codes = () => {
    try {
      return loadDesired({ source: diskSource(root), environment: 'local' }).warnings.map((finding) => finding.code);
    } catch (error) {
      if (error instanceof MooringError) return error.findings.map((finding) => finding.code);
      throw error;
    }
  };

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'mooring-files-'));
    put('environment.yaml', 'apiVersion: mooring/v1\nkind: Environment\nchainId: 1\nrpc: ["http://127.0.0.1:1"]\n');
    put('contracts/arena.yaml', sample('').replace('Sample', 'Ownable'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  test('reads what is there', () => {
    const { desired } = loadDesired({ source: diskSource(root), environment: 'local' });
    expect(desired.state.contracts[0]?.source?.file).toBe('desired-state/local/contracts/arena.yaml');
  });

  test('an environment is a name, not a path', () => {
    expect(() => loadDesired({ source: diskSource(root), environment: '../desired-state/local' })).toThrow(
      expect.objectContaining({ code: 'ENVIRONMENT_NOT_FOUND' }),
    );
  });

  test('a file of 1 MB, of 5 GB and of bytes that are no text', () => {
    put('contracts/arena.yaml', Buffer.alloc(1_000_000, 0x61));
    expect(codes()).toEqual(['FILE_TOO_LARGE']);
    execFileSync('truncate', ['-s', '5G', join(root, 'desired-state/local/contracts/arena.yaml')]);
    expect(codes()).toEqual(['FILE_TOO_LARGE']);
    put('contracts/arena.yaml', Buffer.from([0x80, 0x81]));
    expect(codes()).toEqual(['FILE_NOT_UTF8']);
  });

  test('a link is not followed, wherever it is in the path', () => {
    writeFileSync(join(root, 'secret.yaml'), 'password: hunter2\n');
    symlinkSync(join(root, 'secret.yaml'), join(root, 'desired-state/local/policy.yaml'));
    expect(codes()).toEqual(['FILE_NOT_REGULAR']);
    rmSync(join(root, 'desired-state/local/policy.yaml'));
    symlinkSync(root, join(root, 'desired-state/local/kinds'));
    expect(codes()).toEqual(['FILE_NOT_REGULAR']);
  });

  test('a pipe is not waited for', () => {
    execFileSync('mkfifo', [join(root, 'desired-state/local/lifts.yaml')]);
    expect(codes()).toEqual(['FILE_NOT_REGULAR']);
  });
});

test('a byte order mark is no error', () => {
  expect(load({ 'contracts/sample.yaml': `\uFEFF${sample('')}` }).warnings).toEqual([]);
});
