// A loop's proposal as a pull request: one open one for each thing that it may want, brought up to date in place, closed when
// the need has passed, and not opened again for what a human has turned down.
import { titleLine } from '../../render/ask-again.ts';
import { code, fenced, prose } from '../../render/markdown.ts';
import { planText } from '../../render/plan-text.ts';
import { sameComment } from '../../render/pr-comment.ts';
import { dropBranch, putBranch } from '../../scm/bot-branch.ts';
import { evidenceBranch, evidenceLink, keepFiles } from '../../scm/evidence.ts';
import { markerLine, readMarker } from '../../scm/github/comments.ts';
import { addLabels, remark } from '../../scm/github/issues.ts';
import { closedPullsOf, closePull, closerOf, openOrUpdatePull, openPulls, type Pull, refusedAmong } from '../../scm/github/pulls.ts';
import type { FieldValue } from '../../types.ts';
import { planDraft } from '../pr/plan-environment.ts';
import { addLifts } from '../propose/edit-draft.ts';
import { type Draft, declaredName, editField, targetOf, textOf } from '../propose/files.ts';
import { changeOf, diffLines, proposalBranch, shortened } from '../propose/open-proposal.ts';
import { standing } from '../propose/standing.ts';
import type { Started } from '../propose/start.ts';
import { redactMarkdown } from '../secrets/redact-markdown.ts';
import { redact } from '../secrets/secrets.ts';

/** An incident proposes as a loop does: one pull request for each, kept up to date. */
export type LoopName = 'thermostat' | 'sentinel' | 'incident';

export type LoopProposal = {
  loop: LoopName;
  /** One open pull request for each loop, environment and key. */
  key: string;
  /** What made it: not opened again for the same cause after a human has closed it. */
  cause: string;
  title: string;
  /** Plain text; secrets are taken out of it here. */
  reason: string;
  /** Values to declare. */
  edits: readonly { contract: string; field: string; value: FieldValue }[];
  /** Fields to report only from now on. */
  observed?: readonly { contract: string; field: string }[];
  /** True: emergency measures that stand against these values are lifted too; whoever approves it decides that. */
  lift?: boolean;
  /** Markdown lines below the reason: from outside only what `prose` or `code` made safe. */
  evidence: readonly string[];
  chart?: { alt: string; svg: string };
  /** Labels that it gets beside those of its plan. */
  labels: readonly string[];
};

export type Kept =
  | { outcome: 'open'; pull: Pull; created: boolean }
  /** A human has closed it for this cause. */
  | { outcome: 'refused'; number: number; by: string | null }
  /** Git says so already. */
  | { outcome: 'nothing' };

type Which = Pick<LoopProposal, 'loop' | 'key'>;

const purpose = 'loop';

function branchOf({ draft }: Started, { loop, key }: Which): string {
  return proposalBranch(draft.environment, loop, [key]);
}

/** Opens the pull request, or brings it up to date. Throws EDIT_*, BRANCH_TAKEN, GITHUB_*, GIT_*. SIDE EFFECTS: the remote, GitHub. */
export async function keepProposal(started: Started, proposal: LoopProposal): Promise<Kept> {
  const repository = await started.repository();
  const { github, branch: base } = repository;
  const branch = branchOf(started, proposal);
  const [open] = await openPulls(github, { base, branch });
  if (open === undefined) {
    const closed = await closedPullsOf(github, { base, branch });
    const refusal = await refusedAmong(
      github,
      closed.filter(({ body }) => readMarker(body, purpose)?.['cause'] === proposal.cause),
    );
    if (refusal !== null) return { outcome: 'refused', ...refusal };
  }
  const draft = await draftOf(started, proposal);
  if (draft === null) return { outcome: 'nothing' };
  const pull = await put(started, { ...proposal, draft, branch });
  await addLabels(github, pull.number, { has: pull.labels, wanted: proposal.labels });
  return { outcome: 'open', pull, created: open === undefined };
}

/** Null where git says so already. */
async function draftOf(started: Started, { edits, observed = [], lift = false }: LoopProposal): Promise<Draft | null> {
  const draft: Draft = { ...started.draft, edited: new Map() };
  for (const { contract, field, value } of edits) {
    const target = targetOf(draft, contract);
    editField(draft, target, { path: declaredName(target, field), set: value });
  }
  for (const { contract, field } of observed) {
    const target = targetOf(draft, contract);
    editField(draft, target, { path: declaredName(target, field), observe: true });
  }
  if (lift) await liftStanding(started, draft, edits);
  return isChanged(draft) ? draft : null;
}

function isChanged(draft: Draft): boolean {
  const before = { ...draft, edited: new Map() };
  return [...draft.edited].some(([path, text]) => text !== textOf(before, path));
}

