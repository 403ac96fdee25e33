// A shared journal as one machine opens it: its own cache, its own raw bytes, one of the keys that may write.
import { join } from 'node:path';
import { computeAddress } from 'ethers/transaction';
import { Wallet } from 'ethers/wallet';
import { recoverSigner } from '../../src/apply/signer.ts';
import { decodeValue, encodeValue } from '../../src/journal/codec.ts';
import { checkReceipts } from '../../src/journal/receipt.ts';
import { type Git, openMirror } from '../../src/scm/git.ts';
import { type GitStore, type GitStoreOptions, openGitStore } from '../../src/scm/git-store.ts';
import { type LeaseOptions, takeLease } from '../../src/scm/lease.ts';
import { fileRawStore } from '../../src/scm/raw-files.ts';

export type Machine = { git: Git; store: GitStore };

export type MachineOptions = {
  /** Folder with the remote and the machines. */
  folder: string;
  url: string;
  name: string;
  /** Which of the keys it applies with, from 1. */
  key?: number;
  environment?: string;
  lease?: Partial<LeaseOptions>;
  store?: Partial<GitStoreOptions>;
};

export function privateKey(key: number): string {
  return `0x${key.toString(16).padStart(64, '0')}`;
}

export function addressOf(key: number): string {
  return computeAddress(privateKey(key));
}

/** Keys 1 to 9 may write the journal. */
const mayWrite = new Set(Array.from({ length: 9 }, (_item, i) => addressOf(i + 1)));

export async function openMachine({ folder, url, name, key = 1, environment = 'local', lease, store }: MachineOptions): Promise<Machine> {
  const git = await openMirror({ folder: join(folder, name), url });
  const wallet = new Wallet(privateKey(key));
  const leaseOptions: LeaseOptions = {
    chainId: 31337n,
    signers: [wallet.address],
    holder: name,
    deadAfterMs: 60_000,
    pollMs: 50,
    patienceMs: 60_000,
    now: () => 1_700_000_000_000,
    ...lease,
  };
  const opened = openGitStore({
    git,
    environment,
    codec: { encode: encodeValue, decode: decodeValue },
    recover: recoverSigner,
    trusted: (address) => mayWrite.has(address),
    own: (address) => mayWrite.has(address),
    checkReceipts: (kept) => checkReceipts(kept, recoverSigner),
    raw: fileRawStore(join(folder, `${name}-raw`)),
    signer: { address: wallet.address, signMessage: (message) => wallet.signMessage(message) },
    takeLease: () => takeLease(git, leaseOptions),
    heartbeatMs: 3_600_000,
    now: () => 1_700_000_000_000,
    ...store,
  });
  return { git, store: opened };
}
