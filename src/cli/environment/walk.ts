// The walk: desired state → live state → plan → proof. plan, apply and drift take the same steps.

import { knownTransactions, minedActs, reduceJournal } from '../../journal/reduce.ts';
import type { Kinds } from '../../kinds/kind.ts';
import { unpauses } from '../../kinds/unpauses.ts';
import { fileCursorStore } from '../../live/cursor-store.ts';
import { findReductions, type Reductions } from '../../live/history.ts';
import { type LatestInput, withLatestActs } from '../../live/past-acts.ts';
import { type ContractRef, type SnapshotInput, snapshot } from '../../live/snapshot.ts';
import { buildPlan } from '../../plan/build-plan.ts';
import { diff } from '../../plan/diff.ts';
import { prove } from '../../simulate/prove.ts';
import type { Change, Desired, Edit, Hex, Incidents, Plan, SideEffect, State } from '../../types.ts';
import { contractRefs } from './contract-refs.ts';
import type { Opened } from './open.ts';

export type WalkOptions = { now: () => number; proof: boolean };

/** Reads every managed contract at one pinned block; of acts that are left to do also what came after it. */
export async function observe(opened: Opened, contracts: readonly ContractRef[] = contractRefs(opened.desired.state, opened.kinds)): Promise<State> {
  return withLatestActs({ ...sources(opened), environment: opened.desired.environment, ...(await actsIn(opened, contracts)) });
}

async function actsIn(opened: Opened, contracts: readonly ContractRef[]): Promise<Pick<LatestInput, 'state' | 'acts'>> {
  const { environment, state: declared } = opened.desired;
  const state = await snapshot({ ...sources(opened), environment, contracts });
  return { state, acts: new Map(declared.contracts.map((contract) => [contract.name, contract.acts ?? []])) };
}

/** The same, to plan from: no act is left to do that the journal knows to be mined. Throws JOURNAL_* where one is left to do. */
export async function observeToPlan(opened: Opened): Promise<State> {
  const { environment, state: declared } = opened.desired;
  const sent = async (): Promise<ReadonlyMap<string, readonly Hex[]>> =>
    minedActs(reduceJournal(await opened.journal.read()).runs, { environment: environment.name, chainId: environment.chainId });
  return withLatestActs({ ...sources(opened), environment, sent, ...(await actsIn(opened, contractRefs(declared, opened.kinds))) });
}

/** What reads of the chain and of its history start from: the same RPCs, and scans that are kept for the next run. */
export function sources({ chain, second, kinds, directory }: Opened): Pick<SnapshotInput, 'chain' | 'kinds' | 'cursors' | 'second'> {
  return { chain, kinds, cursors: fileCursorStore(directory), ...(second === null ? {} : { second }) };
}

/** Reads, diffs, builds and proves; a side effect that only the proof saw is put back by a further step and proved again. */
export async function makePlan(opened: Opened, options: WalkOptions): Promise<{ plan: Plan; live: State }> {
  const live = await observeToPlan(opened);
  const { desired, kinds } = opened;
  const { changes } = diff({ desired: desired.state, live, kinds });
  const history = await readHistory(opened, { live, changes });
  const incidents = await readHolds(opened, changes);
  return { plan: await planDesired(opened, { desired, live, history, incidents, options }), live };
}

/** What holds unpauses up, as the remote has it now; asked for only where a change would unpause. */
export async function readHolds(opened: Opened, changes: readonly Change[]): Promise<Incidents> {
  if (!changes.some((change) => unpauses(change, opened.kinds))) return { open: [], unreadable: [] };
  return opened.incidents();
}

/** What the chain's history says against changes that raise risk. */
export async function readHistory(opened: Opened, { live, changes }: { live: State; changes: readonly Change[] }): Promise<Reductions> {
  const rises = changes.filter((change) => change.risk === 'increase');
  if (rises.length === 0) return { reductions: [], unknown: [] };
  const known = knownTransactions(await opened.journal.read());
  return findReductions({ ...sources(opened), state: live, changes: rises, knownTransactions: known });
}

type PlanInput = { desired: Desired; live: State; history: Reductions; incidents: Incidents; options: WalkOptions; edits?: readonly Edit[] };

/** Builds and proves a plan of what was read. */
export async function planDesired(opened: Opened, { desired, live, history, incidents, options, edits = [] }: PlanInput): Promise<Plan> {
  const { kinds } = opened;
  const now = BigInt(Math.floor(options.now() / 1000));
  const build = (observed: readonly SideEffect[]): Plan => {
    const built = buildPlan({ desired, live, kinds, reductions: history.reductions, unknownReductions: history.unknown, now, observed, edits, incidents });
    return { ...built, findings: [...opened.warnings, ...built.findings] };
  };
  const plan = build([]);
  return options.proof && plan.steps.length > 0 ? proveWithCorrections({ plan, build, live, desired, kinds, opened }) : plan;
}

type ProofInput = { plan: Plan; build: (observed: readonly SideEffect[]) => Plan; live: State; desired: Desired; kinds: Kinds; opened: Opened };

const correctionRounds = 2;

async function proveWithCorrections(input: ProofInput): Promise<Plan> {
  const { build, live, desired, kinds, opened } = input;
  const observed: SideEffect[] = [];
  let proven = await prove({ plan: input.plan, desired, live, kinds, chain: opened.chain });
  for (let round = 0; round < correctionRounds; round++) {
    const open = uncorrected(proven);
    if (open.length === 0) break;
    observed.push(...open);
    proven = await prove({ plan: build(observed), desired, live, kinds, chain: opened.chain });
  }
  return proven;
}

function uncorrected(plan: Plan): SideEffect[] {
  if (plan.simulation.status !== 'proven' && plan.simulation.status !== 'failed') return [];
  return plan.simulation.sideEffects.filter((effect) => effect.managed && !effect.corrected);
}
