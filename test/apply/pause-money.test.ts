// The next nonce of a pause, by nodes that differ.
import { expect, test } from 'vitest';
import { askMoney } from '../../src/apply/pause/money.ts';

const now = Date.UTC(2026, 0, 1);
const hex = (value: number): string => `0x${value.toString(16)}`;

type Node = { agedMs?: number; mined: number; waiting: number };

async function nextNonce(...nodes: Node[]): Promise<number> {
  const opinions = async (requests: readonly { method: string; params: readonly unknown[] }[]) =>
    requests.map(({ method, params }) =>
      nodes.map(({ agedMs = 0, mined, waiting }) => {
        if (method === 'eth_getBlockByNumber')
          return { result: { baseFeePerGas: '0x1', timestamp: hex(Math.floor((now - agedMs) / 1000)), hash: `0x${'1'.repeat(64)}` } };
        if (method === 'eth_getTransactionCount') return { result: hex(params[1] === 'pending' ? waiting : mined) };
        return { result: '0x1' };
      }),
    );
  const { pending } = await askMoney({ opinions }, { signer: `0x${'2'.repeat(40)}`, now });
  return pending;
}

const hour = 3_600_000;

test.each<[string, number, Node[]]>([
  [
    'the highest counts: another node may lack what waits',
    7,
    [
      { mined: 5, waiting: 5 },
      { mined: 5, waiting: 7 },
    ],
  ],
  [
    'but not one far above what is mined',
    5,
    [
      { mined: 5, waiting: 5 },
      { mined: 5, waiting: 90_000 },
    ],
  ],
  [
    'nor one of a node that claims all of it is mined',
    5,
    [
      { mined: 5, waiting: 5 },
      { mined: 90_000, waiting: 90_000 },
    ],
  ],
  [
    'a node that is still catching up keeps no other from being believed',
    5_000,
    [
      { agedMs: hour, mined: 0, waiting: 0 },
      { mined: 5_000, waiting: 5_000 },
    ],
  ],
  [
    'on a chain that mines only when it is sent something all heads are old',
    5,
    [
      { agedMs: hour, mined: 5, waiting: 5 },
      { agedMs: hour, mined: 5, waiting: 90_000 },
    ],
  ],
])('%s', async (_name, expected, nodes) => {
  expect(await nextNonce(...nodes)).toBe(expected);
});
