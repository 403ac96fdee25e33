// Who takes part in the next round and how hard it is, from the rounds before it, what the chain says, and chance. Pure.
import type { ArenaEntrant, ArenaSettings } from '../loop-types.ts';
import type { Address } from '../types.ts';
import { type EngineState, newEngine, nextAction, reduceEngine } from './engine.ts';
import { seededRandom } from './random.ts';
import type { Gate } from './read-gate.ts';
import type { RoundRecord, Student } from './round-record.ts';

export type Planning = {
  id: string;
  seed: string;
  settings: ArenaSettings;
  /** Every round of the folder so far, in order. */
  before: readonly RoundRecord[];
  gate: Gate;
  arena: Address;
  chainId: bigint;
  /** Milliseconds since the epoch. */
  now: number;
};

/** The round, or why there can be none. */
export function planRound(planning: Planning): RoundRecord | { why: string } {
  const { id, seed, settings, before, gate, arena, chainId, now } = planning;
  const sequence = (before.at(-1)?.sequence ?? 0) + 1;
  const blocked = new Set(settings.moderation.agents.map((address) => address.toLowerCase()));
  const free = <T extends ArenaEntrant>(list: readonly T[], taken: readonly ArenaEntrant[]): T[] =>
    list.filter(({ address }) => !blocked.has(address.toLowerCase()) && taken.every((other) => other.address !== address));
  const [teacher] = turned(free(settings.teachers, []), sequence);
  if (teacher === undefined) return { why: 'no teacher is left' };
  const students = chooseStudents(planning, free(settings.agents, [teacher]));
  if (students.length === 0) return { why: 'the engine has nobody to try' };
  const validators = turned(free(settings.validators, [teacher, ...students]), sequence).slice(0, gate.committeeSize);
  return {
    ...{ version: 1, id, seed, sequence, stage: 'planned', arena, chainId },
    fromBlock: gate.block.number,
    plannedAt: now,
    completedAt: null,
    difficulty: nextDifficulty(before, settings),
    budget: gate.budget(students.length, validators.length),
    targetBps: gate.targetBps,
    ...{ teacher, students, validators, leftOut: [], roundId: null, verdict: null, slashes: [], payouts: {}, steps: [], logs: [] },
  };
}

/** A list that begins somewhere else each time, so that everyone has a turn. */
function turned<T>(list: readonly T[], turn: number): T[] {
  const start = list.length === 0 ? 0 : (turn - 1) % list.length;
  return [...list.slice(start), ...list.slice(0, start)];
}

/** Distinct, and the same for the same seed, rounds and settings. */
function chooseStudents({ id, settings, before, gate }: Planning, agents: readonly Student[]): Student[] {
  const random = seededRandom(`${id}/students`);
  const allowed = new Set(agents.map(({ path }) => path));
  const skip = new Set(settings.agents.filter(({ path }) => !allowed.has(path)).map(({ path }) => path));
  const candidates = (parent: string): string[] => agents.filter(({ path }) => path.slice(0, path.lastIndexOf('/')) === parent).map(({ path }) => path);
  const chosen: Student[] = [];
  let state = learnt(before, settings);
  while (chosen.length < settings.studentsPerRound) {
    const action = nextAction(state, { settings: gate.engine, candidates, skip, random });
    if (action === null) break;
    skip.add(action.path);
    state = reduceEngine(state, { type: 'expanded', path: action.path });
    const agent = agents.find(({ path }) => path === action.path);
    // A lineage of an earlier list has nobody any more; it is only passed over.
    if (agent !== undefined) chosen.push(agent);
  }
  return chosen;
}

/** The tree after these rounds: a fold, so that no crash can count a round twice or not at all. */
export function learnt(rounds: readonly RoundRecord[], { moderation }: Pick<ArenaSettings, 'moderation'>): EngineState {
  const blocked = new Set(moderation.agents.map((address) => address.toLowerCase()));
  let state = newEngine();
  for (const { students, verdict } of rounds) {
    for (const { path, address } of students) {
      state = reduceEngine(state, { type: 'expanded', path });
      if (verdict !== null)
        state = reduceEngine(state, { type: 'evaluated', path, reward: verdict.scores[address] ?? 0, success: verdict.winners.includes(address) });
      if (blocked.has(address.toLowerCase())) state = reduceEngine(state, { type: 'pruned', path });
    }
  }
  return state;
}

function nextDifficulty(before: readonly RoundRecord[], { difficulty: { first, min, max } }: ArenaSettings): number {
  const last = before.findLast(({ verdict }) => verdict !== null);
  const next = last === undefined ? first : last.difficulty + (last.verdict?.difficultyDelta ?? 0);
  return Math.min(Math.max(next, min), max);
}
