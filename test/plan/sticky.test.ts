// Emergency reductions survive plans that are about something else, until a human lifts exactly that one.
import { describe, expect, test } from 'vitest';
import { buildPlan } from '../../src/plan/build-plan.ts';
import type { Lift, Plan, Reduction } from '../../src/types.ts';
import { factKey } from '../../src/values.ts';
import { modules, people, places, planWorld, token, type WorldOptions } from '../support/plan-world.ts';

function plan(options: WorldOptions): Plan {
  return buildPlan(planWorld(options));
}

function hash(n: number): string {
  return `0x${n.toString(16).padStart(64, '0')}`;
}

function reduction(over: Partial<Reduction> & Pick<Reduction, 'contract' | 'field'>): Reduction {
  return { transaction: hash(1), block: 50n, sender: people.guardian, from: null, to: { type: 'scalar', value: true }, known: false, ...over };
}

function lift(over: Partial<Lift> & Pick<Lift, 'contract' | 'field'>): Lift {
  return { transaction: hash(1), reason: 'over', by: 'operator', ...over };
}

const guardiansPause: WorldOptions = {
  live: { arena: { paused: true } },
  desired: { arena: { paused: false }, stake: { feePct: 4n } },
  reductions: [reduction({ contract: 'arena', field: 'paused' })],
};

describe("a guardian's pause", () => {
  test('survives an unrelated plan, which goes on', () => {
    const made = plan(guardiansPause);
    expect(made.steps.map((step) => step.id)).toEqual(['stake.setFeePct']);
    expect(made.changes.map((change) => change.id)).toEqual(['stake.feePct']);
    expect(made.findings).toMatchObject([{ code: 'STICKY_REDUCTION', severity: 'warning', contract: 'arena', field: 'paused', changes: ['arena.paused'] }]);
    expect(made.findings[0]?.fix).toContain(hash(1));
  });

  test('is told by the whole address of somebody whom only this change names', () => {
    const input = planWorld(guardiansPause);
    const before = { byName: new Map(), byAddress: new Map() };
    const messages = (more: object): string =>
      buildPlan({ ...input, desired: { ...input.desired, addresses: { ...input.desired.addresses, ...more } } })
        .findings.map(({ message }) => message)
        .join();
    expect(messages({ before })).toContain(`guardian (${people.guardian})`);
    expect(messages({})).not.toContain(people.guardian);
  });

  test('ends when a human lifts its transaction', () => {
    const made = plan({ ...guardiansPause, lifts: [lift({ contract: 'arena', field: 'paused' })] });
    expect(made.findings).toEqual([]);
    expect(made.steps.map((step) => step.id)).toEqual(['stake.setFeePct', 'arena.unpause']);
    expect(made.reductions).toHaveLength(1);
  });

  test('a second one after the lift stays', () => {
    const made = plan({
      ...guardiansPause,
      reductions: [reduction({ contract: 'arena', field: 'paused', transaction: hash(2) })],
      lifts: [lift({ contract: 'arena', field: 'paused' })],
    });
    expect(made.findings.map((finding) => finding.code)).toEqual(['STICKY_REDUCTION']);
  });

  test('is no hindrance where git made it', () => {
    const made = plan({ ...guardiansPause, reductions: [reduction({ contract: 'arena', field: 'paused', known: true })] });
    expect(made.steps.map((step) => step.id)).toContain('arena.unpause');
  });

  test('a lift of another field or contract does not count', () => {
    for (const wrong of [
      lift({ contract: 'stake', field: 'paused' }),
      lift({ contract: 'arena', field: 'owner' }),
      lift({ contract: 'arena', field: 'paused', member: people.bob }),
    ])
      expect(plan({ ...guardiansPause, lifts: [wrong] }).findings.map((finding) => finding.code)).toEqual(['STICKY_REDUCTION']);
  });
});

