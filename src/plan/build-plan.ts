// plan/ turns two states into a plan: what changes, in which steps, in which order, by whom, and whether it may be.
// Pure: no I/O, no clock, no environment variables, no logger; whatever the chain or the proof knows comes in as a value.
import { shownNames } from '../format.ts';
import type { Kinds } from '../kinds/kind.ts';
import type { Change, Desired, Edit, Finding, Incidents, Plan, Reduction, SideEffect, State } from '../types.ts';
import { sortActs } from './act-drafts.ts';
import { actsByHand } from './acts.ts';
import type { Judge } from './attempt.ts';
import { blockedContracts } from './check-contracts.ts';
import { observedSets } from './corrections.ts';
import { type Diff, diffScope } from './diff.ts';
import { digestOf } from './digest.ts';
import { describeFailures, describeStaying, describeUnwritable, describeWarnings } from './failures.ts';
import { checkGuards } from './guards.ts';
import { holdIncidents } from './incident-hold.ts';
import { checkInvariants, checkPausers, countPausers } from './invariants.ts';
import { approvalsOf, checkPolicy, checkSideEffects, frozenChanges, type PolicyInput } from './policy.ts';
import { callersOf } from './routes.ts';
import { type Scope, scopeOf } from './scope.ts';
import { settle } from './settle.ts';
import { describeSituation } from './situation.ts';
import { type Laid, laySteps } from './steps.ts';
import { type Sticky, withholdSticky } from './sticky.ts';
import { wantsOf } from './wants.ts';
import { liveWorld, type World } from './world.ts';

export type BuildInput = {
  desired: Desired;
  live: State;
  kinds: Kinds;
  /** For each change that raises risk: the reduction on chain that it would reverse, if there is one. */
  reductions: readonly Reduction[];
  /** Ids of changes whose reductions could not be read. */
  unknownReductions?: readonly string[];
  /** Seconds since the epoch, for freeze windows. */
  now: bigint;
  /** Side effects that a proof saw and the model didn't expect: declared fields among them are put back. */
  observed?: readonly SideEffect[];
  /** What a pull request does besides changing the chain: part of what is approved. */
  edits?: readonly Edit[];
  /** What holds unpauses up; absent: nothing does. */
  incidents?: Incidents;
};

/** The plan without its proof. Always a plan: whatever stands in the way is a finding in it, never an exception. */
export function buildPlan(input: BuildInput): Plan {
  const { desired, live, kinds } = input;
  if (live.chainId !== desired.environment.chainId) return assemble(input, { ...nothing, findings: [wrongChain(input)] });
  const scope = scopeOf({ desired: desired.state, live, kinds });
  const world = liveWorld(scope);
  const difference = diffScope(scope);
  const sticky = withholdSticky({
    scope,
    changes: difference.changes,
    reductions: input.reductions,
    unknownReductions: input.unknownReductions ?? [],
    lifts: desired.lifts,
    names: shownNames(desired.addresses),
    read: (cell) => world.read(cell),
  });
  const hold = holdIncidents({
    ...{ scope, changes: sticky.changes, resumes: desired.resumes },
    incidents: input.incidents ?? { open: [], unreadable: [] },
    read: (cell) => world.read(cell),
  });
  const judged = judgeChanges(input, scope, sticky.changes);
  const plannable = judged.plannable.filter(({ id }) => !hold.held.has(id));
  const planned = planSteps(input, { scope, world, sticky, changes: plannable });
  return assemble(input, {
    difference: { ...difference, unmanaged: [...difference.unmanaged, ...actsByHand(scope, desired.environment.tokens)] },
    changes: sticky.changes.filter((change) => !planned.waiting.has(change.id)),
    laid: planned.laid,
    findings: [...difference.findings, ...sticky.findings, ...hold.findings, ...judged.findings, ...planned.findings],
    reductions: sticky.standing,
  });
}

type Judged = { plannable: Change[]; findings: Finding[] };

/** What may become a step at all: not of a contract that couldn't be read, not frozen, nothing that is never planned. */
function judgeChanges(input: BuildInput, scope: Scope, changes: readonly Change[]): Judged {
  const blocked = blockedContracts(scope);
  const policy = policyInput(input, scope, changes);
  const frozen = frozenChanges(policy);
  const guarded = checkGuards({ scope, addresses: input.desired.addresses, changes });
  const plannable = changes.filter(
    (change) => change.from?.type !== 'unknown' && !blocked.has(change.contract) && !frozen.has(change.id) && !guarded.refused.has(change.id),
  );
  return { plannable, findings: [...guarded.findings, ...checkPolicy(policy)] };
}

