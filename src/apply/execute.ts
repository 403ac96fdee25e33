// apply: sends an approved plan once and sees it through, whatever crashes, is dropped or moves meanwhile. Decides
// nothing about what is wanted: that is the plan's, made anew here by `replan`. No printing, no exit codes.
import { setTimeout as pause } from 'node:timers/promises';
import { MooringError } from '../errors.ts';
import { isOfChain, type RunState } from '../journal/reduce.ts';
import type { Kinds } from '../kinds/kind.ts';
import { hexData } from '../live/json-shapes.ts';
import type { Address, ChainReader, Finding, Hex, JournalStore, Plan, Policy, Receipt, RunOutcome, Signer } from '../types.ts';
import { admitLeftovers, admitPlan, type Terms } from './admit.ts';
import { approvedOf } from './approved.ts';
import { closeRuns } from './close-runs.ts';
import { driveRun } from './drive-run.ts';
import { settleLeftovers, unfinishedRuns } from './leftovers.ts';
import {
  type ApplyEnvironment,
  type ApplyLog,
  defaultPatience,
  type ManagedContract,
  openRecorder,
  type Patience,
  type Session,
  signerFor,
} from './session.ts';
import { showWith } from './show.ts';

export type ApplyOptions = {
  /** What was approved. */
  digest: string;
  /** The plan with that digest, where it is at hand: says what moved when it is stale, and allows nothing. */
  plan?: Plan;
  /** Reads the chain again and makes the plan, with its proof. */
  replan(): Promise<Plan>;
  chain: ChainReader;
  signers: ReadonlyMap<Address, Signer>;
  journal: JournalStore;
  environment: ApplyEnvironment;
  policy: Pick<Policy, 'requireProof'>;
  kinds: Kinds;
  contracts: readonly ManagedContract[];
  allowUnproven?: boolean;
  /** A person has just agreed to this digest again, though a run has completed it. */
  reuseDigest?: boolean;
  approvedBy: string;
  /** The digest that people approved, where only a part of it is sent. */
  approval?: string;
  /** Names for addresses in messages. */
  names?: ReadonlyMap<Address, string>;
  commit: string | null;
  /** Milliseconds since the epoch. */
  now(): number;
  log: ApplyLog;
  sleep?(ms: number): Promise<void>;
  patience?: Partial<Patience>;
};

/** `receipt` is null where nothing was to do and nothing was left over. */
export type ApplyResult = { outcome: RunOutcome; receipt: Receipt | null; findings: readonly Finding[] };

/**
 * Applies the plan that `digest` names. In order: lock; what crashed runs left is settled; the plan is made again and
 * must be the approved one, or what remains of it; group after group is cleared, signed, journaled, sent and confirmed;
 * everything is read again; a receipt is kept.
 * Errors that leave nothing half done: JOURNAL_*, CHAIN_ID_MISMATCH, STALE_PLAN, DIGEST_SPENT, PLAN_UNPROVEN,
 * PLAN_BLOCKED or the code of the plan's error, SIGNER_MISSING, FOREIGN_TRANSACTION of an earlier run.
 * Errors after which the next apply goes on: RPC_*, TRANSACTION_*, NONCE_GAP, JOURNAL_WRITE.
 * SIDE EFFECTS: the chain, the journal.
 */
export async function execute(options: ApplyOptions): Promise<ApplyResult> {
  const lock = await options.journal.lock();
  try {
    const { session, genesis } = await openSession(options);
    return await run(session, options, genesis);
  } finally {
    await lock.release();
  }
}

export type SessionOptions = Omit<ApplyOptions, 'digest' | 'plan' | 'replan' | 'policy' | 'allowUnproven' | 'reuseDigest' | 'approval'>;

/** Throws JOURNAL_CORRUPT, RECEIPT_CORRUPT, CHAIN_ID_MISMATCH, RPC_*. */
export async function openSession(options: SessionOptions): Promise<{ session: Session; genesis: Hex | null }> {
  const { chain, journal, environment, signers, kinds, contracts, log } = options;
  // A chain of receipts that can't be continued is to be known before anything is sent.
  const [recorder] = await Promise.all([openRecorder(journal), journal.receipts()]);
  const chainId = await chain.chainId();
  if (chainId !== environment.chainId) {
    throw new MooringError('CHAIN_ID_MISMATCH', `the RPC serves chain ${chainId}, and ${environment.name} is on chain ${environment.chainId}`, {
      fix: 'Check rpc and chainId in environment.yaml.',
    });
  }
  const genesis = await readGenesis(chain);
  const sameChain = (run: RunState): boolean => isOfChain(run, { chainId, genesis }) && isConcern(run.started, options);
  const session: Session = {
    ...{ chain, chainId, recorder, journal, environment, signers, kinds, contracts, log },
    patience: { ...defaultPatience, ...options.patience },
    runsOfChain: () => recorder.runs().filter(sameChain),
    now: options.now,
    sleep: options.sleep ?? ((ms) => pause(ms)),
    show: showWith({ tokens: environment.tokens, ...(options.names === undefined ? {} : { names: options.names }) }),
  };
  return { session, genesis };
}

/** A journal may be shared by environments: another one's runs count where they used a key of this one's. */
function isConcern({ environment, steps }: RunState['started'], options: SessionOptions): boolean {
  const own = new Set(
    [...options.signers.keys(), ...(options.environment.signers ?? []).map(({ address }) => address)].map((address) => address.toLowerCase()),
  );
  return environment === options.environment.name || steps.some((step) => own.has(step.route.signer.toLowerCase()));
}

/** Hash of block 0; null where the node no longer has it. */
async function readGenesis(chain: ChainReader): Promise<Hex | null> {
  const block = await chain.request<{ hash?: unknown } | null>('eth_getBlockByNumber', ['0x0', false]);
  return block === null ? null : hexData(block.hash, 'a block hash', 32);
}

async function run(session: Session, options: ApplyOptions, genesis: Hex | null): Promise<ApplyResult> {
  const terms = termsOf(session, options);
  const isOwn = ({ started }: RunState): boolean => started.environment === session.environment.name;
  const unfinished = unfinishedRuns(session.runsOfChain()).filter((state) => isOwn(state) || session.recorder.open([state.run]).length > 0);
  // Another environment's receipts are a chain of its own: its next apply closes its runs.
  const leftover = unfinished.filter(isOwn).map(({ run: id }) => id);
  const settled =
    unfinished.length === 0
      ? null
      : await settleLeftovers(session, {
          runs: unfinished.map(({ run: id }) => id),
          digest: options.digest,
          replan: options.replan,
          admit: (plan, approved) => admitLeftovers(plan, approved, terms),
        });
  const fresh = await options.replan();
  const approved = settled ?? approvedOf(options.digest, { fresh, runs: session.runsOfChain() });
  const closed = await closeRuns(session, leftover, { fresh, digest: options.digest });
  admitPlan(fresh, approved, { runs: session.runsOfChain(), terms });
  if (fresh.steps.length === 0) return { outcome: 'done', receipt: closed.at(-1)?.receipt ?? null, findings: closed.flatMap((item) => item.notes) };
  for (const step of fresh.steps) signerFor(session, step.route.signer);
  return driveRun(session, { options, fresh, genesis, continues: leftover.at(-1) ?? null });
}

function termsOf({ show }: Session, { digest, policy, allowUnproven = false, reuseDigest = false, plan }: ApplyOptions): Terms {
  return { digest, policy, allowUnproven, reuseDigest, given: plan ?? null, show };
}
