// mooring rotate --compromised on a bad day: what is spoilt, busy, dear or away holds up no revocation.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Context } from '../../src/cli/command.ts';
import { openFileStore } from '../../src/journal/file-store.ts';
import { id, toChecksum } from '../../src/kinds/keccak.ts';
import type { Address, Hex } from '../../src/types.ts';
import type { Desk, Said } from '../support/cli.ts';
import { environmentName, folder, startFieldWorld } from '../support/field-world.ts';
import { giveArena } from '../support/give-arena.ts';
import { type ProxyCall, startRpcProxy } from '../support/rpc-proxy.ts';

const world = await startFieldWorld({ variant: 'governed' });
let desk: Desk;
beforeEach(() => {
  desk = world.desk();
});
afterEach(async () => {
  desk.remove();
  await world.node.ask('anvil_setAutomine', [true]);
  await world.node.ask('anvil_dropAllTransactions');
  await world.reset();
});
afterAll(() => world.stop());

const owner = world.addresses['owner'] as Address;
const isIn = (name = 'orchestrator-a') => world.read({ on: 'arena', call: 'orchestrators', args: [name] });
const place = (...names: string[]) => join(desk.root, '.mooring', environmentName, ...names);

function rotate(old = 'orchestrator-a', more: Partial<Context> = {}, ...options: string[]): Promise<Said> {
  const line = `rotate --env ${environmentName} --role orchestrators --old ${old} --compromised --even-the-last --reason leaked`;
  return desk.run([...line.split(' '), ...options], more);
}

async function isRevoked(said: Said): Promise<void> {
  expect([said.stdout.includes('Revoked at once'), await isIn()], said.stdout + said.stderr).toEqual([true, false]);
}

async function waiting(transactions: number): Promise<void> {
  for (;;) {
    const { pending } = await world.node.ask<{ pending: Hex }>('txpool_status');
    if (Number(pending) === transactions) return;
  }
}

function environment(change: (text: string) => string): void {
  const file = `${folder}/environment.yaml`;
  const before = desk.read(file);
  const after = change(before);
  if (after === before) throw new Error('environment.yaml is as it was');
  desk.write(file, after);
}

describe('its own records', () => {
  test('a corrupt journal stays as it is, and a new one is begun beside it', async () => {
    await rotate('orchestrator-b');
    const spoilt = readFileSync(place('revocations', 'journal.jsonl'), 'utf8').replace('run-started', 'run-Started');
    writeFileSync(place('revocations', 'journal.jsonl'), spoilt);
    const said = await rotate();
    await isRevoked(said);
    expect(said.stderr).toContain("an earlier record of revocations can't be read");
    expect(readFileSync(place('revocations', 'journal.jsonl'), 'utf8')).toBe(spoilt);
    expect((await openFileStore(place('revocations-2')).read()).length).toBeGreaterThan(0);
    const log = await desk.run(`log --env ${environmentName} --no-github`);
    expect([log.exit, log.stdout.includes("a record of revocations can't be read"), log.stdout.includes('leaked')]).toEqual([0, true, true]);
  });

  test('a receipt that can not be read: new ones are kept beside it', async () => {
    await rotate('orchestrator-b');
    mkdirSync(place('revocations', 'receipts'), { recursive: true });
    writeFileSync(place('revocations', 'receipts', '000001-x.json'), '{');
    const said = await rotate();
    await isRevoked(said);
    expect(said.stderr).toContain("receipts of earlier revocations can't be read");
    expect(desk.files(`.mooring/${environmentName}/revocations/receipts-2/receipts`)).toHaveLength(1);
    expect((await openFileStore(place('revocations')).read()).filter(({ type }) => type === 'run-finished')).toHaveLength(2);
  });

  test('without a place for them nothing is sent, and it says what to do', async () => {
    writeFileSync(join(desk.root, '.mooring'), 'no folder');
    const said = await rotate();
    expect(said.stderr).toMatch(/JOURNAL_WRITE: a revocation has no place where it could be recorded: .*\n {2}fix: Nothing was sent\./);
    expect([said.exit, said.stdout.includes('NOT revoked.'), await isIn(), (await world.sent()).handedOver]).toEqual([1, true, true, 0]);
  });
});

