// What a pause works with: the nodes as one, its own journal, a signer that signs nothing but pauses, and what fees may be.
import { setTimeout as pause } from 'node:timers/promises';
import { MooringError } from '../../errors.ts';
import { isOfChain, type RunState } from '../../journal/reduce.ts';
import type { Kinds } from '../../kinds/kind.ts';
import { hexData, quantity } from '../../live/json-shapes.ts';
import { type ManyNodes, manyNodes } from '../../live/many-nodes.ts';
import type { Address, ChainReader, Environment, Hex, JournalStore, Signer } from '../../types.ts';
import type { Market } from '../fees.ts';
import { baseFeeOf } from '../look.ts';
import { type ApplyLog, defaultPatience, type ManagedContract, openRecorder, type Patience, type Session } from '../session.ts';
import { showWith } from '../show.ts';
import { tipIn } from '../sign.ts';
import { partsIn } from './leftovers.ts';
import { askMoney, oldHead, type PauseMoney } from './money.ts';
import { onlyPauses } from './only-pauses.ts';
import type { Part, PauseTarget } from './types.ts';

export type PauseOptions = {
  /** One reader for each node, with short time-outs and no retries: all are asked at once. */
  chains: readonly ChainReader[];
  environment: Pick<Environment, 'name' | 'chainId' | 'confirmations' | 'maxFeePerGas'>;
  targets: readonly PauseTarget[];
  signer: Signer;
  /** This key's own journal of pauses, apart from what applies record: what it names stays out-of-band, and sticky. */
  journal: JournalStore;
  /** Journals to begin in its place, each beside the one before; none by default. */
  beside?: NextJournal;
  /** All built-in kinds and those of one's own: guards and relays are found by them. */
  kinds: Kinds;
  /** Declared contracts, as far as they could be read. */
  contracts: readonly ManagedContract[];
  names: ReadonlyMap<Address, string>;
  log: ApplyLog;
  /** Milliseconds since the epoch. */
  now(): number;
  sleep?(ms: number): Promise<void>;
  /** Without anything being mined for so long, the wait ends; the next start goes on. */
  waitMs?: number;
  patience?: Partial<Patience>;
};

/** Null where there is no further one. */
export type NextJournal = () => Promise<{ journal: JournalStore; beside: NextJournal } | null>;

/** By one node. `genesis`: the hash of the chain's first block, which tells a development chain from the one before; null where no node has it. */
export type Money = { market: Market; balance: bigint; pending: number; genesis: Hex | null };

export type PauseWork = {
  session: Session;
  chain: ManyNodes;
  signer: Address;
  money: PauseMoney;
  /** What the signer signs pauses of; grows as flags become known. */
  allowed: Part[];
};

/** Throws RPC_*, CHAIN_ID_MISMATCH, JOURNAL_CORRUPT. */
export async function openWork(options: PauseOptions): Promise<PauseWork> {
  const { environment, journal, kinds, contracts, log, names } = options;
  const chain = manyNodes({ chains: options.chains, chainId: environment.chainId });
  const recorder = await openRecorder(journal);
  const money = await askMoney(chain, { signer: options.signer.address, now: options.now() });
  const { genesis } = money;
  const warning = oldHead(money, options.now());
  if (warning !== null) log(warning);
  const isHere = (run: RunState): boolean => isOfChain(run, { chainId: environment.chainId, genesis });
  const allowed = recorder
    .runs()
    .filter(isHere)
    .flatMap((run) => partsIn(run, kinds).map(({ part }) => part));
  const signer = onlyPauses(options.signer, { kinds, parts: allowed });
  const session: Session = {
    ...{ chain, chainId: environment.chainId, recorder, journal, kinds, contracts, log },
    environment: { ...environment, finality: 'latest', maxFeePerGas: pauseCap(environment.maxFeePerGas, money.baseFees[0] ?? 0n), tokens: new Map() },
    signers: new Map([[signer.address, signer]]),
    patience: { ...defaultPatience, stuckBlocks: 2n, looks: 2, longestPollMs: 1_000, unsettledMs: options.waitMs ?? 60_000, ...options.patience },
    runsOfChain: () => recorder.runs().filter(isHere),
    now: options.now,
    sleep: options.sleep ?? ((ms) => pause(ms)),
    show: showWith({ tokens: new Map(), names }),
  };
  return { session, chain, signer: signer.address, money, allowed };
}

/** The environment's cap holds unless the chain itself asks for more: then a pause that waits is worth less than the fee. */
export function pauseCap(cap: bigint | null, baseFee: bigint): bigint | null {
  return cap === null || cap >= 2n * baseFee ? cap : 4n * baseFee;
}

/** Throws RPC_*. */
export async function readMoney(chain: Pick<ChainReader, 'batch'>, signer: Address): Promise<Money> {
  const [head, tip, balance, pending, first] = await chain.batch([
    { method: 'eth_getBlockByNumber', params: ['latest', false] },
    { method: 'eth_maxPriorityFeePerGas', params: [] },
    { method: 'eth_getBalance', params: [signer, 'latest'] },
    { method: 'eth_getTransactionCount', params: [signer, 'pending'] },
    { method: 'eth_getBlockByNumber', params: ['0x0', false] },
  ]);
  const block = resultOf(first);
  return {
    market: { baseFee: baseFeeOf(resultOf(head)), tip: tipIn(tip) },
    balance: quantity(resultOf(balance), 'a balance'),
    pending: Number(quantity(resultOf(pending), 'a transaction count')),
    genesis: block === null ? null : hexData((block as { hash?: unknown }).hash, 'a block hash', 32),
  };
}

function resultOf(answer: Awaited<ReturnType<ChainReader['batch']>>[number] | undefined): unknown {
  if (answer === undefined || 'error' in answer) throw new MooringError('RPC_ERROR', `The node refused a reading: ${answer?.error.message ?? 'no answer'}.`);
  return answer.result;
}
