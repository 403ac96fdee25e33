// Who has approved which plan: reviews held against the time at which each plan was the current one. Pure.
import type { Approvals } from '../types.ts';

/** Since when a plan's digest was the current one, in milliseconds since the epoch. */
export type DigestSince = { digest: string; since: number };

export type GivenReview = { id: number; author: string; isBot: boolean; state: string; commit: string | null; at: number };

export type Judging = {
  /** What would be sent. */
  digest: string;
  rules: readonly Approvals[];
  author: string;
  /** The final head. */
  head: string;
  reviews: readonly GivenReview[];
  /** Plans of that head, as only we can have recorded them. */
  history: readonly DigestSince[];
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
export function judgeApprovals(judging: Judging): Judgement {
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
    uncounted: [...uncounted, ...outsiders(judging, counting, rules)],
    outdated: judged.filter(({ review }) => isOutdated(judging, review)).map(({ review }) => review.id),
  };
}

/** Digests that people have approved on the final head: what could be sent at all. */
export function approvedDigests({ reviews, history, head }: Pick<Judging, 'reviews' | 'history' | 'head'>): string[] {
  const approvals = latestByAuthor(reviews).filter(({ state, commit }) => state === 'APPROVED' && commit === head);
  return [...new Set(approvals.flatMap((review) => digestAt(history, review.at) ?? []))];
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
  const digest = digestAt(judging.history, review.at);
  if (digest === null) return 'approved before there was a plan';
  return digest === judging.digest ? null : 'approved another plan';
}

function isOutdated(judging: Judging, review: GivenReview): boolean {
  const digest = digestAt(judging.history, review.at);
  return review.commit !== judging.head || (digest !== null && digest !== judging.digest);
}

/** Times have whole seconds: what was given in the second in which the plan changed was given for the one before. */
function digestAt(history: readonly DigestSince[], at: number): string | null {
  return history.filter(({ since }) => since < at).at(-1)?.digest ?? null;
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