describe('another revocation in the same checkout', () => {
  test('is waited for', async () => {
    const lock = await openFileStore(place('revocations')).lock();
    const told = Promise.withResolvers<void>();
    const running = rotate('orchestrator-a', { stderr: (text) => text.includes('another revocation is at work') && told.resolve() });
    await told.promise;
    expect(await isIn()).toBe(true);
    await lock.release();
    await running;
    expect([await isIn(), (await world.sent()).taken]).toEqual([false, 1]);
  });

  test('and at work on the same: one transaction', async () => {
    const both = await Promise.all([desk.spawn(lineOf('orchestrator-a')).said, desk.spawn(lineOf('orchestrator-a')).said]);
    expect(both.map(({ stderr }) => stderr.includes('JOURNAL_LOCKED'))).toEqual([false, false]);
    expect([await isIn(), (await world.sent()).taken]).toEqual([false, 1]);
  });

  test('on a machine that may be gone is not waited for without end: its lock is named', async () => {
    mkdirSync(place('revocations', 'lock'), { recursive: true });
    writeFileSync(place('revocations', 'lock', 'x.holder'), JSON.stringify({ pid: 1, started: '1', machine: 'elsewhere', since: '2026-01-01T00:00:00Z' }));
    let at = Date.now();
    const now = (): number => {
      at += 30_000;
      return at;
    };
    const said = await rotate('orchestrator-a', { now });
    expect(said.stderr).toMatch(/JOURNAL_LOCKED: .*\n.*x\.holder/);
    expect([said.exit, await isIn()]).toEqual([1, true]);
  });
});

function lineOf(old: string): string {
  return `rotate --env ${environmentName} --role orchestrators --old ${old} --compromised --even-the-last --reason leaked`;
}

describe('its key', () => {
  test('has another transaction waiting: the revocation goes out behind it', async () => {
    await world.node.ask('anvil_setAutomine', [false]);
    const gift = { from: owner, to: owner, gas: '0x5208' };
    await world.node.ask('eth_sendTransaction', [gift]);
    const running = rotate();
    await waiting(2);
    await world.node.mine();
    const said = await running;
    await isRevoked(said);
    expect(said.stderr).toContain(`1 other transactions of ${owner} wait before this one`);
  });

  test('would have to pay more than the cap: it pays', async () => {
    environment((text) => `${text}\nmaxFeePerGas: 1 wei\n`);
    await isRevoked(await rotate());
  });
});

