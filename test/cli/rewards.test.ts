// mooring rewards as an operator runs it: what is printed, written, refused, and handed to a Safe.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { toChecksum } from '../../src/kinds/keccak.ts';
import type { Desk, Said } from '../support/cli.ts';
import { environmentName, type FieldWorld, startFieldWorld } from '../support/field-world.ts';

const address = (n: number): string => toChecksum(`0x${n.toString(16).padStart(40, '0')}`);
const standing = (wins: number, slashes = 0) => ({ wins, losses: 0, slashes, notes: [], updatedAt: 1 });
const rows = { [address(1)]: standing(4, 2), [address(2)]: standing(3), [address(3)]: standing(3), [address(4)]: standing(0) };
const now = (): number => Date.parse('2026-01-31T12:00:00Z');

let world: FieldWorld;
let desk: Desk;
beforeAll(async () => {
  world = await startFieldWorld();
});
afterAll(() => world?.stop());
beforeEach(() => {
  desk = world.desk();
  desk.write(`storage/orchestrator/${environmentName}/scoreboard.json`, JSON.stringify(rows));
});
afterEach(() => desk.remove());

const rewards = (more = ''): Promise<Said> => desk.run(`rewards --env ${environmentName} --total 1500 --top 8 ${more}`, { now });

describe('the allocation', () => {
  test('is printed with its policy', async () => {
    const said = await rewards();
    expect(said.exit, said.stderr).toBe(0);
    await expect(said.stdout).toMatchFileSnapshot('../golden/cli/rewards.txt');
  });

  test('is written as JSON whose amounts, as exact text, add up to the total', async () => {
    expect((await rewards('--total 1000 --slash-penalty none --output out.json')).exit).toBe(0);
    const { totalReward, generatedAt, allocations } = JSON.parse(desk.read('out.json'));
    expect([totalReward, generatedAt]).toEqual(['1000', '2026-01-31T12:00:00.000Z']);
    expect(allocations).toEqual([
      { address: address(1), wins: 4, amount: '400' },
      { address: address(2), wins: 3, amount: '300' },
      { address: address(3), wins: 3, amount: '300' },
    ]);
  });

  test('is the reference’s where that is asked for', async () => {
    const { allocations } = JSON.parse((await rewards('--reference --top 2 --format json')).stdout);
    expect(allocations).toEqual([
      { address: address(1), wins: 4, amount: 857.1429 },
      { address: address(2), wins: 3, amount: 642.8571 },
    ]);
  });

  test.each([
    ['--total 0', 'USAGE'],
    ['--total 1e3', 'USAGE'],
    ['--total 1.1234567 --decimals 6', 'USAGE'],
    ['--top 0', 'USAGE'],
    ['--slash-penalty 101%', 'USAGE'],
    ['--slash-penalty 25', 'USAGE'],
    ['--reference --slash-penalty none', 'USAGE'],
    ['--safe-batch batch.json', 'USAGE'],
    ['--scoreboard nowhere.json', 'FILE_MISSING'],
  ])('refuses %s', async (more, code) => {
    expect((await rewards(more)).stderr).toContain(code);
  });

  test('of a broken scoreboard is none', async () => {
    desk.write('other.json', '{"a": 1}');
    const said = await rewards('--scoreboard other.json --output out.json');
    expect([said.stderr.includes('SCOREBOARD_CORRUPT'), desk.has('out.json')]).toEqual([true, false]);
  });
});

describe('the payment list for a Safe', () => {
  test('has one transfer for each who gets something, and they add up', async () => {
    const said = await rewards('--slash-penalty 50% --safe-batch batch.json --token token');
    expect(said.exit, said.stderr).toBe(0);
    const { chainId, transactions } = JSON.parse(desk.read('batch.json'));
    expect([chainId, transactions.length]).toEqual(['31337', 2]);
    expect(transactions[0]).toMatchObject({ to: world.addresses['token'], value: '0', data: null, contractMethod: { name: 'transfer' } });
    const amounts = transactions.map((item: { contractInputsValues: { amount: string } }) => BigInt(item.contractInputsValues.amount));
    expect(amounts).toEqual([750n * 10n ** 18n, 750n * 10n ** 18n]);
  });

  test.each([
    ['counts otherwise', '--token token --decimals 6', 'TOKEN_MISMATCH'],
    ['is no token', '--token arena', 'TOKEN_MISMATCH'],
    ['is not known', '--token tokne', 'NAME_UNKNOWN'],
  ])('is refused for what %s', async (_name, more, code) => {
    const said = await rewards(`--safe-batch batch.json ${more}`);
    expect([said.stderr.includes(code), desk.has('batch.json')]).toEqual([true, false]);
  });
});
