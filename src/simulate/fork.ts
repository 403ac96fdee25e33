// The last way: a local fork of the pinned block on Hardhat's network, where Hardhat is installed. It reads cold state
// slot by slot, so it is slow on a distant node. No verdicts here.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BlockRef, CallRequest, CallResult, ChainReader, Hex, Log } from '../types.ts';
import { type ForkSource, serveChain } from './fork-source.ts';
import { runnerCode } from './proof-code.ts';
import { codeHashRead, decodeRead, encodeRead, runnerAddress } from './runner-codec.ts';
import { nextBlock, partReads, type RunRequest, type RunResult, type SentStep, type StepRun, stepGas, type Unavailable, type Way } from './way.ts';

type Hardhat = typeof import('hardhat/hre');
type Ask = <T>(method: string, ...params: readonly unknown[]) => Promise<T>;
type Fork = { ask: Ask; close(): Promise<void> };
type Receipt = { status: Hex; gasUsed: Hex; logs: readonly Pick<Log, 'address' | 'topics' | 'data'>[] };

const blockGas = 1_000_000_000;
const readsPerCall = 1_000;

/**
 * `load` brings Hardhat; it throws where there is none.
 * SIDE EFFECTS: an in-process chain, a loopback server and a temporary folder, from the first run until `close`.
 */
export function forkWay(chain: ChainReader, load: () => Promise<Hardhat> = () => import('hardhat/hre')): Way {
  let opened: Promise<Fork | Unavailable> | undefined;
  return {
    method: 'fork',
    async run(request) {
      opened ??= open(chain, request.block, load);
      const fork = await opened;
      return 'unavailable' in fork ? fork : run(fork.ask, request);
    },
    async close() {
      const fork = await opened;
      if (fork !== undefined && 'close' in fork) await fork.close();
    },
  };
}

async function open(chain: ChainReader, block: BlockRef, load: () => Promise<Hardhat>): Promise<Fork | Unavailable> {
  let hardhat: Hardhat;
  try {
    hardhat = await load();
  } catch {
    return { unavailable: 'Hardhat, which a local fork needs, is not installed' };
  }
  const chainId = Number(await chain.chainId());
  // A folder of its own: Hardhat keeps what it forked on disk, and another chain may have the same id and numbers.
  const folder = await mkdtemp(join(tmpdir(), 'mooring-fork-'));
  const source = await serveChain(chain);
  try {
    return await checked(await connect(hardhat, { folder, source, chainId, block }), block);
  } catch (error) {
    await discard(source, folder);
    return { unavailable: `a local fork could not be made: ${error instanceof Error ? error.message : String(error)}` };
  }
}

async function connect(hardhat: Hardhat, options: { folder: string; source: ForkSource; chainId: number; block: BlockRef }): Promise<Fork> {
  const { folder, source, chainId, block } = options;
  await writeFile(join(folder, 'package.json'), '{}');
  const hre = await hardhat.createHardhatRuntimeEnvironment(
    {
      networks: {
        fork: {
          type: 'edr-simulated',
          chainType: 'l1',
          chainId,
          blockGasLimit: blockGas,
          transactionGasCap: false,
          throwOnTransactionFailures: false,
          forking: { url: source.url, blockNumber: block.number },
        },
      },
    },
    {},
    folder,
  );
  const connection = await hre.network.create('fork');
  return {
    ask: (method, ...params) => connection.provider.request({ method, params: [...params] }) as Promise<never>,
    async close() {
      await connection.close();
      await discard(source, folder);
    },
  };
}

/** A fork is by number; it must be the pinned block's. */
async function checked(fork: Fork, block: BlockRef): Promise<Fork> {
  const head = await fork.ask<{ hash: Hex }>('eth_getBlockByNumber', 'latest', false);
  if (head.hash === block.hash) return fork;
  await fork.close();
  throw new Error(`block ${block.number} has another hash now`);
}

async function discard(source: ForkSource, folder: string): Promise<void> {
  await source.close();
  await rm(folder, { recursive: true, force: true });
}

async function run(ask: Ask, request: RunRequest): Promise<RunResult | Unavailable> {
  const before = await ask<Hex>('evm_snapshot');
  try {
    await ask('evm_setNextBlockTimestamp', Number(nextBlock(request.block).timestamp));
    const steps: StepRun[] = [];
    for (const step of request.steps) steps.push(await send(ask, step));
    // Nothing can be called on a fork before it has a block of its own.
    if (steps.length === 0) await ask('hardhat_mine', '0x1');
    const slots: Hex[] = [];
    for (const { address, slot } of request.slots) slots.push(await ask<Hex>('eth_getStorageAt', address, slot, 'latest'));
    const answers = await readAll(ask, [...request.reads, ...request.codes.map(codeHashRead)]);
    return answers === null ? { unavailable: 'a local fork ran out of gas while reading' } : { steps, slots, ...partReads(request, answers) };
  } finally {
    await ask('evm_revert', before);
  }
}

async function send(ask: Ask, step: SentStep): Promise<StepRun> {
  const { from, to, data } = step;
  const transaction = { from, to, data, value: `0x${step.value.toString(16)}`, gas: `0x${stepGas.toString(16)}`, gasPrice: '0x0' };
  await ask('hardhat_impersonateAccount', from);
  await ask('hardhat_setNextBlockBaseFeePerGas', '0x0');
  const hash = await ask<Hex>('eth_sendTransaction', transaction);
  const receipt = await ask<Receipt>('eth_getTransactionReceipt', hash);
  const ok = BigInt(receipt.status) === 1n;
  // A failed transaction left nothing behind, so the same call now fails in the same way, and says how.
  const returned = ok ? '0x' : await revertData(ask, transaction);
  return { ok, gas: BigInt(receipt.gasUsed), data: returned, logs: receipt.logs };
}

async function revertData(ask: Ask, transaction: object): Promise<Hex> {
  try {
    return await ask<Hex>('eth_call', transaction, 'latest');
  } catch (error) {
    const data = (error as { data?: unknown }).data;
    return typeof data === 'string' ? data : '0x';
  }
}

async function readAll(ask: Ask, reads: readonly CallRequest[]): Promise<CallResult[] | null> {
  await ask('hardhat_setCode', runnerAddress, runnerCode);
  const results: CallResult[] = [];
  while (results.length < reads.length) {
    const data = encodeRead(reads.slice(results.length, results.length + readsPerCall));
    const answers = decodeRead(await ask<Hex>('eth_call', { to: runnerAddress, data, gas: `0x${blockGas.toString(16)}` }, 'latest'));
    if (answers.length === 0) return null;
    results.push(...answers);
  }
  return results;
}
