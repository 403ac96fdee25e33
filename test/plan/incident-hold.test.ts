// While an incident is open, its contracts stay as they are but for its approved resume; nothing else is held up.
import { describe, expect, test } from 'vitest';
import { buildPlan } from '../../src/plan/build-plan.ts';
import { ownChanges } from '../../src/plan/own-changes.ts';
import type { Incidents, Plan, Reduction, Resume } from '../../src/types.ts';
import { factKey } from '../../src/values.ts';
import { modules, people, places, planWorld, type WorldOptions } from '../support/plan-world.ts';

const id = '2026-11-26-oracle-fault';
const plan = (options: WorldOptions): Plan => buildPlan(planWorld(options));
const codes = ({ findings }: Plan): string[] => findings.map(({ code, severity }) => `${severity} ${code}`);
const steps = (made: Plan): string[] => made.steps.map((step) => step.id);

function about(...names: (keyof typeof places)[]): Incidents {
  return { open: [{ id, title: 'Oracle fault', components: names.map((name) => ({ name, address: places[name] })) }], unreadable: [] };
}

function resume(over: Partial<Resume> = {}): Resume {
  return { incident: id, components: ['arena'], rootCause: 'x', roles: 'clean', parameters: 'clean', firstRound: 'ok', by: 'alice', ...over };
}

const unpause: WorldOptions = { live: { arena: { paused: true } }, desired: { arena: { paused: false }, stake: { feePct: 4n } }, incidents: about('arena') };

describe('an unpause of what an open incident is about', () => {
  test('is an error, is no step, and is no reason to leave out the rest', () => {
    const made = plan(unpause);
    expect(made.findings).toMatchObject([{ code: 'INCIDENT_OPEN', severity: 'error', contract: 'arena', field: 'paused', changes: ['arena.paused'] }]);
    expect(made.findings[0]?.message).toContain(id);
    expect(steps(made)).toEqual(['stake.setFeePct']);
  });

  test('goes on with its resume, and not with one of another incident or other contracts', () => {
    expect(steps(plan({ ...unpause, resumes: [resume()] }))).toContain('arena.unpause');
    for (const wrong of [resume({ incident: '2026-11-25-other' }), resume({ components: ['stake'] })])
      expect(codes(plan({ ...unpause, resumes: [wrong] }))).toEqual(['error INCIDENT_OPEN']);
  });

  test('is found by address too, whatever the contract is called now', () => {
    const renamed: Incidents = { open: [{ id, title: 't', components: [{ name: 'old-arena', address: places.arena.toLowerCase() }] }], unreadable: [] };
    expect(codes(plan({ ...unpause, incidents: renamed }))).toEqual(['error INCIDENT_OPEN']);
  });

  test('of two incidents takes both resumes', () => {
    const other = '2026-11-27-second';
    const both: Incidents = { open: [...about('arena').open, ...about('arena').open.map((one) => ({ ...one, id: other }))], unreadable: [] };
    expect(codes(plan({ ...unpause, incidents: both, resumes: [resume()] }))).toEqual(['error INCIDENT_OPEN']);
    expect(codes(plan({ ...unpause, incidents: both, resumes: [resume(), resume({ incident: other })] }))).toEqual([]);
  });

  test('that an emergency reduction withholds already is told as that alone: the rest of a plan goes on', () => {
    const reductions: Reduction[] = [
      {
        ...{ contract: 'arena', field: 'paused', transaction: `0x${'1'.repeat(64)}`, block: 50n, sender: people.guardian, known: false },
        ...{ from: null, to: { type: 'scalar', value: true } },
      },
    ];
    const made = plan({ ...unpause, reductions });
    expect([codes(made), steps(made)]).toEqual([['warning STICKY_REDUCTION'], ['stake.setFeePct']]);
  });
});

describe('nothing else is held up', () => {
  test.each<[string, WorldOptions]>([
    ['a pause', { live: { arena: { paused: false } }, desired: { arena: { paused: true } } }],
    ['a parameter', { desired: { arena: { committeeSize: 5n } } }],
    ['an unpause of another contract', { live: { stake: { paused: true } }, desired: { stake: { paused: false } } }],
  ])('%s', (_name, options) => {
    const made = plan({ ...options, incidents: { ...about('arena'), unreadable: [] } });
    expect(codes(made).filter((code) => code.includes('INCIDENT'))).toEqual([]);
    expect(steps(made)).not.toEqual([]);
  });
});

describe('a record that can’t be read', () => {
  const blind: Incidents = { open: [], unreadable: [{ id, why: 'it has no title' }] };

  test('blocks an unpause, and a pause goes out', () => {
    expect(codes(plan({ ...unpause, incidents: blind }))).toEqual(['error INCIDENT_UNKNOWN']);
    const pause = plan({ live: { arena: { paused: false } }, desired: { arena: { paused: true } }, incidents: blind });
    expect([codes(pause), steps(pause)]).toEqual([[], ['arena.pause']]);
  });

  test('is let through by its own resume, and a silent remote by none', () => {
    expect(codes(plan({ ...unpause, incidents: blind, resumes: [resume()] }))).toEqual([]);
    expect(codes(plan({ ...unpause, incidents: { open: [], unreadable: [{ id: null, why: 'away' }] }, resumes: [resume()] }))).toEqual([
      'error INCIDENT_UNKNOWN',
    ]);
  });
});

describe('a contract that pauses others', () => {
  const all = { ...modules, stakeManager: places.stake, feePool: places['fee-pool'] };
  const paused: WorldOptions = {
    live: { 'system-pause': { paused: true }, stake: { paused: true } },
    facts: Object.fromEntries(Object.values(all).map((address) => [factKey(address, 'paused'), true])),
  };

  test('starts none of its modules while one of them is in an incident', () => {
    const made = plan({ ...paused, desired: { 'system-pause': { paused: false }, stake: {} }, incidents: about('stake') });
    expect([codes(made), steps(made)]).toEqual([['error INCIDENT_OPEN'], []]);
  });

  test('leaves the other modules to be started one by one', () => {
    const live = { ...paused.live, 'fee-pool': { paused: true } };
    const made = plan({ ...paused, live, desired: { 'system-pause': { paused: false }, stake: {}, 'fee-pool': { paused: false } }, incidents: about('stake') });
    expect(steps(made)).toEqual(['fee-pool.unpause']);
  });

  test('holds each of its modules where it is in an incident itself', () => {
    const made = plan({ ...paused, desired: { 'system-pause': {}, stake: { paused: false } }, incidents: about('system-pause') });
    expect([codes(made), steps(made)]).toEqual([['error INCIDENT_OPEN'], []]);
  });
});

test('a resume by itself makes an unpause that git declares already its own', () => {
  const before = planWorld(unpause);
  const after = planWorld({ ...unpause, resumes: [resume()] });
  const input = {
    ...{ live: after.live, kinds: after.kinds, reductions: [], unknownReductions: [], now: 0n },
    named: new Set<string>(),
    leftOut: new Set<string>(),
  };
  const found = ownChanges({ ...input, after: after.desired, before: before.desired, incidents: about('arena') });
  expect(found.own.map((change) => change.id)).toEqual(['arena.paused']);
});
