// What a plan warns of though it may be meant, and what keeps a report from saying "in sync".
import { describe, expect, test } from 'vitest';
import { buildPlan } from '../../src/plan/build-plan.ts';
import { classifyDrift } from '../../src/plan/drift.ts';
import type { ContractState, Plan, State } from '../../src/types.ts';
import { people, places, planWorld, type WorldOptions } from '../support/plan-world.ts';

type Codes = (readonly [string, string])[];

function codesOf(plan: Plan): Codes {
  return plan.findings.map(({ code, severity }) => [code, severity] as const);
}

function statusOf(plan: Plan): string {
  return classifyDrift({ plan, changes: plan.changes, authors: new Map(), known: new Set(), adoptedAt: new Map(), ignores: [], now: 0n }).status;
}

describe('a contract handed over', () => {
  const handOver = (owner: string, more: WorldOptions = {}): Codes =>
    codesOf(buildPlan(planWorld({ ...more, desired: { ...more.desired, arena: { owner } } })));

  test('to somebody whose key is not here is out of reach', () => {
    expect(handOver(people['other-owner'])).toEqual([['OWNER_OUT_OF_REACH', 'warning']]);
    expect(handOver(people['other-owner'], { signers: [people.operator, people['other-owner']] })).toEqual([]);
  });

  test('to a contract that passes calls on to others only, too; to one that does, not', () => {
    expect(handOver(places['system-pause'], { desired: { 'system-pause': {} } })).toEqual([['OWNER_OUT_OF_REACH', 'warning']]);
    const stake = { desired: { stake: { governance: places['system-pause'] }, 'system-pause': {} } };
    expect(codesOf(buildPlan(planWorld(stake)))).toEqual([]);
  });
});

function editContract(state: State, edit: (contract: ContractState) => ContractState): State {
  return { ...state, contracts: state.contracts.map((contract) => (contract.name === 'arena' ? edit(contract) : contract)) };
}

describe('what was not compared is not in sync', () => {
  test('a declared field that the contract does not have', () => {
    const world = planWorld({ desired: { arena: { pauser: people.guardian } } });
    expect(statusOf(buildPlan(world))).toBe('in sync');
    const live = editContract(world.live, (contract) => ({ ...contract, fields: new Map([...contract.fields].filter(([path]) => path !== 'pauser')) }));
    const plan = buildPlan({ ...world, live });
    expect(codesOf(plan)).toEqual([['FIELD_ABSENT', 'error']]);
    expect(statusOf(plan)).toBe('unknown');
  });

  test('a contract that was not read', () => {
    const world = planWorld({ desired: { arena: { committeeSize: 3n } } });
    const plan = buildPlan({ ...world, live: { ...world.live, contracts: [] } });
    expect(codesOf(plan)).toEqual([['LIVE_MISSING', 'error']]);
    expect(statusOf(plan)).toBe('unknown');
  });

  test('an adoption that has not happened yet would make every emergency until then its own', () => {
    const world = planWorld({ desired: { arena: { committeeSize: 3n } } });
    const adopted = (adoptedAt: bigint): Plan => {
      const state = editContract(world.desired.state, (contract) => ({ ...contract, adoptedAt }));
      return buildPlan({ ...world, desired: { ...world.desired, state } });
    };
    const head = world.live.block?.number ?? 0n;
    expect([codesOf(adopted(head)), statusOf(adopted(head))]).toEqual([[], 'in sync']);
    expect([codesOf(adopted(head + 1n)), statusOf(adopted(head + 1n))]).toEqual([[['ADOPTED_LATER', 'error']], 'unknown']);
  });
});
