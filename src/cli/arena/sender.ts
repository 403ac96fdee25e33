// Sends the orchestrator's calls: each once, told by its id. Journaled before it is sent, in this key's own journal; what a
// crash has left is settled first, byte for byte, or its nonce is burnt where it is no longer wanted.
import { setTimeout as pause } from 'node:timers/promises';
import { broadcast } from '../../apply/broadcast.ts';
import { reasonOf } from '../../apply/explain-revert.ts';
import { firstFees } from '../../apply/fees.ts';
import { type Money, readMoney } from '../../apply/pause/session.ts';
import { type ApplyLog, defaultPatience, openRecorder, type Patience, type Session } from '../../apply/session.ts';
import { settle } from '../../apply/settle.ts';
import { showWith } from '../../apply/show.ts';
import { signStep } from '../../apply/sign.ts';
import type { ArenaCall, CallSender, Mined } from '../../arena/run-round.ts';
import { MooringError } from '../../errors.ts';
import { decimalText } from '../../format.ts';
import { isClosed, isOfChain, type NonceState, type RunState } from '../../journal/reduce.ts';
import type { Kinds } from '../../kinds/kind.ts';
import { describeCall } from '../../kinds/writes.ts';
import { isRevert } from '../../live/faults.ts';
import { quantity } from '../../live/json-shapes.ts';
import type { Address, ChainReader, ContractState, Environment, JournalStore, Signer, Step } from '../../types.ts';

export type SenderOptions = {
  chain: ChainReader;
  environment: Environment;
  signer: Signer;
  journal: JournalStore;
  kinds: Kinds;
  contracts: readonly ContractState[];
  names: ReadonlyMap<Address, string>;
  log: ApplyLog;
  /** Whether a call that was signed, and perhaps never sent, is still wanted. */
  wanted(id: string): Promise<boolean>;
  now(): number;
  patience?: Partial<Patience>;
};

export type ArenaSender = CallSender & { close(): Promise<void> };

/** `attempts`: runs of each call on this chain, oldest first; a further one only after the one before has come to nothing. */
type Sending = { session: Session; signer: Address; genesis: Money['genesis']; attempts: Map<string, string[]> };

const step = 'call';

/**
 * Throws JOURNAL_* (another process has this key), CHAIN_ID_MISMATCH, RPC_*, and what `settle` throws.
 * SIDE EFFECTS: the journal's lock until `close`; settles what is left over.
 */
