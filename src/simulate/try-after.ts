// Calls tried on the state that a plan leaves: what the first user of it would meet. Sends nothing, decides nothing.
import { decodeRevert } from '../kinds/abi.ts';
import type { Kinds } from '../kinds/kind.ts';
import type { ChainReader, Plan, ProofMethod } from '../types.ts';
import { commonErrors } from './common-errors.ts';
import { runnerWay } from './runner.ts';
import { simulateV1 } from './simulate-v1.ts';
import type { SentStep, Way } from './way.ts';

export type TryInput = {
  chain: ChainReader;
  /** Its steps run first, on its block. */
  plan: Pick<Plan, 'block' | 'steps'>;
  kinds: Kinds;
  calls: readonly SentStep[];
};

/** `error` is null where the call goes through. */
export type Tried = { method: ProofMethod; errors: readonly (string | null)[] };

const ways: readonly ((chain: ChainReader) => Way)[] = [simulateV1, runnerWay];

/** What each call meets, in order, each after those before it; or why none could be tried here. Throws RPC_*. */
export async function tryAfter({ chain, plan, kinds, calls }: TryInput): Promise<Tried | { unavailable: string }> {
  const steps = [...plan.steps.map(({ route, to, data, value }) => ({ from: route.signer, to, data, value })), ...calls];
  const reasons: string[] = [];
  for (const open of ways) {
    const way = open(chain);
    const result = await way.run({ block: plan.block, steps, reads: [], slots: [], codes: [] });
    await way.close();
    if ('unavailable' in result) {
      reasons.push(result.unavailable);
      continue;
    }
    const errors = [...[...kinds.values()].flatMap((kind) => kind.errors), ...commonErrors()];
    const failedStep = result.steps.slice(0, plan.steps.length).findIndex(({ ok }) => !ok);
    const early = failedStep < 0 ? null : `step ${failedStep + 1} of the plan fails first`;
    const own = result.steps.slice(plan.steps.length);
    return {
      method: way.method,
      errors: own.map(({ ok, data }) => early ?? (ok ? null : data.length >= 10 ? decodeRevert(errors, data) : 'it reverts without a reason')),
    };
  }
  return { unavailable: reasons.join(', ') };
}
