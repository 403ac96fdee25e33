// The first way: `eth_simulateV1` runs steps and readings in one request, with exact gas and logs. No verdicts here.
import { MooringError } from '../errors.ts';
import { pinned } from '../live/read-calls.ts';
import type { CallRequest, CallResult, ChainReader, Hex, Log } from '../types.ts';
import { forwarderCode, runnerCode } from './proof-code.ts';
import { codeHashRead, copyOf, decodeRead, encodeRead, runnerAddress, slotRead } from './runner-codec.ts';
import { nextBlock, partReads, type RunRequest, type RunResult, type StepRun, stepGas, type Unavailable, type Way } from './way.ts';

type SimulatedCall = {
  status: Hex;
  gasUsed: Hex;
  /** Gas before refunds, where the node tells. */
  maxUsedGas?: Hex;
  returnData: Hex;
  logs?: readonly Pick<Log, 'address' | 'topics' | 'data'>[];
};
type SimulatedBlock = { calls: readonly SimulatedCall[] };

// A transaction's limit since EIP-7825, and as many such calls as stay below a node's usual 50 million for a request.
const readCallGas = '0x1000000';
const readsPerCall = 1_000;
const readCallsPerRequest = 4;

/** `chain` answers; nothing else is needed. */
export function simulateV1(chain: ChainReader): Way {
  return { method: 'simulateV1', run: (request) => run(chain, request), close: async () => {} };
}

async function run(chain: ChainReader, request: RunRequest): Promise<RunResult | Unavailable> {
  const originals = request.slots.length > 0 ? await codeOf(chain, request) : [];
  const reads = [...request.reads, ...request.codes.map(codeHashRead)];
  const first = await simulate(chain, request, { reads, originals });
  if ('unavailable' in first) return first;
  const answers = [...first.answers];
  // Whatever didn't fit is read in further requests, behind the same steps.
  while (answers.length < reads.length) {
    const more = await simulate(chain, request, { reads: reads.slice(answers.length), originals: [] });
    if ('unavailable' in more) return more;
    if (more.answers.length === 0) return { unavailable: 'the node gives eth_simulateV1 too little gas to read everything again' };
    answers.push(...more.answers);
  }
  return { steps: first.steps, slots: first.slots, ...partReads(request, answers) };
}

type Original = { address: string; code: Hex };
type Part = { reads: readonly CallRequest[]; originals: readonly Original[] };
type Simulated = { steps: StepRun[]; answers: CallResult[]; slots: Hex[] };

async function codeOf(chain: ChainReader, request: RunRequest): Promise<Original[]> {
  const addresses = [...new Set(request.slots.map((slot) => slot.address))];
  const codes = await chain.code(addresses, request.block);
  return addresses.map((address, i) => ({ address, code: codes[i] ?? '0x' }));
}

async function simulate(chain: ChainReader, request: RunRequest, { reads, originals }: Part): Promise<Simulated | Unavailable> {
  const chunks = chunksOf(reads);
  const answer = await ask(chain, request, [stepsBlock(request, chunks), ...slotsBlock(request, originals)]);
  if ('unavailable' in answer) return answer;
  const [block, slotBlock] = answer.blocks;
  const calls = block?.calls ?? [];
  if (calls.length !== request.steps.length + chunks.length) return { unavailable: 'eth_simulateV1 answered fewer calls than were asked for' };
  return {
    steps: calls.slice(0, request.steps.length).map(stepRun),
    answers: readResults(chunks, calls.slice(request.steps.length)),
    slots: slotBlock === undefined ? [] : readResults([request.slots.map(slotRead)], slotBlock.calls).map((word) => word.data),
  };
}

async function ask(chain: ChainReader, request: RunRequest, blocks: readonly object[]): Promise<{ blocks: readonly SimulatedBlock[] } | Unavailable> {
  try {
    const params = [{ blockStateCalls: blocks, validation: false }, pinned(request.block)];
    return { blocks: await chain.request<readonly SimulatedBlock[]>('eth_simulateV1', params) };
  } catch (error) {
    if (error instanceof MooringError && error.code === 'RPC_ERROR') return { unavailable: `eth_simulateV1: ${error.message}` };
    throw error;
  }
}

function stepsBlock(request: RunRequest, chunks: readonly (readonly CallRequest[])[]): object {
  const { number, timestamp } = nextBlock(request.block);
  return {
    // Left out, number and time would be the pinned block's on some nodes; the gas limit is for the readings.
    blockOverrides: { number: quantity(number), time: quantity(timestamp), gasLimit: '0x3b9aca00' },
    stateOverrides: { [runnerAddress]: { code: runnerCode } },
    calls: [
      ...request.steps.map(({ from, to, data, value }) => ({ from, to, data, value: quantity(value), gas: quantity(stepGas) })),
      ...chunks.map((chunk) => ({ to: runnerAddress, data: encodeRead(chunk), gas: readCallGas })),
    ],
  };
}

/** A block of its own, so that the steps still met the true code. */
function slotsBlock(request: RunRequest, originals: readonly Original[]): object[] {
  if (originals.length === 0) return [];
  const { number, timestamp } = nextBlock(request.block);
  const codes = originals.flatMap(({ address, code }) => [
    [address, { code: forwarderCode }],
    [copyOf(address), { code }],
  ]);
  return [
    {
      blockOverrides: { number: quantity(number + 1n), time: quantity(timestamp + 12n), gasLimit: '0x3b9aca00' },
      stateOverrides: Object.fromEntries(codes),
      calls: [{ to: runnerAddress, data: encodeRead(request.slots.map(slotRead)), gas: readCallGas }],
    },
  ];
}

function stepRun(call: SimulatedCall): StepRun {
  return {
    ok: BigInt(call.status) === 1n,
    gas: BigInt(call.maxUsedGas ?? call.gasUsed),
    // Some nodes put revert bytes into the error as well; all have them here.
    data: call.returnData,
    logs: call.logs ?? [],
  };
}

/** Answers up to the first that ran short of gas. */
function readResults(chunks: readonly (readonly CallRequest[])[], calls: readonly SimulatedCall[]): CallResult[] {
  const results: CallResult[] = [];
  for (const [i, chunk] of chunks.entries()) {
    const call = calls[i];
    const answers = call !== undefined && BigInt(call.status) === 1n ? decodeRead(call.returnData) : [];
    results.push(...answers);
    if (answers.length < chunk.length) break;
  }
  return results;
}

function chunksOf(reads: readonly CallRequest[]): CallRequest[][] {
  const chunks: CallRequest[][] = [];
  for (let i = 0; i < reads.length && chunks.length < readCallsPerRequest; i += readsPerCall) chunks.push(reads.slice(i, i + readsPerCall));
  return chunks;
}

function quantity(value: bigint): Hex {
  return `0x${value.toString(16)}`;
}
