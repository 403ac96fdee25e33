// Who has approved which plan: reviews held against the time at which each plan was the current one. Pure.
import type { Approvals } from '../types.ts';

/** Since when a plan's digest was the current one, in milliseconds since the epoch. */
export type DigestSince = { digest: string; since: number };

/**
 * How long, in milliseconds, a plan that takes another one's place must have been there before an approval counts for it. Its
 * comment follows its check by seconds, and whoever has the page open still sees the plan before: nobody reads the new one
 * sooner.
 */
export const readingTime = 60_000;

export type GivenReview = { id: number; author: string; isBot: boolean; state: string; commit: string | null; at: number };

export type Judging = {
  /** What would be sent. */
  digest: string;
  rules: readonly Approvals[];
  author: string;
  /** The final head. */
  head: string;
  reviews: readonly GivenReview[];
  /** Plans of that head, as only we can have recorded them; oldest first. */
  history: readonly DigestSince[];
  /** When it was merged, in milliseconds since the epoch; null while it isn't. What came later doesn't count. */
  mergedAt: number | null;
  /** By login: may they write here, and in which of the teams are they? */
  standing: ReadonlyMap<string, { mayWrite: boolean; teams: ReadonlySet<string> }>;
};

export type Uncounted = { review: number; author: string; why: string };

export type Judgement = {
  approved: boolean;
  /** Each rule with those who count for it. */
  rules: readonly { rule: Approvals; by: readonly string[]; met: boolean }[];
  /** Approvals that don't count, and why. */
  uncounted: readonly Uncounted[];
  /** Ids of approvals that were given for another plan. */
  outdated: readonly number[];
};

/** An approval counts for the plan that was current when it was given, on the final head, of a person who isn't the author. */
export function judgeApprovals(given: Judging): Judgement {
  const judging = asMerged(given);
  const approvals = latestByAuthor(judging.reviews).filter(({ state }) => state === 'APPROVED');
  const judged = approvals.map((review) => ({ review, why: whyNot(judging, review) }));
  const counting = judged.filter(({ why }) => why === null).map(({ review }) => review.author);
  const rules = judging.rules.map((rule) => {
    const by = counting.filter((login) => accepts(rule, judging.standing.get(login)));
    return { rule, by, met: by.length >= rule.count };
  });
  const uncounted = judged.flatMap(({ review, why }) => (why === null ? [] : [{ review: review.id, author: review.author, why }]));
  return {
    approved: rules.every(({ met }) => met),
    rules,
    uncounted: [...uncounted, ...tooLate(given, judged), ...outsiders(judging, counting, rules)],
    outdated: judged.filter(({ review }) => isOutdated(judging, review)).map(({ review }) => review.id),
  };
}

type Told = Pick<Judging, 'reviews' | 'history' | 'head' | 'mergedAt'>;

/** Digests that people have approved on the final head: what could be sent at all. */
export function approvedDigests(told: Told): string[] {
  const { reviews, history, head } = asMerged(told);
  const approvals = latestByAuthor(reviews).filter(({ state, commit }) => state === 'APPROVED' && commit === head);
  const seen = approvals.map((review) => seenAt(history, review.at));
  return [...new Set(seen.flatMap(({ digest, hasty }) => (digest === null || hasty ? [] : [digest])))];
}

/** Plans that were there when it was merged, of all that a head ever had; all of them while it isn't. */
export function plansBefore<T extends DigestSince>(history: readonly T[], mergedAt: number | null): T[] {
  return history.filter(({ since }) => mergedAt === null || since <= mergedAt);
}

/** Without approvals from after the merge. That somebody has taken one back counts all the same: then nothing is sent. */
function asMerged<T extends Pick<Judging, 'reviews' | 'mergedAt'>>(told: T): T {
  return { ...told, reviews: told.reviews.filter((review) => !isLate(review, told.mergedAt)) };
}

function isLate({ state, at }: GivenReview, mergedAt: number | null): boolean {
  return mergedAt !== null && state === 'APPROVED' && at > mergedAt;
}

/** Approvals of whoever has given none before the merge. */
function tooLate({ reviews, mergedAt }: Judging, judged: readonly { review: GivenReview }[]): Uncounted[] {
  const known = new Set(judged.map(({ review }) => review.author));
  const late = latestByAuthor(reviews).filter((review) => isLate(review, mergedAt) && !known.has(review.author));
  return late.map(({ id, author }) => ({ review: id, author, why: 'approved after the merge' }));
}

/** The last word of each; a remark takes nothing back. */
function latestByAuthor(reviews: readonly GivenReview[]): GivenReview[] {
  const words = [...reviews].filter(({ state }) => ['APPROVED', 'CHANGES_REQUESTED', 'DISMISSED'].includes(state)).sort((a, b) => a.at - b.at || a.id - b.id);
  return [...new Map(words.map((review) => [review.author, review])).values()];
}

function whyNot(judging: Judging, review: GivenReview): string | null {
  if (review.author === judging.author) return 'is the author';
  if (review.isBot) return 'is no person';
  if (review.commit !== judging.head) return 'approved an earlier head';
  const { digest, hasty } = seenAt(judging.history, review.at);
  if (digest === null) return 'approved before there was a plan';
  if (digest !== judging.digest) return 'approved another plan';
  return hasty ? 'approved before the plan could be read' : null;
}

function isOutdated(judging: Judging, review: GivenReview): boolean {
  const { digest, hasty } = seenAt(judging.history, review.at);
  return review.commit !== judging.head || hasty || (digest !== null && digest !== judging.digest);
}

/** The plan that was current. `hasty`: whoever approved then may have looked at one that was there before. */
type Seen = { digest: string | null; hasty: boolean };

/** Times have whole seconds: what was given in the second in which the plan changed was given for the one before. */
function seenAt(history: readonly DigestSince[], at: number): Seen {
  const place = history.findLastIndex(({ since }) => since < at);
  const current = history[place];
  if (current === undefined) return { digest: null, hasty: false };
  const { digest, since } = current;
  const hasOthers = history.slice(0, place).some((earlier) => earlier.digest !== '' && earlier.digest !== digest);
  return { digest, hasty: hasOthers && at < since + readingTime };
}

function accepts({ teams }: Approvals, standing: { mayWrite: boolean; teams: ReadonlySet<string> } | undefined): boolean {
  if (standing === undefined) return false;
  return teams.length === 0 ? standing.mayWrite : teams.some((team) => standing.teams.has(team));
}

function outsiders({ reviews }: Judging, counting: readonly string[], rules: Judgement['rules']): Uncounted[] {
  if (rules.length === 0) return [];
  const outside = counting.filter((login) => rules.every(({ by }) => !by.includes(login)));
  return outside.map((author) => ({
    review: latestByAuthor(reviews).find((review) => review.author === author)?.id ?? 0,
    author,
    why: 'is in none of the teams that are asked',
  }));
}
