// What every part of an apply works with: the ports, the trusted settings, and the journal as it grows.
import { MooringError } from '../errors.ts';
import { type NonceState, type RunState, reduceJournal, reduceRun } from '../journal/reduce.ts';
import type { Kinds } from '../kinds/kind.ts';
import type { Address, ChainReader, ContractState, Environment, JournalEvent, JournalStore, Signer, SignerRef } from '../types.ts';
import type { Show } from './show.ts';

/** What an apply needs to know of its environment. */
export type ApplyEnvironment = Pick<Environment, 'name' | 'chainId' | 'confirmations' | 'finality' | 'maxFeePerGas' | 'tokens'> &
  Partial<Pick<Environment, 'signers'>>;

/** One sentence for people, and data for machines. Never a secret. */
export type ApplyLog = (message: string, data?: Readonly<Record<string, unknown>>) => void;

export type ManagedContract = Pick<ContractState, 'name' | 'kind' | 'address'>;

/** How patient an apply is. Milliseconds, blocks and counts. */
export type Patience = {
  /** First wait between two looks at the head; grows by half with each to `longestPollMs`. */
  firstPollMs: number;
  longestPollMs: number;
  /** Looks at the head after which everything is looked at again, new block or not. */
  looks: number;
  /** Blocks that a transaction may wait for before its fee is raised. */
  stuckBlocks: bigint;
  /** Fee replacements of one nonce. */
  replacements: number;
  /** Refusals of one transaction in a row that end the run. */
  refusals: number;
  /** Times in a row that a foreign transaction or a gap must show before it is believed: nodes behind a balancer lag. */
  suspicions: number;
  /** Failed requests in a row that end the run. */
  faults: number;
  /** Without anything being mined or confirmed for so long, the run ends; the next apply goes on. */
  unsettledMs: number;
};

export const defaultPatience: Patience = {
  firstPollMs: 100,
  longestPollMs: 2_000,
  looks: 5,
  stuckBlocks: 5n,
  replacements: 5,
  refusals: 5,
  suspicions: 4,
  faults: 5,
  unsettledMs: 30 * 60_000,
};

/** Events recorded so far, and the way to record more: journaled first, then believed. */
export type Recorder = {
  /** SIDE EFFECTS: appends to the journal; returns when the events would survive a crash. */
  record(events: readonly JournalEvent[]): Promise<void>;
  run(id: string): RunState;
  /** Nonces of these runs that may still be mined one way or another. */
  open(runs: readonly string[]): readonly NonceState[];
  runs(): readonly RunState[];
};

export type Session = {
  chain: ChainReader;
  chainId: bigint;
  recorder: Recorder;
  journal: JournalStore;
  environment: ApplyEnvironment;
  signers: ReadonlyMap<Address, Signer>;
  kinds: Kinds;
  contracts: readonly ManagedContract[];
  patience: Patience;
  /** Runs on this very chain, told by its id and its first block. */
  runsOfChain(): readonly RunState[];
  now(): number;
  sleep(ms: number): Promise<void>;
  log: ApplyLog;
  show: Show;
  /** For what can't wait; absent in an apply. */
  urgent?: Urgent;
};

/** `earlier`: runs that are seen through beside a new one. Whatever else of a signer waits is signed behind, and not waited for. */
export type Urgent = { earlier: readonly string[] };

export async function openRecorder(journal: JournalStore): Promise<Recorder> {
  const events = await journal.read();
  const byRun = Map.groupBy(events, (event) => event.run);
  // Checks the whole journal once; later events are our own.
  reduceJournal(events);
  const run = (id: string): RunState => reduceRun(byRun.get(id) ?? []);
  return {
    async record(added) {
      if (added.length === 0) return;
      await journal.append(added);
      for (const event of added) byRun.set(event.run, [...(byRun.get(event.run) ?? []), event]);
    },
    run,
    open: (runs) => runs.flatMap((id) => run(id).nonces).filter((nonce) => !nonce.confirmed && nonce.foreign === null),
    runs: () => [...byRun.keys()].map(run),
  };
}

/** The signer for an address, however its hex digits are cased. Throws SIGNER_MISSING, naming what has to be set. */
export function signerFor(session: Pick<Session, 'signers' | 'environment'>, address: Address): Signer {
  const found = [...session.signers.values()].find((signer) => signer.address.toLowerCase() === address.toLowerCase());
  if (found !== undefined) return found;
  const declared = session.environment.signers?.find((ref) => ref.address.toLowerCase() === address.toLowerCase());
  const who = declared === undefined || declared.name === address ? address : `${declared.name} (${address})`;
  throw new MooringError('SIGNER_MISSING', `the key of ${who} is needed and was not given`, { fix: whatToSet(declared) });
}

function whatToSet(declared: SignerRef | undefined): string {
  if (declared === undefined) return 'declare it under signers in environment.yaml';
  const { key } = declared;
  return key.from === 'env' ? `set ${key.variable} to its private key` : `set ${key.passphraseVariable} to the passphrase of ${key.file}`;
}
