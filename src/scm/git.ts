// scm: git (and later GitHub) as others see it: what the remote has, what we put there. No desired state, plan or chain
// here, and no decision about what may be applied: that is the planner's and the command line's.
import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { MooringError } from '../errors.ts';
import { hideCredentials } from './hide-credentials.ts';
import { type Layout, plainLayout } from './layout.ts';
import { readLoose } from './loose-objects.ts';
import { type GitAnswer, type GitCall, runGit } from './run-git.ts';

/** A place for objects on this machine, and the remote that it belongs to. */
export type Git = {
  folder: string;
  /** A URL, or the name of a remote of the clone: what git is given. May hold a credential. */
  remote: string;
  /** The remote as it may be shown. */
  label: string;
} & Layout;

/** A commit, tree or blob: 40 or 64 hex digits. */
export type ObjectId = string;

/** An existing clone. Errors: GIT_FAILED where the folder is none, or has no such remote. */
export async function openClone({ folder, remote = 'origin' }: { folder: string; remote?: string }): Promise<Git> {
  checkRemote(remote);
  const git = { folder, remote, label: remote };
  const url = (await local(git, ['remote', 'get-url', remote])).output.toString('utf8').trim();
  return { ...git, label: hideCredentials(url), ...(plainLayout(folder, process.env) ?? (await layoutOf(git))) };
}

/** Not always below .git: a linked work tree has them elsewhere. */
async function layoutOf(git: Pick<Git, 'folder'>): Promise<Layout> {
  const { output } = await local(git, ['rev-parse', '--show-object-format', '--git-path', 'objects', '--git-path', 'shallow']);
  const [format = '', objects = '', shallow = ''] = output.toString('utf8').split('\n');
  return { objects: resolve(git.folder, objects), idLength: format === 'sha256' ? 64 : 40, shallow: resolve(git.folder, shallow), refs: null };
}

/**
 * A bare cache of what was fetched from `url`: it can be deleted at any time, and costs the memory of the journal's head
 * then. The URL isn't written into it. SIDE EFFECTS: creates the folder.
 */
export async function openMirror({ folder, url }: { folder: string; url: string }): Promise<Git> {
  checkRemote(url);
  const git = { folder, remote: url, label: hideCredentials(url) };
  if (!existsSync(join(folder, 'HEAD'))) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    await local(git, ['init', '--bare', '--initial-branch=main']);
  }
  return { ...git, ...(await layoutOf(git)) };
}

/** Runs git for what is on this machine. Throws GIT_FAILED unless its exit code is 0, or one of `allowed`. */
export async function local(
  git: Pick<Git, 'folder'>,
  args: readonly string[],
  options: Pick<GitCall, 'input' | 'maxOutput'> & { allowed?: readonly number[] } = {},
): Promise<GitAnswer> {
  const { allowed = [], ...rest } = options;
  const answer = await runGit({ folder: git.folder, args, ...rest });
  if (answer.code === 0 || allowed.includes(answer.code)) return answer;
  throw new MooringError('GIT_FAILED', `git ${args[0]} in ${git.folder} failed (${answer.code}): ${firstLine(answer.errors)}`);
}

/** What refs the remote has now, of those asked for. Throws GIT_REMOTE. */
export async function remoteRefs(git: Git, refs: readonly string[]): Promise<Map<string, ObjectId>> {
  refs.forEach(checkRef);
  const answer = await runGit({ folder: git.folder, args: ['ls-remote', '--refs', git.remote, ...refs] });
  if (answer.code !== 0) throw unreachable(git, answer);
  const lines = answer.output.toString('utf8').trim().split('\n');
  const found = lines.map((line) => line.split('\t')).flatMap(([id, ref]): [string, string][] => (id && ref ? [[ref, id]] : []));
  // git matches the ends of names too.
  return new Map(found.filter(([ref]) => refs.includes(ref)));
}

/**
 * The commit that `ref` has on the remote now, its history being here afterwards; null where there is no such ref.
 * Errors: GIT_REMOTE. SIDE EFFECTS: fetches; remembers the ref under refs/mooring/seen/, so that the next fetch is short.
 */
export async function fetchRef(git: Git, ref: string): Promise<ObjectId | null> {
  return (await fetchRefs(git, [ref]))[0] ?? null;
}

