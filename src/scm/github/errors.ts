// What GitHub's refusals mean. Nothing of a request's headers gets into a message: they hold the token.
import { type Code, MooringError } from '../../errors.ts';

/** HTTP status of a failed request; null where no answer came. */
export function statusOf(error: unknown): number | null {
  if (typeof error !== 'object' || error === null || !('status' in error) || !('response' in error)) return null;
  return error.response === undefined || typeof error.status !== 'number' ? null : error.status;
}

export function githubError(what: string, error: unknown): MooringError {
  if (error instanceof MooringError) return error;
  const status = statusOf(error);
  const said = `${what}: ${status === null ? 'no answer' : `${status}, ${saidIn(error)}`}`;
  return new MooringError(codeOf(status), said, { fix: fixes[codeOf(status)] ?? '' });
}

function codeOf(status: number | null): Code {
  if (status === null || status >= 500 || status === 429) return 'GITHUB_UNAVAILABLE';
  if (status === 401 || status === 403) return 'GITHUB_DENIED';
  return status === 404 ? 'GITHUB_NOT_FOUND' : 'GITHUB_REFUSED';
}

const fixes: Partial<Record<Code, string>> = {
  GITHUB_UNAVAILABLE: 'Try again later: what was written before is found again, and nothing is written twice.',
  GITHUB_DENIED: 'Check the token or the App, and its permissions (docs/github.md lists them).',
  GITHUB_NOT_FOUND: 'Check --repo, and that the credentials may see it.',
  GITHUB_REFUSED: 'GitHub says what it does not like; report this if it is not something you can change.',
};

/** GitHub's own words, one line of them. */
function saidIn(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n', 1)[0]?.slice(0, 300) ?? '';
}
