// What a pull request shows: golden files of its comments, their limit, and text that could come alive.
import { describe, expect, test } from 'vitest';
import { type ItemReport, itemComment } from '../../src/render/apply-comment.ts';
import { driftIssue, tickedChoices } from '../../src/render/drift-issue.ts';
import { approvalTitle, lineNotes, movedSince, planCheck, planComment, problemComment, sameComment } from '../../src/render/pr-comment.ts';
import type { Change, DriftReport, Edit, Plan, Receipt } from '../../src/types.ts';
import { arena, lexicon, newOrchestrator, owner, samplePlan } from './sample-plan.ts';

const golden = (name: string): string => `../golden/pr/${name}.md`;
const marker = '<!-- mooring:plan {"env":"local","digest":"3f9a"} -->';
const waiting = {
  approved: false,
  rules: [
    { rule: { count: 2, teams: ['treasury', 'owners'] }, by: ['alice'], met: false },
    { rule: { count: 1, teams: [] }, by: ['alice'], met: true },
  ],
  uncounted: [{ author: 'renovate[bot]', why: 'is no person' }],
};

const file = 'desired-state/local/policy.yaml';
const edits: readonly Edit[] = [
  {
    id: 'a',
    file,
    subject: 'policy.yaml: approvals.increase.count',
    what: 'is changed',
    from: '2',
    to: '1',
    risk: 'increase',
    source: { file, line: 5, column: 3 },
  },
  { id: 'b', file, subject: 'arena.committeeSize', what: 'is only observed from now on', from: '3', to: null, risk: 'increase' },
  { id: 'c', file, subject: 'newcomer', what: 'is a new name', from: null, to: newOrchestrator, risk: 'reduce' },
];
const standing = samplePlan.changes.slice(0, 1);

function comment(plan: Plan, more: Partial<Parameters<typeof planComment>[0]> = {}): string {
  return planComment({ plan, lexicon, marker, head: 'abc1234', standing, approvals: waiting, ...more });
}

describe('the comment', () => {
  test('as reviewers read it', async () => {
    await expect(comment({ ...samplePlan, edits })).toMatchFileSnapshot(golden('plan'));
  });

  test('of values that are long, or differ in what can’t be seen', async () => {
    const long = (digit: string): string => `${'1'.repeat(100)}${digit}${'3'.repeat(1_000)}`;
    const edit: Edit = { ...(edits[0] as Edit), risk: 'ambiguous' };
    const told: Edit[] = [
      { ...edit, id: 'whole', subject: 'whole', from: `${'1'.repeat(150)}2`, to: `${'1'.repeat(150)}3` },
      { ...edit, id: 'ends', subject: 'ends', from: long('2'), to: long('4') },
      { ...edit, id: 'grown', subject: 'grown', from: '1', to: long('2') },
      { ...edit, id: 'unseen', subject: 'unseen', from: 'a b', to: 'a\u200bb' },
      { ...edit, id: 'calm', subject: 'calm', risk: 'reduce', from: `${'1'.repeat(150)}2${'3'.repeat(50)}`, to: `${'1'.repeat(150)}4${'3'.repeat(50)}` },
    ];
    const scalar = (value: string) => ({ type: 'scalar' as const, value });
    const change: Change = { ...(samplePlan.changes[0] as Change), contract: 'text', unit: 'none', from: scalar('a b'), to: scalar('a\u2063b') };
    const body = comment({ ...samplePlan, changes: [change], steps: [], edits: told });
    await expect(body).toMatchFileSnapshot(golden('long-values'));
    for (const subject of [...told.map((one) => one.subject), 'text']) {
      const [, , , from, to] = /^\| `SUBJECT`.*$/m.exec(body.replace(`\`${subject}\``, '`SUBJECT`'))?.[0].split(' | ') ?? [];
      expect(from, subject).not.toBe(to);
    }
  });

  test('of edits alone, made without the chain', async () => {
    const plan: Plan = {
      ...samplePlan,
      changes: [],
      steps: [],
      sideEffects: [],
      findings: [],
      unmanaged: [],
      edits,
      block: { number: 0n, hash: '0x', timestamp: 0n },
      simulation: { status: 'not needed' },
    };
    await expect(comment(plan, { standing: [] })).toMatchFileSnapshot(golden('edits'));
  });

  test('where there is no plan', async () => {
    const findings = [
      {
        code: 'NAME_UNKNOWN',
        severity: 'error' as const,
        message: '"orchestrator-x" is not in the address book',
        fix: 'did you mean orchestrator-a?',
        source: { file, line: 12, column: 7 },
      },
    ];
    await expect(problemComment({ environment: 'local', marker, head: 'abc1234', findings })).toMatchFileSnapshot(golden('no-plan'));
  });

  test('says the same whatever moves by itself, and not otherwise', () => {
    const before = comment(samplePlan);
    const later = { ...samplePlan, block: { ...samplePlan.block, number: samplePlan.block.number + 9n, hash: `0x${'cd'.repeat(32)}` } };
    expect(sameComment(before, comment(later))).toBe(true);
    expect(sameComment(before, comment(samplePlan, { head: 'def5678' }))).toBe(false);
    expect(sameComment(before, comment({ ...samplePlan, changes: samplePlan.changes.slice(1) }))).toBe(false);
    expect(sameComment(before, comment(samplePlan, { approvals: { ...waiting, approved: true } }))).toBe(true);
  });
});

