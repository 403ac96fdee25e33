// Proves a plan on the pinned block: runs every step as its real caller, reads everything again, and says what differs
// from what git asked for. It sends nothing and decides nothing: what follows from a finding is the caller's business.
import { MooringError } from '../errors.ts';
import type { Kinds } from '../kinds/kind.ts';
import type { ChainReader, Desired, Finding, Plan, ProofMethod, State } from '../types.ts';
import { findSteps, type StateAfter } from './attribute.ts';
import { type CodeCheck, planCodeCheck } from './code-check.ts';
import { type Comparison, compareStates, type Moved, placeOf, valuesByPlace } from './compare.ts';
import { forkWay } from './fork.ts';
import { checkGasMoney, type GasMoney, readGasMoney } from './gas-money.ts';
import { needsLogs, proveActs } from './prove-acts.ts';
import { runAndRead } from './reread.ts';
import { runnerWay } from './runner.ts';
import { sideEffectsOf } from './side-effects.ts';
import { simulateV1 } from './simulate-v1.ts';
import { proveSteps } from './step-proofs.ts';
import type { Unavailable, Way } from './way.ts';

export type ProveInput = {
  plan: Plan;
  desired: Desired;
  /** What the plan was built from: read at the plan's block. */
  live: State;
  kinds: Kinds;
  chain: ChainReader;
  /** Ways to try, in order; all by default. */
  methods?: readonly ProofMethod[];
};

const openWay: Readonly<Record<ProofMethod, (chain: ChainReader) => Way>> = { simulateV1, runner: runnerWay, fork: (chain) => forkWay(chain) };
const allMethods = ['simulateV1', 'runner', 'fork'] as const satisfies readonly ProofMethod[];

/**
 * The plan with its simulation filled in and PROOF_* and CALLER_WITHOUT_GAS_MONEY findings added. `failed` when one of
 * these is an error; `unproven`, with the reason, where no way works here. Managed side effects that no step puts back
 * are in `simulation.sideEffects`, uncorrected, with the step that causes them. Throws RPC_* when the chain can't be read.
 */
export async function prove(input: ProveInput): Promise<Plan> {
  const { plan, live, chain } = input;
  if (plan.steps.length === 0) return { ...plan, simulation: { status: 'not needed' } };
  if (plan.block.hash !== live.block?.hash) throw new MooringError('INTERNAL', 'The plan and the live state are of different blocks.');
  const callers = [...new Set(plan.steps.map((step) => step.route.signer))];
  const [money, codeCheck] = await Promise.all([readGasMoney(chain, callers, plan.block), planCodeCheck(chain, live)]);
  const reasons: string[] = [];
  for (const method of input.methods ?? allMethods) {
    if (method === 'runner' && needsLogs(plan)) {
      reasons.push('a call with state overrides sees no events, by which an act is proven');
      continue;
    }
    const way = openWay[method](chain);
    try {
      const proven = await proveBy(way, { ...input, money, codeCheck });
      if (!('unavailable' in proven)) return proven;
      reasons.push(proven.unavailable);
    } finally {
      await way.close();
    }
  }
  return {
    ...plan,
    simulation: {
      status: 'unproven',
      reason: reasons.length === 0 ? 'no way of simulating was allowed' : `no way of simulating works here: ${reasons.join('; ')}`,
    },
  };
}

type ProofInput = ProveInput & { money: GasMoney; codeCheck: CodeCheck };

async function proveBy(way: Way, input: ProofInput): Promise<Plan | Unavailable> {
  const { plan, live, kinds, desired, money } = input;
  const names = desired.addresses.byAddress;
  const rereadInput = { ...input, desired: desired.state };
  const reread = await runAndRead(way, rereadInput);
  if ('unavailable' in reread) return reread;
  const { steps, findings } = proveSteps({ plan, live, kinds, runs: reread.steps });
  const comparison = compareStates({ plan, desired: desired.state, live, after: reread.after, kinds, names });
  const stepOf = await stepsOf(plan, comparison.moved, async (count) => {
    const partly = await runAndRead(way, rereadInput, count);
    return 'unavailable' in partly ? null : valuesByPlace(partly.after, names);
  });
  const effects = sideEffectsOf({ plan, moved: comparison.moved, stepOf, format: { names, tokens: desired.environment.tokens } });
  const all = [
    ...findings,
    ...proveActs({ plan, live, kinds, runs: reread.steps }),
    ...missingFindings(plan, comparison, new Set(steps.filter((step) => !step.ok).map((step) => step.step))),
    ...comparison.findings,
    ...effects.findings,
    ...reread.codeFindings,
    ...checkGasMoney({ plan, steps, money, desired }),
  ];
  const status = all.some((finding) => finding.severity === 'error') ? 'failed' : 'proven';
  const counts = { reread: comparison.reread, declared: comparison.declared, asDeclared: comparison.asDeclared };
  const simulation = { status, method: way.method, block: plan.block, feePerGas: money.feePerGas, steps, ...counts, sideEffects: effects.sideEffects } as const;
  return { ...plan, findings: [...plan.findings, ...all], simulation };
}

/** Which step moved each field that the plan didn't foresee. */
function stepsOf(plan: Plan, moved: readonly Moved[], stateAfter: StateAfter): Promise<Map<string, string>> {
  const foreseen = new Set(plan.sideEffects.map(placeOf));
  const surprises = moved.filter((one) => !foreseen.has(placeOf(one)));
  return findSteps(
    surprises,
    plan.steps.map((step) => step.id),
    stateAfter,
  );
}

/** A change whose step fails, or that the plan itself says won't happen, is explained there. */
function missingFindings(plan: Plan, comparison: Comparison, failed: ReadonlySet<string>): Finding[] {
  const explained = new Set([
    ...plan.findings.filter((finding) => finding.severity === 'error' || finding.code === 'STICKY_REDUCTION').flatMap((finding) => finding.changes ?? []),
    ...plan.steps.filter((step) => failed.has(step.id)).flatMap((step) => step.covers),
  ]);
  return comparison.missing
    .filter((change) => !explained.has(change.id))
    .map((change) => ({
      code: 'PROOF_CHANGE_MISSING' as const,
      severity: 'error' as const,
      message: `${change.id} is not what it should be after the last step.`,
      fix: 'Another step undoes it, or the contract does not do what its kind says.',
      contract: change.contract,
      field: change.field,
      changes: [change.id],
      ...(change.source === undefined ? {} : { source: change.source }),
    }));
}
