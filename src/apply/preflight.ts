// The last look before signing: chain, code, what each step starts from, whether it would succeed, money, nonces, fees.
import { type Code, codes, exitCodes, MooringError } from '../errors.ts';
import { isRevert } from '../live/faults.ts';
import { blockRef, fields, hexData, quantity, toQuantity } from '../live/json-shapes.ts';
import type { Address, BlockRef, Finding, Hex, Plan, RpcFault, Step } from '../types.ts';
import { actsDoneSince } from './act-conditions.ts';
import { type Broken, brokenConditions } from './conditions.ts';
import { reasonOf } from './explain-revert.ts';
import { type Fees, firstFees } from './fees.ts';
import { baseFeeOf } from './look.ts';
import type { Session } from './session.ts';
import { tipIn } from './sign.ts';

export type Clearance = { nonce: number; fees: Fees; gasLimits: readonly bigint[] };

/** What the journal knows to have happened: a node that doesn't show it lags. */
export type Floor = { nonce: number; block: bigint };

type Answer = { result: unknown } | { error: RpcFault };
type Head = BlockRef & { baseFee: bigint; gasLimit: bigint };
type Facts = {
  head: Head;
  chainId: bigint;
  latest: number;
  pending: number;
  balance: bigint;
  tip: bigint;
  codes: ReadonlyMap<Address, Hex>;
  calls: readonly Answer[];
  estimates: readonly Answer[];
};

/**
 * Reads everything at the head, in one block, and clears the steps of one group for signing. Errors, each with all of
 * its findings: CHAIN_ID_MISMATCH, CODE_MISSING, PRECONDITION_MOVED, PREFLIGHT_REVERT, FUNDS_MISSING, FEE_ABOVE_CAP,
 * NONCE_BUSY, NONCE_BEHIND, RPC_*. Nothing has been signed then.
 */
export async function preflight(session: Session, { steps, plan, floor }: { steps: readonly Step[]; plan: Plan; floor: Floor }): Promise<Clearance> {
  const signer = signerOf(steps);
  const facts = await readFacts(session, { steps, signer });
  if (facts.chainId !== session.chainId)
    throw new MooringError('CHAIN_ID_MISMATCH', `the RPC now serves chain ${facts.chainId}, not ${session.chainId}`, {
      fix: 'Check the RPC URLs of the environment.',
    });
  if (facts.latest < floor.nonce || facts.head.number < floor.block) throw behind(signer, facts, floor);
  const broken = await brokenConditions(
    session,
    steps.flatMap((step) => step.precondition),
    facts.head,
  );
  const fees = firstFees({ baseFee: facts.head.baseFee, tip: facts.tip }, session.environment.maxFeePerGas);
  const gasLimits = steps.map((step, i) => gasLimitOf({ step, plan, head: facts.head, estimate: facts.estimates[i] }));
  const findings = [
    ...codeFindings(steps, facts),
    ...broken.map((item) => conditionFinding(session, item)),
    ...(await actsDoneSince(session, { steps, plan, head: facts.head })),
    ...steps.flatMap((step, i) => callFindings(session, step, facts.calls[i])),
    ...moneyFindings({ session, signer, facts, fees, gasLimits, steps }),
    ...(session.urgent === undefined ? nonceFindings(signer, facts) : []),
  ];
  if (findings.length > 0 || fees === null) throw refused(findings);
  return { nonce: session.urgent === undefined ? facts.latest : behindAll(session, signer, facts), fees, gasLimits };
}

/** Behind what the node has waiting, and behind what was signed here and no node may have. */
function behindAll(session: Session, signer: Address, { latest, pending }: Facts): number {
  const own = session.recorder
    .open(session.runsOfChain().map(({ run }) => run))
    .filter((nonce) => nonce.mined === null && nonce.signer.toLowerCase() === signer.toLowerCase())
    .map(({ nonce }) => nonce + 1);
  const nonce = Math.max(latest, pending, ...own);
  if (nonce > latest) session.log(`${nonce - latest} other transactions of ${signer} wait before this one`);
  return nonce;
}

function signerOf(steps: readonly Step[]): Address {
  const [first, ...rest] = steps.map((step) => step.route.signer);
  if (first === undefined || rest.some((signer) => signer !== first)) throw new MooringError('INTERNAL', 'a group of steps has not exactly one signer');
  return first;
}

async function readFacts(session: Session, { steps, signer }: { steps: readonly Step[]; signer: Address }): Promise<Facts> {
  const head = headOf(await session.chain.request<unknown>('eth_getBlockByNumber', ['latest', false]));
  const at = { blockHash: head.hash };
  const addresses = [...new Set(steps.flatMap((step) => [step.to, step.target]))];
  const calls = steps.map((step) => ({ from: signer, to: step.to, data: step.data, value: toQuantity(step.value) }));
  const answers = await session.chain.batch([
    { method: 'eth_chainId', params: [] },
    { method: 'eth_getTransactionCount', params: [signer, 'latest'] },
    { method: 'eth_getTransactionCount', params: [signer, 'pending'] },
    { method: 'eth_getBalance', params: [signer, 'latest'] },
    { method: 'eth_maxPriorityFeePerGas', params: [] },
    ...addresses.map((address) => ({ method: 'eth_getCode', params: [address, at] })),
    ...calls.map((call) => ({ method: 'eth_call', params: [call, at] })),
    ...calls.map((call) => ({ method: 'eth_estimateGas', params: [call] })),
  ]);
  const result = (i: number, what: string): unknown => resultOf(answers[i], what);
  const afterCodes = 5 + addresses.length;
  return {
    head,
    chainId: quantity(result(0, 'eth_chainId'), 'a chain id'),
    latest: Number(quantity(result(1, 'eth_getTransactionCount'), 'a transaction count')),
    pending: Number(quantity(result(2, 'eth_getTransactionCount'), 'a transaction count')),
    balance: quantity(result(3, 'eth_getBalance'), 'a balance'),
    tip: tipIn(answers[4]),
    codes: new Map(addresses.map((address, i) => [address, hexData(result(5 + i, 'eth_getCode'), 'code')])),
    calls: answers.slice(afterCodes, afterCodes + steps.length),
    estimates: answers.slice(afterCodes + steps.length),
  };
}

