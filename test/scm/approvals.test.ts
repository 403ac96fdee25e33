// Whose approval counts for which plan.
import { describe, expect, test } from 'vitest';
import { approvedDigests, type GivenReview, type Judging, judgeApprovals } from '../../src/scm/approvals.ts';

const [first, second] = ['a'.repeat(64), 'b'.repeat(64)];
const head = '1'.repeat(40);

let ids = 0;
function review(author: string, at: number, more: Partial<GivenReview> = {}): GivenReview {
  ids += 1;
  return { id: ids, author, isBot: false, state: 'APPROVED', commit: head, at, ...more };
}

function judging(reviews: readonly GivenReview[], more: Partial<Judging> = {}): Judging {
  const people = ['alice', 'bob', 'carol', 'dave', 'renovate[bot]'];
  const teams: Record<string, string[]> = { alice: ['treasury'], bob: ['treasury'], carol: ['security', 'treasury'] };
  return {
    digest: first,
    rules: [{ count: 1, teams: ['treasury'] }],
    author: 'dave',
    head,
    reviews,
    history: [{ digest: first, since: 1_000 }],
    standing: new Map(people.map((login) => [login, { mayWrite: login !== 'dave', teams: new Set(teams[login] ?? []) }])),
    ...more,
  };
}

const approved = (reviews: readonly GivenReview[], more: Partial<Judging> = {}): boolean => judgeApprovals(judging(reviews, more)).approved;
const why = (reviews: readonly GivenReview[], more: Partial<Judging> = {}): string[] =>
  judgeApprovals(judging(reviews, more)).uncounted.map((one) => `${one.author} ${one.why}`);

describe('counts', () => {
  test('who is in the team, approved the final head, and this plan', () => {
    expect(approved([review('alice', 2_000)])).toBe(true);
    expect(approved([])).toBe(false);
    expect(approved([], { rules: [] })).toBe(true);
  });

  test('each rule for itself; one person may count for several, and nobody twice', () => {
    const rules = [
      { count: 2, teams: ['treasury'] },
      { count: 1, teams: ['security'] },
    ];
    expect(approved([review('alice', 2_000), review('bob', 2_000)], { rules })).toBe(false);
    expect(approved([review('alice', 2_000), review('carol', 2_000)], { rules })).toBe(true);
    expect(approved([review('alice', 2_000), review('alice', 3_000)], { rules: [{ count: 2, teams: ['treasury'] }] })).toBe(false);
  });

  test('anybody who may write, where no team is named', () => {
    const rules = [{ count: 1, teams: [] }];
    expect(approved([review('alice', 2_000)], { rules })).toBe(true);
    expect(approved([review('mallory', 2_000)], { rules })).toBe(false);
    expect(approved([review('dave', 2_000)], { rules, author: 'erin' })).toBe(false);
  });

  test('the last word of each; a remark takes nothing back', () => {
    expect(approved([review('alice', 2_000), review('alice', 3_000, { state: 'COMMENTED' })])).toBe(true);
    expect(approved([review('alice', 2_000), review('alice', 3_000, { state: 'CHANGES_REQUESTED' })])).toBe(false);
    expect(approved([review('alice', 2_000, { state: 'DISMISSED' })])).toBe(false);
    expect(approved([review('alice', 3_000), review('alice', 2_000, { state: 'CHANGES_REQUESTED' })])).toBe(true);
  });
});

describe('does not count', () => {
  test.each<[string, GivenReview, Partial<Judging>, string]>([
    ['the author', review('alice', 2_000), { author: 'alice' }, 'alice is the author'],
    ['a bot', review('renovate[bot]', 2_000, { isBot: true }), {}, 'renovate[bot] is no person'],
    ['an earlier head', review('alice', 2_000, { commit: '2'.repeat(40) }), {}, 'alice approved an earlier head'],
    ['somebody outside the teams', review('dave', 2_000), { author: 'erin' }, 'dave is in none of the teams that are asked'],
    ['what was given before there was a plan', review('alice', 900), {}, 'alice approved before there was a plan'],
    ['another plan', review('alice', 2_000), { digest: second }, 'alice approved another plan'],
  ])('%s', (_name, given, more, says) => {
    expect(approved([given], more)).toBe(false);
    expect(why([given], more)).toEqual([says]);
  });

  test('what was given for a plan that has moved since', () => {
    const history = [
      { digest: first, since: 1_000 },
      { digest: second, since: 3_000 },
    ];
    expect(approved([review('alice', 2_000)], { history, digest: second })).toBe(false);
    expect(approved([review('alice', 4_000)], { history, digest: second })).toBe(true);
    expect(judgeApprovals(judging([review('alice', 2_000), review('bob', 4_000)], { history, digest: second })).outdated).toHaveLength(1);
  });

  test('in the second in which the plan moves, for the new one', () => {
    const history = [
      { digest: first, since: 1_000 },
      { digest: second, since: 3_000 },
    ];
    expect(approved([review('alice', 3_000)], { history, digest: second })).toBe(false);
    expect(approved([review('alice', 1_000)])).toBe(false);
  });

  test('while there was no plan, because it could not be made', () => {
    const history = [
      { digest: first, since: 1_000 },
      { digest: '', since: 2_000 },
      { digest: first, since: 4_000 },
    ];
    expect(approved([review('alice', 3_000)], { history })).toBe(false);
    expect(approved([review('alice', 1_500)], { history })).toBe(true);
  });
});

test('which digests people have approved on the final head', () => {
  const history = [
    { digest: first, since: 1_000 },
    { digest: second, since: 3_000 },
  ];
  const reviews = [review('alice', 2_000), review('bob', 4_000), review('carol', 500), review('dave', 4_000, { commit: '2'.repeat(40) })];
  expect(approvedDigests({ reviews, history, head })).toEqual([first, second]);
});
