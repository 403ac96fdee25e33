// Compare and swap on the remote's refs: all of them at once, or none.
import { setTimeout as pause } from 'node:timers/promises';
import { MooringError } from '../errors.ts';
import { checkId, checkRef, type Git, type ObjectId, remoteRefs, unreachable } from './git.ts';
import { type GitAnswer, runGit } from './run-git.ts';

/** Moves `ref` from `old` (null: it isn't there) to `next` (null: it is removed). */
export type Swap = { ref: string; old: ObjectId | null; next: ObjectId | null };

export type SwapOutcome =
  | { outcome: 'won' }
  /** Nothing moved: these refs weren't at `old` any more. Fetch and try again. */
  | { outcome: 'lost'; moved: readonly string[] }
  /** All refs were at `old` and still the remote won't have it: a hook, a protected branch, missing rights. */
  | { outcome: 'refused'; reason: string };

/** How often a push is tried that the remote rejects although nothing has moved: locks of refs collide for a moment. */
const tries = 4;

/**
 * One atomic push. Each commit of `next` must be the caller's alone (`writeCommit` sees to that): whoever pushes the same
 * one second is told `lost`, so nothing is ever won twice.
 * Errors: GIT_REMOTE where the answer didn't come; then the push may have taken place, or take place yet. SIDE EFFECTS: the remote.
 */
export async function compareAndSwap(git: Git, swaps: readonly Swap[]): Promise<SwapOutcome> {
  swaps.forEach(checkSwap);
  for (let tried = 1; ; tried++) {
    const answer = await push(git, swaps);
    const result = (await judge(git, swaps, answer)) ?? (tried < tries ? null : { outcome: 'refused' as const, reason: reasonOf(answer) });
    if (result !== null) return result;
    await pause(20 * tried);
  }
}

function checkSwap({ ref, old, next }: Swap): void {
  checkRef(ref);
  for (const id of [old, next]) if (id !== null) checkId(id);
  if (old === next) throw new MooringError('GIT_NAME', `${ref} would stay where it is`);
}

/** Null where the remote rejects the push although nothing has moved. */
async function judge(git: Git, swaps: readonly Swap[], answer: GitAnswer): Promise<SwapOutcome | null> {
  const lines = statusLines(answer);
  // "Up to date": someone has pushed the very same commit before, and won with it.
  const same = lines.filter((line) => line.flag === '=').map((line) => line.ref);
  if (same.length > 0) return { outcome: 'lost', moved: same };
  const rejected = lines.some((line) => line.flag === '!');
  if (answer.code === 0 && !rejected && lines.length === swaps.length) return { outcome: 'won' };
  const refs = swaps.map(({ ref }) => ref);
  const now = await remoteRefs(git, refs);
  // The connection ended without a word on our refs. What the commits are only we know: where they stand, we put them.
  const ours = !rejected && swaps.some(({ next }) => next !== null) && swaps.every(({ ref, next }) => (now.get(ref) ?? null) === next);
  if (ours) return { outcome: 'won' };
  const moved = swaps.filter(({ ref, old }) => (now.get(ref) ?? null) !== old).map(({ ref }) => ref);
  if (moved.length > 0) return { outcome: 'lost', moved };
  if (!rejected) throw unreachable(git, answer);
  return null;
}

function push(git: Git, swaps: readonly Swap[]): Promise<GitAnswer> {
  const leases = swaps.map(({ ref, old }) => `--force-with-lease=${ref}:${old ?? ''}`);
  const specs = swaps.map(({ ref, next }) => `${next ?? ''}:${ref}`);
  const atomic = swaps.length > 1 ? ['--atomic'] : [];
  return runGit({ folder: git.folder, args: ['push', '--porcelain', '--no-verify', '--no-follow-tags', ...atomic, ...leases, git.remote, ...specs] });
}

type StatusLine = { flag: string; ref: string; summary: string };

/** Lines of `--porcelain`: flag, tab, from:to, tab, summary. */
function statusLines({ output }: GitAnswer): StatusLine[] {
  return output
    .toString('utf8')
    .split('\n')
    .map((line) => /^([ +\-*!=])\t([^\t]*)\t(.*)$/.exec(line))
    .flatMap((match) => (match === null ? [] : [{ flag: match[1] ?? '', ref: (match[2] ?? '').replace(/^.*:/, ''), summary: match[3] ?? '' }]));
}

/** What the remote itself said, where it said something. */
function reasonOf(answer: GitAnswer): string {
  const rejected = statusLines(answer).filter((line) => line.flag === '!');
  const said = [...answer.errors.matchAll(/^remote: (.*\S)\s*$/gm)].map((match) => match[1] ?? '');
  const summary = rejected.find((line) => !/atomic/.test(line.summary))?.summary ?? rejected[0]?.summary ?? '';
  return [summary, ...said].join('; ');
}
