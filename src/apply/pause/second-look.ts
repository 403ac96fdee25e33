// What the quick nodes kept from being paused. None of them decides that alone: one may be stuck in the past. So the slow
// are heard as well, once everything that surely is to go out has gone.
import { withSlow } from '../../live/many-nodes.ts';
import { type Tried, tryWays } from './calls.ts';
import { callEach, flagCall, flagIn } from './parts.ts';
import type { RightsInput } from './rights.ts';
import type { PauseWork } from './session.ts';
import type { Part, Standing } from './types.ts';

type Looking = { chain: PauseWork['chain']; rights: RightsInput };

/** Of `kept`, flags that were not paused: what is to be paused after all, each with a way or why there is none. Throws RPC_*. */
export async function lookAgain({ chain, rights }: Looking, kept: readonly Standing[]): Promise<readonly Tried[]> {
  if (kept.length === 0 || chain.heardAll()) return [];
  const isDoubtful = await someNodeDenies(chain, kept);
  // One flag on which nodes differ says that the quick ones can't be trusted with the others either.
  const due = kept.filter(({ part, live }) => isDoubtful || live !== part.value).map((standing) => ({ ...standing, live: unlessPaused(standing) }));
  return tryWays({ ...rights, chain: withSlow(chain) }, due);
}

function unlessPaused({ part, live }: Standing): boolean | null {
  return live === part.value ? null : live;
}

/** Whether a flag that seemed to be set already isn't, by any node. A node that neither answers nor fails doesn't keep one that denies it waiting. */
async function someNodeDenies(chain: PauseWork['chain'], kept: readonly Standing[]): Promise<boolean> {
  const denied = (answers: string[][]): boolean => kept.some(({ part, live }, i) => live === part.value && (answers[i] ?? []).some((one) => isOff(part, one)));
  const calls = kept.map(({ part }) => flagCall(part));
  return denied(await callEach(chain, calls, { for: 'all', until: denied }));
}

function isOff(part: Part, answer: string): boolean {
  const value = flagIn(part, answer);
  return typeof value === 'boolean' && value !== part.value;
}
