// Imports that would leave the desired state worse than it was: refused, and no file is touched.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { id } from '../../src/kinds/keccak.ts';
import type { Desk } from '../support/cli.ts';
import { environmentName, type FieldWorld, folder, startFieldWorld } from '../support/field-world.ts';

const admin = `0x${'0'.repeat(64)}`;
const roleBook = `${folder}/contracts/role-book.yaml`;
const again = `import --env ${environmentName} --kind AccessControl --address role-book --name role-book`;

let world: FieldWorld;
let desk: Desk;

beforeAll(async () => {
  world = await startFieldWorld({ variant: 'key' });
});
afterAll(() => world?.stop());
beforeEach(async () => {
  await world.reset();
  desk = world.desk();
  return () => desk.remove();
});

describe('refused, with nothing written', () => {
  const cases: readonly [what: string, options: string, exit: number, says: RegExp][] = [
    [
      'a contract of another kind',
      '--kind Thermostat --address identity-registry --name other',
      5,
      /LIVE_UNKNOWN: (no field|only \d+ of the \d+ fields) of Thermostat/,
    ],
    ['a second file for an address', '--kind Ownable --address arena --name other', 65, /CONTRACT_DUPLICATE/],
    ['a name that stands for another account', '--kind Ownable --address identity-registry --name treasury', 65, /ADDRESS_NAME_TAKEN/],
    ['a block after the newest', '--kind Ownable --address identity-registry --name identity-registry --from-block 99999', 64, /after the newest block/],
    ['a block after the deployment', '--kind Ownable --address identity-registry --name identity-registry --from-block 30', 64, /too late/],
  ];
  test.each(cases)('%s', async (_, options, exit, says) => {
    const before = desk.files(folder);
    const said = await desk.run(`import --env ${environmentName} ${options}`);
    expect(said, said.stderr).toMatchObject({ exit, stdout: '' });
    expect(said.stderr).toMatch(says);
    expect(desk.files(folder)).toEqual(before);
    expect((await desk.run(`validate --env ${environmentName}`)).exit).toBe(0);
  });
});

describe('roles have the names that people gave them', () => {
  test('a name that is declared already is kept, by an addition and by --force', async () => {
    await world.byHand({ on: 'roleBook', call: 'grantRole', args: [id('CURATOR_ROLE'), 'guardian'] });
    desk.write(roleBook, desk.read(roleBook).replace(/ {2}roles:\n/, '  roles:\n    CURATOR_ROLE: [guardian]\n'));
    const declared = desk.read(roleBook);
    expect(await desk.run(again)).toMatchObject({ exit: 0, stdout: expect.stringMatching(/^nothing to add to /) });
    expect(desk.read(roleBook)).toBe(declared);
    expect((await desk.run(`${again} --force`)).exit).toBe(0);
    expect(desk.read(roleBook)).toContain('    CURATOR_ROLE:\n      - guardian\n');
  });

  test('a usual name is recognised by its hash, and not listed where nobody holds it', async () => {
    await world.byHand({ on: 'roleBook', call: 'grantRole', args: [id('MINTER_ROLE'), 'guardian'] });
    expect((await desk.run(again)).exit).toBe(0);
    expect(desk.read(roleBook)).toContain('    MINTER_ROLE:\n      - guardian\n');
    expect(desk.read(roleBook)).not.toMatch(/PAUSER_ROLE|"0x[0-9a-f]{64}"/);
  });

  test('a role that is declared by its hash stays as it is', async () => {
    await world.byHand({ on: 'roleBook', call: 'grantRole', args: [id('MINTER_ROLE'), 'guardian'] });
    desk.write(roleBook, desk.read(roleBook).replace(/ {2}roles:\n/, `  roles:\n    "${id('MINTER_ROLE')}": [guardian]\n`));
    const declared = desk.read(roleBook);
    expect((await desk.run(again)).exit).toBe(0);
    expect(desk.read(roleBook)).toBe(declared);
    expect(declared).not.toContain(admin);
  });
});
