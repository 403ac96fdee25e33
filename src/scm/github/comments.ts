// One comment for each purpose, found again by its marker and its author, and touched only when it would say something else.
import { ask, createOnce, type GitHub } from './client.ts';

export type OwnComment = { id: number; body: string; url: string };

/** A first line of a comment of ours: what it is, for which environment, and data for the next run. */
export function markerLine(purpose: string, data: Readonly<Record<string, string | number | null>>): string {
  // Neither `--` nor `>` may stand in an HTML comment.
  const json = JSON.stringify(data).replace(/[<>]|--/g, (found) =>
    [...found].map((character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
  );
  return `<!-- mooring:${purpose} ${json} -->`;
}

/** The data of a marker of that purpose among those that a text begins with; the first one's where there are two. */
export function readMarker(text: string, purpose: string): Readonly<Record<string, unknown>> | null {
  const lines = text.split('\n').map((line) => line.trimEnd());
  const end = lines.findIndex((line) => !line.startsWith('<!-- mooring:'));
  const line = lines.slice(0, end === -1 ? lines.length : end).find((marker) => marker.startsWith(`<!-- mooring:${purpose} `)) ?? '';
  const json = line.endsWith(' -->') ? line.slice(`<!-- mooring:${purpose} `.length, -' -->'.length) : '';
  try {
    const data: unknown = JSON.parse(json);
    return typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** Our comments on an issue or pull request that have such a marker, oldest first. Throws GITHUB_*. */
export async function ownComments(github: GitHub, number: number, { purpose, environment }: { purpose: string; environment: string }): Promise<OwnComment[]> {
  const { octokit, owner, repo } = github;
  const { login } = await github.identity();
  const list = await ask(`the comments of #${number}`, () =>
    octokit.paginate(octokit.rest.issues.listComments, { owner, repo, issue_number: number, per_page: 100 }),
  );
  return list
    .filter((comment) => comment.user?.login === login && readMarker(comment.body ?? '', purpose)?.['env'] === environment)
    .map((comment) => ({ id: comment.id, body: comment.body ?? '', url: comment.html_url }));
}

export type CommentText = {
  purpose: string;
  environment: string;
  body: string;
  /** Whether two bodies say the same, whatever moves by itself. */
  same(a: string, b: string): boolean;
};

/** Writes the comment, patches it, or leaves it as it is. Returns its URL. SIDE EFFECTS: GitHub. */
export async function putComment(github: GitHub, number: number, { purpose, environment, body, same }: CommentText): Promise<string> {
  const { octokit, owner, repo } = github;
  const find = async (): Promise<OwnComment | null> => (await ownComments(github, number, { purpose, environment }))[0] ?? null;
  const comment = await createOnce(`commenting on #${number}`, {
    find,
    async create() {
      const { data } = await octokit.rest.issues.createComment({ owner, repo, issue_number: number, body });
      return { id: data.id, body: data.body ?? body, url: data.html_url };
    },
  });
  if (!same(comment.body, body))
    await ask(`updating a comment on #${number}`, () => octokit.rest.issues.updateComment({ owner, repo, comment_id: comment.id, body }));
  return comment.url;
}