/** As `fetchRef`, of several refs as they were at one moment; in the order in which they were asked for. */
export async function fetchRefs(git: Git, refs: readonly string[]): Promise<(ObjectId | null)[]> {
  for (let tries = 1; ; tries++) {
    const found = await remoteRefs(git, refs);
    const ids = refs.map((ref) => found.get(ref) ?? null);
    const missing = await lacking(git, found);
    if (missing.length === 0) return ids;
    const specs = missing.map(([ref]) => `+${ref}:refs/mooring/seen/${ref.slice('refs/'.length)}`);
    const answer = await runGit({ folder: git.folder, args: ['fetch', '--verbose', '--no-tags', '--no-write-fetch-head', git.remote, ...specs] });
    // Another process may have been faster in the same clone; what counts is that the commits are here.
    if ((await lacking(git, missing)).length === 0) return ids;
    if (tries === 3) throw unreachable(git, answer);
  }
}

/** Those of the refs whose commits aren't here. */
async function lacking(git: Git, refs: Iterable<readonly [string, ObjectId]>): Promise<(readonly [string, ObjectId])[]> {
  const looked = await Promise.all([...refs].map(async (ref) => ({ ref, here: await hasCommit(git, ref[1]) })));
  return looked.filter(({ here }) => !here).map(({ ref }) => ref);
}

/** The branch that the remote's HEAD names. Throws GIT_REMOTE. */
export async function defaultBranch(git: Git): Promise<string> {
  const answer = await runGit({ folder: git.folder, args: ['ls-remote', '--symref', git.remote, 'HEAD'] });
  const name = /^ref: refs\/heads\/(\S+)\tHEAD$/m.exec(answer.output.toString('utf8'))?.[1];
  if (answer.code !== 0 || name === undefined) throw unreachable(git, answer);
  return name;
}

export async function hasCommit(git: Git, id: ObjectId): Promise<boolean> {
  checkId(id);
  const loose = readLoose(git, id);
  if (loose !== null) return loose.type === 'commit';
  const { output } = await local(git, ['cat-file', '--batch-check'], { input: Buffer.from(`${id}\n`) });
  return output.toString('utf8').startsWith(`${id} commit `);
}

/** Null for the very first commit. Throws GIT_FAILED. */
export async function ownHead(git: Git): Promise<ObjectId | null> {
  const { code, output } = await local(git, ['rev-parse', '--verify', '--quiet', 'HEAD'], { allowed: [1] });
  return code === 0 ? output.toString('utf8').trim() : null;
}

/** Null for a commit without a parent. */
export async function firstParentOf(git: Git, id: ObjectId): Promise<ObjectId | null> {
  checkId(id);
  const { code, output } = await local(git, ['rev-parse', '--verify', '--quiet', `${id}^1`], { allowed: [1] });
  return code === 0 ? output.toString('utf8').trim() : null;
}

/** Whether `ancestor` is `descendant` or lies behind it; false where one of them isn't here. */
export async function isAncestor(git: Git, ancestor: ObjectId, descendant: ObjectId): Promise<boolean> {
  [ancestor, descendant].forEach(checkId);
  return (await local(git, ['merge-base', '--is-ancestor', ancestor, descendant], { allowed: [1, 128] })).code === 0;
}

export function unreachable(git: Git, answer: GitAnswer): MooringError {
  return new MooringError('GIT_REMOTE', `${git.label} did not answer: ${firstLine(answer.errors) || `git ended with ${answer.code}`}`, {
    fix: 'Check the remote, the network and the credentials of git, and try again: nothing is taken for done that was not answered.',
  });
}

/** Refs that may be written: branches, and our own. Throws GIT_NAME. */
export function checkRef(ref: string): void {
  if (/^refs\/(?:heads|mooring|pull)\/[A-Za-z0-9][\w./+-]*$/.test(ref) && !/\.\.|\/\/|\/\.|\.lock(?:\/|$)|[./]$/.test(ref)) return;
  throw new MooringError('GIT_NAME', `"${ref}" is not a ref that is read or written here`);
}

export function checkId(id: string): void {
  if (!/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(id)) throw new MooringError('GIT_NAME', `"${id}" is not the full name of a git object`);
}

function checkRemote(remote: string): void {
  // A leading dash would be an option, and `name::address` runs a program of that name.
  if (remote !== '' && !remote.startsWith('-') && !/^[\w.+-]*::/.test(remote)) return;
  throw new MooringError('GIT_NAME', `"${hideCredentials(remote)}" is not a remote that is passed on to git`);
}

function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0] ?? '';
}
