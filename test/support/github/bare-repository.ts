// The real repository behind the tests' GitHub: a bare one with GitHub's settings and hidden refs, commits made in it
// without a working tree, and the hook that keeps refs/pull/N/head.
import { execFileSync } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeRemote } from '../../scm/remote.ts';
import { readRefs } from './read-refs.ts';

export type Identity = { name: string; email: string };

/** The time is in ms. */
export type Signature = Identity & { at: number };

/** Files by path; null deletes. */
export type Files = Readonly<Record<string, string | null>>;

export type NewCommit = { ref: string; parent: string | null; files: Files; message: string; by: Identity; at: number };

export type Bare = {
  url: string;
  folder: string;
  git(...args: string[]): string;
  /** What the ref points to; null where there is none. */
  tip(ref: string): string | null;
  /** All refs with what they point to. */
  refs(): Map<string, string>;
  /** A commit's id, from an id or anything else git understands; null where it is none. */
  commit(name: string): string | null;
  /** A commit on top of `parent`; the ref points to it afterwards. Returns its id. */
  write(commit: NewCommit): string;
  /** Which open pull requests are made from which branch; the hook reads it. */
  watch(pulls: readonly { number: number; branch: string }[]): void;
  remove(): void;
};

/** Refs of forks live here, out of sight: GitHub has them in repositories of their own. */
export const forkRefs = 'refs/forks/';

const followPulls = `while read -r old new ref; do
  case "$new" in *[!0]*) ;; *) continue ;; esac
  while read -r number branch; do
    if [ "refs/heads/$branch" = "$ref" ]; then git update-ref "refs/pull/$number/head" "$new"; fi
  done < pulls
done`;

/** SIDE EFFECTS: a temporary folder, until `remove`. */
export function makeBare(): Bare {
  const remote = makeRemote();
  // As GitHub: any object can be fetched by its id, refs/pull can't be pushed to.
  const settings = ['[core]', 'quotePath = false', '[uploadpack]', 'allowAnySHA1InWant = true', '[receive]', 'hideRefs = refs/pull'];
  appendFileSync(join(remote.url, 'config'), [...settings, '[transfer]', `hideRefs = ${forkRefs.slice(0, -1)}`, ''].join('\n'));
  remote.hook('post-receive', followPulls);
  const known = new Set<string>();
  const bare: Bare = {
    url: remote.url,
    folder: remote.folder,
    git: remote.git,
    tip: (ref) => bare.refs().get(ref) ?? null,
    refs: () => readRefs(remote.url, remote.git),
    commit(id) {
      const found = known.has(id) ? id : (bare.tip(`refs/heads/${id}`) ?? commitOf(remote.git, id));
      if (found !== null) known.add(found);
      return found;
    },
    write: (commit) => importCommit(remote.url, commit),
    watch: (pulls) => writeFileSync(join(remote.url, 'pulls'), pulls.map(({ number, branch }) => `${number} ${branch}\n`).join('')),
    remove: remote.remove,
  };
  bare.watch([]);
  return bare;
}

function commitOf(git: Bare['git'], name: string): string | null {
  try {
    return git('rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`);
  } catch {
    return null;
  }
}

/** One process for blobs, trees, commit and ref. */
function importCommit(folder: string, { ref, parent, files, message, by, at }: NewCommit): string {
  const person = `${by.name} <${by.email}> ${Math.floor(at / 1000)} +0000`;
  const changes = Object.entries(files).map(([path, content]) => (content === null ? `D ${path}` : `M 100644 inline ${path}\n${data(content)}`));
  const head = [`commit ${ref}`, 'mark :1', `author ${person}`, `committer ${person}`, data(message), ...(parent ? [`from ${parent}`] : [])];
  const input = ['feature done', ...head, ...changes, 'get-mark :1', 'done', ''].join('\n');
  return feed(folder, ['fast-import', '--quiet', '--force'], input);
}

/** Runs git with nobody's settings and with something to read. Returns what it says. */
function feed(folder: string, args: readonly string[], input: string, more: Readonly<Record<string, string>> = {}): string {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'));
  const env = { ...Object.fromEntries(kept), GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', ...more };
  return execFileSync('git', args, { cwd: folder, env, input, encoding: 'utf8', stdio: 'pipe' }).trim();
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}`;
}

/** What somebody's commits are signed with. */
export function identityOf(login: string): Identity {
  return { name: login, email: `${login}@example.org` };
}

export type TreeCommit = { tree: string; parents: readonly string[]; message: string; author: Signature; committer: Signature };

/** A commit of a tree, without a ref. Returns its id. */
export function commitTree(folder: string, { tree, parents, message, author, committer }: TreeCommit): string {
  const signed = Object.entries({ AUTHOR: author, COMMITTER: committer }).flatMap(([role, { name, email, at }]) => [
    [`GIT_${role}_NAME`, name],
    [`GIT_${role}_EMAIL`, email],
    [`GIT_${role}_DATE`, `@${Math.floor(at / 1000)} +0000`],
  ]);
  const args = ['commit-tree', '--no-gpg-sign', tree, ...parents.flatMap((parent) => ['-p', parent])];
  return feed(folder, args, `${message}\n`, Object.fromEntries(signed));
}
