import { describe, expect, test } from 'vitest';
import { shownNames } from '../../src/format.ts';
import { planMarkdown } from '../../src/render/plan-markdown.ts';
import { planText } from '../../src/render/plan-text.ts';
import type { AddressBook, Change, Plan } from '../../src/types.ts';
import { changes, lexicon, newOrchestrator, oldOrchestrator, samplePlan } from './sample-plan.ts';

const hostile = 'x`|</details>\n<script>@everyone [link](https://evil.example) ``` \u202e';

function withChanges(amount: number, contracts: number, risk: Change['risk']): Plan {
  const [first] = changes;
  if (first === undefined) throw new Error('the sample has changes');
  const many = Array.from(
    { length: amount },
    (_, index): Change => ({
      ...first,
      contract: `contract-${index % contracts}`,
      id: `contract-${index % contracts}.field${index}`,
      field: `field${index}`,
      risk,
    }),
  );
  return { ...samplePlan, changes: many, steps: [], unmanaged: [], simulation: { status: 'not needed' } };
}

describe('a plan for people', () => {
  test('as text', async () => {
    await expect(planText(samplePlan, lexicon)).toMatchFileSnapshot('../golden/plan.txt');
  });

  test('as the body of a pull-request comment', async () => {
    await expect(planMarkdown(samplePlan, lexicon, { head: 'abc1234' })).toMatchFileSnapshot('../golden/plan.md');
  });

  test('a name that the change itself brings stands beside the whole address that it is for', async () => {
    const source = { file: 'desired-state/local/addresses.yaml', line: 5, column: 3 };
    const book = (names: ReadonlyMap<string, string>): AddressBook => ({
      byAddress: names,
      byName: new Map([...names].map(([address, name]) => [name, { address, source }])),
    });
    const before = book(new Map([...lexicon.names].filter(([address]) => address !== newOrchestrator)));
    const told = { ...lexicon, names: shownNames({ ...book(lexicon.names), before }) };
    const owner: Change = {
      ...(changes[3] as Change),
      id: 'stake-manager.owner',
      field: 'owner',
      from: { type: 'scalar', value: oldOrchestrator },
      to: { type: 'scalar', value: newOrchestrator },
      unit: 'none',
      risk: 'ambiguous',
    };
    const plan: Plan = { ...samplePlan, changes: [...changes.slice(1, 3), owner] };
    await expect(planText(plan, told)).toMatchFileSnapshot('../golden/plan-new-name.txt');
    await expect(planMarkdown(plan, told, { head: 'abc1234' })).toMatchFileSnapshot('../golden/plan-new-name.md');
  });

  test('an empty plan says that git and chain agree', async () => {
    const empty: Plan = { ...samplePlan, changes: [], steps: [], findings: [], sideEffects: [], unmanaged: [], simulation: { status: 'not needed' } };
    await expect(planText(empty, lexicon)).toMatchFileSnapshot('../golden/plan-empty.txt');
  });

  test('a plan that would revert says where, and offers no apply', async () => {
    const simulation =
      samplePlan.simulation.status === 'proven'
        ? {
            ...samplePlan.simulation,
            status: 'failed' as const,
            asDeclared: 40,
            steps: samplePlan.simulation.steps.map((proof, index) => (index === 1 ? { ...proof, ok: false, error: 'InvalidSplit()' } : proof)),
          }
        : samplePlan.simulation;
    const failed: Plan = {
      ...samplePlan,
      simulation,
      findings: [
        {
          code: 'PROOF_REVERT',
          severity: 'error',
          contract: 'arena',
          field: 'teacherRewardSplitBps',
          message: 'setRewardSplits would revert with InvalidSplit()',
          fix: 'make the three splits sum to at most 100 %',
        },
      ],
    };
    const text = planText(failed, lexicon);
    expect(text).not.toContain('mooring apply');
    await expect(text).toMatchFileSnapshot('../golden/plan-failed.txt');
  });
});

describe('Markdown from hostile text', () => {
  test('nothing breaks out of code, fence, table or folded part', () => {
    const [first] = changes;
    if (first === undefined) throw new Error('the sample has changes');
    const plan: Plan = {
      ...samplePlan,
      environment: hostile,
      changes: [{ ...first, contract: hostile, field: hostile, to: { type: 'scalar', value: hostile } }],
      findings: [{ code: 'LIVE_UNKNOWN', severity: 'warning', contract: hostile, message: hostile, fix: hostile }],
      unmanaged: [{ contract: hostile, field: hostile, value: { type: 'unset' }, unit: 'none', reason: 'not declared' }],
    };
    const body = planMarkdown(plan, lexicon);
    const outside = body.replace(/(`+)[^\n]*?\1/g, '').replace(/^(`{3,}).*?^\1$/gms, '');
    expect(outside).not.toMatch(/<script/i);
    expect(outside).not.toMatch(/@everyone/);
    expect(outside).not.toContain('](http');
    expect(body.match(/<details>/g)?.length).toBe(body.match(/^<\/details>$/gm)?.length);
    expect(body).not.toContain('\u202e');
  });
});

describe('a plan too large for one comment', () => {
  test('shrinks by whole contracts, keeps the summary, stays within the limit', () => {
    const body = planMarkdown(withChanges(5_000, 500, 'reduce'), lexicon);
    expect(body.length).toBeLessThanOrEqual(60_000);
    expect(body).toContain('5,000 changes');
    expect(body).toContain('not shown in detail');
    expect((body.match(/^`{3,}/gm)?.length ?? 0) % 2).toBe(0);
  });

  test('every risky row stays', () => {
    const calm = withChanges(5_000, 500, 'reduce');
    const plan: Plan = { ...calm, changes: calm.changes.map((change, index) => (index % 50 === 0 ? { ...change, risk: 'increase' } : change)) };
    const body = planMarkdown(plan, lexicon);
    for (const change of plan.changes.filter((one) => one.risk === 'increase')) expect(body).toContain(`\`${change.field}\``);
    expect(body.length).toBeLessThanOrEqual(60_000);
  });

  test('risky rows that can not all be shown are said to be missing, never silently cut', () => {
    const body = planMarkdown(withChanges(5_000, 500, 'increase'), lexicon);
    expect(body.length).toBeLessThanOrEqual(60_000);
    expect(body).toContain('too large for one comment');
  });
});
