// The doctor on each RPC by itself: the right chain, the same head, old state, simulation, and how long it takes to answer.
import { connect } from '../../live/rpc.ts';
import type { Check, Verdict } from '../../render/doctor-text.ts';
import type { Address, BlockRef, ChainReader, Environment } from '../../types.ts';
import type { Context } from '../command.ts';
import { expandTemplate } from '../secrets/secrets.ts';
import { check, guarded } from './check.ts';

/** Blocks that nodes in good health may be apart. */
const largestLag = 5n;
const slowMs = 1_000;
const samples = 5;

export type RpcPlace = {
  environment: Pick<Environment, 'rpc' | 'chainId' | 'production' | 'finality'>;
  context: Pick<Context, 'env'>;
  /** A contract, and the first block of its history: what old state is asked about. */
  old: { address: Address; block: bigint } | null;
  /** Milliseconds, going on evenly. */
  clock(): number;
};

type Looked = { head: BlockRef; checks: Check[] };

/** One check or more for each URL, and one about all of them. SIDE EFFECTS: the network. */
export async function checkRpcs(place: RpcPlace): Promise<Check[]> {
  const { environment, context } = place;
  const heads: BlockRef[] = [];
  const each = await Promise.all(
    environment.rpc.map((template, i) =>
      guarded(`rpc-${i + 1}`, context.env, async () => {
        const chain = connect({ urls: [expandTemplate(template, context.env)], concurrency: 2, retries: 1, timeoutMs: 10_000 });
        try {
          const { head, checks } = await lookAt(`rpc-${i + 1}`, chain, place);
          heads.push(head);
          return checks;
        } finally {
          chain.close();
        }
      }),
    ),
  );
  return [...each.flat(), ...agreement(heads, environment)];
}

async function lookAt(id: string, chain: ChainReader, place: RpcPlace): Promise<Looked> {
  const chainId = await chain.chainId();
  const head = await chain.head('latest');
  const wanted = place.environment.chainId;
  if (chainId !== wanted)
    return { head, checks: [check(id, 'fail', `it serves chain ${chainId}, not ${wanted}`, 'correct rpc or chainId in environment.yaml')] };
  const [latency, old, pinned, simulation] = [
    await latencyOf(chain, place.clock),
    await oldState(chain, place),
    await pinnedReads(chain, head),
    await simulates(chain, head),
  ];
  const problems: [Verdict, string, string][] = [];
  if (!pinned) problems.push(['fail', 'it refuses reads pinned to a block’s hash', 'use another provider: no plan can be made with this one']);
  if (old === false) problems.push(['warn', 'it keeps no old state', 'add an archive node: who changed what may stay unknown']);
  if (latency > slowMs) problems.push(['warn', `it answers in ${Math.round(latency)} ms`, 'use one that is nearer']);
  if (simulation === null)
    problems.push(['fail', 'it can neither simulate nor run calls with state overrides', 'use another provider: no plan could be proven']);
  const facts = [
    `${Math.round(latency)} ms`,
    ...(pinned ? ['pinned reads'] : []),
    ...(old === true ? ['old state'] : []),
    ...(simulation === null ? [] : [simulation]),
  ];
  const worst = problems.find(([verdict]) => verdict === 'fail') ?? problems[0];
  if (worst === undefined) return { head, checks: [check(id, 'ok', facts.join(', '))] };
  return { head, checks: [check(id, worst[0], problems.map(([, what]) => what).join('; '), worst[2])] };
}

/** The median, in milliseconds. */
async function latencyOf(chain: ChainReader, clock: () => number): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < samples; i++) {
    const from = clock();
    await chain.request('eth_blockNumber', []);
    times.push(clock() - from);
  }
  return times.sort((a, b) => a - b)[Math.floor(samples / 2)] as number;
}

/** Null where there is nothing to ask about. */
async function oldState(chain: ChainReader, { old }: RpcPlace): Promise<boolean | null> {
  if (old === null) return null;
  const [answer] = await chain.batch([{ method: 'eth_getCode', params: [old.address, `0x${old.block.toString(16)}`] }]);
  return answer !== undefined && 'result' in answer && answer.result !== '0x';
}

async function pinnedReads(chain: ChainReader, { hash }: BlockRef): Promise<boolean> {
  const [answer] = await chain.batch([{ method: 'eth_call', params: [{ to: `0x${'0'.repeat(39)}4`, data: '0x' }, { blockHash: hash }] }]);
  return answer !== undefined && 'result' in answer;
}

/** Answers 42. */
const overridden = '0x602a60005260206000f3';
const anyone = `0x${'0'.repeat(36)}dead`;

async function simulates(chain: ChainReader, { hash, number }: BlockRef): Promise<string | null> {
  const block = `0x${number.toString(16)}`;
  const [first] = await chain.batch([{ method: 'eth_simulateV1', params: [{ blockStateCalls: [{ calls: [{ to: anyone, data: '0x' }] }] }, block] }]);
  if (first !== undefined && 'result' in first) return 'eth_simulateV1';
  const [second] = await chain.batch([{ method: 'eth_call', params: [{ to: anyone, data: '0x' }, { blockHash: hash }, { [anyone]: { code: overridden } }] }]);
  const isRun = second !== undefined && 'result' in second && typeof second.result === 'string' && BigInt(second.result === '0x' ? 0 : second.result) === 42n;
  return isRun ? 'state overrides' : null;
}

function agreement(heads: readonly BlockRef[], { rpc, production }: RpcPlace['environment']): Check[] {
  if (rpc.length < 2) {
    const message = 'there is one RPC only: what it says can’t be compared';
    return [check('rpc-heads', production ? 'fail' : 'warn', message, 'name a second one, of another provider, in environment.yaml')];
  }
  const [first, ...others] = [...heads].sort((a, b) => (a.number < b.number ? -1 : 1));
  const last = others.at(-1);
  if (first === undefined || last === undefined) return [check('rpc-heads', 'unknown', 'fewer than two of the RPCs answer', 'repair them')];
  if (last.number - first.number > largestLag)
    return [check('rpc-heads', 'fail', `their heads are ${last.number - first.number} blocks apart`, 'replace the one that is behind')];
  const forked = heads.some((head) => heads.some((other) => other.number === head.number && other.hash !== head.hash));
  if (forked) return [check('rpc-heads', 'fail', `they disagree on block ${first.number}`, 'find out which of them is on the right chain')];
  return [check('rpc-heads', 'ok', `${heads.length} RPCs agree on the head`)];
}
