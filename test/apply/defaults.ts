// What tests and their children apply with, unless they say otherwise.
import type { ApplyOptions } from '../../src/apply/execute.ts';
import type { ChainReader, JournalStore, Signer } from '../../src/types.ts';
import { boxContracts, boxKinds } from './box.ts';

export function applyDefaults({
  chain,
  signer,
  journal,
  box,
}: {
  chain: ChainReader;
  signer: Signer;
  journal: JournalStore;
  box: string;
}): Omit<ApplyOptions, 'digest' | 'replan'> {
  return {
    chain,
    signers: new Map([[signer.address, signer]]),
    journal,
    environment: { name: 'test', chainId: 31337n, confirmations: 1, finality: 'latest', maxFeePerGas: null, tokens: new Map() },
    policy: { requireProof: false },
    kinds: boxKinds,
    contracts: boxContracts(box),
    approvedBy: 'test',
    commit: null,
    now: () => Date.now(),
    log: () => {},
    patience: { firstPollMs: 2, longestPollMs: 20 },
  };
}