export async function openSender(options: SenderOptions): Promise<ArenaSender> {
  const lock = await options.journal.lock();
  try {
    const sending = await openSending(options);
    await settleLeftovers(sending, options);
    return {
      address: sending.signer,
      knows: (id) => attemptsOf(sending, id).some((attempt) => outcomeOf(attempt)?.success === true || attempt.nonces.some((nonce) => !isClosed(nonce))),
      send: (call) => sendOnce(sending, call),
      close: () => lock.release(),
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function openSending(options: SenderOptions): Promise<Sending> {
  const { chain, environment, signer, journal, kinds, contracts, log, names, now } = options;
  const found = await chain.chainId();
  if (found !== environment.chainId)
    throw new MooringError('CHAIN_ID_MISMATCH', `the RPC serves chain ${found}, not ${environment.chainId}`, { fix: 'Check the RPC URLs of the environment.' });
  const recorder = await openRecorder(journal);
  const { genesis } = await readMoney(chain, signer.address);
  const isHere = (run: RunState): boolean => isOfChain(run, { chainId: found, genesis });
  const session: Session = {
    ...{ chain, chainId: found, recorder, journal, kinds, contracts, log, environment, now },
    signers: new Map([[signer.address, signer]]),
    patience: { ...defaultPatience, ...options.patience },
    runsOfChain: () => recorder.runs().filter(isHere),
    sleep: (ms) => pause(ms),
    show: showWith({ tokens: environment.tokens, names }),
  };
  const attempts = Map.groupBy(session.runsOfChain(), ({ started }) => started.digest);
  return { session, signer: signer.address, genesis, attempts: new Map([...attempts].map(([id, runs]) => [id, runs.map(({ run }) => run)])) };
}

async function settleLeftovers({ session }: Sending, { wanted }: SenderOptions): Promise<void> {
  const left = session.runsOfChain().filter(({ nonces, finished }) => finished === null && nonces.some((nonce) => !isClosed(nonce)));
  const verdicts = new Map(await Promise.all(left.map(async ({ run, started }) => [run, await wanted(started.digest)] as const)));
  const verdictOf = ({ run }: NonceState): 'send' | 'burn' => (verdicts.get(run) === false ? 'burn' : 'send');
  if (left.length > 0) await settle(session, { runs: left.map(({ run }) => run), verdictOf });
}

function attemptsOf({ session, attempts }: Sending, id: string): RunState[] {
  return (attempts.get(id) ?? []).map((run) => session.recorder.run(run));
}

/** Null where nothing of it was mined for good: burnt, or its nonce taken by another. */
function outcomeOf({ nonces }: RunState): Mined | null {
  const done = nonces.find(({ confirmed, mined }) => confirmed && mined?.step === step)?.mined;
  if (done === null || done === undefined) return null;
  const { hash, block, success, logs, error } = done;
  return { hash, block: block.number, success, logs, error: error ?? null };
}

/** Throws PREFLIGHT_REVERT, FEE_ABOVE_CAP, FUNDS_MISSING, with nothing signed; TRANSACTION_*, NONCE_GAP, RPC_*, JOURNAL_*. */
async function sendOnce(sending: Sending, call: ArenaCall): Promise<Mined> {
  const before = attemptsOf(sending, call.id);
  const done = before.map(outcomeOf).find((outcome) => outcome?.success === true);
  if (done !== undefined && done !== null) return done;
  const open = before.find(({ nonces }) => nonces.some((nonce) => !isClosed(nonce)));
  const run = open?.run ?? (await signed(sending, call, before.length + 1));
  await settle(sending.session, { runs: [run], verdictOf: () => 'send' });
  const outcome = outcomeOf(sending.session.recorder.run(run));
  await sending.session.recorder.record([
    { run, at: sending.session.now(), type: 'run-finished', outcome: outcome?.success === true ? 'done' : 'stopped', findings: [] },
  ]);
  if (outcome !== null) return outcome;
  throw new MooringError('TRANSACTION_UNSETTLED', `the nonce of ${call.id} was used by a transaction that the orchestrator did not sign`, {
    fix: 'Use a key that nothing else signs with, and run it again: the call was not made.',
  });
}

/** SIDE EFFECTS: signs, journals (flushed), broadcasts. */
async function signed(sending: Sending, call: ArenaCall, attempt: number): Promise<string> {
  const { session, signer, genesis, attempts } = sending;
  const { money, gasLimit } = await cleared(sending, call);
  const fees = firstFees(money.market, session.environment.maxFeePerGas);
  if (fees === null)
    throw new MooringError('FEE_ABOVE_CAP', `the base fee is ${money.market.baseFee} wei per gas, above maxFeePerGas`, { fix: 'Wait, or raise it.' });
  if (gasLimit * fees.maxFeePerGas > money.balance)
    throw new MooringError('FUNDS_MISSING', `${signer} has ${decimalText(money.balance, 18)} ETH, too little for the gas of ${call.id}`, {
      fix: 'Send it some.',
    });
  const run = `${call.id}#${attempt}`;
  const own = stepOf(session, signer, call);
  const transaction = await signStep(session, { step: own, nonce: money.pending, gasLimit, fees });
  const at = session.now();
  const { environment, chainId } = session;
  const started = { environment: environment.name, chainId, genesis, steps: [own], changes: [], digest: call.id };
  await session.recorder.record([
    { run, at, type: 'run-started', ...started, commit: null, approvedBy: 'the orchestrator', continues: null },
    { run, at, type: 'signed', group: 0, transactions: [transaction] },
  ]);
  attempts.set(call.id, [...(attempts.get(call.id) ?? []), run]);
  await broadcast(session, [{ run, transaction }]);
  return run;
}

/** Runs the call on the newest state first. */
async function cleared({ session, signer }: Sending, { id, to, data }: ArenaCall): Promise<{ money: Money; gasLimit: bigint }> {
  const money = await readMoney(session.chain, signer);
  const [tried, estimate] = await session.chain.batch([
    { method: 'eth_call', params: [{ from: signer, to, data }, 'latest'] },
    { method: 'eth_estimateGas', params: [{ from: signer, to, data }] },
  ]);
  const fault = [tried, estimate].flatMap((answer) => (answer !== undefined && 'error' in answer ? [answer.error] : []))[0];
  if (fault !== undefined && isRevert(fault))
    throw new MooringError('PREFLIGHT_REVERT', `${id} would fail now: ${reasonOf(fault, session.kinds)}`, { fix: 'Nothing of it was signed.' });
  if (fault !== undefined || estimate === undefined || !('result' in estimate))
    throw new MooringError('RPC_ERROR', `The node refused ${id}: ${fault?.message}.`);
  return { money, gasLimit: (quantity(estimate.result, 'a gas estimate') * 13n) / 10n + 30_000n };
}

function stepOf({ contracts, kinds }: Session, signer: Address, { to, data }: ArenaCall): Step {
  const contract = contracts.find(({ address }) => address === to);
  const kind = kinds.get(contract?.kind ?? '');
  const described = kind === undefined ? null : describeCall(kind, contract?.name ?? to, data);
  return {
    ...{ id: step, target: to, to, data, value: 0n },
    call: described ?? { contract: contract?.name ?? to, function: data.slice(0, 10), args: [] },
    ...{ covers: [], corrects: [], carries: [], group: 0, precondition: [], postcondition: [], emits: [] },
    route: { via: 'direct', signer },
    risk: 'ambiguous',
  };
}
