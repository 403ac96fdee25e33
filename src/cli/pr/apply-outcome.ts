// What applies share: what they work with, what can become of a pull request, and which errors end it all.
import { type Code, codes, MooringError } from '../../errors.ts';
import type { Lexicon } from '../../render/lexicon.ts';
import type { GitStore } from '../../scm/git-store.ts';
import type { Desired, Finding, JournalStore, Plan, Change as PlannedChange, Receipt } from '../../types.ts';
import type { Opened } from '../environment/open.ts';
import { findingsOf } from './change.ts';
import type { Item } from './merged-items.ts';
import type { Repository } from './repository.ts';
import type { Sides } from './sides.ts';

/**
 * applied: sent and verified, now or before. nothing: the chain is as it asks, or it asks nothing of the chain. superseded:
 * later commits ask for something else. partly, failed: some or nothing of it took effect; the next run goes on. stale: what
 * was approved isn't what would be sent. unapproved: policy asks for approvals that it doesn't have. blocked: the plan has errors.
 */
export type Status = 'applied' | 'nothing' | 'superseded' | 'partly' | 'failed' | 'stale' | 'unapproved' | 'blocked';

export type Outcome = {
  status: Status;
  /** True: another apply is to look at it again. */
  waits: boolean;
  /** True: it asked nothing of the chain, so there is nothing to tell. */
  silent?: boolean;
  plan: Plan | null;
  receipt: Receipt | null;
  /** What moved, what failed, what is missing. */
  findings: readonly Finding[];
  superseded: readonly PlannedChange[];
  lexicon: Lexicon;
};

export type Applying = {
  repository: Repository;
  environment: string;
  /** Locked by whoever calls. */
  store: GitStore;
  /** The branch's head, and what it declares. */
  head: string;
  later: Desired;
  /** What came onto the branch and isn't settled, in order. */
  queue: readonly Item[];
  /** Addresses whose lease is held, lower case. */
  leased: ReadonlySet<string>;
};

export type Bare = Omit<Outcome, 'status' | 'waits'>;
export type Online = { opened: Opened; sides: Sides; bare: Bare };

/** Errors after which nothing more may be sent by this process. */
const fatal = /^(?:LEASE_|JOURNAL_|RECEIPT_|GIT_|GITHUB_|FOREIGN_)/;

/** What an error that stops nothing else makes of an item; throws any other again. */
export function failedBy(error: unknown): Pick<Outcome, 'status' | 'waits' | 'findings'> {
  if (!(error instanceof MooringError) || fatal.test(error.code)) throw error;
  return { status: statusOf(error.code), waits: true, findings: findingsOf(error) };
}

function statusOf(code: Code): Status {
  const { exit } = codes[code];
  return exit === 'stale' ? 'stale' : exit === 'denied' || code === 'INPUT_INVALID' ? 'blocked' : 'failed';
}

export async function receiptOf(store: JournalStore, run: string): Promise<Receipt | null> {
  return (await store.receipts()).find((receipt) => receipt.run === run) ?? null;
}
