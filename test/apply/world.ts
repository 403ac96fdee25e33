// A chain with Boxes and funded signers on it, for tests: one call sets up, everything is fresh.
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { computeAddress } from 'ethers/transaction';
import { type ApplyOptions, type ApplyResult, execute } from '../../src/apply/execute.ts';
import { signerFromEnv } from '../../src/apply/signer.ts';
import { openFileStore } from '../../src/journal/file-store.ts';
import { connect } from '../../src/live/rpc.ts';
import type { ChainReader, JournalStore, Plan, Signer } from '../../src/types.ts';
import { type BoxFunction, type BoxPlanOptions, type BoxState, boxCall, planBox, readBox, type Wish } from './box.ts';
import { boxCode } from './box-code.ts';
import { applyDefaults } from './defaults.ts';

export type World = {
  url: string;
  chain: ChainReader;
  key: string;
  signer: Signer;
  box: string;
  folder: string;
  /** Head when it was made: nothing of its signer lies before. */
  since: number;
  journal: JournalStore;
  plan(wishes: readonly Wish[], more?: Partial<BoxPlanOptions>): Promise<Plan>;
  apply(wishes: readonly Wish[], more?: Partial<ApplyOptions>): Promise<ApplyResult>;
  /** Sends as a bystander, and returns the hash. */
  poke(name: BoxFunction, ...args: (bigint | boolean | string)[]): Promise<string>;
  read(): Promise<BoxState>;
  rpc<T>(method: string, ...params: unknown[]): Promise<T>;
  close(): void;
};

let made = 0;

/** A key and an address that no other test uses. */
export function freshKey(): { key: string; address: string } {
  made += 1;
  const key = `0x${createHash('sha256').update(`${process.pid} ${made}`).digest('hex')}`;
  return { key, address: computeAddress(key) };
}

/** In memory where the system has such a place: hundreds of runs that flush each event would wait for a busy disk. */
function journalsPlace(): string {
  return existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
}

const bystander = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';

/** Puts a fresh Box and a fresh funded signer on the chain at `url`; `direct` is the way to it around a proxy. SIDE EFFECTS: chain state, a temporary folder until `close`. */
export async function makeWorld(url: string, direct = url, node: 'anvil' | 'hardhat' = 'anvil'): Promise<World> {
  const chain = connect({ urls: [url], retries: 1, backOffMs: 5, requestsPerSecond: 100_000 });
  const admin = url === direct ? chain : connect({ urls: [direct], requestsPerSecond: 100_000 });
  const { key, address } = freshKey();
  const box = freshKey().address;
  const rpc = <T>(method: string, ...params: unknown[]) => admin.request<T>(method, params);
  await rpc(`${node}_setCode`, box, boxCode);
  await rpc(`${node}_setBalance`, address, '0xd3c21bcecceda1000000');
  // A state that was written belongs to no block before the next: one that is read by its hash would miss it.
  await rpc('evm_mine');
  const since = Number(await rpc<string>('eth_blockNumber'));
  const folder = mkdtempSync(join(journalsPlace(), 'mooring-apply-'));
  const journal = openFileStore(folder);
  const signer = signerFromEnv({ variable: 'KEY', address, env: { KEY: key } });
  const plan = (wishes: readonly Wish[], more: Partial<BoxPlanOptions> = {}) => planBox({ chain, address: box, signer: address, wishes, ...more });
  return {
    url,
    chain,
    key,
    signer,
    box,
    folder,
    since,
    journal,
    plan,
    rpc,
    apply: async (wishes, more = {}) =>
      execute({ ...applyDefaults({ chain, signer, journal, box }), replan: () => plan(wishes), digest: more.digest ?? (await plan(wishes)).digest, ...more }),
    async poke(name, ...args) {
      const hash = await rpc<string>('eth_sendTransaction', { from: bystander, to: box, data: boxCall(name, ...args), gas: '0x30000' });
      await minedWhereAutomatic(rpc, hash);
      return hash;
    },
    read: async () => readBox(admin, box, { block: await admin.head('latest') }),
    close() {
      chain.close();
      admin.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Anvil answers before its block is made: with blocks made by themselves, the next reading must already see it. */
async function minedWhereAutomatic(rpc: World['rpc'], hash: string): Promise<void> {
  if (!(await rpc<boolean>('anvil_getAutomine').catch(() => false))) return;
  while ((await rpc<object | null>('eth_getTransactionReceipt', hash)) === null);
}
