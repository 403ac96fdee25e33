// Labels, and one issue for each purpose that is kept up to date and closed when there is nothing left to say.
import { ask, createOnce, type GitHub } from './client.ts';
import { readMarker } from './comments.ts';

export type OwnIssue = { number: number; title: string; body: string; url: string; assignee: string | null };

type Listed = { number: number; title: string; body?: string | null | undefined; html_url: string; assignees?: readonly { login?: string }[] | null };

function readIssue({ number, title, body, html_url: url, assignees }: Listed): OwnIssue {
  return { number, title, body: body ?? '', url, assignee: assignees?.[0]?.login ?? null };
}

/** The open issue of ours with that marker. Throws GITHUB_*. */
export async function findIssue(
  github: GitHub,
  { purpose, environment, label }: { purpose: string; environment: string; label: string },
): Promise<OwnIssue | null> {
  const { octokit, owner, repo } = github;
  const { login } = await github.identity();
  const list = await ask('the open issues', () =>
    octokit.paginate(octokit.rest.issues.listForRepo, { owner, repo, state: 'open', labels: label, per_page: 100 }),
  );
  const own = list.filter((issue) => issue.pull_request === undefined && issue.user?.login === login);
  const found = own.find((issue) => readMarker(issue.body ?? '', purpose)?.['env'] === environment);
  return found === undefined ? null : readIssue(found);
}

export type IssueText = { purpose: string; environment: string; label: string; title: string; body: string; same(a: string, b: string): boolean };

/** SIDE EFFECTS: GitHub. */
export async function putIssue(github: GitHub, { title, body, label, same, ...which }: IssueText): Promise<OwnIssue> {
  const { octokit, owner, repo } = github;
  const issue = await createOnce('opening an issue', {
    find: () => findIssue(github, { ...which, label }),
    async create() {
      const { data } = await octokit.rest.issues.create({ owner, repo, title, body, labels: [label] });
      return readIssue(data);
    },
  });
  if (issue.title !== title || !same(issue.body, body))
    await ask(`updating #${issue.number}`, () => octokit.rest.issues.update({ owner, repo, issue_number: issue.number, title, body }));
  return issue;
}

/** SIDE EFFECTS: GitHub. */
export async function closeIssue({ octokit, owner, repo }: GitHub, number: number): Promise<void> {
  await ask(`closing #${number}`, () => octokit.rest.issues.update({ owner, repo, issue_number: number, state: 'closed', state_reason: 'completed' }));
}

/** A remark that is made once, and never changed. SIDE EFFECTS: GitHub. */
export async function remark({ octokit, owner, repo }: GitHub, number: number, body: string): Promise<void> {
  await ask(`commenting on #${number}`, () => octokit.rest.issues.createComment({ owner, repo, issue_number: number, body }));
}

/** Adds those that it doesn't have. SIDE EFFECTS: GitHub. */
export async function addLabels({ octokit, owner, repo }: GitHub, number: number, { has, wanted }: { has: readonly string[]; wanted: readonly string[] }) {
  const labels = wanted.filter((label) => !has.includes(label));
  if (labels.length > 0) await ask(`labels of #${number}`, () => octokit.rest.issues.addLabels({ owner, repo, issue_number: number, labels }));
}

/**
 * Makes the labels that begin with `prefix` exactly these; others are left alone. `has`: what it has now. SIDE EFFECTS: GitHub.
 */
export async function putLabels(
  github: GitHub,
  number: number,
  { prefix, has, wanted }: { prefix: string; has: readonly string[]; wanted: readonly string[] },
): Promise<void> {
  const { octokit, owner, repo } = github;
  const gone = has.filter((label) => label.startsWith(prefix) && !wanted.includes(label));
  await addLabels(github, number, { has, wanted });
  for (const name of gone) await ask(`labels of #${number}`, () => octokit.rest.issues.removeLabel({ owner, repo, issue_number: number, name }));
}
