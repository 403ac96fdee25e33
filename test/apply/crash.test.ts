// SIGKILL at every kind of moment of an apply, in a process of its own; a second process then finishes. Whatever the
// moment: no transaction twice, none lost, none that isn't wanted, and every one of them in the journal and a receipt.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect } from '../../src/live/rpc.ts';
import { type Anvil, startAnvil } from '../support/anvil.ts';
import type { Wish } from './box.ts';
import type { CrashOrder } from './crash-child.ts';
import { buildChild, startApply, violations } from './crash-run.ts';
import { crowdedGasLimit } from './crowd.ts';
import { makeWorld, type World } from './world.ts';

type At = NonNullable<CrashOrder['at']>;
type Mode = 'auto' | 'manual' | 'crowded';

const full = process.env['MOORING_FULL'] === '1';
let folder: string;
let script: string;
/** One for each lane, so that no point makes a block for another. */
let chains: Record<Mode, Anvil[]>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mooring-crash-'));
  script = await buildChild(folder);
  const start = (lanes: number, ...args: string[]) => Promise.all(Array.from({ length: lanes }, () => startAnvil({ args })));
  chains = { auto: await start(2), manual: await start(2, '--no-mining'), crowded: await start(2, '--no-mining', '--gas-limit', String(crowdedGasLimit)) };
});
afterAll(async () => {
  await Promise.all(Object.values(chains).flatMap((lanes) => lanes.map((chain) => chain.stop())));
  rmSync(folder, { recursive: true, force: true });
});

/** Nine values in three groups of different sizes. */
const wishes: Wish[] = [0, 0, 0, 0, 1, 1, 1, 2, 2].map((group, number) => ({ number, to: BigInt(number) + 5n, group }));

async function orderFor(world: World, mode: Mode, wanted: readonly Wish[]): Promise<CrashOrder> {
  const { url, folder: journal, box, key, signer } = world;
  const { digest } = await world.plan(wanted);
  const order = {
    url,
    folder: journal,
    box,
    key,
    address: signer.address,
    digest,
    wishes: wanted.map((wish) => ({ ...wish, to: String(wish.to) })),
    mine: mode !== 'auto',
    confirmations: mode === 'manual' ? 2 : 1,
  };
  return mode === 'crowded' ? { ...order, crowdedBlocks: 20, stuckBlocks: 2 } : order;
}

/** Kills an apply at `at`, lets another finish, and returns what is wrong afterwards. */
async function crashAndFinish({
  mode,
  at,
  wanted = wishes,
  lane,
}: {
  mode: Mode;
  at: At;
  wanted?: readonly Wish[] | undefined;
  lane: number;
}): Promise<string[]> {
  const world = await worldFor(mode, lane);
  try {
    const order = await orderFor(world, mode, wanted);
    const killed = await startApply(script, { ...order, at }).ended;
    if (killed !== 'SIGKILL') return [`was not killed: ${JSON.stringify(killed)}`];
    const ending = await startApply(script, order).ended;
    const right = typeof ending === 'object' && ending.outcome === 'done';
    return [...(right ? [] : [`ended with ${JSON.stringify(ending)}`]), ...(await violations(world, wanted))];
  } finally {
    world.close();
  }
}

const beginnings = new Map<string, string>();

/** A crowded chain is taken back to its beginning each time: a node suggests fees by the blocks before. */
async function worldFor(mode: Mode, lane: number): Promise<World> {
  const url = chains[mode][lane]?.url ?? '';
  if (mode === 'crowded') {
    const chain = connect({ urls: [url] });
    const beginning = beginnings.get(url);
    if (beginning !== undefined) await chain.request('evm_revert', [beginning]);
    beginnings.set(url, await chain.request<string>('evm_snapshot', []));
    chain.close();
  }
  return makeWorld(url);
}

function each(edges: readonly string[], times: readonly number[], parts: readonly number[] = [0]): At[] {
  return edges.flatMap((edge) => times.flatMap((nth) => parts.map((part) => ({ edge, nth, ...(part === 0 ? {} : { part }) }))));
}

type Window = { name: string; mode: Mode; points: readonly At[]; wanted?: readonly Wish[] };

