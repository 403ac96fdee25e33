// Amounts that an exit code could lose: 255, 256, 512 differences or errors are as visible as one.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toChecksum } from '../../src/kinds/keccak.ts';
import { type Anvil, startAnvil } from '../support/anvil.ts';
import { type Desk, makeDesk, parsePlan } from '../support/cli.ts';
import { type NodeCalls, nodeCalls } from '../support/node-calls.ts';

const amount = 512;
const names = Array.from({ length: amount }, (_, index) => `field${String(index).padStart(3, '0')}`);
const address = toChecksum(`0x${'c0de'.repeat(10)}`);
/** Answers a call with what its storage holds under the call's selector. */
const answering = '0x5f3560e01c545f5260205ff3';

const kind = `apiVersion: mooring/v1
kind: Kind
name: Wide
description: Many fields.
abi:
${names.map((name) => `  - function ${name}() view returns (uint256)\n  - function set${name}(uint256 value)`).join('\n')}
access: [anyone]
fields:
${names.map((name) => `  ${name}: { description: A field., unit: count }`).join('\n')}
setters:
${names.map((name) => `  - { function: set${name}, sets: [${name}] }`).join('\n')}
`;

let anvil: Anvil;
let node: NodeCalls;
let desk: Desk;

beforeAll(async () => {
  anvil = await startAnvil();
  node = await nodeCalls(anvil.url);
  await node.setCode(address, answering);
  await node.mine(2);
  desk = makeDesk(
    new Map([
      [
        'desired-state/wide/environment.yaml',
        `apiVersion: mooring/v1\nkind: Environment\nchainId: 31337\nrpc: ["${anvil.url}"]\nsigners: { one: { key: { env: ONE_KEY } } }\n`,
      ],
      ['desired-state/wide/addresses.yaml', `apiVersion: mooring/v1\nkind: AddressBook\naddresses: { one: "${toChecksum(node.sender)}" }\n`],
      ['desired-state/wide/policy.yaml', 'apiVersion: mooring/v1\nkind: Policy\nrequireProof: false\n'],
      ['desired-state/wide/kinds/Wide.yaml', kind],
    ]),
  );
});
afterAll(async () => {
  desk?.remove();
  await anvil?.stop();
});

/** Declares so many fields otherwise than they are, or so that they can't be read. */
function declare(different: number, value = '1'): void {
  const spec = names.map((name, index) => `  ${name}: ${index < different ? value : '0'}`).join('\n');
  desk.write('desired-state/wide/contracts/wide.yaml', `apiVersion: mooring/v1\nkind: Wide\naddress: "${address}"\nfromBlock: 1\nspec:\n${spec}\n`);
}

test('none: exit 0', async () => {
  declare(0);
  for (const line of ['plan', 'plan --detailed-exitcode', 'drift', 'validate']) expect((await desk.run(line)).exit).toBe(0);
});

describe.each([1, 2, 255, 256, 257, 512])('%d', (different) => {
  test('differences end plan --detailed-exitcode and drift with 2, and are all there', async () => {
    declare(different);
    const { exit, stdout } = await desk.run('plan --detailed-exitcode --proof never --format json');
    expect(exit).toBe(2);
    expect(parsePlan(stdout).changes.map(({ field }) => field)).toEqual(names.slice(0, different));
    const drift = await desk.run('drift --format json');
    expect(drift.exit).toBe(2);
    expect((JSON.parse(drift.stdout) as { items: unknown[] }).items).toHaveLength(different);
  });

  test('failing steps end plan with 1', async () => {
    declare(different);
    // Nothing is written by a setter, so no change comes about.
    const { exit, stdout } = await desk.run('plan --format json');
    expect(exit).toBe(1);
    expect(parsePlan(stdout).findings.filter(({ severity }) => severity === 'error').length).toBeGreaterThanOrEqual(different);
  });

  test('errors end validate, plan and drift with 65, and each is shown or counted', async () => {
    declare(different, 'one');
    for (const line of ['validate', 'plan', 'drift']) {
      const { exit, stdout, stderr } = await desk.run(line);
      expect(exit).toBe(65);
      const said = stdout + stderr;
      const unshown = Number(/\(and (\d+) more findings in this file\)/.exec(said)?.[1] ?? 0);
      expect((said.match(/error NUMBER_SYNTAX/g)?.length ?? 0) + unshown).toBe(different);
    }
  });
});

test('as a process of its own, too, where the system keeps only the last byte', async () => {
  declare(256);
  expect((await desk.spawn('drift --quiet').said).exit).toBe(2);
});