describe('a break-glass revocation', () => {
  const options: WorldOptions = {
    desired: { arena: { orchestrators: [people.alice, people.bob], committeeSize: 5n } },
    reductions: [reduction({ contract: 'arena', field: 'orchestrators', member: people.bob, to: { type: 'scalar', value: false } })],
  };

  test('survives, and other members may still be added', () => {
    const made = plan({ ...options, desired: { arena: { orchestrators: [people.alice, people.bob, people.guardian] } } });
    expect(made.steps.map((step) => step.id)).toEqual([`arena.setOrchestrator[${people.guardian}]`]);
    expect(made.findings).toMatchObject([{ code: 'STICKY_REDUCTION', changes: [`arena.orchestrators[${people.bob}]`] }]);
  });

  test('is lifted by member and transaction', () => {
    const without = plan({ ...options, lifts: [lift({ contract: 'arena', field: 'orchestrators' })] });
    expect(without.findings.map((finding) => finding.code)).toEqual(['STICKY_REDUCTION']);
    expect(plan({ ...options, lifts: [lift({ contract: 'arena', field: 'orchestrators', member: people.bob })] }).findings).toEqual([]);
  });

  test('keeps what would rely on the member from going through', () => {
    const made = plan({
      desired: { stake: { treasury: people.bob, treasuryAllowlist: [people.treasury, people.bob] } },
      reductions: [reduction({ contract: 'stake', field: 'treasuryAllowlist', member: people.bob })],
    });
    expect(made.steps).toEqual([]);
    expect(made.findings.map((finding) => finding.code)).toEqual(['STICKY_REDUCTION', 'RULE_BROKEN']);
  });
});

test('a lowered cap stays, and may be lowered further', () => {
  const reductions = [
    reduction({ contract: 'stake', field: 'maxStakePerAddress', from: { type: 'scalar', value: 500n * token }, to: { type: 'scalar', value: 200n * token } }),
  ];
  const live = { stake: { maxStakePerAddress: 200n * token } };
  expect(plan({ live, reductions, desired: { stake: { maxStakePerAddress: 500n * token } } }).steps).toEqual([]);
  expect(plan({ live, reductions, desired: { stake: { maxStakePerAddress: 150n * token } } }).steps).toHaveLength(1);
});

test('an unreadable record refuses', () => {
  const made = plan({ ...guardiansPause, reductions: [], unknownReductions: ['arena.paused'] });
  expect(made.findings).toMatchObject([{ code: 'STICKY_UNKNOWN', severity: 'error' }]);
  expect(made.steps.map((step) => step.id)).toEqual(['stake.setFeePct']);
});

describe('one module that a guardian paused', () => {
  const parts = { ...modules, stakeManager: places.stake, feePool: places['fee-pool'] };
  const options: WorldOptions = {
    live: {
      'system-pause': {
        paused: { type: 'mixed', parts: Object.entries(parts).map(([field, target]) => ({ field, target, value: target !== places['fee-pool'] })) },
      },
      stake: { paused: true },
    },
    facts: Object.fromEntries(Object.values(parts).map((address) => [factKey(address, 'paused'), address !== places['fee-pool']])),
    desired: { 'system-pause': { paused: false }, stake: {} },
  };

  const byEitherName = [reduction({ contract: 'stake', field: 'paused' }), reduction({ contract: 'system-pause', field: 'paused', member: places.stake })];

  test('keeps the whole from being started: a plan promises nothing that it would leave half done', () => {
    for (const reductions of [...byEitherName.map((one) => [one]), byEitherName]) {
      const made = plan({ ...options, reductions });
      expect(made.findings.map((finding) => finding.code)).toEqual(['STICKY_REDUCTION']);
      expect(made.changes).toEqual([]);
      expect(made.steps).toEqual([]);
    }
  });

  test('is lifted under either of its names', () => {
    for (const one of byEitherName) {
      for (const { contract, field, member } of byEitherName) {
        const lift = { contract, field, ...(member === undefined ? {} : { member }), transaction: one.transaction, reason: 'false alarm', by: 'owner' };
        expect(plan({ ...options, reductions: [one], lifts: [lift] }).steps).toHaveLength(7);
      }
    }
  });

  test('stays where its own record could not be read', () => {
    const made = plan({ ...options, desired: { 'system-pause': { paused: false }, stake: { paused: false } }, unknownReductions: ['stake.paused'] });
    expect(made.steps.map((step) => step.target)).not.toContain(places.stake);
    expect(made.findings.map((finding) => finding.code)).toEqual(['STICKY_UNKNOWN']);
  });

  test('is started by nothing when the reduction is of all of them', () => {
    expect(plan({ ...options, reductions: [reduction({ contract: 'system-pause', field: 'paused' })] }).steps).toEqual([]);
  });
});
