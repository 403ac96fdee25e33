// The second way: one `eth_call` in which a runner makes each sender call for itself, through code put at the
// senders' addresses by state override. Works wherever overrides do; sees no logs. No verdicts here.
import { MooringError } from '../errors.ts';
import { pinned } from '../live/read-calls.ts';
import type { Address, CallRequest, ChainReader, Hex } from '../types.ts';
import { forwarderCode, runnerCode } from './proof-code.ts';
import { codeHashRead, copyOf, decodeAlone, decodeRun, encodeAlone, encodeRun, type RunAnswer, runnerAddress, slotRead } from './runner-codec.ts';
import { partReads, type RunRequest, type RunResult, type StepRun, transactionGas, type Unavailable, type Way } from './way.ts';

type Overrides = Readonly<Record<Address, { code: Hex }>>;

/** `chain` answers; nothing else is needed. */
export function runnerWay(chain: ChainReader): Way {
  return { method: 'runner', run: (request) => run(chain, request), close: async () => {} };
}

async function run(chain: ChainReader, request: RunRequest): Promise<RunResult | Unavailable> {
  const overrides = await overridesFor(chain, request);
  const standsIn = (address: Address) => (address.toLowerCase() in overrides ? copyOf(address) : address);
  const reads = [...request.reads, ...request.codes.map(standsIn).map(codeHashRead), ...request.slots.map(slotRead)];
  const [first, alone] = await Promise.all([runOnce(chain, { request, overrides, reads }), gasAlone(chain, request, overrides)]);
  if ('unavailable' in first) return first;
  const answers = [...first.reads];
  // Whatever didn't fit is read in further calls, behind the same steps.
  while (answers.length < reads.length) {
    const more = await runOnce(chain, { request, overrides, reads: reads.slice(answers.length) });
    if ('unavailable' in more) return more;
    if (more.reads.length === 0) return { unavailable: 'the node gives eth_call too little gas to read everything again' };
    answers.push(...more.reads);
  }
  const steps = first.outcomes.map((outcome, i): StepRun => {
    const used = outcome.ok ? coldGas(outcome.gas, alone[i] ?? 0n) : outcome.gas;
    return { ok: outcome.ok, gas: transactionGas(request.steps[i]?.data ?? '0x', used), data: outcome.data, logs: null };
  });
  const slots = answers.slice(request.reads.length + request.codes.length).map((answer) => answer.data);
  return { steps, slots, ...partReads(request, answers) };
}

/** A forwarder for each sender and each contract whose storage is asked for, and beside it a copy of what was there. */
async function overridesFor(chain: ChainReader, request: RunRequest): Promise<Overrides> {
  const all = [...request.steps.map((step) => step.from), ...request.slots.map((slot) => slot.address)];
  const addresses = [...new Set(all.map((address) => address.toLowerCase()))];
  const codes = await chain.code(addresses, request.block);
  const overrides: Record<Address, { code: Hex }> = { [runnerAddress]: { code: runnerCode } };
  for (const [i, address] of addresses.entries()) {
    const code = codes[i] ?? '0x';
    overrides[address.toLowerCase()] = { code: forwarderCode };
    if (code !== '0x') overrides[copyOf(address)] = { code };
  }
  return overrides;
}

type Once = { request: RunRequest; overrides: Overrides; reads: readonly CallRequest[] };

async function runOnce(chain: ChainReader, { request, overrides, reads }: Once): Promise<RunAnswer | Unavailable> {
  const data = await call(chain, request, { data: encodeRun(request.steps, reads), overrides });
  if (typeof data !== 'string') return data;
  const answer = decodeRun(data);
  const starved = answer.outcomes.findIndex((outcome) => outcome.starved);
  return starved < 0 ? answer : { unavailable: `the node gives eth_call too little gas for step ${starved + 1} of ${request.steps.length}` };
}

async function call(chain: ChainReader, request: RunRequest, options: { data: Hex; overrides: Overrides }): Promise<Hex | Unavailable> {
  try {
    // The first sender stands for `tx.origin`; no gas price, so it needs no money here.
    const message = { from: request.steps[0]?.from ?? runnerAddress, to: runnerAddress, data: options.data };
    const data = await chain.request<Hex>('eth_call', [message, pinned(request.block), options.overrides]);
    if (data !== '0x') return data;
    return { unavailable: 'the node ignores state overrides of eth_call' };
  } catch (error) {
    if (error instanceof MooringError && error.code === 'RPC_ERROR') return { unavailable: `eth_call with state overrides: ${error.message}` };
    throw error;
  }
}

/** What each step uses while nothing is warm; 0 for one that fails without those before it. */
async function gasAlone(chain: ChainReader, request: RunRequest, overrides: Overrides): Promise<bigint[]> {
  const used: bigint[] = [];
  while (used.length < request.steps.length) {
    const data = await call(chain, request, { data: encodeAlone(request.steps.slice(used.length)), overrides });
    const more = typeof data === 'string' ? decodeAlone(data) : [];
    if (more.length === 0) break;
    used.push(...more);
  }
  return used;
}

/**
 * In one call, what earlier steps touched is warm and written already, which their own transactions won't find so.
 * Where a step's cost by itself isn't known, room for ten such slots and half as much again is added.
 */
function coldGas(inOrder: bigint, alone: bigint): bigint {
  if (alone === 0n) return inOrder + inOrder / 2n + 50_000n;
  return alone > inOrder ? alone : inOrder;
}
