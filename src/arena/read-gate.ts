// What the chain says before a round: whether anything is paused, and how the engine is tuned. Reads at one block.

import { decimalText } from '../format.ts';
import { decodeResult, encodeCall, parseFunction } from '../kinds/abi.ts';
import type { AbiFunction } from '../kinds/kind.ts';
import type { Address, BlockRef, CallResult, ChainReader } from '../types.ts';
import type { EngineSettings } from './engine.ts';

/** A contract that stands for others: `getters` say which. */
export type Umbrella = { name: string; address: Address; getters: readonly AbiFunction[] };

export type GateTargets = { arena: Address; engine: Address; umbrellas: readonly Umbrella[] };

export type Gate = {
  block: BlockRef;
  /** What keeps a new round from being started, in words; empty where nothing does. */
  closed: readonly string[];
  engine: EngineSettings;
  committeeSize: number;
  targetBps: number;
  totalRounds: bigint;
  /** What a round with so many students and validators pays at most, in token wei. */
  budget(students: number, validators: number): bigint;
};

const view = (name: string, type = 'uint256'): AbiFunction => parseFunction(`function ${name}() view returns (${type})`);
const paused = view('paused', 'bool');
const stakeManager = view('stakeManager', 'address');
const ofArena = ['committeeSize', 'targetSuccessRateBps', 'totalRounds'].map((name) => view(name));
const rewards = ['baseTeacherReward', 'baseStudentReward', 'baseValidatorReward'].map((name) => view(name));
const splits = ['teacherRewardSplitBps', 'studentRewardSplitBps', 'validatorRewardSplitBps'].map((name) => view(name, 'uint16'));
const ofEngine = ['wideningAlpha', 'minVisitations', 'thompsonPrior'].map((name) => view(name));
const zero = `0x${'0'.repeat(40)}`;

type Ask = { to: Address; fn: AbiFunction };

/**
 * At the newest block, whatever the environment's finality: a pause is to be seen at once. What can't be read counts as
 * paused. Throws RPC_*.
 */
export async function readGate(chain: ChainReader, { arena, engine, umbrellas }: GateTargets): Promise<Gate> {
  const block = await chain.head('latest');
  const modules = umbrellas.flatMap(({ name, address, getters }) => getters.map((fn) => ({ to: address, fn, name: `${name}.${fn.name}` })));
  const numbers = [...ofArena, ...rewards, ...splits].map((fn) => ({ to: arena, fn }));
  const tuning = ofEngine.map((fn) => ({ to: engine, fn }));
  const values = await ask(chain, [...numbers, ...tuning, { to: arena, fn: stakeManager }, ...modules], block);
  const [manager, ...addresses] = values.slice(numbers.length + tuning.length) as (Address | null)[];
  const flags = [
    { name: 'arena', to: arena },
    { name: 'expansions', to: engine },
    ...(manager === zero ? [] : [{ name: 'StakeManager', to: manager ?? null }]),
    ...modules.map(({ name }, i) => ({ name, to: addresses[i] ?? null })),
  ];
  const told = await ask(
    chain,
    flags.map(({ to }) => ({ to: to ?? zero, fn: paused })),
    block,
  );
  const whole = values.map((value) => (typeof value === 'bigint' ? value : 0n));
  const unread = [...numbers, ...tuning].filter((_, i) => values[i] === null).map(({ fn }) => `${fn.name} could not be read`);
  const closed = flags.flatMap(({ name }, i) =>
    told[i] === false ? [] : [told[i] === true ? `${name} paused` : `${name}: whether it is paused could not be read`],
  );
  return {
    block,
    closed: [...unread, ...closed],
    engine: { ...tuned(whole.slice(numbers.length)), open: told[1] === false },
    committeeSize: Number(whole[0]),
    targetBps: Number(whole[1]),
    totalRounds: whole[2] ?? 0n,
    budget: (students, validators) => budgetOf(whole.slice(3, 9), [1, students, validators]),
  };
}

/** From 18 decimals to the nearest doubles. */
function tuned(values: readonly bigint[]): Omit<EngineSettings, 'open'> {
  const [wideningAlpha = 0, minVisitations = 0, thompsonPrior = 0] = values.map((value) => Number(decimalText(value, 18)));
  return { wideningAlpha, minVisitations, thompsonPrior };
}

function budgetOf(values: readonly bigint[], counts: readonly number[]): bigint {
  return counts.reduce((sum, count, i) => sum + (BigInt(count) * (values[i] ?? 0n) * (values[i + 3] ?? 0n)) / 10_000n, 0n);
}

/** Null where a contract doesn't answer as it should. */
async function ask(chain: ChainReader, asks: readonly Ask[], block: BlockRef): Promise<unknown[]> {
  const answers = await chain.calls(
    asks.map(({ to, fn }) => ({ to, data: encodeCall(fn, []) })),
    block,
  );
  return asks.map(({ fn }, i) => answerOf(fn, answers[i]));
}

function answerOf(fn: AbiFunction, answer: CallResult | undefined): unknown {
  try {
    return answer?.ok === true ? (decodeResult(fn, answer.data)[0] ?? null) : null;
  } catch {
    return null;
  }
}
