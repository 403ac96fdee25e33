// One run from its first event to its last: group after group, until the journal says that nothing remains or may follow.
import { randomBytes } from 'node:crypto';
import { MooringError } from '../errors.ts';
import { type RunState, remainingSteps, succeeded } from '../journal/reduce.ts';
import type { Finding, Hex, Plan } from '../types.ts';
import { type Finished, finishRun } from './finish.ts';
import { sendGroup } from './send-group.ts';
import type { Session } from './session.ts';
import { holdingOf } from './unpause-hold.ts';
import { verify } from './verify.ts';

export type Driving = {
  options: { digest: string; approval?: string; approvedBy: string; commit: string | null; replan(): Promise<Plan> };
  fresh: Plan;
  genesis: Hex | null;
  /** The unfinished run that was settled before. */
  continues: string | null;
};

/** Starts a run of `fresh` and sees it through. SIDE EFFECTS: the chain, the journal. */
export async function driveRun(session: Session, driving: Driving): Promise<Finished> {
  const { fresh, options } = driving;
  const id = await startRun(session, driving);
  for (;;) {
    const state = session.recorder.run(id);
    const next = nextAction(state);
    if (next.do === 'stop') return finishRun(session, id, { verification: null, findings: [] });
    if (next.do === 'verify') return finishRun(session, id, { verification: await verify(state.started.changes, options.replan, session.show), findings: [] });
    const refusal = await tryGroup(session, { id, fresh, state, group: next.group, replan: options.replan });
    if (refusal !== null) return finishRun(session, id, { verification: null, findings: refusal });
  }
}

async function startRun(session: Session, { options, fresh, genesis, continues }: Driving): Promise<string> {
  const at = session.now();
  const id = `${new Date(at).toISOString().replace(/[-:]|\.\d+/g, '')}-${randomBytes(4).toString('hex')}`;
  const { digest, approval = digest, approvedBy, commit } = options;
  await session.recorder.record([
    {
      run: id,
      at,
      type: 'run-started',
      environment: session.environment.name,
      chainId: session.chainId,
      genesis,
      digest,
      ...(approval === digest ? {} : { approval }),
      steps: fresh.steps,
      changes: fresh.changes,
      commit,
      approvedBy,
      continues,
    },
  ]);
  return id;
}

/** What a run needs next, by its journal alone. */
export type NextAction = { do: 'send'; group: number } | { do: 'verify' } | { do: 'stop' };

/** Pure. A step that was mined and failed, or whose nonce went to something else, ends the sending. */
export function nextAction(state: RunState): NextAction {
  if (state.nonces.some((nonce) => !succeeded(nonce))) return { do: 'stop' };
  const remaining = remainingSteps(state);
  return remaining.length === 0 ? { do: 'verify' } : { do: 'send', group: Math.min(...remaining.map((step) => step.group)) };
}

/** Null when the group was sent; the findings where it was refused before anything of it was signed. */
async function tryGroup(
  session: Session,
  { id, fresh, state, group, replan }: { id: string; fresh: Plan; state: RunState; group: number; replan(): Promise<Plan> },
): Promise<readonly Finding[] | null> {
  const signedBefore = state.nonces.length;
  const steps = remainingSteps(state).filter((step) => step.group === group);
  const holding = holdingOf(session, { steps, changes: fresh.changes, replan });
  try {
    // The plan was made just before the first group; later ones may have waited for long.
    const held = signedBefore === 0 ? [] : ((await holding?.findings()) ?? []);
    if (held.length > 0) return held;
    const taken = await sendGroup(session, { run: id, plan: fresh, steps, holding });
    return taken.length > 0 ? taken : null;
  } catch (error) {
    const nothingSigned = session.recorder.run(id).nonces.length === signedBefore;
    if (!(error instanceof MooringError) || !nothingSigned || error.code.startsWith('JOURNAL_')) throw error;
    return error.findings.length > 0
      ? error.findings
      : [{ code: error.code, severity: 'error', message: error.message, ...(error.fix === undefined ? {} : { fix: error.fix }) }];
  }
}
