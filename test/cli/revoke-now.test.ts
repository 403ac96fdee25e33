// Revoking at once: a plan that would do anything else than what was asked for is not signed, and nothing else holds it up.
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import type { Context } from '../../src/cli/command.ts';
import { openEnvironment } from '../../src/cli/environment/open.ts';
import { type Revoked, type Revoking, revokeNow } from '../../src/cli/rotate/revoke-now.ts';
import { id } from '../../src/kinds/keccak.ts';
import type { Kind } from '../../src/kinds/kind.ts';
import type { Desk } from '../support/cli.ts';
import { environmentName, folder, startFieldWorld } from '../support/field-world.ts';
import type { ProxyCall } from '../support/rpc-proxy.ts';
import { actFile, openRound, reasonsOf } from '../support/slash-world.ts';

const world = await startFieldWorld({ variant: 'governed' });
let desk: Desk;
beforeEach(async () => {
  await world.reset();
  desk = world.desk();
});
afterEach(() => desk.remove());
afterAll(() => world.stop());

const account = world.addresses['orchestrator-a'] ?? '';
const isIn = () => world.read({ on: 'arena', call: 'orchestrators', args: [account] });

async function revoke(change: (arena: Kind) => Kind = (arena) => arena, more: Pick<Revoking, 'patience'> = {}): Promise<Revoked> {
  const context: Context = { cwd: desk.root, env: desk.env, stdout: () => {}, stderr: () => {}, ask: null, now: Date.now, colour: false };
  const opened = openEnvironment(context, { env: environmentName });
  const kind = change(opened.kinds.get('SelfPlayArena') as Kind);
  const revocation = { contract: 'arena', kind, address: world.addresses['arena'] ?? '', path: 'orchestrators', account };
  try {
    return await revokeNow({ opened, context, revocations: [revocation], reason: 'leaked', log: () => {}, ...more });
  } finally {
    opened.close();
  }
}

test('the signer signs the revocations that it was made for, and no other step of the plan', async () => {
  // The plan has its step all the same; the guard knows of no call that revokes.
  expect(await revoke((arena) => ({ ...arena, setters: [] }))).toMatchObject({
    outcome: 'sent',
    results: [{ outcome: 'stopped', findings: [{ code: 'NOT_A_REVOCATION' }, { code: 'STEP_NOT_TRIED' }] }],
  });
  expect([await isIn(), (await world.sent()).taken]).toEqual([true, 0]);
  expect(await revoke()).toMatchObject({ outcome: 'sent', results: [{ outcome: 'done' }] });
  expect([await isIn(), (await world.sent()).taken]).toEqual([false, 1]);
});

test('an act that is left to do is left to do', async () => {
  await openRound(world);
  desk.write(`${folder}/acts/spring.yaml`, actFile());
  const before = (await world.sent()).handedOver;
  expect(await revoke()).toMatchObject({ outcome: 'sent', results: [{ outcome: 'done' }] });
  expect([await isIn(), await reasonsOf(world), (await world.sent()).handedOver - before]).toEqual([false, [], 1]);
});

/** Each would block an ordinary plan. */
const inTheWay: [string, () => void][] = [
  ['a frozen field', () => rewrite('policy.yaml', (text) => text.replace('limits:\n', 'limits:\n  - { match: "arena.orchestrators", frozen: true }\n'))],
  [
    'a freeze',
    () =>
      rewrite(
        'policy.yaml',
        (text) => `${text}\nfreezes:\n  - { from: 2020-01-01T00:00:00Z, to: 2099-01-01T00:00:00Z, allow: [increase], reason: holidays }\n`,
      ),
  ],
  [
    'another contract that cannot be read',
    () => {
      const text = desk.read(`${folder}/contracts/fee-pool.yaml`).replace(/address: .*/, `address: "0x${'7'.repeat(40)}"`);
      desk.write(`${folder}/contracts/gone.yaml`, text);
    },
  ],
  [
    'a node that cannot simulate',
    () => {
      const refused = { code: -32601, message: 'the method is not available' };
      const simulates = (call: ProxyCall): boolean => /simulate|net_version/i.test(call.method) || (call.method === 'eth_call' && call.params.length > 2);
      world.proxy.hooks = { rewrite: (call, answer) => (simulates(call) ? { jsonrpc: '2.0', id: call.id, error: refused } : answer) };
    },
  ],
];

function rewrite(file: string, change: (text: string) => string): void {
  const before = desk.read(`${folder}/${file}`);
  const after = change(before);
  if (after === before) throw new Error(`${file} is as it was`);
  desk.write(`${folder}/${file}`, after);
}

test.each(inTheWay)('is not held up by %s', async (_what, put) => {
  put();
  expect(await revoke()).toMatchObject({ outcome: 'sent', results: [{ outcome: 'done' }] });
  expect([await isIn(), (await world.sent()).taken]).toEqual([false, 1]);
});

test('behind a transaction that is long in waiting it waits, too', async () => {
  const owner = world.addresses['owner'];
  await world.node.ask('anvil_setAutomine', [false]);
  await world.node.ask('eth_sendTransaction', [{ from: owner, to: owner, gas: '0x5208' }]);
  const looks = Promise.withResolvers<void>();
  world.proxy.hooks = {
    before: () => {
      if (world.proxy.count('eth_getTransactionReceipt') > 8) looks.resolve();
      return undefined;
    },
  };
  const running = revoke(undefined, { patience: { firstPollMs: 1, longestPollMs: 1, looks: 1 } });
  await Promise.race([looks.promise, running]);
  await world.node.ask('anvil_setAutomine', [true]);
  await world.node.mine();
  expect(await running).toMatchObject({ outcome: 'sent', results: [{ outcome: 'done' }] });
  expect(await isIn()).toBe(false);
});

test('a role that no file names is taken away all the same', async () => {
  await world.byHand({ on: 'roleBook', call: 'grantRole', args: [id('MINTER_ROLE'), 'guardian'] });
  const holds = () => world.read({ on: 'roleBook', call: 'hasRole', args: [id('MINTER_ROLE'), 'guardian'] });
  expect(await holds()).toBe(true);
  const context: Context = { cwd: desk.root, env: desk.env, stdout: () => {}, stderr: () => {}, ask: null, now: Date.now, colour: false };
  const opened = openEnvironment(context, { env: environmentName });
  const own = opened.desired.state.contracts.find(({ name }) => name === 'role-book');
  expect([...(own?.fields.keys() ?? [])]).not.toContain('roles.MINTER_ROLE');
  const kind = opened.kinds.get(own?.kind ?? '') as Kind;
  const revocation = { contract: 'role-book', kind, address: own?.address ?? '', path: 'roles.MINTER_ROLE', account: world.addresses['guardian'] ?? '' };
  expect(await revokeNow({ opened, context, revocations: [revocation], reason: 'leaked', log: () => {} })).toMatchObject({
    outcome: 'sent',
    results: [{ outcome: 'done' }],
  });
  opened.close();
  expect(await holds()).toBe(false);
});
