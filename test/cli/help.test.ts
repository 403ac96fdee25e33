// What a newcomer meets first: help, versions, and command lines that are not understood.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commands } from '../../src/cli/commands.ts';
import { exitCodes } from '../../src/errors.ts';
import { type Desk, makeDesk } from '../support/cli.ts';

const environment = `apiVersion: mooring/v1
kind: Environment
chainId: 31337
rpc: ["http://127.0.0.1:1"]
`;
const book = 'apiVersion: mooring/v1\nkind: AddressBook\naddresses: {}\n';

let desk: Desk;
let empty: Desk;

beforeAll(() => {
  const of = (name: string): [string, string][] => [
    [`desired-state/${name}/environment.yaml`, environment],
    [`desired-state/${name}/addresses.yaml`, book],
  ];
  desk = makeDesk(new Map([...of('staging'), ...of('mainnet')]));
  empty = makeDesk();
});
afterAll(() => {
  desk?.remove();
  empty?.remove();
});

describe('help', () => {
  test.each([['--help'], ['-h'], ['help'], ['']])('`mooring %s` lists the commands and the exit codes', async (line) => {
    const { exit, stdout, stderr } = await empty.run(line);
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    const width = Math.max(...commands.map(({ name }) => name.length));
    for (const { name, summary } of commands) expect(stdout).toContain(`${name.padEnd(width)}  ${summary}`);
    for (const code of Object.values(exitCodes)) expect(stdout).toMatch(new RegExp(`\\b${code} `));
  });

  test.each(commands.map(({ name }) => [name]))('`mooring %s --help` needs nothing and says everything', async (name) => {
    const { exit, stdout, stderr } = await empty.run(`${name} --help`);
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    await expect(stdout).toMatchFileSnapshot(`../golden/cli/help-${name.replaceAll(' ', '-')}.txt`);
  });

  test.each(commands.map(({ name }) => [name]))('`mooring %s --help` fits a terminal, and its examples are command lines that are understood', async (name) => {
    const { stdout } = await empty.run(`${name} --help`);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(160);
    const examples = stdout.split('Examples:\n')[1]?.trim().split('\n') ?? [];
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) {
      const words = (example.match(/"[^"]*"|\S+/g) ?? []).slice(1);
      const { exit, stderr } = await empty.run([...words, '--help']);
      expect(exit, stderr).toBe(0);
    }
  });

  test.each([['--version'], ['-v']])('`mooring %s`', async (line) => {
    expect((await empty.run(line)).stdout).toMatch(/^mooring \d+\.\d+\.\d+\n$/);
  });
});

const usage: readonly [line: string, where: 'desk' | 'empty', says: RegExp][] = [
  ['plam', 'desk', /mooring plan/],
  ['exterminate', 'desk', /mooring --help/],
  ['plan --evn mainnet', 'desk', /did you mean --env\?/],
  ['plan --detailed-exit-code --env mainnet', 'desk', /did you mean --detailed-exitcode\?/],
  ['plan --toString --env mainnet', 'desk', /--toString is not an option of plan/],
  ['plan -x --env mainnet', 'desk', /-x is not an option of plan/],
  ['plan mainnet', 'desk', /"mainnet" is not expected/],
  ['plan --env', 'desk', /--env needs a value/],
  ['plan --env=', 'desk', /--env/],
  ['plan --env mainnet --env', 'desk', /--env needs a value/],
  ['plan --quiet=yes --env mainnet', 'desk', /takes no value/],
  ['plan --env mainnet --format yaml', 'desk', /text, json, markdown/],
  ['drift --env mainnet --format markdown', 'desk', /text, json/],
  ['plan --env mainnet --proof maybe', 'desk', /auto, never/],
  ['plan --env mainet', 'desk', /"mainnet"/],
  ['plan --env constructor', 'desk', /no environment/],
  ['plan --env ../desired-state/mainnet', 'desk', /no environment/],
  ['plan', 'desk', /mainnet, staging/],
  ['plan --env mainnet', 'empty', /desired-state/],
  ['plan --env mainnet --root nowhere', 'desk', /nowhere/],
  ['import --env mainnet --address 0x00', 'desk', /--kind is missing/],
  ['import --env mainnet --kind SelfPlayArena --name arena', 'desk', /--address is missing/],
  ['apply --env mainnet --digest 12', 'desk', /64 hexadecimal/],
  ['apply --env mainnet', 'desk', /--digest, --plan or a typed/],
];

describe('a command line that is not understood ends with 64 and says how to go on', () => {
  test.each(usage)('mooring %s', async (line, where, says) => {
    const { exit, stdout, stderr } = await (where === 'desk' ? desk : empty).run(line);
    expect({ exit, stdout }, stderr).toEqual({ exit: 64, stdout: '' });
    expect(stderr).toMatch(says);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test.each(usage.filter(([line]) => !line.includes('--format')))('also as JSON: mooring %s', async (line, where, says) => {
    const { exit, stdout, stderr } = await (where === 'desk' ? desk : empty).run(`${line} --format=json`);
    expect(exit, stdout + stderr).toBe(64);
    const { error } = JSON.parse(stdout) as { error: { code: string; message: string; fix: string | null } };
    expect(error.code).not.toBe('INTERNAL');
    expect(`${error.message} ${error.fix}`).toMatch(says);
    expect(stderr).toBe('');
  });
});

test('options may stand in front of others in any form', async () => {
  for (const line of ['validate --env=mainnet --quiet', 'validate --quiet --env mainnet', `validate --root ${desk.root} --env mainnet`]) {
    const { exit, stderr } = await desk.run(line);
    expect(exit, stderr).toBe(0);
  }
});

test('the root is found from any folder below it, or named', async () => {
  desk.write('desired-state/mainnet/contracts/.keep', '');
  expect((await desk.run('validate --env mainnet', { cwd: `${desk.root}/desired-state/mainnet/contracts` })).exit).toBe(0);
  expect((await empty.run(['validate', '--env', 'mainnet', '--root', desk.root])).exit).toBe(0);
});