describe('the chain', () => {
  test('with one of two RPCs away', async () => {
    const away = await startRpcProxy(world.url, { before: () => 'drop' });
    for (const [first, second] of [
      [away.url, world.proxy.url],
      [world.proxy.url, away.url],
    ]) {
      await world.byHand({ on: 'arena', call: 'setOrchestrator', args: ['orchestrator-a', true] });
      desk.write(
        `${folder}/environment.yaml`,
        (world.files.get(`${folder}/environment.yaml`) ?? '').replace(/rpc:.*/, `rpc: ["${first}", "${second}"]\nproduction: true`),
      );
      await isRevoked(await rotate());
    }
    await away.stop();
  });

  test('with an RPC whose variable is not set', async () => {
    environment((text) => text.replace(/rpc:.*/, `rpc: ["\${FIELD_RPC_URL}", "${world.proxy.url}"]`));
    await isRevoked(await rotate());
  });

  test.each(['the method eth_getLogs does not exist', 'query returned more than the allowed results'])('without event history: %s', async (message) => {
    const isLogs = ({ method }: ProxyCall): boolean => method === 'eth_getLogs';
    world.proxy.hooks = { rewrite: (call, answer) => (isLogs(call) ? { jsonrpc: '2.0', id: call.id, error: { code: -32601, message } } : answer) };
    const said = await desk.run(lineOf('orchestrator-a').replace(' --even-the-last', ''));
    await isRevoked(said);
    expect(said.stdout).toMatch(/Who else is in arena\.orchestrators could not be read: .*LAST_HOLDER.* can't be judged\./);
    expect([await isIn('orchestrator-b'), (await world.sent()).taken]).toEqual([true, 1]);
    const again = await desk.run(lineOf('orchestrator-a'));
    expect([again.stdout.includes('revoked already'), (await world.sent()).taken]).toEqual([true, 1]);
  });

  test('with a node that refuses whoever asks it for events', async () => {
    world.proxy.hooks = { before: ({ calls }) => (calls.some(({ method }) => method === 'eth_getLogs') ? { status: 403 } : undefined) };
    await isRevoked(await rotate());
  });

  test('that does not tell of transactions: since when is missing, and said to be', async () => {
    const error = { code: -32000, message: 'pruned' };
    world.proxy.hooks = { rewrite: (call, answer) => (call.method === 'eth_getTransactionByHash' ? { jsonrpc: '2.0', id: call.id, error } : answer) };
    const review = await desk.run(`access --env ${environmentName}`);
    expect([review.exit, review.stdout.match(/HISTORY_UNREAD/g)?.length, review.stdout.includes('since: unknown')]).toEqual([0, 2, true]);
    world.proxy.hooks = {
      rewrite: (call, answer) => (isBefore() && call.method === 'eth_getTransactionByHash' ? { jsonrpc: '2.0', id: call.id, error } : answer),
    };
    const isBefore = (): boolean => world.proxy.count('eth_sendRawTransaction') === 0;
    await isRevoked(await rotate());
  });

  test('whose final block is older than the right: the newest counts', async () => {
    environment((text) => `${text}\nfinality: finalized\n`);
    await world.byHand({ on: 'arena', call: 'setOrchestrator', args: ['orchestrator-c', true] });
    const said = await rotate('orchestrator-c');
    expect([said.stdout.includes('Revoked at once'), await isIn('orchestrator-c')], said.stdout + said.stderr).toEqual([true, false]);
  });
});

describe('a broken file', () => {
  test.each([
    ['lifts.yaml', 'lifts: ['],
    ['policy.yaml', 'limits: {'],
    ['acts/spring.yaml', 'act: nothing that is known'],
    ['kinds/own.yaml', 'kind: ['],
    ['contracts/fee-pool.yaml', 'kind: FeePool\naddress: ['],
  ])('(%s) of something else', async (file, text) => {
    desk.write(`${folder}/${file}`, text);
    expect((await desk.run(`validate --env ${environmentName}`)).exit).toBe(65);
    const said = await rotate();
    await isRevoked(said);
    expect(said.stderr).toContain(`not read: ${folder}/${file}:`);
    expect(said.stdout.includes('NOT looked at: orchestrator-a')).toBe(file.startsWith('contracts/'));
    expect((await world.sent()).taken).toBe(1);
  });

  test('of the very contract, as long as it says where it is', async () => {
    desk.write(`${folder}/contracts/arena.yaml`, desk.read(`${folder}/contracts/arena.yaml`).replace(/^ *orchestrators:/m, '  orchestratorz:'));
    const said = await rotate();
    await isRevoked(said);
    expect([await isIn('orchestrator-b'), said.stdout.includes('NOT looked at')]).toEqual([true, false]);
  });

  test('a role by its name', async () => {
    desk.write(`${folder}/lifts.yaml`, 'lifts: [');
    await world.byHand({ on: 'roleBook', call: 'grantRole', args: [id('TREASURER_ROLE'), 'guardian'] });
    const said = await desk.run(lineOf('guardian').replace('--role orchestrators', '--role roles.TREASURER_ROLE'));
    expect(said.stdout, said.stderr).toContain('Revoked at once');
    expect(await world.read({ on: 'roleBook', call: 'hasRole', args: [id('TREASURER_ROLE'), 'guardian'] })).toBe(false);
  });

  test('of a kind: what is of that kind is not looked at', async () => {
    desk.write(`${folder}/kinds/own.yaml`, 'kind: [');
    desk.write(`${folder}/contracts/odd.yaml`, desk.read(`${folder}/contracts/fee-pool.yaml`).replace(/kind: .*/, 'kind: Own'));
    const said = await rotate();
    await isRevoked(said);
    expect(said.stdout).toMatch(/NOT looked at: orchestrator-a .*may hold more\. The file of odd, or of its kind, can't be read\./);
  });

  test('environment.yaml: nothing is sent, and it says what is wrong', async () => {
    environment((text) => text.replace(/rpc:.*/, ''));
    const said = await rotate();
    expect([said.exit, said.stderr.includes('INPUT_INVALID'), (await world.sent()).handedOver]).toEqual([65, true, 0]);
  });
});

describe('in two arenas', () => {
  const other = toChecksum(`0x${'a'.repeat(40)}`);

  /** The same code and state at another address. */
  async function secondArena(ownedBy: string): Promise<void> {
    const arena = world.addresses['arena'] as Address;
    await world.node.setCode(other, await world.node.ask<Hex>('eth_getCode', [arena, 'latest']));
    for (let slot = 0; slot < 16; slot++) {
      const word = await world.node.ask<Hex>('eth_getStorageAt', [arena, `0x${slot}`, 'latest']);
      await world.node.ask('anvil_setStorageAt', [other, `0x${slot.toString(16).padStart(64, '0')}`, word]);
    }
    await world.node.send(other, world.encode({ on: 'arena', call: 'setOrchestrator', args: ['orchestrator-a', true] }), owner);
    if (ownedBy !== owner) await world.node.send(other, world.encode({ on: 'arena', call: 'transferOwnership', args: [ownedBy] }), owner);
    desk.write(`${folder}/contracts/other-arena.yaml`, desk.read(`${folder}/contracts/arena.yaml`).replace(/address: .*/, `address: "${other}"`));
  }

  async function isInOther(): Promise<boolean> {
    const data = world.encode({ on: 'arena', call: 'orchestrators', args: ['orchestrator-a'] });
    return BigInt(await world.node.ask<Hex>('eth_call', [{ to: other, data }, 'latest'])) === 1n;
  }

  test('both, where both can be', async () => {
    await secondArena(owner);
    await isRevoked(await rotate());
    expect(await isInOther()).toBe(false);
  });

  test('where the owner of one is out of reach, the account goes from the other, and it says from which not', async () => {
    await secondArena(world.addresses['stranger'] as Address);
    const said = await rotate();
    expect([said.exit, await isIn(), await isInOther()], said.stdout + said.stderr).toEqual([1, false, true]);
    expect(said.stdout).toMatch(/PARTLY revoked\. NOT revoked: orchestrator-a \(.*\) of other-arena\.orchestrators\./);
    expect(said.stdout).toMatch(/NOT revoked \(orchestrator-a .* of other-arena\.orchestrators\), because of this:\n.*ROUTE_UNREACHABLE/);
    expect(said.stdout).toContain('PARTLY revoked; the pull request is still to be opened');
  });

  test('where one can not be read at all, the account goes from the other, and it says what was not looked at', async () => {
    await secondArena(owner);
    await world.node.setCode(other, '0x');
    const said = await rotate();
    expect([said.exit, await isIn()], said.stdout + said.stderr).toEqual([1, false]);
    expect(said.stdout).toMatch(/NOT looked at: orchestrator-a .*may hold more\. Who holds other-arena\.orchestrators/);
  });

  test('where it would fail in one before it is signed, the account goes from the other', async () => {
    await secondArena(owner);
    const reverted = { code: 3, message: 'execution reverted', data: '0x' };
    const isSimulation = ({ method, params }: ProxyCall): boolean => /simulate|net_version/i.test(method) || (method === 'eth_call' && params.length > 2);
    const isTrial = ({ method, params: [call] }: ProxyCall): boolean => method === 'eth_call' && isFromOwner(call) && (call as { to: string }).to === other;
    world.proxy.hooks = {
      rewrite: (call, answer) =>
        isSimulation(call) || isTrial(call) ? { jsonrpc: '2.0', id: call.id, error: isTrial(call) ? reverted : { ...reverted, code: -32601 } } : answer,
    };
    const said = await rotate();
    expect([said.exit, await isIn(), await isInOther()], said.stdout + said.stderr).toEqual([1, false, true]);
    expect(said.stdout).toContain('PREFLIGHT_REVERT');
    expect(said.stdout).toMatch(/PARTLY revoked\. NOT revoked: orchestrator-a \(.*\) of other-arena\.orchestrators\.\n/);
  });

  test('with too little money for both together, one after the other', async () => {
    await secondArena(owner);
    const gas = 60_000n * BigInt(await world.node.ask<Hex>('eth_gasPrice')) * 4n;
    await world.node.ask('anvil_setBalance', [owner, `0x${gas.toString(16)}`]);
    const said = await rotate();
    expect([await isIn(), await isInOther(), (await world.sent()).taken], said.stdout + said.stderr).toEqual([false, false, 3]);
  });

  test('where it fails in one, the account goes from the other, and it says from which not', async () => {
    await secondArena(owner);
    await loseArenaAtBroadcast();
    const said = await rotate();
    expect([said.exit, await isIn(), await isInOther()], said.stdout + said.stderr).toEqual([1, true, false]);
    expect(said.stdout).toMatch(/PARTLY revoked\. NOT revoked: orchestrator-a \(.*\) of arena\.orchestrators\.\n/);
    expect(said.stdout).not.toMatch(/Revoked at once|Done/);
  });
});

function isFromOwner(call: unknown): boolean {
  return String((call as { from?: string } | undefined)?.from).toLowerCase() === owner.toLowerCase();
}

/** What was sound when it was signed fails. */
async function loseArenaAtBroadcast(): Promise<void> {
  let isLost = false;
  world.proxy.hooks = {
    before: async ({ calls }) => {
      if (isLost || !calls.some(({ method }) => method === 'eth_sendRawTransaction')) return undefined;
      isLost = true;
      await giveArena(world, 'stranger');
      return undefined;
    },
  };
}

test('cut off after the broadcast it is sent and not seen, and says so; the next one goes on', async () => {
  world.proxy.hooks = {
    before: ({ calls }) => {
      if (calls.some(({ method }) => method === 'eth_getTransactionReceipt')) rmSync(place('revocations', 'lock'), { recursive: true, force: true });
      return undefined;
    },
  };
  const said = await rotate();
  expect([said.exit, said.stdout.includes('Revoked at once'), said.stderr.includes('JOURNAL_NOT_LOCKED')]).toEqual([1, false, true]);
  expect(said.stdout).toMatch(/NOT seen to be revoked: sent in 0x[0-9a-f]{64}, and not confirmed\./);
  world.proxy.hooks = {};
  expect((await rotate()).stdout).toContain('It is revoked already.');
  expect([await isIn(), (await world.sent()).taken]).toEqual([false, 1]);
  expect((await openFileStore(place('revocations')).read()).at(-1)).toMatchObject({ type: 'run-finished', outcome: 'done' });
});

test('what comes to nothing is not said to be revoked', async () => {
  await loseArenaAtBroadcast();
  const said = await rotate();
  expect([said.exit, await isIn()]).toEqual([1, true]);
  expect(said.stdout).toMatch(/NOT revoked: orchestrator-a \(.*\) of arena\.orchestrators\.\n/);
  expect(said.stdout).toContain('STEP_REVERTED');
  expect(said.stdout).not.toMatch(/Revoked|Done/);
});