function policyInput(input: BuildInput, scope: Scope, changes: readonly Change[]): PolicyInput {
  return { scope, policy: input.desired.policy, changes, now: input.now, format: formatOf(input) };
}

function formatOf(input: BuildInput): PolicyInput['format'] {
  return { tokens: input.desired.environment.tokens, names: shownNames(input.desired.addresses) };
}

type Ground = { scope: Scope; world: World; sticky: Sticky; changes: readonly Change[] };

type Planned = {
  laid: Laid;
  /** Ids of acts that aren't done before something is unpaused. */
  waiting: ReadonlySet<string>;
  findings: Finding[];
};

function planSteps(input: BuildInput, ground: Ground): Planned {
  const { scope, world, changes, sticky } = ground;
  const { withheld } = sticky;
  const judge: Judge = { scope, callers: callersOf(scope, input.desired.environment), withheld, heedsWarnings: true };
  const wants = wantsOf({ scope, world, changes: changes.filter(({ action }) => action !== 'do'), withheld });
  const settling = { judge, world, wants, observed: input.observed ?? [], acts: [] };
  const bare = settle(settling);
  const acts = sortActs({ judge, world, changes, drafts: bare.drafts });
  const settled = acts.ready.length === 0 ? bare : settle({ ...settling, acts: acts.ready });
  const context = { judge, world, format: formatOf(input) };
  const failures = [...describeUnwritable(settled.unwritable), ...describeFailures(context, settled.failures), ...describeStaying(settled.stays)];
  const pausers = countPausers(scope, world);
  const before = new Map(settled.drafts.flatMap((draft) => [...draft.writes].map((cell) => [cell, world.read(cell)])));
  const steps = laySteps(judge, world, settled.drafts);
  const laid = { ...steps, sideEffects: [...steps.sideEffects, ...observedSets(scope, world, input.observed ?? [])] };
  // From here on the world is the state that the plan leaves.
  const moved = new Set([...before].filter(([cell, value]) => world.read(cell) !== value).map(([cell]) => cell));
  const left = { scope, policy: input.desired.policy, world, moved };
  const afterwards = [
    ...describeWarnings(context, settled.drafts),
    ...describeSituation({ scope, callers: judge.callers, world, changes }),
    ...checkSideEffects(policyInput(input, scope, changes), laid.sideEffects),
    ...checkInvariants(left),
    ...checkPausers({ ...left, before: pausers }),
  ];
  return { laid, waiting: acts.waiting, findings: [...wants.findings, ...failures, ...acts.findings, ...afterwards] };
}

type Parts = { difference: Diff; changes: readonly Change[]; laid: Laid; findings: readonly Finding[]; reductions: readonly Reduction[] };

const nothing: Parts = {
  difference: { changes: [], unmanaged: [], findings: [] },
  changes: [],
  laid: { steps: [], sideEffects: [], chosen: new Map() },
  findings: [],
  reductions: [],
};

function assemble(input: BuildInput, parts: Parts): Plan {
  const { desired, live, edits = [] } = input;
  const { changes, findings, reductions } = parts;
  const { steps, sideEffects, chosen } = parts.laid;
  const bound = {
    environment: desired.environment.name,
    chainId: desired.environment.chainId,
    changes,
    edits,
    steps,
    sideEffects,
    reductions,
    policyVersion: desired.policy.version,
  };
  return {
    version: 1,
    ...bound,
    block: live.block ?? { number: 0n, hash: '0x', timestamp: 0n },
    digest: digestOf({ ...bound, live, chosen }),
    findings,
    unmanaged: parts.difference.unmanaged,
    approvals: approvalsOf(desired.policy, changes, edits),
    declared: desired.state.contracts.reduce((sum, contract) => sum + [...contract.fields.keys()].filter((path) => !contract.observe.has(path)).length, 0),
    simulation: steps.length === 0 ? { status: 'not needed' } : { status: 'unproven', reason: 'The steps have not been simulated.' },
  };
}

function wrongChain(input: BuildInput): Finding {
  const { environment } = input.desired;
  return {
    code: 'CHAIN_ID_MISMATCH',
    severity: 'error',
    message: `The environment ${environment.name} is chain ${environment.chainId}; what was read is chain ${input.live.chainId}.`,
    fix: 'Check the RPC URL and the chain id in environment.yaml.',
    ...(environment.source === undefined ? {} : { source: environment.source }),
  };
}
