// The pull request that asks to put the chain back: an approval of the plan that restores what git declares.
import { createHash } from 'node:crypto';
import { exitCodes } from '../../errors.ts';
import { diff } from '../../plan/diff.ts';
import { askingBody } from '../../render/ask-again.ts';
import { prose } from '../../render/markdown.ts';
import { planText } from '../../render/plan-text.ts';
import type { Plan } from '../../types.ts';
import { flag, text } from '../command.ts';
import { lexiconOf, type Opened } from '../environment/open.ts';
import { observe } from '../environment/walk.ts';
import { askAgain } from '../pr/ask-again.ts';
import { planChange } from '../pr/change-plan.ts';
import { loadSides } from '../pr/sides.ts';
import { redact } from '../secrets/secrets.ts';
import { namedChanges } from './edit-draft.ts';
import type { Started } from './start.ts';

/** SIDE EFFECTS: the remote, GitHub; nothing with --dry-run. */
export async function revert(started: Started): Promise<number> {
  const { context, options, draft, base } = started;
  const reason = text(options, 'reason') ?? '';
  const title = text(options, 'title');
  const plan = await planRevert(started, started.words);
  const lexicon = lexiconOf(draft.loaded, context, options);
  context.stdout(planText(plan, lexicon, false));
  if (flag(options, 'dry-run')) return exitCodes.done;
  const repository = await started.repository();
  const pull = await askAgain(repository, {
    environment: draft.environment,
    about: revertAbout(plan),
    base,
    plan,
    pullRequest: null,
    reason,
    ...(title === undefined ? {} : { title }),
    body: askingBody(plan, { ...lexicon, colour: false }, [prose(redact(reason, context.env))]),
  });
  context.stdout(`\n#${pull.number} ${pull.title}: ${pull.url}\n`);
  return exitCodes.done;
}

/** The plan that makes exactly these standing differences go. Throws CHANGE_UNKNOWN. */
export function planRevert({ draft, context, withChain }: Pick<Started, 'draft' | 'context' | 'withChain'>, words: readonly string[]): Promise<Plan> {
  const { environment, source, loaded } = draft;
  const sides = loadSides({ environment, before: source, after: source, files: [], tooling: [] });
  return withChain(loaded, async (opened: Opened) => {
    const live = await observe(opened);
    const { changes } = diff({ desired: opened.desired.state, live, kinds: opened.kinds });
    const named = new Set(namedChanges(draft, changes, words).map(({ id }) => id));
    return (await planChange(opened, sides, { now: context.now, proof: true, named })).plan;
  });
}

/** The same for the same differences: a second run updates the pull request. */
export function revertAbout(plan: Pick<Plan, 'changes'>): string {
  const ids = plan.changes.map(({ id }) => id).sort();
  return `revert-${createHash('sha256').update(ids.join('\n')).digest('hex').slice(0, 12)}`;
}
