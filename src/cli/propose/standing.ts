// What differs now between a draft and the chain, and which emergency measures stand against it. Reads the chain.
import { loadDesired } from '../../desired/load.ts';
import { diff } from '../../plan/diff.ts';
import type { Reduction, State } from '../../types.ts';
import { observe, readHistory } from '../environment/walk.ts';
import type { Draft } from './files.ts';
import { changeOf } from './open-proposal.ts';
import type { Started } from './start.ts';

export type Standing = { live: State; changes: ReturnType<typeof diff>['changes']; reductions: readonly Reduction[] };

/** Throws NOTHING_TO_PROPOSE for edits without an effect, INPUT_INVALID, RPC_*. */
export async function standing({ withChain }: Pick<Started, 'withChain'>, draft: Draft): Promise<Standing> {
  const source = draft.edited.size === 0 ? draft.source : changeOf(draft).after;
  const loaded = loadDesired({ source, environment: draft.environment });
  return withChain(loaded, async (opened) => {
    const live = await observe(opened);
    const { changes } = diff({ desired: opened.desired.state, live, kinds: opened.kinds });
    return { live, changes, reductions: (await readHistory(opened, { live, changes })).reductions };
  });
}
