// Transactions that wait too long, or can't pay any more. Blocks are made only when an apply waits.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ApplyOptions } from '../../src/apply/execute.ts';
import { firstFees, raisedFees } from '../../src/apply/fees.ts';
import type { SignedTransaction } from '../../src/types.ts';
import { crowdedBlock, crowdedGasLimit, crowdingTip } from './crowd.ts';
import { environment, useStage } from './stage.ts';

const stage = useStage(['--no-mining', '--gas-limit', String(crowdedGasLimit)]);
const wishes = [0, 1].map((number) => ({ number, to: 5n, group: 0 }));
const patience = { firstPollMs: 1, longestPollMs: 1, stuckBlocks: 2n };

/** So many blocks, from the first wait on, have no room for what offers less than somebody else. */
async function crowded(blocks: number): Promise<Partial<ApplyOptions>> {
  const tip = await crowdingTip(stage.world.rpc);
  let left = blocks;
  return { patience, sleep: () => (left-- > 0 ? crowdedBlock(stage.world.rpc, tip) : stage.mine()) };
}

/** So many blocks, from the first wait on, are too dear: Anvil throws out what can't pay for them. */
function dear(blocks: number): Partial<ApplyOptions> {
  let left = blocks;
  return {
    patience,
    async sleep() {
      if (left-- > 0) await stage.world.rpc('anvil_setNextBlockBaseFeePerGas', '0x174876e800');
      await stage.mine();
    },
  };
}

async function replacements(): Promise<SignedTransaction[]> {
  return (await stage.world.journal.read()).flatMap((event) => (event.type === 'replacement-signed' ? [event.transaction] : []));
}

/** Whether each transaction was in the journal when the node got it. */
function watchSends(): boolean[] {
  const seen: boolean[] = [];
  const file = join(stage.world.folder, 'journal.jsonl');
  stage.proxy.hooks = {
    before(exchange) {
      const journal = existsSync(file) ? readFileSync(file, 'utf8') : '';
      for (const call of exchange.calls) if (call.method === 'eth_sendRawTransaction') seen.push(journal.includes(String(call.params[0])));
      return undefined;
    },
  };
  return seen;
}

describe('a stuck transaction', () => {
  test.each([
    ['that pays less than others', () => crowded(20)],
    ['that can not pay for a block any more', async () => dear(6)],
  ])('%s is replaced with at least 10 % more, journaled before it is sent', async (_, how) => {
    const seen = watchSends();
    const { outcome, receipt } = await stage.world.apply(wishes.slice(0, 1), await how());
    expect(outcome).toBe('done');
    const raised = await replacements();
    const chain = [...(await stage.signed()), ...raised];
    expect(raised.length).toBeGreaterThan(0);
    for (const [i, { unsigned }] of raised.entries()) {
      const before = (chain[i] as SignedTransaction).unsigned;
      expect(unsigned.maxFeePerGas * 10n).toBeGreaterThanOrEqual(before.maxFeePerGas * 11n);
      expect(unsigned.maxPriorityFeePerGas * 10n).toBeGreaterThanOrEqual(before.maxPriorityFeePerGas * 11n);
      expect({ ...unsigned, maxFeePerGas: 0n, maxPriorityFeePerGas: 0n }).toEqual({ ...before, maxFeePerGas: 0n, maxPriorityFeePerGas: 0n });
    }
    expect(receipt?.transactions.map(({ hash }) => hash)).toEqual([chain.at(-1)?.hash]);
    expect(seen.length).toBeGreaterThan(1);
    expect(seen).not.toContain(false);
    expect(await stage.writes(2)).toEqual([1n, 0n]);
  });

  test('settles its nonce whichever of its hashes is mined', async () => {
    // The replacement never reaches the chain; the original is mined after all.
    stage.proxy.hooks = {
      async before({ calls }) {
        const replaced = (await stage.types('replacement-signed')) > 0 && calls[0]?.method === 'eth_sendRawTransaction';
        return replaced
          ? { status: 200, body: JSON.stringify(calls.map(({ id }) => ({ jsonrpc: '2.0', id, error: { code: -32000, message: 'lost' } }))) }
          : undefined;
      },
    };
    const { outcome, receipt } = await stage.world.apply(wishes.slice(0, 1), await crowded(3));
    expect(outcome).toBe('done');
    expect(await stage.types('replacement-signed')).toBeGreaterThan(0);
    expect(receipt?.transactions.map(({ hash }) => hash)).toEqual((await stage.signed()).map(({ hash }) => hash));
  });

  test('is replaced no oftener than allowed', async () => {
    const options = await crowded(30);
    const { outcome } = await stage.world.apply(wishes.slice(0, 1), { ...options, patience: { ...patience, replacements: 1 } });
    expect(outcome).toBe('done');
    expect(await replacements()).toHaveLength(1);
  });

  test('never offers more than the cap', async () => {
    const cap = 4_000_000_000n;
    const { outcome } = await stage.world.apply(wishes, { ...dear(6), environment: environment({ maxFeePerGas: cap }) });
    expect(outcome).toBe('done');
    const offers = [...(await stage.signed()), ...(await replacements())].map(({ unsigned }) => unsigned.maxFeePerGas);
    expect(offers.every((offer) => offer <= cap)).toBe(true);
  });
});

describe('fees', () => {
  const market = { baseFee: 100n, tip: 5n };

  test('leave room for the base fee to double, under the cap', () => {
    expect(firstFees(market, null)).toEqual({ maxFeePerGas: 205n, maxPriorityFeePerGas: 5n });
    expect(firstFees(market, 150n)).toEqual({ maxFeePerGas: 150n, maxPriorityFeePerGas: 5n });
    expect(firstFees({ baseFee: 100n, tip: 500n }, 150n)).toEqual({ maxFeePerGas: 150n, maxPriorityFeePerGas: 150n });
    expect(firstFees(market, 99n)).toBeNull();
  });

  test('are raised by more than 10 % each, or to the market, or not at all', () => {
    const before = { maxFeePerGas: 1_000n, maxPriorityFeePerGas: 10n };
    expect(raisedFees(before, market, null)).toEqual({ maxFeePerGas: 1_126n, maxPriorityFeePerGas: 12n });
    expect(raisedFees(before, { baseFee: 1_000n, tip: 50n }, null)).toEqual({ maxFeePerGas: 2_050n, maxPriorityFeePerGas: 50n });
    expect(raisedFees(before, market, 1_100n)).toEqual({ maxFeePerGas: 1_100n, maxPriorityFeePerGas: 12n });
    expect(raisedFees(before, market, 1_099n)).toBeNull();
    expect(raisedFees({ maxFeePerGas: 1n, maxPriorityFeePerGas: 0n }, market, null)).toEqual({ maxFeePerGas: 205n, maxPriorityFeePerGas: 5n });
  });
});