async function liftStanding(started: Started, draft: Draft, edits: LoopProposal['edits']): Promise<void> {
  // Where git says so already, only the lift is missing.
  const { reductions } = await standing(started, isChanged(draft) ? draft : { ...draft, edited: new Map() });
  const own = reductions.filter((one) => edits.some(({ contract, field }) => one.contract === contract && one.field === field));
  addLifts(draft, own, { reason: 'proposed by the sentinel: its reason no longer holds', by: 'whoever approves this pull request' });
}

type Putting = LoopProposal & { draft: Draft; branch: string };

async function put(started: Started, proposal: Putting): Promise<Pull> {
  const repository = await started.repository();
  const { git, github, context, branch: base } = repository;
  const say = (text: string): string => redact(text, context.env);
  const title = titleLine(say(proposal.title));
  const body = await bodyOf(started, proposal, say);
  await putBranch(git, {
    branch: proposal.branch,
    base: started.base,
    files: proposal.draft.edited,
    message: `${title}\n\n${say(proposal.reason)}`,
    at: context.now(),
  });
  return openOrUpdatePull(github, { branch: proposal.branch, base, title, body, same: sameComment });
}

async function bodyOf(started: Started, proposal: Putting, say: (text: string) => string): Promise<string> {
  const { draft, loop, key, cause, chart } = proposal;
  const { context } = started;
  const path = `${draft.environment}/${loop}-${key.replace(/[^A-Za-z0-9.-]+/g, '-')}.svg`;
  const image = chart === undefined ? [] : [await imageLine(started, path, chart), ''];
  const lines = [
    markerLine(purpose, { env: draft.environment, loop, key, cause }),
    prose(say(proposal.reason)),
    '',
    ...image,
    ...proposal.evidence.map((line) => redactMarkdown(line, context.env)),
    '',
    ...(await planLines(started, draft, say)),
    '',
    ...fenced('diff', shortened(diffLines(draft).map(say))),
    '',
    `Opened by ${code(`mooring ${loop}`)}, and brought up to date by it while it is open. Closing it turns it down.`,
  ];
  return `${lines.join('\n')}\n`;
}

async function imageLine({ git, context }: Started, path: string, { alt, svg }: NonNullable<LoopProposal['chart']>): Promise<string> {
  const commit = await keepFiles(git, { branch: evidenceBranch, files: new Map([[path, svg]]), message: `Evidence: ${path}`, at: context.now() });
  return `![${prose(alt)}](${evidenceLink(commit, path)})`;
}

/** The plan, or why there is none: a chain that can't be asked keeps no proposal from being opened. */
async function planLines(started: Started, draft: Draft, say: (text: string) => string): Promise<string[]> {
  const planned = await planDraft(started, draft.environment, changeOf(draft));
  const { change, findings, lexicon } = planned;
  if (change !== null)
    return fenced(
      'text',
      say(planText(change.plan, lexicon, false))
        .trimEnd()
        .split('\n'),
    );
  return [`There is no plan yet: ${findings.map((finding) => `${code(finding.code)} ${prose(say(finding.message))}`).join(', ')}.`];
}

/** Closes the open one and says why; false where none is open. SIDE EFFECTS: the remote, GitHub. */
export async function withdrawProposal(started: Started, { reason, ...which }: Which & { reason: string }): Promise<boolean> {
  const { github, branch: base, git, context } = await started.repository();
  const branch = branchOf(started, which);
  const [open] = await openPulls(github, { base, branch });
  if (open === undefined) return false;
  await remark(github, open.number, prose(redact(reason, context.env)));
  await closePull(github, open.number);
  await dropBranch(git, branch, started.base);
  return true;
}

export type Fate =
  | { state: 'none' }
  | { state: 'open'; number: number }
  /** `at` in milliseconds since the epoch. */
  | { state: 'merged'; number: number; at: number; cause: string }
  /** `by` is null where GitHub doesn't tell. `own`: we withdrew it ourselves. */
  | { state: 'closed'; number: number; at: number; by: string | null; own: boolean; cause: string };

/** What became of the newest one. Throws GITHUB_*. */
export async function fateOfProposal(started: Started, which: Which): Promise<Fate> {
  const { github, branch: base } = await started.repository();
  const branch = branchOf(started, which);
  const [open] = await openPulls(github, { base, branch });
  if (open !== undefined) return { state: 'open', number: open.number };
  const { login } = await github.identity();
  const [last] = (await closedPullsOf(github, { base, branch })).filter(({ author }) => author === login);
  if (last === undefined) return { state: 'none' };
  const cause = String(readMarker(last.body, purpose)?.['cause'] ?? '');
  if (last.merged !== null) return { state: 'merged', number: last.number, at: last.merged.at, cause };
  const by = await closerOf(github, last.number);
  return { state: 'closed', number: last.number, at: last.closedAt ?? 0, by, own: by === login, cause };
}
