// What git says of each pull request: the emulator's never follow a push. Brought up to date before each request.
import { type Bare, forkRefs, identityOf } from './bare-repository.ts';
import { type Clock, iso, type Stamps } from './clock.ts';
import type { Fields } from './exchange.ts';
import { type Facts, factsOf, type Method, mergeCommit } from './git-merge.ts';
import { owner } from './people.ts';

export type PullRecord = {
  number: number;
  author: string;
  /** Whose repository the branch is in. */
  headOwner: string;
  branch: string;
  base: string;
  /** Where the branch was when it was last seen, at the latest on closing. */
  head: string;
  /** Where the base was then: GitHub doesn't follow it further. */
  baseSha: string;
  open: boolean;
  /** Null while it is open, and where it was closed because its branch has gone. */
  closedBy: Fields | null;
  merged: { sha: string; at: number; by: Fields } | null;
};

export type PullBook = {
  all(): readonly PullRecord[];
  get(number: number): PullRecord | undefined;
  add(pull: PullRecord): void;
  change(pull: PullRecord, changes: Partial<PullRecord>): void;
  /** Follows the branches. Returns pull requests whose branch is gone, which GitHub closes. */
  follow(): PullRecord[];
  /** The commit that the pull request is compared with: the base branch's newest while it is open. */
  baseOf(pull: PullRecord): string;
  facts(ends: { base: string; head: string }): Facts;
  /** Merges in git; null where that isn't possible. */
  merge(pull: PullRecord, how: { method: Method; message: string; by: string }): string | null;
};

/** Where the branch of a pull request is in our repository. */
export function branchRef(headOwner: string, branch: string): string {
  return headOwner === owner ? `refs/heads/${branch}` : `${forkRefs}${headOwner}/${branch}`;
}

export function makePullBook(bare: Bare, clock: Clock, stamps: Stamps): PullBook {
  const pulls = new Map<number, PullRecord>();
  const known = new Map<string, Facts>();
  function watch(): void {
    const open = [...pulls.values()].filter((pull) => pull.open && pull.headOwner === owner);
    bare.watch(open.map(({ number, branch }) => ({ number, branch })));
  }
  const book: PullBook = {
    all: () => [...pulls.values()],
    get: (number) => pulls.get(number),
    add(pull) {
      pulls.set(pull.number, pull);
      bare.git('update-ref', `refs/pull/${pull.number}/head`, pull.head);
      watch();
    },
    change(pull, changes) {
      Object.assign(pull, changes);
      watch();
    },
    follow: () => followAll({ bare, clock, stamps }, book.all()),
    baseOf: (pull) => (pull.open ? bare.tip(`refs/heads/${pull.base}`) : null) ?? pull.baseSha,
    facts: (ends) => remember(known, bare, ends),
    merge: (pull, how) => mergeInto(bare, pull, { ...how, at: clock.now() }),
  };
  return book;
}

type Followed = { bare: Bare; clock: Clock; stamps: Stamps };

function followAll({ bare, clock, stamps }: Followed, pulls: readonly PullRecord[]): PullRecord[] {
  const open = pulls.filter((pull) => pull.open);
  if (open.length === 0) return [];
  const refs = bare.refs();
  for (const pull of open) {
    const tip = refs.get(branchRef(pull.headOwner, pull.branch)) ?? pull.head;
    if (refs.get(`refs/pull/${pull.number}/head`) !== tip) bare.git('update-ref', `refs/pull/${pull.number}/head`, tip);
    if (tip === pull.head) continue;
    stamps.set(pull.number, { updated_at: iso(clock.tick()) });
    Object.assign(pull, { head: tip, baseSha: refs.get(`refs/heads/${pull.base}`) ?? pull.baseSha });
  }
  return open.filter((pull) => !refs.has(branchRef(pull.headOwner, pull.branch)));
}

function remember(known: Map<string, Facts>, bare: Bare, { base, head }: { base: string; head: string }): Facts {
  const facts = known.get(`${base} ${head}`) ?? factsOf(bare, base, head);
  known.set(`${base} ${head}`, facts);
  return facts;
}

type How = { method: Method; message: string; by: string; at: number };

function mergeInto(bare: Bare, pull: PullRecord, { method, message, by, at }: How): string | null {
  const base = bare.tip(`refs/heads/${pull.base}`);
  if (base === null) return null;
  const author = identityOf(method === 'squash' ? pull.author : by);
  const merged = mergeCommit(bare, { method, base, head: pull.head, message, author, merger: identityOf(by), at });
  if (merged !== null) bare.git('update-ref', `refs/heads/${pull.base}`, merged, base);
  return merged;
}
