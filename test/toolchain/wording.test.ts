// The project speaks of itself alone: no machine's paths, no registry's address, no keys, nothing about who typed it.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');

/** Put together from pieces, so that this file passes too. */
const forbidden: readonly [name: string, pattern: RegExp][] = [
  ["a machine's path", new RegExp(['(?:^|[\\s"\'`(=:])/(?:wo', 'rk|ro', 'ot|ho', 'me|Us', 'ers)/[\\w.-]'].join(''))],
  ["a registry's address", new RegExp(['registry\\.(?:npm', 'js|yarn', 'pkg|npm', 'mirror)|npm\\.pkg\\.git', 'hub'].join(''))],
  ['who typed it', new RegExp(['\\b(?:cla', 'ude|chat', 'gpt|cop', 'ilot|l', 'lm|language mo', 'del|co-auth', 'ored-by|gener', 'ated with)\\b'].join(''), 'i')],
  [
    'how it was made',
    new RegExp(
      [
        '\\b(?:this|previous|next|another|our) ses',
        'sion\\b|\\bsub-?ag',
        'ents?\\b|\\bse',
        'ed/run',
        'book|\\bsha',
        'red/(?:design|contracts|examples)|\\biss',
        'ue \\d+\\b',
      ].join(''),
      'i',
    ),
  ],
];

function git(...args: readonly string[]): string {
  return execFileSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28 });
}

function findings(place: string, text: string): string[] {
  return text
    .split('\n')
    .flatMap((line, index) =>
      forbidden.filter(([, pattern]) => pattern.test(line)).map(([name]) => `${place}:${index + 1}: ${name}: ${line.trim().slice(0, 120)}`),
    );
}

test('no file says what is nobody’s business', () => {
  const files = git('ls-files', '-z')
    .split('\0')
    .filter((file) => file !== '' && file !== 'package-lock.json' && !/\.(?:png|jpg|gif|ico|woff2?)$/.test(file));
  expect(files.length).toBeGreaterThan(50);
  expect(files.flatMap((file) => findings(file, readFileSync(join(root, file), 'utf8')))).toEqual([]);
});

test('no commit message does either', () => {
  expect(findings('git log', git('log', '--format=%h%n%B'))).toEqual([]);
});

test.each([
  ['machine', ['see /ho', 'me/someone/x'].join('')],
  ['registry', ['https://registry.npm', 'js.org/x'].join('')],
  ['typed', ['Co-Auth', 'ored-By: x'].join('')],
  ['made', ['as the previous ses', 'sion said'].join('')],
])('what is forbidden is found: %s', (_name, line) => {
  expect(findings('here', line)).toHaveLength(1);
});

test('what is only similar passes', () => {
  expect(['GitHub issues', '/repos/x/issues/1', 'an agent role', 'https://example.org/root/x'].flatMap((line) => findings('here', line))).toEqual([]);
});
