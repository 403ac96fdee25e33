// Whose approval counts for which plan.
import { describe, expect, test } from 'vitest';
import { approvedDigests, type GivenReview, type Judging, judgeApprovals, plansBefore, readingTime } from '../../src/scm/approvals.ts';

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
    mergedAt: null,
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
    expect(approved([review('alice', 90_000)], { history, digest: second })).toBe(true);
    expect(judgeApprovals(judging([review('alice', 2_000), review('bob', 90_000)], { history, digest: second })).outdated).toHaveLength(1);
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

describe('given when nobody can have read the plan yet', () => {
  const history = [
    { digest: first, since: 1_000 },
    { digest: second, since: 10_000 },
  ];
  const at = (ms: number, digest: string, more: Partial<Judging> = {}) => judgeApprovals(judging([review('alice', ms)], { history, digest, ...more }));

  test('counts for neither the new plan nor the one before, and is to be given again', () => {
    for (const ms of [11_000, 10_000 + readingTime - 1]) {
      expect(at(ms, second)).toMatchObject({ approved: false, uncounted: [{ author: 'alice' }], outdated: [expect.any(Number)] });
      expect(at(ms, first).approved).toBe(false);
      expect(approvedDigests({ reviews: [review('alice', ms)], history, head, mergedAt: null })).toEqual([]);
    }
    expect(at(10_000 + readingTime, second)).toMatchObject({ approved: true, outdated: [] });
  });

  test('also where the plan goes back to what it was', () => {
    const back = [...history, { digest: first, since: 200_000 }];
    expect(at(201_000, first, { history: back }).approved).toBe(false);
    expect(at(200_000 + readingTime, first, { history: back }).approved).toBe(true);
  });

  test('but there is no other plan to have looked at: the first one counts at once, also after one that could not be made', () => {
    expect(at(2_000, first).approved).toBe(true);
    const again = [
      { digest: '', since: 500 },
      { digest: first, since: 1_000 },
      { digest: '', since: 3_000 },
      { digest: first, since: 5_000 },
    ];
    expect(at(6_000, first, { history: again }).approved).toBe(true);
  });
});

describe('after the merge', () => {
  const merged = { mergedAt: 100_000 };
  const changed = [
    { digest: first, since: 1_000 },
    { digest: second, since: 100_000 },
  ];

  test('nobody approves any more, and it is said', () => {
    expect(approved([review('alice', 100_000)], merged)).toBe(true);
    expect(approved([review('alice', 101_000)], merged)).toBe(false);
    expect(why([review('alice', 101_000)], merged)).toEqual(['alice approved after the merge']);
    expect(approvedDigests({ reviews: [review('alice', 101_000)], history: [{ digest: first, since: 1_000 }], head, ...merged })).toEqual([]);
  });

  test('an approval that is given twice is the one from before; one that is taken back is none', () => {
    const early = review('alice', 2_000);
    expect(approved([early, review('alice', 101_000)], merged)).toBe(true);
    expect(why([early, review('alice', 101_000)], merged)).toEqual([]);
    expect(approved([early, review('alice', 101_000, { state: 'CHANGES_REQUESTED' })], merged)).toBe(false);
    const anew = [early, review('alice', 101_000, { state: 'CHANGES_REQUESTED' }), review('alice', 102_000)];
    expect(approved(anew, merged)).toBe(false);
  });

  test('no plan becomes the current one', () => {
    const reviews = [review('alice', 2_000), review('bob', 300_000)];
    expect(approved(reviews, { ...merged, history: changed, digest: second })).toBe(false);
    expect(approved(reviews, { ...merged, history: changed, digest: first })).toBe(true);
    expect(approvedDigests({ reviews, history: changed, head, ...merged })).toEqual([first]);
    expect(plansBefore(changed, 99_999).map(({ digest }) => digest)).toEqual([first]);
    expect(plansBefore(changed, null)).toEqual(changed);
  });
});

test('which digests people have approved on the final head', () => {
  const history = [
    { digest: first, since: 1_000 },
    { digest: second, since: 3_000 },
  ];
  const reviews = [review('alice', 2_000), review('bob', 90_000), review('carol', 500), review('dave', 4_000, { commit: '2'.repeat(40) })];
  expect(approvedDigests({ reviews, history, head, mergedAt: null })).toEqual([first, second]);
});