function resultOf(answer: Answer | undefined, method: string): unknown {
  if (answer !== undefined && 'result' in answer) return answer.result;
  throw new MooringError('RPC_ERROR', `The node refused ${method}: ${answer?.error.message}.`, { cause: answer?.error });
}

function headOf(block: unknown): Head {
  return { ...blockRef(block), baseFee: baseFeeOf(block), gasLimit: quantity(fields(block, 'a block')['gasLimit'], 'a gas limit') };
}

const perTransaction = 1n << 24n;

/** From the proof, which ran the steps in order; the margin covers what differs by the time it is mined. */
function gasLimitOf({ step, plan, head, estimate }: { step: Step; plan: Plan; head: Head; estimate: Answer | undefined }): bigint {
  const proof = 'steps' in plan.simulation ? plan.simulation.steps.find((item) => item.step === step.id)?.gas : undefined;
  const estimated = estimate !== undefined && 'result' in estimate ? quantity(estimate.result, 'a gas estimate') : 0n;
  const used = proof !== undefined && proof > estimated ? proof : estimated;
  const limit = (used * 13n) / 10n + 30_000n;
  // Many chains take no transaction above 2^24 gas: the margin alone must not lift one over it.
  const most = used < perTransaction && perTransaction < head.gasLimit ? perTransaction : head.gasLimit;
  return limit < most ? limit : most;
}

function codeFindings(steps: readonly Step[], facts: Facts): Finding[] {
  const missing = [...facts.codes].filter(([, code]) => code === '0x').map(([address]) => address);
  return missing.map((address) =>
    finding(
      'CODE_MISSING',
      `there is no code at ${address}, which ${steps.find((step) => step.to === address || step.target === address)?.call.contract} should be`,
    ),
  );
}

function conditionFinding({ show }: Session, { condition, unit, live }: Broken): Finding {
  const { contract, field, member, value } = condition;
  const place = `${contract}.${field}${member === undefined ? '' : `[${member}]`}`;
  return finding('PRECONDITION_MOVED', `${place} should be ${show(value, unit)} before this step, and is ${show(live, unit)}`, { contract, field });
}

function callFindings(session: Session, step: Step, answer: Answer | undefined): Finding[] {
  if (answer === undefined || 'result' in answer) return [];
  const { contract, function: name } = step.call;
  if (!isRevert(answer.error)) resultOf(answer, 'eth_call');
  return [finding('PREFLIGHT_REVERT', `${contract}.${name} would fail now: ${reasonOf(answer.error, session.kinds)}`, { contract, changes: step.covers })];
}

function moneyFindings(input: {
  session: Session;
  signer: Address;
  facts: Facts;
  fees: Fees | null;
  gasLimits: readonly bigint[];
  steps: readonly Step[];
}): Finding[] {
  const { session, signer, facts, fees, gasLimits, steps } = input;
  if (fees === null)
    return [
      finding(
        'FEE_ABOVE_CAP',
        `the base fee is ${facts.head.baseFee} wei per gas, above the environment's maxFeePerGas of ${session.environment.maxFeePerGas}`,
      ),
    ];
  const cost = gasLimits.reduce((sum, gas, i) => sum + gas * fees.maxFeePerGas + (steps[i]?.value ?? 0n), 0n);
  return cost <= facts.balance ? [] : [finding('FUNDS_MISSING', `${signer} has ${facts.balance} wei and may need up to ${cost}`)];
}

function nonceFindings(signer: Address, { latest, pending }: Facts): Finding[] {
  if (pending <= latest) return [];
  return [
    finding('NONCE_BUSY', `${signer} has ${pending - latest} transactions waiting that this journal does not know; wait until they are mined, or replace them`),
  ];
}

function behind(signer: Address, { latest, head }: Facts, floor: Floor): MooringError {
  return new MooringError(
    'NONCE_BEHIND',
    `the node is at block ${head.number} and counts ${latest} transactions of ${signer}; the journal has confirmed ${floor.nonce}, up to block ${floor.block}`,
    {
      fix: 'If this is a development chain that was started anew, move its journal away (.mooring/<environment>). Otherwise the node is behind: wait, or use another RPC.',
    },
  );
}

function finding(code: Code, message: string, more: Partial<Finding> = {}): Finding {
  return { code, severity: 'error', message, ...more };
}

/** The error of the findings; where they disagree, of the one that says most about what is wrong. */
function refused(findings: readonly Finding[]): MooringError {
  const [first] = findings;
  const code = (first?.code ?? 'INTERNAL') as Code;
  const stale = exitCodes[codes[code].exit] === exitCodes.stale;
  return new MooringError(code, findings.map((item) => item.message).join('; '), {
    findings,
    ...(stale ? { fix: 'Nothing of this group was signed. Plan again, and look at what moved.' } : {}),
  });
}
