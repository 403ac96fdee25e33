// mooring schema: what editors read is written, checked, and knows kinds of one's own.
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { kindNames } from '../../src/kinds/load-kinds.ts';
import { type Desk, makeDesk } from '../support/cli.ts';

const project = join(import.meta.dirname, '../..');
const own = `apiVersion: mooring/v1
kind: Kind
name: Gate
description: Open or shut.
extends: [Ownable]
abi:
  - function open() view returns (bool)
  - function setOpen(bool open_)
fields:
  open: { description: Whether it is open., risk: { up: increase, down: reduce } }
setters:
  - { function: setOpen, sets: [open] }
`;

let desk: Desk;
beforeEach(() => {
  desk = makeDesk(
    new Map([
      ['desired-state/a/environment.yaml', 'apiVersion: mooring/v1\nkind: Environment\nchainId: 1\nrpc: ["http://127.0.0.1:1"]\n'],
      ['desired-state/a/kinds/Gate.yaml', own],
    ]),
  );
});
afterEach(() => desk.remove());

test('the committed schemas are up to date', async () => {
  const { exit, stderr } = await desk.run(['schema', '--check', '--root', project]);
  expect(exit, stderr).toBe(0);
});

test('one for each kind is written, those of one’s own included', async () => {
  const { exit, stdout } = await desk.run('schema');
  expect(exit).toBe(0);
  expect(stdout).toMatch(/^wrote \d+ schemas to /);
  expect(
    desk
      .files('schemas/contracts')
      .map((file) => file.replace(/.*\/|\.schema\.json/g, ''))
      .toSorted(),
  ).toEqual([...kindNames(), 'Gate'].toSorted());
});

test('--check fails on what is missing, changed or behind the kinds, and writes nothing', async () => {
  const missing = await desk.run('schema --check');
  expect(missing.exit).toBe(1);
  expect(missing.stderr).toContain('SCHEMA_OUT_OF_DATE');
  expect(desk.has('schemas')).toBe(false);
  await desk.run('schema');
  expect((await desk.run('schema --check')).exit).toBe(0);
  desk.write('desired-state/a/kinds/Gate.yaml', own.replace('Whether it is open.', 'Whether one can pass.'));
  const behind = await desk.run('schema --check');
  expect(behind.exit).toBe(1);
  expect(behind.stderr).toContain('Gate.schema.json');
  expect(behind.stderr).not.toContain('SelfPlayArena');
  await desk.run('schema');
  expect((await desk.run('schema --check')).exit).toBe(0);
});

test('elsewhere with --out', async () => {
  expect((await desk.run('schema --out editors/here')).exit).toBe(0);
  expect(desk.has('editors/here/contracts/SelfPlayArena.schema.json')).toBe(true);
  expect((await desk.run('schema --out editors/here --check')).exit).toBe(0);
});

test('an editor accepts what mooring accepts, and marks what it does not', async () => {
  await desk.run('schema');
  const load = (name: string): object => JSON.parse(desk.read(`schemas/contracts/${name}.schema.json`)) as object;
  const ajv = new Ajv({ strict: false, allErrors: true });
  const gate = ajv.compile(load('Gate'));
  const text = 'apiVersion: mooring/v1\nkind: Gate\naddress: "0x00000000000000000000000000000000DeaDBeef"\nfromBlock: 1\nspec:\n  open: true\n';
  expect(gate(parse(text))).toBe(true);
  for (const wrong of ['open: maybe', 'opne: true', 'open: 3']) expect(gate(parse(text.replace('open: true', wrong)))).toBe(false);
});
