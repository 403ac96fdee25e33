// The pull requests that a drift issue offers: each opened once, known by its branch, closed when it has become pointless.
import { MooringError } from '../../errors.ts';
import { askingBody } from '../../render/ask-again.ts';
import { type Choice, choiceKey } from '../../render/drift-issue.ts';
import { prose } from '../../render/markdown.ts';
import { dropBranch } from '../../scm/bot-branch.ts';
import { markerLine, readMarker } from '../../scm/github/comments.ts';
import { remark } from '../../scm/github/issues.ts';
import { closedPullsOf, closePull, openPulls, type Pull, refusedAmong } from '../../scm/github/pulls.ts';
import type { Change, DriftItem, State } from '../../types.ts';
import { lexiconOf } from '../environment/open.ts';
import { addIgnores, addLifts, adoptChanges } from '../propose/edit-draft.ts';
import type { Draft } from '../propose/files.ts';
import { changeOf, openProposal, proposalBranch } from '../propose/open-proposal.ts';
import { planRevert, revertAbout } from '../propose/revert.ts';
import type { Started } from '../propose/start.ts';
import { askAgain, askingBranch } from './ask-again.ts';
import type { Repository } from './repository.ts';

export type Choosing = {
  repository: Repository;
  environment: string;
  /** The branch's head, and what it declares. */
  base: string;
  draft(): Draft;
  withChain: Started['withChain'];
  live: State;
  items: readonly DriftItem[];
  /** False where something could not be read: what is not among the items may differ all the same. */
  complete: boolean;
  /** Who the issue is assigned to. */
  assignee: string | null;
};

const purpose = 'choice';
const fortnight = 14n * 86_400n;

/** Opens the pull request of a choice; what stands in the way is said by the error. SIDE EFFECTS: the remote, GitHub. */
export async function choose(choosing: Choosing, choice: Choice, item: DriftItem): Promise<Pull> {
  const { environment } = choosing;
  const { change } = item;
  if (choice === 'revert') return chooseRevert(choosing, change);
  const draft = choosing.draft();
  const what = await editFor(choosing, { choice, item, draft });
  changeOf(draft);
  return openProposal(choosing.repository, draft, {
    branch: proposalBranch(environment, choice, [change.id]),
    base: choosing.base,
    title: `${what} (${environment})`,
    reason: reasonOf(choice, item),
    marker: markerOf(choosing, choice, item),
  });
}

function markerOf({ environment }: Pick<Choosing, 'environment'>, choice: Choice, { change, author }: DriftItem): string {
  return markerLine(purpose, { env: environment, do: choice, id: change.id, transaction: author?.transaction ?? null });
}

async function editFor(choosing: Choosing, { choice, item, draft }: { choice: Choice; item: DriftItem; draft: Draft }): Promise<string> {
  const { change } = item;
  const place = change.id;
  if (choice === 'adopt') {
    adoptChanges(draft, choosing.live, [change]);
    return `Adopt ${place} as it is on chain`;
  }
  if (choice === 'lift') {
    addLifts(draft, item.reductions ?? [], { reason: `lift of the emergency measure on ${place}`, by: 'whoever approves this pull request' });
    return `Lift the emergency measure on ${place}`;
  }
  if (choosing.assignee === null)
    throw new MooringError('USAGE', `nobody answers for ${place} yet`, { fix: 'assign the issue to who does, and tick the box again' });
  const until = BigInt(Math.floor(choosing.repository.context.now() / 1000)) + fortnight;
  addIgnores(draft, [place], { until, owner: choosing.assignee, reason: 'asked for on the drift issue' });
  return `Ignore ${place} for two weeks`;
}

function reasonOf(choice: Choice, { change, author }: DriftItem): string {
  const who = author === null ? 'Somebody' : (author.senderName ?? author.sender);
  const how = author === null ? '' : ` in ${author.transaction}`;
  const told = `${who} changed ${change.contract}.${change.field} past git${how}.`;
  const ends: Readonly<Record<Choice, string>> = {
    adopt: 'Merging this makes the live value the declared one; nothing is sent.',
    lift: 'Merging this lets the next apply send again what git declares.',
    ignore: 'Merging this keeps it from being reported as drift for two weeks.',
    revert: 'Merging this sends what git declares.',
  };
  return `${told} ${ends[choice]}`;
}

async function chooseRevert({ repository, environment, base, draft, withChain, items }: Choosing, change: Change): Promise<Pull> {
  const made = draft();
  const plan = await planRevert({ draft: made, context: repository.context, withChain }, [change.id]);
  const item = items.find((one) => one.change.id === change.id);
  const lexicon = lexiconOf(made.loaded, { ...repository.context, colour: false }, repository.options);
  const why = item === undefined ? [] : [markerOf({ environment }, 'revert', item), prose(reasonOf('revert', item))];
  return askAgain(repository, {
    environment,
    about: revertAbout(plan),
    base,
    plan,
    pullRequest: null,
    reason: `put back ${change.id}`,
    body: askingBody(plan, lexicon, why),
  });
}

/** By `choiceKey`. Throws GITHUB_*. */
export function openedChoices(environment: string, pulls: readonly Pull[], items: readonly DriftItem[]): Map<string, { number: number }> {
  const byBranch = new Map(pulls.map((pull) => [pull.head.branch, pull]));
  const choices: readonly Choice[] = ['adopt', 'lift', 'ignore'];
  const found = items.flatMap(({ change }) => [
    ...choices.flatMap((choice) => entry(choice, change.id, byBranch.get(proposalBranch(environment, choice, [change.id])))),
    ...entry('revert', change.id, byBranch.get(askingBranch(environment, revertAbout({ changes: [change] })))),
  ]);
  return new Map(found);
}

function entry(choice: Choice, id: string, pull: Pull | undefined): [string, { number: number }][] {
  return pull === undefined ? [] : [[choiceKey(choice, id), { number: pull.number }]];
}

/** An emergency is adopted by a pull request that opens by itself; not again where a human has closed it. SIDE EFFECTS: the remote, GitHub. */
export async function adoptByItself(choosing: Choosing, item: DriftItem): Promise<Pull | null> {
  const { repository, environment } = choosing;
  const branch = proposalBranch(environment, 'adopt', [item.change.id]);
  const closed = await closedPullsOf(repository.github, { base: repository.branch, branch });
  const same = closed.filter(({ body }) => readMarker(body, purpose)?.['transaction'] === (item.author?.transaction ?? null));
  // What we closed ourselves, because there was nothing left to decide, is no refusal.
  return (await refusedAmong(repository.github, same)) === null ? choose(choosing, 'adopt', item) : null;
}

/** Closes those of our open pull requests whose difference has gone; a branch with somebody's own commits stays. SIDE EFFECTS: the remote, GitHub. */
export async function closePointless(choosing: Choosing): Promise<void> {
  const { repository, environment, base, items, complete } = choosing;
  if (!complete) return;
  const { login } = await repository.github.identity();
  const ids = new Set(items.map(({ change }) => change.id));
  for (const pull of await openPulls(repository.github, { base: repository.branch })) {
    const marker = readMarker(pull.body, purpose);
    if (pull.author !== login || marker?.['env'] !== environment || typeof marker['id'] !== 'string' || ids.has(marker['id'])) continue;
    await remark(repository.github, pull.number, 'Git and the chain agree on this again: nothing is left to decide here.');
    await closePull(repository.github, pull.number);
    await dropBranch(repository.git, pull.head.branch, base);
  }
}
