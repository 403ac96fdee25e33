import { appendFileSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { id } from '../../src/kinds/keccak.ts';
import { loadKinds } from '../../src/kinds/load-kinds.ts';
import { type CursorStore, fileCursorStore } from '../../src/live/cursor-store.ts';
import { readHistory } from '../../src/live/event-history.ts';
import type { Address, FieldValue, State } from '../../src/types.ts';
import { compileContract } from '../support/compile.ts';
import { addressOf } from './probe-codes.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { startWorld, valueIn, type World } from './world.ts';

const club = compileContract(
  'Club.sol',
  'Club',
  `pragma solidity ^0.8.28; contract Club { mapping(address => bool) public members; event Member(address indexed who, bool ok);
  function admit(uint160 first, uint160 count) external { for (uint160 i; i < count; ++i) { members[address(first + i)] = true; emit Member(address(first + i), true); } } }`,
);
const clubKind = `apiVersion: mooring/v1
kind: Kind
name: Club
description: A set.
abi:
  - function members(address account) view returns (bool)
  - event Member(address indexed who, bool ok)
fields:
  members: { description: Who is in., risk: ambiguous, members: { event: Member, member: who, flag: ok } }
`;
const kinds = loadKinds({ names: ['Club'], own: [{ file: 'Club.yaml', text: clubKind }] });
const contracts = [{ name: 'club', kind: 'Club', address: addressOf(1), fromBlock: 0n }];

let world: World;
let folder: string;
let cursors: CursorStore;
let revert: string;

beforeAll(async () => {
  world = await startWorld();
  await world.node.setCode(addressOf(1), club.runtime);
  for (let i = 0; i < 4; i += 1) await admit(1000 + i * 250, 250);
  revert = await world.node.ask<string>('evm_snapshot');
});

beforeEach(() => {
  folder = temporaryFolder();
  cursors = fileCursorStore(folder);
});

afterEach(async () => {
  world.proxy.hooks = {};
  world.proxy.reset();
  await world.node.ask('evm_revert', [revert]);
  revert = await world.node.ask<string>('evm_snapshot');
});

afterAll(() => world.stop());

function admit(first: number, count: number): Promise<unknown> {
  const word = (value: number): string => value.toString(16).padStart(64, '0');
  return world.node.send(addressOf(1), `0x5ea3dce1${word(first)}${word(count)}`.replace('0x5ea3dce1', selectorOfAdmit));
}

const selectorOfAdmit = ((): string => {
  const found = /63([0-9a-f]{8})14/g;
  const selectors = [...club.runtime.matchAll(found)].map((match) => match[1]);
  return `0x${selectors.find((selector) => selector !== '08ae4b0c')}`;
})();

function read(): Promise<State> {
  return world.read({ kinds, contracts, cursors });
}

function members(state: State): readonly Address[] {
  const value: FieldValue | undefined = valueIn(state, 'club', 'members');
  if (value?.type !== 'members') throw new Error(`members are ${value?.type}`);
  return value.members;
}

function scannedFrom(): bigint[] {
  return world.proxy.exchanges.flatMap((exchange) =>
    exchange.calls.filter(({ method }) => method === 'eth_getLogs').map(({ params }) => BigInt((params[0] as { fromBlock: string }).fromBlock)),
  );
}

function files(): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.json'))
    .map((file) => join(folder, file));
}

test('1,000 grants take one eth_getLogs and one verifying call', async () => {
  expect(members(await read())).toHaveLength(1000);
  expect(world.proxy.count('eth_getLogs')).toBe(1);
  expect(world.proxy.count('eth_call')).toBe(1);
  expect(world.proxy.exchanges.length).toBeLessThanOrEqual(4);
});

describe('a second run', () => {
  test('at the same block scans nothing', async () => {
    await read();
    world.proxy.reset();
    expect(members(await read())).toHaveLength(1000);
    expect(scannedFrom()).toEqual([]);
  });

  test('scans only new blocks, with no more requests', async () => {
    const first = await read();
    await admit(9000, 3);
    world.proxy.reset();
    expect(members(await read())).toHaveLength(1003);
    expect(scannedFrom()).toEqual([(first.block?.number ?? 0n) + 1n]);
    expect(world.proxy.exchanges.length).toBeLessThanOrEqual(4);
  });

  test('before the remembered block knows nothing of what came later', async () => {
    const first = await read();
    await admit(9000, 3);
    await read();
    const earlier = await world.read({ kinds, contracts, cursors, ...(first.block === null ? {} : { block: first.block }) });
    expect(members(earlier)).toHaveLength(1000);
    world.proxy.reset();
    expect(members(await read())).toHaveLength(1003);
    expect(scannedFrom()).toEqual([]);
  });

  test('from an earlier first block starts over', async () => {
    await world.read({ kinds, cursors, contracts: contracts.map((contract) => ({ ...contract, fromBlock: 50n })) });
    world.proxy.reset();
    await read();
    expect(scannedFrom()).toEqual([0n]);
  });
});

