// An arena with acts, and with a history of what was done on it: what the tests of acts plan from.
import { actMarker, slashText } from '../../src/acts.ts';
import type { BuildInput } from '../../src/plan/build-plan.ts';
import { buildPlan } from '../../src/plan/build-plan.ts';
import type { Act, PastAct, PastActs, Plan, Slash } from '../../src/types.ts';
import { people, planWorld, token, type WorldOptions } from '../support/plan-world.ts';

export type ActOptions = WorldOptions & { acts?: readonly Act[]; past?: Partial<Extract<PastActs, { done: unknown }>> | { unknown: string } | null };

const usual: Slash = { round: 7n, validator: people.alice, amount: 5n * token, recipient: people.treasury, reason: 'judged without looking' };

export function act(id: string, change: Partial<Slash> & { contract?: string } = {}): Act {
  const { contract = 'arena', ...slash } = change;
  const told = { ...usual, ...slash };
  const source = { file: `desired-state/local/acts/${id}.yaml`, line: 1, column: 1 };
  return { ...told, id, act: 'slash', contract, fromBlock: 1n, marker: actMarker('local', id), text: slashText(told, new Map([['AGIALPHA', 18]])), source };
}

/** The event of a slash, by default of one that nobody's act is behind. */
export function past(change: Partial<PastAct> = {}): PastAct {
  return { ...usual, transaction: `0x${'ee'.repeat(32)}`, block: 50n, ...change };
}

export function actWorld({ acts = [], past: history = {}, ...options }: ActOptions): BuildInput {
  const input = planWorld({ ...options, desired: { arena: {}, ...options.desired } });
  const known = history === null ? {} : { past: 'unknown' in history ? history : { done: [], waitsForUnpause: null, ...history } };
  const { state } = input.desired;
  const desired = {
    ...input.desired,
    state: { ...state, contracts: state.contracts.map((one) => ({ ...one, acts: acts.filter(({ contract }) => contract === one.name) })) },
  };
  const contracts = input.live.contracts.map((one) => (one.name === 'arena' ? { ...one, ...known } : one));
  return { ...input, desired, live: { ...input.live, contracts } };
}

export function actPlan(options: ActOptions): Plan {
  return buildPlan(actWorld(options));
}

export function codesOf(made: Plan): string[] {
  return made.findings.map(({ code }) => code);
}
