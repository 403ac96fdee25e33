// Requests and blocks that a group of twenty transactions takes, on a chain that makes a block a second.
import { join } from 'node:path';
import { startRpcProxy } from '../test/support/rpc-proxy.ts';
import { runOnce } from './measure.ts';
import { keyVariable, makeWorld, ownerKey } from './world.ts';

export type Figure = [what: string, measured: string, target: string, met: boolean];

const steps = 20;

/** Twenty lowered caps: none of them raises risk, so they share one broadcast. */
export async function applyGroup(bin: string): Promise<Figure[]> {
  const world = await makeWorld(100, ['--block-time', '1']);
  const proxy = await startRpcProxy(world.anvil.url);
  try {
    world.pointTo(proxy.url);
    world.change(steps, -1n);
    const env = { [keyVariable]: ownerKey };
    const at = ['--env', 'bench', '--root', world.root];
    const file = join(world.root, 'plan.json');
    await runOnce({ argv: [bin, 'plan', ...at, '--out', file], env });
    proxy.reset();
    const applied = await runOnce({ argv: [bin, 'apply', ...at, '--plan', file, '--format', 'json'], env });
    const blocks = new Set(blocksIn(applied.output));
    const each = proxy.exchanges.length / steps;
    return [
      [`HTTP requests for each of ${steps} transactions of one group`, each.toFixed(1), '≤ 6', each <= 6],
      ['blocks that the group took', String(blocks.size), '1', blocks.size === 1],
    ];
  } finally {
    await proxy.stop();
    await world.stop();
  }
}

function blocksIn(output: string): string[] {
  const result = JSON.parse(output.slice(output.indexOf('{\n'))) as { receipt: { transactions: { block: string }[] } };
  return result.receipt.transactions.map((transaction) => transaction.block);
}
