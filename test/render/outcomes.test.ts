import { expect, test } from 'vitest';
import { driftText } from '../../src/render/drift-text.ts';
import { findingsText } from '../../src/render/finding-text.ts';
import { planMarkdown } from '../../src/render/plan-markdown.ts';
import { planText } from '../../src/render/plan-text.ts';
import { runText } from '../../src/render/run-text.ts';
import { statusText } from '../../src/render/status-text.ts';
import type { Author, Change, DriftReport, Finding, Plan, Receipt } from '../../src/types.ts';
import { changes, lexicon, newOrchestrator, oldOrchestrator, owner, samplePlan } from './sample-plan.ts';

const hash = `0x${'cd'.repeat(32)}`;
const [split, added, removed, stake] = changes as readonly [Change, Change, Change, Change];
const author: Author = {
  transaction: hash,
  block: 18_999_999n,
  timestamp: 1_790_000_000n,
  sender: owner,
  senderName: 'treasury-safe',
  call: { contract: 'arena', function: 'setOrchestrator', args: [{ name: 'orchestrator', type: 'address', value: newOrchestrator }] },
};
const sticky: Finding = {
  code: 'STICKY_REDUCTION',
  severity: 'warning',
  contract: 'arena',
  field: 'teacherRewardSplitBps',
  message: 'guardian reduced it, outside of git',
  fix: 'adopt it or lift it',
  changes: [split.id],
};

test('a drift report tells emergencies, drift, pending changes and unknowns apart', async () => {
  const report: DriftReport = {
    environment: 'local',
    chainId: 31337n,
    block: samplePlan.block,
    status: 'unknown',
    items: [
      { change: split, status: 'emergency', author, finding: sticky },
      { change: removed, status: 'drifted', author },
      { change: added, status: 'pending', author: null },
      { change: { ...stake, from: { type: 'unknown', reason: 'the call reverted' } }, status: 'unknown', author: null },
    ],
    findings: [sticky, { code: 'LIVE_UNKNOWN', severity: 'error', contract: 'stake-manager', message: 'minStake could not be read' }],
    unmanaged: samplePlan.unmanaged,
  };
  await expect(driftText(report, lexicon)).toMatchFileSnapshot('../golden/drift.txt');
});

test('a plan in which an emergency stands says that nothing is sent', async () => {
  await expect(
    planText({ ...samplePlan, changes: [], steps: [], sideEffects: [], unmanaged: [], findings: [sticky], simulation: { status: 'not needed' } }, lexicon),
  ).toMatchFileSnapshot('../golden/plan-emergency.txt');
});

test('a zero with a meaning, a range and a lifted emergency are told', async () => {
  const cap: Change = {
    ...stake,
    id: 'stake-manager.maxStakePerAddress',
    field: 'maxStakePerAddress',
    to: { type: 'scalar', value: 0n },
    zeroMeans: 'off',
    risk: 'increase',
  };
  const range: Change = { ...split, to: { type: 'scalar', value: 5500n }, within: { min: 5500n, max: 7000n } };
  const reductions = [
    {
      contract: 'arena',
      field: split.field,
      transaction: hash,
      block: 18_999_999n,
      sender: oldOrchestrator,
      from: split.to,
      to: split.from ?? { type: 'unset' },
      known: false,
    } as const,
  ];
  const told: Plan = { ...samplePlan, changes: [cap, range], reductions, findings: [], unmanaged: [], sideEffects: [] };
  await expect(planText(told, lexicon)).toMatchFileSnapshot('../golden/plan-told.txt');
  await expect(planMarkdown(told, lexicon)).toMatchFileSnapshot('../golden/plan-told.md');
});

test('findings come with place, offending line and fix; a hostile line is cut and cleaned', async () => {
  const long = `${'x'.repeat(500_000)}\u001b[31m`;
  const findings: Finding[] = [
    {
      code: 'FIELD_UNKNOWN',
      severity: 'error',
      message: 'SelfPlayArena has no field "comitteeSize"',
      fix: 'did you mean committeeSize?',
      source: { file: 'arena.yaml', line: 1, column: 3 },
    },
    { code: 'YAML_SYNTAX', severity: 'warning', message: 'an endless line', source: { file: 'arena.yaml', line: 2, column: 400_000 } },
  ];
  const text = findingsText(findings, lexicon, ({ line }) => (line === 1 ? '  comitteeSize: 3' : long));
  expect(text).not.toContain('\u001b[31m');
  await expect(text).toMatchFileSnapshot('../golden/findings.txt');
});

const receipt: Receipt = {
  version: 1,
  run: '20261123T184731Z-60c26ec6',
  previous: null,
  environment: 'local',
  chainId: 31337n,
  digest: samplePlan.digest,
  commit: null,
  approvedBy: 'typed on a terminal',
  outcome: 'partial',
  startedAt: 1_790_000_000_000,
  finishedAt: 1_790_000_005_000,
  transactions: [
    {
      step: 's1',
      hash,
      signer: owner,
      nonce: 7,
      block: 19_000_001n,
      success: true,
      gasUsed: 50_000n,
      events: [{ contract: 'stake-manager', event: 'MinStakeUpdated', args: {} }],
    },
    { step: 's2', hash: `0x${'ef'.repeat(32)}`, signer: owner, nonce: 8, block: 19_000_002n, success: false, gasUsed: 30_000n, events: [] },
  ],
  changes,
  after: {},
  signer: owner,
};

test('a run that failed in the middle says which part succeeded, which failed and why, and which was not tried', async () => {
  const findings: Finding[] = [
    { code: 'STEP_REVERTED', severity: 'error', contract: 'arena', message: 'setRewardSplits reverted with InvalidSplit()' },
    { code: 'STEP_NOT_TRIED', severity: 'error', contract: 'arena', message: 'setOrchestrator was not tried' },
  ];
  await expect(runText({ outcome: 'partial', receipt, findings }, lexicon)).toMatchFileSnapshot('../golden/run-partial.txt');
});

test('status shows each transaction of each run and how to go on', async () => {
  const [one, two, three] = samplePlan.steps;
  if (one === undefined || two === undefined || three === undefined) throw new Error('the sample has three steps');
  const run = {
    run: receipt.run,
    startedAt: receipt.startedAt,
    finishedAt: null,
    outcome: null,
    digest: receipt.digest,
    approvedBy: receipt.approvedBy,
    commit: 'ab'.repeat(20),
  };
  const steps = [
    { step: one, state: 'succeeded', transaction: hash, block: 19_000_001n },
    { step: two, state: 'waiting', transaction: hash, block: null },
    { step: three, state: 'not sent', transaction: null, block: null },
  ] as const;
  await expect(
    statusText({ environment: 'local', incidents: { open: [], unreadable: [] }, runs: [{ ...run, steps }], receipts: 0 }, lexicon),
  ).toMatchFileSnapshot('../golden/status.txt');
});