const fewWishes = wishes.slice(0, 2);
const windows: Window[] = [
  {
    name: 'before signing',
    mode: 'auto',
    points: [
      ...each(['lock after', 'replan before', 'replan after', 'append run-started before', 'append run-started after'], [1]),
      ...each(['batch eth_chainId before', 'batch eth_chainId after', 'calls after'], [1, 2]),
      ...each(['sign before', 'sign after'], [1, 3, 5]),
    ],
  },
  { name: 'between journal and send', mode: 'auto', points: each(['append signed before', 'append signed after', 'send before'], [1, 2, 3]) },
  { name: 'between journal and send, blocks made by hand', mode: 'manual', points: each(['append signed after', 'send before'], [1, 2, 3]) },
  {
    name: 'between two sends',
    mode: 'auto',
    points: [...each(['between two sends'], [1], [1, 2, 3]), ...each(['between two sends'], [2], [1, 2]), ...each(['between two sends'], [3], [1])],
  },
  {
    name: 'between two sends, blocks made by hand',
    mode: 'manual',
    points: [...each(['between two sends'], [1], [1, 2, 3]), ...each(['between two sends'], [2], [1, 2]), ...each(['between two sends'], [3], [1])],
  },
  {
    name: 'while waiting',
    mode: 'manual',
    points: [
      ...each(['sleep'], [1, 2, 3, 4, 5, 6]),
      ...each(['send after', 'append sent before', 'append sent after'], [1, 2]),
      ...each(['append mined before', 'append mined after', 'append confirmed before', 'append confirmed after'], [1, 3]),
    ],
  },
  {
    name: 'while replacing a fee',
    mode: 'crowded',
    wanted: fewWishes,
    points: [
      ...each(['append replacement-signed before', 'append replacement-signed after'], [1, 2]),
      ...each(['sign before', 'sign after'], [3, 4, 5]),
      ...each(['send before', 'send after'], [2, 3]),
      ...each(['between two sends'], [2, 3], [1]),
    ],
  },
  {
    name: 'while writing',
    mode: 'auto',
    points: [
      ...each(['append mined before', 'append mined after', 'append confirmed before', 'append confirmed after', 'append sent before'], [1, 2]),
      ...each(['receipt before', 'receipt after', 'append run-finished before', 'append run-finished after', 'request eth_getBlockByNumber before'], [1]),
    ],
  },
  {
    name: 'with a torn last line',
    mode: 'auto',
    points: [
      ...each(['torn run-started', 'torn run-finished'], [1], [1, 300]),
      ...each(['torn signed', 'torn mined'], [1, 3], [1, 40, 1_000]),
      ...each(['torn sent', 'torn confirmed'], [2], [1, 60]),
    ],
  },
];

/** Every edge that an undisturbed apply passes, as often as it passes it. */
async function everyPoint(mode: Mode, wanted: readonly Wish[]): Promise<At[]> {
  const world = await worldFor(mode, 0);
  const ending = await startApply(script, { ...(await orderFor(world, mode, wanted)), countEdges: true }).ended;
  world.close();
  if (typeof ending === 'string' || ending.edges === undefined) throw new Error(`the undisturbed apply ended with ${JSON.stringify(ending)}`);
  return ending.edges.flatMap(([edge, times]) => Array.from({ length: times }, (_, i) => ({ edge, nth: i + 1 })));
}

/** Kills at each point, some at a time, and returns everything that went wrong. */
async function sweep({ mode, points, wanted }: Pick<Window, 'mode' | 'points' | 'wanted'>): Promise<string[]> {
  const wrong: string[] = [];
  const waiting = [...points];
  const work = async (_: unknown, lane: number): Promise<void> => {
    for (let at = waiting.shift(); at !== undefined; at = waiting.shift()) {
      const found = await crashAndFinish({ mode, at, wanted, lane });
      wrong.push(...found.map((text) => `${JSON.stringify(at)}: ${text}`));
    }
  };
  await Promise.all(chains[mode].map(work));
  return wrong;
}

describe('an apply that is killed is finished by the next', () => {
  test.each(windows)('$name ($points.length points)', async (window) => {
    expect(window.points.length).toBeGreaterThanOrEqual(6);
    expect(await sweep(window)).toEqual([]);
  });

  test('at 100 points and more, 10 and more in each window', () => {
    const byWindow = Map.groupBy(windows, ({ name }) => name.split(',')[0]);
    const counts = [...byWindow.values()].map((group) => group.reduce((sum, { points }) => sum + points.length, 0));
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(10);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(100);
  });

  test.runIf(full).each(['auto', 'manual', 'crowded'] as const)(
    'at every single point that it passes (%s)',
    async (mode) => {
      const wanted = mode === 'crowded' ? fewWishes : wishes;
      const points = await everyPoint(mode, wanted);
      expect(points.length).toBeGreaterThan(50);
      const wrong = await sweep({ mode, points, wanted });
      // How often the head is looked at isn't the same each time: a point that isn't reached is no fault.
      expect(wrong.filter((text) => !text.includes('was not killed: {"outcome":"done"'))).toEqual([]);
    },
    600_000,
  );
});
