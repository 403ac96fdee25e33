// apply: sends an approved plan once and sees it through, whatever crashes, is dropped or moves meanwhile. Decides
// nothing about what is wanted: that is the plan's, made anew here by `replan`. No printing, no exit codes.
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { MooringError } from '../errors.ts';
import { type RunState, remainingSteps, succeeded } from '../journal/reduce.ts';
import type { Kinds } from '../kinds/kind.ts';
import { hexData } from '../live/json-shapes.ts';
import type { Address, ChainReader, Environment, Finding, Hex, JournalStore, Plan, Policy, Receipt, RunOutcome, Signer } from '../types.ts';
import { admitDigest, admitPlan, admitProof, type Terms } from './admit.ts';
import { type Approved, approvedOf, completedKeys, runsUnder } from './approved.ts';
import { closeRuns } from './close-runs.ts';
import { finishRun } from './finish.ts';
import { settleLeftovers, unfinishedRuns } from './leftovers.ts';
import { sendGroup } from './send-group.ts';
import { type ApplyLog, defaultPatience, type ManagedContract, openRecorder, type Patience, type Session, signerFor } from './session.ts';
import { verify } from './verify.ts';

export type ApplyOptions = {
  /** What was approved. */
  digest: string;
  /** The plan with that digest, where it is at hand: says what moved when it is stale. */
  plan?: Plan;
  /** Reads the chain again and makes the plan, with its proof. */
  replan(): Promise<Plan>;
  chain: ChainReader;
  signers: ReadonlyMap<Address, Signer>;
  journal: JournalStore;
  environment: Pick<Environment, 'name' | 'chainId' | 'confirmations' | 'finality' | 'maxFeePerGas'>;
  policy: Pick<Policy, 'requireProof'>;
  kinds: Kinds;
  contracts: readonly ManagedContract[];
  allowUnproven?: boolean;
  /** A person has just agreed to this digest again, though a run has completed it. */
  reuseDigest?: boolean;
  approvedBy: string;
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

async function openSession(options: ApplyOptions): Promise<{ session: Session; genesis: Hex | null }> {
  const { chain, journal, environment, signers, kinds, contracts, log } = options;
  const recorder = await openRecorder(journal);
  // A chain of receipts that can't be continued is to be known before anything is sent.
  await journal.receipts();
  const chainId = await chain.chainId();
  if (chainId !== environment.chainId) {
    throw new MooringError('CHAIN_ID_MISMATCH', `the RPC serves chain ${chainId}, and ${environment.name} is on chain ${environment.chainId}`, {
      fix: 'Check rpc and chainId in environment.yaml.',
    });
  }
  const genesis = await readGenesis(chain);
  const sameChain = ({ started }: RunState): boolean =>
    started.chainId === chainId && (started.genesis === null || genesis === null || started.genesis === genesis);
  const session: Session = {
    ...{ chain, chainId, recorder, journal, environment, signers, kinds, contracts, log },
    patience: { ...defaultPatience, ...options.patience },
    runsOfChain: () => recorder.runs().filter(sameChain),
    now: options.now,
    sleep: options.sleep ?? ((ms) => pause(ms)),
  };
  return { session, genesis };
}

/** Hash of block 0; null where the node no longer has it. */
async function readGenesis(chain: ChainReader): Promise<Hex | null> {
  const block = await chain.request<{ hash?: unknown } | null>('eth_getBlockByNumber', ['0x0', false]);
  return block === null ? null : hexData(block.hash, 'a block hash', 32);
}

async function run(session: Session, options: ApplyOptions, genesis: Hex | null): Promise<ApplyResult> {
  const terms: Terms = {
    digest: options.digest,
    policy: options.policy,
    allowUnproven: options.allowUnproven ?? false,
    reuseDigest: options.reuseDigest ?? false,
  };
  const leftover = unfinishedRuns(session.runsOfChain()).map(({ run: id }) => id);
  const given = options.plan ?? null;
  const before =
    leftover.length === 0
      ? null
      : await settleLeftovers(session, {
          runs: leftover,
          digest: options.digest,
          given,
          replan: options.replan,
          admit: (fresh, approved) => admitLeftovers(fresh, approved, terms),
        });
  const fresh = await options.replan();
  const approved = before ?? approvedOf(options.digest, { fresh, given, runs: session.runsOfChain() });
  const closed = await closeRuns(session, leftover, { fresh, digest: options.digest });
  const completed = completedKeys(runsUnder(options.digest, session.runsOfChain()));
  admitPlan(fresh, approved, { runs: session.runsOfChain(), completed, terms });
  if (fresh.steps.length === 0) return { outcome: 'done', receipt: closed.at(-1)?.receipt ?? null, findings: closed.flatMap((item) => item.notes) };
  for (const step of fresh.steps) signerFor(session, step.route.signer);
  const id = await startRun(session, { options, fresh, genesis, continues: leftover.at(-1) ?? null });
  return drive(session, { id, fresh, options });
}

function admitLeftovers(fresh: Plan, approved: Approved | null, terms: Terms): void {
  admitDigest(fresh, approved, terms.digest);
  admitProof(fresh, terms);
}

type Starting = { options: ApplyOptions; fresh: Plan; genesis: Hex | null; continues: string | null };

async function startRun(session: Session, { options, fresh, genesis, continues }: Starting): Promise<string> {
  const at = session.now();
  const id = `${new Date(at).toISOString().replace(/[-:]|\.\d+/g, '')}-${randomBytes(4).toString('hex')}`;
  const { digest, approvedBy, commit } = options;
  await session.recorder.record([
    {
      run: id,
      at,
      type: 'run-started',
      environment: session.environment.name,
      chainId: session.chainId,
      genesis,
      digest,
      steps: fresh.steps,
      changes: fresh.changes,
      commit,
      approvedBy,
      continues,
    },
  ]);
  return id;
}

/** What a run needs next, by its journal alone. */
export type NextAction = { do: 'send'; group: number } | { do: 'verify' } | { do: 'stop' };

/** Pure. A step that was mined and failed, or whose nonce went to something else, ends the sending. */
export function nextAction(state: RunState): NextAction {
  if (state.nonces.some((nonce) => !succeeded(nonce))) return { do: 'stop' };
  const remaining = remainingSteps(state);
  return remaining.length === 0 ? { do: 'verify' } : { do: 'send', group: Math.min(...remaining.map((step) => step.group)) };
}

async function drive(session: Session, { id, fresh, options }: { id: string; fresh: Plan; options: ApplyOptions }): Promise<ApplyResult> {
  for (;;) {
    const state = session.recorder.run(id);
    const next = nextAction(state);
    if (next.do === 'stop') return finishRun(session, id, { verification: null, findings: [] });
    if (next.do === 'verify') return finishRun(session, id, { verification: await verify(state.started.changes, options.replan), findings: [] });
    const refusal = await tryGroup(session, { id, fresh, state, group: next.group });
    if (refusal !== null) return finishRun(session, id, { verification: null, findings: refusal });
  }
}

/** Null when the group was sent; the findings where it was refused before anything of it was signed. */
async function tryGroup(
  session: Session,
  { id, fresh, state, group }: { id: string; fresh: Plan; state: RunState; group: number },
): Promise<readonly Finding[] | null> {
  const signedBefore = state.nonces.length;
  try {
    await sendGroup(session, { run: id, plan: fresh, steps: remainingSteps(state).filter((step) => step.group === group) });
    return null;
  } catch (error) {
    const nothingSigned = session.recorder.run(id).nonces.length === signedBefore;
    if (!(error instanceof MooringError) || !nothingSigned || error.code.startsWith('JOURNAL_')) throw error;
    return error.findings.length > 0
      ? error.findings
      : [{ code: error.code, severity: 'error', message: error.message, ...(error.fix === undefined ? {} : { fix: error.fix }) }];
  }
}