describe('a reorganised chain', () => {
  test('is scanned again from the last block that still stands', async () => {
    const first = await read();
    const fork = await world.node.ask<string>('evm_snapshot');
    await admit(9000, 3);
    await read();
    await world.node.ask('evm_revert', [fork]);
    await admit(9500, 2);
    world.proxy.reset();
    const found = members(await read());
    expect(found).toHaveLength(1002);
    expect(scannedFrom().at(-1)).toBe((first.block?.number ?? 0n) + 1n);
  });

  test('from the start where none stands', async () => {
    await admit(9000, 3);
    await read();
    await world.node.ask('evm_revert', [revert]);
    revert = await world.node.ask<string>('evm_snapshot');
    await world.node.mine(5);
    world.proxy.reset();
    expect(members(await read())).toHaveLength(1000);
    expect(scannedFrom()).toContain(0n);
  });
});

describe('a damaged memory is not trusted', () => {
  const damages: [string, (file: string) => void][] = [
    ['one digit changed', (file) => writeFileSync(file, readFileSync(file, 'utf8').replace('"blockNumber":"', '"blockNumber":"1'))],
    ['logs taken out, the sum as it was', (file) => writeFileSync(file, readFileSync(file, 'utf8').replace(/"logs":\[.*\]/, '"logs":[]'))],
    ['cut short', (file) => truncateSync(file, readFileSync(file).length / 2)],
    ['something appended', (file) => appendFileSync(file, '{}')],
    ['empty', (file) => truncateSync(file, 0)],
    ['no JSON', (file) => writeFileSync(file, 'hello')],
  ];
  test.each(damages)('%s: scanned from the start, and replaced', async (_, damage) => {
    await read();
    expect(files()).toHaveLength(1);
    for (const file of files()) damage(file);
    world.proxy.reset();
    expect(members(await read())).toHaveLength(1000);
    expect(scannedFrom()).toEqual([0n]);
    world.proxy.reset();
    await read();
    expect(scannedFrom()).toEqual([]);
  });

  test("another contract's", async () => {
    await read();
    const [file = ''] = files();
    await world.node.setCode(addressOf(2), club.runtime);
    writeFileSync(file.replace(addressOf(1).toLowerCase(), addressOf(2).toLowerCase()), readFileSync(file));
    const others = contracts.map((contract) => ({ ...contract, address: addressOf(2) }));
    world.proxy.reset();
    expect(members(await world.read({ kinds, cursors, contracts: others }))).toEqual([]);
    expect(scannedFrom()).toEqual([0n]);
  });
});

test('where nothing can be written, the chain is read all the same', async () => {
  const file = join(folder, 'a file, not a folder');
  writeFileSync(file, '');
  expect(members(await world.read({ kinds, cursors: fileCursorStore(file), contracts }))).toHaveLength(1000);
  expect(readFileSync(file, 'utf8')).toBe('');
});

test('no log from behind the block is told, though it is remembered', async () => {
  const chain = world.reader();
  const block = await chain.head('latest');
  await admit(9000, 3);
  await read();
  const topic = id('Member(address,bool)');
  const history = await readHistory({ chain, chainId: 31337n, block, wants: [{ address: addressOf(1), topic, fromBlock: 0n }], cursors });
  expect(history.of(addressOf(1), topic)).toHaveLength(1000);
  expect(history.of(addressOf(2), topic)).toMatchObject({ unknown: expect.any(String) });
});

test('events from a node that does not have the pinned block are not taken', async () => {
  world.proxy.hooks = {
    rewrite: (call, answer) => {
      if (call.method === 'eth_getLogs') return { ...answer, result: [] };
      return call.method === 'eth_getBlockByNumber' && call.params[0] !== 'latest' ? { ...answer, result: null } : answer;
    },
  };
  await expect(world.read({ kinds, contracts, chain: world.reader({ retries: 1 }) })).rejects.toMatchObject({ code: 'RPC_NO_BLOCK' });
});

test('a run that fails remembers nothing', async () => {
  world.proxy.hooks = { before: (exchange) => (exchange.calls.some(({ method }) => method === 'eth_call') ? { status: 403 } : undefined) };
  await expect(read()).rejects.toMatchObject({ exitCode: 5 });
  expect(files()).toEqual([]);
});
