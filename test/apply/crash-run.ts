// Runs applies in processes of their own, and examines what they left: blocks, node, journal, receipts.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { recoverSigner } from '../../src/apply/signer.ts';
import { checkReceipts } from '../../src/journal/receipt.ts';
import { readReceipts } from '../../src/journal/receipt-files.ts';
import { knownTransactions, reduceJournal } from '../../src/journal/reduce.ts';
import { boxCall, type Wish } from './box.ts';
import type { CrashOrder } from './crash-child.ts';
import type { World } from './world.ts';

export type Ending = { outcome?: string; codes?: string[]; error?: string; edges?: [string, number][] };

/** Bundles the child once: a process then starts in some 50 ms. Returns the bundle's path. */
export async function buildChild(folder: string): Promise<string> {
  const outfile = join(folder, 'crash-child.mjs');
  await build({ entryPoints: [join(import.meta.dirname, 'crash-child.ts')], outfile, bundle: true, platform: 'node', format: 'esm', logLevel: 'error' });
  return outfile;
}

/** Starts an apply; `ended` resolves with how it ended, or the signal that ended it. */
export function startApply(script: string, order: CrashOrder): { pid: number; ended: Promise<Ending | NodeJS.Signals> } {
  const child = spawn(process.execPath, [script, JSON.stringify(order)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (bytes: Buffer) => (said += bytes.toString()));
  // A hang is to show as what it is, with what the child had got to, and not as a test that ran out of time.
  const hang = setTimeout(() => child.kill('SIGABRT'), 40_000);
  const ended = once(child, 'close').then(([code, signal]) => {
    clearTimeout(hang);
    if (signal === 'SIGABRT') return { error: `hung after ${lastEvents(order.folder)}; it had said ${JSON.stringify(said)}` };
    if (signal !== null) return signal as NodeJS.Signals;
    if (code !== 0) throw new Error(`the child ended with ${code}: ${said}`);
    return JSON.parse(said.trim().split('\n').at(-1) ?? '') as Ending;
  });
  return { pid: child.pid as number, ended };
}

function lastEvents(folder: string): string {
  const file = join(folder, 'journal.jsonl');
  const types = existsSync(file) ? [...readFileSync(file, 'utf8').matchAll(/"type":"([a-z-]+)"/g)].map(([, type]) => type) : [];
  return types.slice(-8).join(', ');
}

type Transaction = { hash: string; from: string; to: string; input: string; nonce: string; blockNumber: string };

/** Every transaction of the signer in any block, with whether it succeeded. */
async function minedBy(world: World): Promise<(Transaction & { success: boolean })[]> {
  const head = Number(await world.rpc<string>('eth_blockNumber'));
  const found: Transaction[] = [];
  for (let from = world.since; from <= head; from += 200) {
    const numbers = Array.from({ length: Math.min(200, head - from + 1) }, (_, i) => `0x${(from + i).toString(16)}`);
    const answers = await world.chain.batch(numbers.map((number) => ({ method: 'eth_getBlockByNumber', params: [number, true] })));
    for (const answer of answers) {
      const { transactions } = (answer as { result: { transactions: Transaction[] } }).result;
      found.push(...transactions.filter((transaction) => transaction.from.toLowerCase() === world.signer.address.toLowerCase()));
    }
  }
  const receipts = await Promise.all(found.map(({ hash }) => world.rpc<{ status: string }>('eth_getTransactionReceipt', hash)));
  return found.map((transaction, i) => ({ ...transaction, success: receipts[i]?.status === '0x1' }));
}

/** What went wrong, in words; empty where exactly `wishes` were done, once each, and everything is accounted for. */
export async function violations(world: World, wishes: readonly Wish[]): Promise<string[]> {
  const mined = await minedBy(world);
  const events = await world.journal.read();
  const known = knownTransactions(events);
  const states = reduceJournal(events);
  const wanted = new Map(wishes.map(({ number, to }) => [boxCall('set', BigInt(number), to), number]));
  const sets = mined.filter(({ to }) => to.toLowerCase() === world.box.toLowerCase());
  const box = await world.read();
  const kept = readReceipts(world.folder);
  const received = new Set(kept.flatMap(({ receipt }) => receipt.transactions.map(({ hash }) => hash)));
  const pending = await world.rpc<string>('eth_getTransactionCount', world.signer.address, 'pending');
  return [
    ...mined.filter(({ hash }) => !known.has(hash)).map(({ hash }) => `not in the journal: ${hash}`),
    ...mined.filter(({ hash }) => known.has(hash) && !received.has(hash)).map(({ hash }) => `in no receipt: ${hash}`),
    ...sets.filter(({ input }) => !wanted.has(input)).map(({ input }) => `unwanted: ${input}`),
    ...[...wanted].flatMap(([data, number]) => countOf(sets.filter(({ input, success }) => input === data && success).length, number)),
    ...box.writes.flatMap((count, number) => (typeof count === 'bigint' && count > 1n ? [`value ${number} was written ${count} times`] : [])),
    ...[...states.open.values()].flat().map(({ nonce }) => `open: nonce ${nonce}`),
    ...states.runs.filter(({ finished }) => finished === null).map(({ run }) => `unfinished: ${run}`),
    ...(Number(pending) === mined.length ? [] : [`waiting: ${Number(pending) - mined.length}`]),
    ...[...Map.groupBy(kept, ({ receipt }) => receipt.run)].flatMap(([run, receipts]) =>
      receipts.length === 1 ? [] : [`${receipts.length} receipts of ${run}`],
    ),
    ...checkReceipts(kept, recoverSigner),
  ];
}

function countOf(times: number, number: number): string[] {
  return times === 1 ? [] : [times === 0 ? `lost: value ${number}` : `duplicate: value ${number}, ${times} times`];
}
