// Check runs: what a plan was and when, which only our App can write, and the required check.
import { ask, type GitHub } from './client.ts';

export type Conclusion = 'success' | 'failure' | 'neutral' | 'action_required';

export type Annotation = { path: string; line: number; level: 'notice' | 'warning' | 'failure'; title: string; message: string };

export type CheckText = {
  name: string;
  /** The commit. */
  sha: string;
  /** What stands behind it: a plan's digest; '' where there is none. */
  key: string;
  conclusion: Conclusion;
  title: string;
  summary: string;
  /** Kept for later runs, and for whoever unfolds it. */
  text?: string;
  annotations?: readonly Annotation[];
};

export type CheckRun = { id: number; name: string; key: string; conclusion: string | null; startedAt: number; title: string; summary: string; text: string };

/** What GitHub takes at once, in one request and in one text. */
const most = { annotations: 50, text: 65_000 };

/** Every run of ours with that name on a commit, oldest first. Throws GITHUB_*. */
export async function checkHistory(github: GitHub, { sha, name }: { sha: string; name: string }): Promise<CheckRun[]> {
  const { octokit, owner, repo } = github;
  const { app } = await github.identity();
  const list = await ask(`the check runs of ${sha.slice(0, 12)}`, () =>
    octokit.paginate(octokit.rest.checks.listForRef, { owner, repo, ref: sha, check_name: name, filter: 'all', per_page: 100 }),
  );
  const own = list.filter((run) => run.name === name && app !== null && run.app?.slug === app);
  const runs = own.map((run) => ({
    id: run.id,
    name: run.name,
    key: run.external_id ?? '',
    conclusion: run.conclusion,
    startedAt: Date.parse(run.started_at ?? ''),
    title: run.output.title ?? '',
    summary: run.output.summary ?? '',
    text: run.output.text ?? '',
  }));
  return runs.sort((a, b) => a.startedAt - b.startedAt || a.id - b.id);
}

/**
 * Makes the newest run of that name on the commit say this. One with another key is never changed, but followed by a new
 * one: since when a plan was the current one stays readable. SIDE EFFECTS: GitHub.
 */
export async function putCheck(github: GitHub, check: CheckText, same: (a: string, b: string) => boolean = (a, b) => a === b): Promise<void> {
  const newest = (await checkHistory(github, check)).at(-1);
  if (newest === undefined || newest.key !== check.key) return create(github, check);
  const summary = clip(check.summary);
  if (newest.conclusion === check.conclusion && newest.title === check.title && same(newest.summary, summary)) return;
  const { octokit, owner, repo } = github;
  const output = { title: check.title, summary, ...(check.text === undefined ? {} : { text: clip(check.text) }) };
  await ask(`the check ${check.name}`, () =>
    octokit.rest.checks.update({ owner, repo, check_run_id: newest.id, status: 'completed', conclusion: check.conclusion, output }),
  );
}

async function create({ octokit, owner, repo }: GitHub, check: CheckText): Promise<void> {
  const { name, sha, key, conclusion, title, annotations = [] } = check;
  const output = { title, summary: clip(check.summary), ...(check.text === undefined ? {} : { text: clip(check.text) }) };
  const pieces = Array.from({ length: Math.max(1, Math.ceil(annotations.length / most.annotations)) }, (_item, i) =>
    annotations.slice(i * most.annotations, (i + 1) * most.annotations).map(toAnnotation),
  );
  const [first = [], ...rest] = pieces;
  const { data } = await ask(`the check ${name}`, () =>
    octokit.rest.checks.create({
      owner,
      repo,
      name,
      head_sha: sha,
      external_id: key,
      status: 'completed',
      conclusion,
      output: { ...output, annotations: first },
    }),
  );
  for (const piece of rest)
    await ask(`annotations of ${name}`, () => octokit.rest.checks.update({ owner, repo, check_run_id: data.id, output: { ...output, annotations: piece } }));
}

function toAnnotation({ path, line, level, title, message }: Annotation) {
  return { path, start_line: line, end_line: line, annotation_level: level, title: title.slice(0, 255), message: message.slice(0, 4_000) };
}

/** By whole lines. */
function clip(text: string): string {
  if (text.length <= most.text) return text;
  const cut = text.slice(0, most.text);
  return `${cut.slice(0, cut.lastIndexOf('\n'))}\n\n…`;
}
