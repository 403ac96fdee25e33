// One environment's drift: compared, told in its issue, and its choices turned into pull requests.
import { MooringError } from '../../errors.ts';
import { driftIssue, driftTitle, tickedChoices } from '../../render/drift-issue.ts';
import { prose } from '../../render/markdown.ts';
import { sameComment } from '../../render/pr-comment.ts';
import { markerLine } from '../../scm/github/comments.ts';
import { closeIssue, findIssue, type OwnIssue, putIssue, remark } from '../../scm/github/issues.ts';
import { openPulls } from '../../scm/github/pulls.ts';
import type { DriftReport, State } from '../../types.ts';
import { reportDrift } from '../drift.ts';
import { lexiconOf } from '../environment/open.ts';
import { observe } from '../environment/walk.ts';
import { type Started, start } from '../propose/start.ts';
import { redactMarkdown } from '../secrets/redact-markdown.ts';
import { redact } from '../secrets/secrets.ts';
import { adoptByItself, type Choosing, choose, closePointless, openedChoices } from './drift-choices.ts';
import type { Repository } from './repository.ts';

const purpose = 'drift';
/** The drift workflow looks for it. */
export const driftLabel = 'mooring: drift';

/** Returns what was found, and lines for a terminal. SIDE EFFECTS: asks the chain; the remote, GitHub. */
export async function driftBranch(repository: Repository, environment: string): Promise<{ report: DriftReport; lines: readonly string[] }> {
  const { context, options, branch, github } = repository;
  const started = await start(context, { ...options, env: environment, branch }, []);
  const { report, live } = await started.withChain(started.draft.loaded, async (opened) => ({
    report: await reportDrift(opened, context.now),
    live: await observe(opened),
  }));
  const issue = await findIssue(github, { purpose, environment, label: driftLabel });
  const choosing = choosingOf(repository, { started, report, live, assignee: issue?.assignee ?? null });
  const trouble = await actOn(choosing, issue);
  await closePointless(choosing);
  const lines = [...(await tell(repository, { started, report, issue })), ...trouble];
  return { report, lines };
}

type Found = { started: Started; report: DriftReport; live: State; assignee: string | null };

function choosingOf(repository: Repository, { started, report, live, assignee }: Found): Choosing {
  const { draft, base, withChain } = started;
  return {
    ...{ repository, environment: draft.environment, base, withChain, live, items: report.items, complete: report.status !== 'unknown', assignee },
    draft: () => ({ ...draft, edited: new Map() }),
  };
}

/** Ticked boxes, and emergencies that are to be adopted. What couldn't be done is told, and stops nothing else. */
async function actOn(choosing: Choosing, issue: OwnIssue | null): Promise<string[]> {
  const asked: string[] = [];
  for (const { choice, id } of tickedChoices(issue?.body ?? '')) {
    const item = choosing.items.find(({ change }) => change.id === id);
    if (item !== undefined) asked.push(...(await attempt(`${choice} ${id}`, () => choose(choosing, choice, item))));
  }
  const { github, context } = choosing.repository;
  if (asked.length > 0 && issue !== null) await remark(github, issue.number, asked.map((line) => `- ${prose(redact(line, context.env))}`).join('\n'));
  // What nobody has asked for would be remarked on by each run.
  const byItself: string[] = [];
  for (const item of choosing.items.filter(({ status }) => status === 'emergency'))
    byItself.push(...(await attempt(`adopt ${item.change.id}`, () => adoptByItself(choosing, item))));
  return [...asked, ...byItself];
}

/** What stood in the way, if anything. GitHub's own failures end the run. */
async function attempt(what: string, act: () => Promise<unknown>): Promise<string[]> {
  try {
    await act();
    return [];
  } catch (error) {
    if (!(error instanceof MooringError) || error.code.startsWith('GITHUB_')) throw error;
    return [`${what}: ${error.code} ${error.message}${error.fix === undefined ? '' : ` (${error.fix})`}`];
  }
}

async function tell(repository: Repository, { started, report, issue }: { started: Started; report: DriftReport; issue: OwnIssue | null }): Promise<string[]> {
  const { github, branch, context, options } = repository;
  const { environment, loaded } = started.draft;
  const matters = report.items.some(({ status }) => status === 'drifted' || status === 'emergency' || status === 'unknown');
  if (!matters && report.status !== 'unknown') {
    if (issue === null) return [`${environment}: ${report.status}`];
    await remark(github, issue.number, 'Git and the chain agree again.');
    await closeIssue(github, issue.number);
    return [`${environment}: ${report.status}; #${issue.number} is closed`];
  }
  if (!matters) return [`${environment}: unknown, some fields could not be read`];
  const opened = openedChoices(environment, await openPulls(github, { base: branch }), report.items);
  const lexicon = lexiconOf(loaded, { ...context, colour: false }, options);
  const body = redactMarkdown(driftIssue(report, { lexicon, marker: markerLine(purpose, { env: environment }), opened }), context.env);
  const told = await putIssue(github, { purpose, environment, label: driftLabel, title: driftTitle(report), body, same: sameComment });
  return [`${driftTitle(report)}: #${told.number} ${told.url}`];
}
