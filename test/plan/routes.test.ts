// Who sends a step, and through what: live ownership decides, in both ownership variants.
import { describe, expect, test } from 'vitest';
import { decodeCall } from '../../src/kinds/abi.ts';
import { buildPlan } from '../../src/plan/build-plan.ts';
import type { Plan } from '../../src/types.ts';
import { kinds, people, places, planWorld, type WorldOptions } from '../support/plan-world.ts';

function plan(options: WorldOptions): Plan {
  return buildPlan(planWorld(options));
}

const stranger = people.alice;

describe('the caller', () => {
  test('is the owner where a key owns everything', () => {
    const [step] = plan({ desired: { stake: { feePct: 4n }, 'system-pause': {} } }).steps;
    expect(step?.route).toEqual({ via: 'direct', signer: people.operator });
    expect(step?.to).toBe(places.stake);
  });

  test('calls through SystemPause where that owns the module', () => {
    const [step] = plan({ governed: true, desired: { stake: { feePct: 4n }, 'system-pause': {} } }).steps;
    expect(step?.route).toEqual({ via: 'relay', signer: people.operator, relay: places['system-pause'], relayName: 'system-pause' });
    expect(step).toMatchObject({ to: places['system-pause'], target: places.stake, call: { contract: 'stake', function: 'setFeePct' } });
    const forward = kinds.get('SystemPause')?.functions.get('executeGovernanceCall');
    const inner = kinds.get('StakeManager')?.functions.get('setFeePct');
    if (forward === undefined || inner === undefined || step === undefined) throw new Error('not in the kinds');
    const [target, data] = decodeCall(forward, step.data);
    expect(target).toBe(places.stake);
    expect(decodeCall(inner, String(data))).toEqual([4n]);
  });

  test('is the one of several signers that may call', () => {
    const options: WorldOptions = {
      signers: [stranger, people.operator],
      live: { arena: { owner: stranger } },
      desired: { arena: { committeeSize: 5n }, stake: { feePct: 4n } },
    };
    expect(plan(options).steps.map((step) => [step.id, step.route.signer])).toEqual([
      ['stake.setFeePct', people.operator],
      ['arena.setCommitteeParameters', stranger],
    ]);
  });

  test('is a pauser where only the pauser may be asked', () => {
    const [step] = plan({ governed: true, signers: [people.guardian], desired: { stake: { paused: true }, 'system-pause': {} } }).steps;
    expect(step?.route).toEqual({ via: 'direct', signer: people.guardian });
  });

  test('is nobody: the finding names who could, by name', () => {
    const made = plan({ signers: [stranger], desired: { stake: { feePct: 4n } } });
    expect(made.steps).toEqual([]);
    expect(made.findings).toMatchObject([{ code: 'ROUTE_UNREACHABLE', severity: 'error', contract: 'stake', changes: ['stake.feePct'] }]);
    expect(made.findings[0]?.message).toContain(`operator ${people.operator}`);
  });

  test('is nobody where the relay is not known to the environment', () => {
    expect(plan({ governed: true, desired: { stake: { feePct: 4n } } }).findings.map((finding) => finding.code)).toEqual(['ROUTE_UNREACHABLE']);
  });

  test('is nobody where the relay does not know the contract', () => {
    const made = plan({ governed: true, live: { 'system-pause': { stakeManager: people.bob } }, desired: { stake: { feePct: 4n }, 'system-pause': {} } });
    expect(made.findings.map((finding) => finding.code)).toEqual(['ROUTE_UNREACHABLE']);
  });

  test('is nobody where another one governs the relay', () => {
    const made = plan({
      governed: true,
      live: { 'system-pause': { governance: stranger, owner: stranger } },
      desired: { stake: { feePct: 4n }, 'system-pause': {} },
    });
    expect(made.findings.map((finding) => finding.code)).toEqual(['ROUTE_UNREACHABLE']);
  });

  test('what cannot be called does not hold up what can', () => {
    const made = plan({ live: { arena: { owner: stranger } }, desired: { arena: { committeeSize: 5n }, stake: { feePct: 4n } } });
    expect(made.steps.map((step) => step.id)).toEqual(['stake.setFeePct']);
    expect(made.findings.map((finding) => finding.code)).toEqual(['ROUTE_UNREACHABLE']);
  });

  test('is who will own it, once that has been handed over', () => {
    const made = plan({
      signers: [people.operator, people['other-owner']],
      live: { arena: { paused: true } },
      desired: { arena: { owner: people['other-owner'], paused: false } },
    });
    expect(made.steps.map((step) => [step.id, step.route.signer])).toEqual([
      ['arena.transferOwnership', people.operator],
      ['arena.unpause', people['other-owner']],
    ]);
    expect(made.steps[1]?.precondition).toContainEqual({ contract: 'arena', field: 'owner', value: { type: 'scalar', value: people['other-owner'] } });
  });
});