/** `count` contracts with three changes each, the first of them risky. */
function large(count: number, risky: boolean): Plan {
  const changes = Array.from({ length: count }, (_item, i) => `contract-${String(i).padStart(4, '0')}`).flatMap((contract) =>
    samplePlan.changes
      .slice(0, 3)
      .map((change, k): Change => ({ ...change, id: `${contract}.${change.field}${k}`, contract, risk: k === 0 && risky ? 'increase' : 'reduce' })),
  );
  return { ...samplePlan, changes, steps: [], unmanaged: [] };
}

describe('a plan too large for one comment', () => {
  test('of 500 contracts keeps its summary and every risky row, and says what is left out', async () => {
    const plan = large(500, true);
    const body = comment(plan);
    expect(body.length).toBeLessThanOrEqual(60_000);
    expect(body.length).toBeGreaterThan(40_000);
    expect(body.startsWith(marker)).toBe(true);
    for (const { contract, risk } of plan.changes) if (risk === 'increase') expect(body).toContain(`\`${contract}\``);
    expect(body).toContain('1,500 changes, 500 raise risk');
    expect(body).toMatch(/that lower risk_/);
    expect((body.match(/^```/gm) ?? []).length % 2).toBe(0);
    expect((body.match(/<details>/g) ?? []).length).toBe((body.match(/<\/details>/g) ?? []).length);
  });

  test('whose risky rows alone are too many says so, rather than hide one', () => {
    const body = comment(large(2_000, true));
    expect(body.length).toBeLessThanOrEqual(60_000);
    expect(body).toContain('too large for one comment: 2,000 risky changes');
  });

  test('of thousands of edits without risk folds them first', () => {
    const calm = Array.from(
      { length: 3_000 },
      (_item, i): Edit => ({ id: `e${i}`, file, subject: `contract-${i}`, what: 'is managed from now on', from: null, to: arena, risk: 'reduce' }),
    );
    const body = comment({ ...samplePlan, edits: [...edits, ...calm] });
    expect(body.length).toBeLessThanOrEqual(60_000);
    expect(body).toContain('3,001 edits without risk');
    expect(body).toContain('policy.yaml: approvals.increase.count');
  });
});

test('what a chain or a file says stays text', () => {
  const evil = '</details><script>x</script> @alice ![x](http://evil.example) ```\n| a | b |';
  const change: Change = { ...(samplePlan.changes[0] as Change), contract: evil, field: evil };
  const plan: Plan = {
    ...samplePlan,
    environment: 'local',
    changes: [change],
    edits: [{ ...(edits[0] as Edit), subject: evil, what: evil, from: evil, to: evil }],
    findings: [{ code: 'X', severity: 'error', message: evil, fix: evil, contract: evil }],
  };
  const body = comment(plan, {
    standing: [change],
    approvals: { approved: false, rules: [{ rule: { count: 1, teams: [evil] }, by: [evil], met: false }], uncounted: [{ author: evil, why: evil }] },
  });
  const lines = withoutFences(body.split('\n'));
  // A code span ends at a run of as many backticks as it began with.
  const outside = lines.map((line) => line.replace(/(?<!`)(`+)(?!`)(.*?)(?<!`)\1(?!`)/g, '')).join('\n');
  expect(outside).not.toMatch(/<script|<\/details><|@alice|!\[x\]\(/);
});

function withoutFences(lines: readonly string[]): string[] {
  const outside: string[] = [];
  let fence: string | null = null;
  for (const line of lines) {
    const mark = /^(`{3,})/.exec(line)?.[1] ?? null;
    if (fence === null && mark === null) outside.push(line);
    else if (fence === null) fence = mark;
    else if (line === fence) fence = null;
  }
  return outside;
}

const receipt: Receipt = {
  version: 1,
  run: '20260101T000000Z-0a0b0c0d',
  previous: null,
  environment: 'local',
  chainId: 31_337n,
  digest: samplePlan.digest,
  commit: 'a'.repeat(40),
  approvedBy: 'pull request #12, approved by alice, bob',
  outcome: 'partial',
  startedAt: 0,
  finishedAt: 1,
  transactions: [
    {
      step: 'arena.setRewardSplits',
      hash: `0x${'ab'.repeat(32)}`,
      signer: owner,
      nonce: 4,
      block: 19_000_001n,
      success: true,
      gasUsed: 51_000n,
      events: [{ contract: 'arena', event: 'RewardSplitsUpdated', args: { teacher: 6000n } }],
    },
    {
      step: `arena.setOrchestrator[${newOrchestrator}]`,
      hash: `0x${'cd'.repeat(32)}`,
      signer: owner,
      nonce: 5,
      block: 19_000_002n,
      success: false,
      gasUsed: 40_000n,
      events: [],
    },
  ],
  changes: samplePlan.changes,
  after: {},
  signer: owner,
};

describe('after the merge', () => {
  const report: ItemReport = {
    status: 'applied',
    environment: 'local',
    receipt: { ...receipt, outcome: 'done' },
    findings: [],
    superseded: [],
    again: null,
    refused: null,
    lexicon,
  };
  const failed = { code: 'STEP_REVERTED', severity: 'error' as const, message: 'arena.setOrchestrator failed in 0xcd: OwnableUnauthorizedAccount()' };

  test.each<[string, ItemReport]>([
    ['applied', report],
    ['partly-applied', { ...report, status: 'partly', receipt, findings: [failed] }],
    [
      'stale',
      {
        ...report,
        status: 'stale',
        receipt: null,
        findings: [{ code: 'STALE_PLAN', severity: 'error', message: 'the plan is 111111111111 now, and 222222222222 was approved' }],
        again: { number: 13, url: 'x' },
      },
    ],
    [
      'refused',
      {
        ...report,
        status: 'stale',
        receipt: null,
        findings: [{ code: 'STALE_PLAN', severity: 'error', message: 'the plan is 111111111111 now, and 222222222222 was approved' }],
        refused: { number: 13, by: 'carol' },
      },
    ],
    ['superseded', { ...report, status: 'superseded', receipt: null, superseded: samplePlan.changes.slice(0, 1) }],
  ])('%s', async (name, given) => {
    await expect(itemComment(given, '<!-- mooring:apply {"env":"local"} -->')).toMatchFileSnapshot(golden(name));
  });
});

const drift: DriftReport = {
  environment: 'local',
  chainId: 31_337n,
  block: samplePlan.block,
  status: 'drifted',
  findings: [],
  unmanaged: [],
  items: [
    {
      change: samplePlan.changes[0] as Change,
      status: 'drifted',
      author: {
        transaction: `0x${'ee'.repeat(32)}`,
        block: 18_999_000n,
        timestamp: 1_789_000_000n,
        sender: owner,
        senderName: 'treasury-safe',
        call: { contract: 'arena', function: 'setRewardSplits', args: [{ name: 'teacher', type: 'uint16', value: 5000n }] },
      },
    },
    { change: samplePlan.changes[2] as Change, status: 'emergency', author: null },
    {
      change: samplePlan.changes[3] as Change,
      status: 'ignored',
      author: null,
      ignore: { contract: 'stake-manager', field: 'minStake', until: 1_800_000_000n, owner: 'bob', reason: 'trial' },
    },
  ],
};

describe('the drift issue', () => {
  test('as operators read it', async () => {
    const body = driftIssue(drift, {
      lexicon,
      marker: '<!-- mooring:drift {"env":"local"} -->',
      opened: new Map([['adopt arena.orchestrators[0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC]', { number: 7 }]]),
    });
    await expect(body).toMatchFileSnapshot(golden('drift'));
    expect(tickedChoices(body)).toEqual([]);
    expect(tickedChoices(body.replace('- [ ] Revert', '- [x] Revert'))).toEqual([{ choice: 'revert', id: 'arena.teacherRewardSplitBps' }]);
  });

  test('with thousands of differences stays within the limit', () => {
    const items = Array.from({ length: 3_000 }, (_item, i) => ({
      ...(drift.items[0] as DriftReport['items'][number]),
      change: { ...(samplePlan.changes[0] as Change), id: `c${i}.x`, contract: `c${i}` },
    }));
    const body = driftIssue({ ...drift, items }, { lexicon, marker: 'm', opened: new Map() });
    expect(body.length).toBeLessThanOrEqual(60_000);
    expect(body).toMatch(/and [\d,]+ differences more/);
  });
});

test('what moved since a plan is told from its check', () => {
  const { text } = planCheck(samplePlan, lexicon);
  expect(movedSince(text, samplePlan, lexicon)).toEqual([]);
  const [first, ...others] = samplePlan.changes as [Change, ...Change[]];
  const moved = { ...samplePlan, changes: [{ ...first, from: { type: 'scalar' as const, value: 5500n } }, ...others.slice(0, 2)] };
  expect(movedSince(text, moved, lexicon)).toEqual([
    'arena.teacherRewardSplitBps was 50 % → 60 % when the plan was approved and is 55 % → 60 % now',
    'stake-manager.minStake was to change (100 AGIALPHA → 150 AGIALPHA) when the plan was approved and is not any more',
  ]);
});

test('the checks: a title that says what counts, notes on the lines that cause it', () => {
  expect(planCheck({ ...samplePlan, edits }, lexicon).title).toBe(
    '4 changes, 1 raises risk, 1 needs judgement, 3 other edits without a transaction, 2 of them with risk',
  );
  expect(approvalTitle(waiting)).toBe('Waiting for 1 approval from treasury or owners');
  expect(approvalTitle({ ...waiting, approved: true })).toBe('Approved: 2 approvals from treasury or owners, and 1 approval');
  const source = { file, line: 9, column: 1 };
  const notes = lineNotes(
    { changes: [{ ...(samplePlan.changes[1] as Change), source }], edits, findings: [{ code: 'X', severity: 'error', message: 'm', fix: 'f', source }] },
    lexicon,
  );
  expect(notes.map(({ path, line, level }) => `${path}:${line} ${level}`)).toEqual([`${file}:9 warning`, `${file}:5 warning`, `${file}:9 failure`]);
});
