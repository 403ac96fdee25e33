// The order of steps: rules and dependencies first, phases only where they leave a choice.
import { describe, expect, test } from 'vitest';
import { buildPlan } from '../../src/plan/build-plan.ts';
import type { Plan } from '../../src/types.ts';
import { addressOf, people, places, planWorld, token, type WorldOptions, zero } from '../support/plan-world.ts';

function plan(options: WorldOptions): Plan {
  return buildPlan(planWorld(options));
}

function stepIds(made: Plan): string[] {
  return made.steps.map((step) => step.id);
}

function errors(made: Plan): string[] {
  return made.findings.filter((finding) => finding.severity === 'error').map((finding) => finding.code);
}

describe('the treasury and its allowlist', () => {
  test('a new treasury is allowlisted first, the old one leaves the list last', () => {
    const made = plan({ desired: { stake: { treasury: people['new-treasury'], treasuryAllowlist: [people['new-treasury']] } } });
    expect(errors(made)).toEqual([]);
    expect(stepIds(made)).toEqual([
      `stake.setTreasuryAllowlist[${people['new-treasury']}]`,
      'stake.setTreasury',
      `stake.setTreasuryAllowlist[${people.treasury}]`,
    ]);
  });

  test('a treasury that would not be on the list is no order at all', () => {
    const made = plan({ desired: { stake: { treasury: people['new-treasury'], treasuryAllowlist: [people.treasury] } } });
    expect(errors(made)).toEqual(['RULE_BROKEN']);
    expect(made.steps).toEqual([]);
  });

  test('the treasury in use does not leave the list', () => {
    expect(errors(plan({ desired: { stake: { treasury: people.treasury, treasuryAllowlist: [] } } }))).toEqual(['RULE_BROKEN']);
    expect(errors(plan({ desired: { stake: { treasuryAllowlist: [] } } }))).toEqual(['RULE_BROKEN']);
  });

  test('the treasury becomes nobody before the list is emptied', () => {
    const made = plan({ desired: { stake: { treasury: zero, treasuryAllowlist: [] } } });
    expect(stepIds(made)).toEqual(['stake.setTreasury', `stake.setTreasuryAllowlist[${people.treasury}]`]);
  });
});

describe('percentages', () => {
  test('two that are swapped: the one that falls goes first', () => {
    const made = plan({
      live: { stake: { feePct: 5n, burnPct: 0n, validatorRewardPct: 90n } },
      desired: { stake: { feePct: 90n, validatorRewardPct: 5n, validatorSlashRewardPct: 1000n } },
    });
    expect(errors(made)).toEqual([]);
    expect(stepIds(made).slice(0, 2)).toEqual(['stake.setValidatorRewardPct', 'stake.setSlashPercents']);
    expect(stepIds(made).at(-1)).toBe('stake.setFeePct');
  });

  test('a rotation of three full ones', () => {
    const made = plan({
      live: { stake: { feePct: 60n, burnPct: 30n, validatorRewardPct: 10n } },
      desired: { stake: { feePct: 10n, burnPct: 60n, validatorRewardPct: 30n } },
    });
    expect(errors(made)).toEqual([]);
    expect(stepIds(made)[0]).toBe('stake.setFeePct');
  });

  test('a sum that is too large is a broken rule, with what git declares', () => {
    const made = plan({ desired: { stake: { feePct: 60n, burnPct: 60n } } });
    expect(errors(made)).toEqual(['RULE_BROKEN']);
    expect(made.findings[0]?.message).toContain('InvalidPercentage()');
    expect(made.findings[0]?.source?.line).toBe(6);
  });

  test('what a setter changes by the way is put back', () => {
    const made = plan({ desired: { stake: { validatorRewardPct: 12n, validatorSlashRewardPct: 1000n } } });
    expect(stepIds(made)).toEqual(['stake.setValidatorRewardPct', 'stake.setSlashPercents']);
    expect(made.steps[1]?.corrects).toEqual(['stake.validatorSlashRewardPct']);
    expect(made.steps[1]?.covers).toEqual([]);
    expect(made.sideEffects).toMatchObject([{ field: 'validatorSlashRewardPct', to: { value: 1200n }, managed: true, corrected: true }]);
  });

  test('what nobody declared is shown and left', () => {
    const made = plan({ desired: { stake: { validatorRewardPct: 12n } } });
    expect(stepIds(made)).toEqual(['stake.setValidatorRewardPct']);
    expect(made.sideEffects).toMatchObject([{ field: 'validatorSlashRewardPct', managed: false, corrected: false }]);
  });

  test('what moves by the way as it should is no step of its own', () => {
    const made = plan({ desired: { stake: { validatorRewardPct: 12n, validatorSlashRewardPct: 1200n } } });
    expect(stepIds(made)).toEqual(['stake.setValidatorRewardPct']);
    expect(made.steps[0]?.covers).toEqual(['stake.validatorRewardPct', 'stake.validatorSlashRewardPct']);
    expect(made.sideEffects).toEqual([]);
  });
});

describe('temperatures', () => {
  test('bounds are widened before the temperature moves', () => {
    const made = plan({ desired: { thermostat: { minTemp: 4n * token, maxTemp: 8n * token, systemTemperature: 5n * token } } });
    expect(errors(made)).toEqual([]);
    expect(stepIds(made)).toEqual(['thermostat.setTemperatureBounds', 'thermostat.setSystemTemperature']);
  });

  test('a declared temperature outside of the new bounds is a finding', () => {
    const made = plan({ desired: { thermostat: { minTemp: 4n * token, maxTemp: 8n * token, systemTemperature: token } } });
    expect(errors(made)).toEqual(['RULE_BROKEN']);
  });

  test('an undeclared temperature is clamped, and shown', () => {
    const made = plan({ desired: { thermostat: { minTemp: 4n * token, maxTemp: 8n * token } } });
    expect(made.sideEffects).toMatchObject([
      { field: 'systemTemperature', from: { value: token }, to: { value: 4n * token }, managed: false, corrected: false },
    ]);
  });

  test('a range is left at its nearest bound, and only when it is left', () => {
    const within = { type: 'range', min: token / 2n, max: 2n * token } as const;
    expect(plan({ desired: { thermostat: { systemTemperature: within } } }).changes).toEqual([]);
    const made = plan({ live: { thermostat: { systemTemperature: 3n * token } }, desired: { thermostat: { systemTemperature: within } } });
    expect(made.changes).toMatchObject([{ to: { type: 'scalar', value: 2n * token } }]);
  });

  test('a role temperature is unset by its own function', () => {
    const made = plan({ desired: { thermostat: { 'roleTemperature.validator': { type: 'unset' }, 'roleTemperature.agent': 2n * token } } });
    expect(stepIds(made).sort()).toEqual(['thermostat.setRoleTemperature[agent]', 'thermostat.unsetRoleTemperature[validator]']);
  });
});

describe('grouped setters', () => {
  test('fields that do not change are carried with their live value', () => {
    const made = plan({ desired: { arena: { teacherRewardSplitBps: 4000n, studentRewardSplitBps: 3000n, validatorRewardSplitBps: 2000n } } });
    expect(made.steps[0]?.carries).toEqual(['arena.studentRewardSplitBps', 'arena.validatorRewardSplitBps']);
    expect(made.steps[0]?.call.args.map((arg) => arg.value)).toEqual([4000n, 3000n, 2000n]);
  });

  test('one split alone from the impossible initial state is a broken rule, not a revert', () => {
    const splits = { teacherRewardSplitBps: 10_000n, studentRewardSplitBps: 10_000n, validatorRewardSplitBps: 10_000n };
    const made = plan({ live: { arena: splits }, desired: { arena: { teacherRewardSplitBps: 6000n } } });
    expect(errors(made)).toEqual(['RULE_BROKEN']);
    expect(made.findings[0]?.message).toContain('studentRewardSplitBps');
  });

  test('a carried value that the setter refuses is named', () => {
    const made = plan({ live: { arena: { baseStudentReward: 0n } }, desired: { arena: { baseTeacherReward: token } } });
    expect(errors(made)).toEqual(['VALUE_REFUSED']);
  });

  test('one field goes by its own setter, two by the one that takes both', () => {
    expect(stepIds(plan({ desired: { stake: { minStake: 50n * token } } }))).toEqual(['stake.setMinStake']);
    expect(stepIds(plan({ desired: { stake: { maxStakePerAddress: 500n * token } } }))).toEqual(['stake.setMaxStakePerAddress']);
    expect(stepIds(plan({ desired: { stake: { minStake: 50n * token, maxStakePerAddress: 500n * token } } }))).toEqual(['stake.setStakeRecommendations']);
  });

  test('where the setter of both would revert, each goes by its own', () => {
    const made = plan({ desired: { stake: { minStake: 600n * token, maxStakePerAddress: 500n * token } } });
    expect(errors(made)).toEqual([]);
    expect(stepIds(made).sort()).toEqual(['stake.setMaxStakePerAddress', 'stake.setMinStake']);
  });

  test('keyed values: one by one, or all at once', () => {
    expect(stepIds(plan({ desired: { stake: { 'roleMinimumStake.agent': token } } }))).toEqual(['stake.setRoleMinimum[agent]']);
    const all = { 'roleMinimumStake.agent': token, 'roleMinimumStake.validator': token, 'roleMinimumStake.platform': token };
    expect(stepIds(plan({ desired: { stake: all } }))).toEqual(['stake.setRoleMinimums']);
  });

  test('entries are added, changed and removed by key', () => {
    const made = plan({
      live: {
        stake: {
          agiTypes: new Map([
            [addressOf(401), 150n],
            [addressOf(402), 120n],
          ]),
        },
      },
      desired: {
        stake: {
          agiTypes: new Map([
            [addressOf(401), 160n],
            [addressOf(403), 110n],
          ]),
        },
      },
    });
    expect(made.changes.map((change) => change.action).sort()).toEqual(['add', 'remove', 'set']);
    expect(stepIds(made).sort()).toEqual([
      `stake.addAGIType[${addressOf(401)}]`,
      `stake.addAGIType[${addressOf(403)}]`,
      `stake.removeAGIType[${addressOf(402)}]`,
    ]);
  });

  test('a full collection makes room first', () => {
    const made = plan({ live: { stake: { maxAGITypes: 1n } }, desired: { stake: { agiTypes: new Map([[addressOf(403), 110n]]) } } });
    expect(errors(made)).toEqual([]);
    expect(stepIds(made)[0]).toBe(`stake.removeAGIType[${addressOf(401)}]`);
  });
});

describe('members', () => {
  test('additions go before removals in one set', () => {
    const made = plan({ desired: { guard: { guardians: [people.alice] } } });
    expect(stepIds(made)).toEqual([`guard.setGuardian[${people.alice}]`, `guard.setGuardian[${people.guardian}]`, `guard.setGuardian[${people.bob}]`]);
  });

  test('the arena becomes a rewarder before it pays from a new pool, and leaves the old one after', () => {
    const made = plan({
      desired: { arena: { feePool: places['new-fee-pool'] }, 'fee-pool': { rewarders: [] }, 'new-fee-pool': { rewarders: [places.arena] } },
    });
    expect(errors(made)).toEqual([]);
    expect(stepIds(made)).toEqual([`new-fee-pool.setRewarder[${places.arena}]`, 'arena.setFeePool', `fee-pool.setRewarder[${places.arena}]`]);
  });

  test('a link that stays open is only a warning', () => {
    const made = plan({ desired: { arena: { feePool: places['new-fee-pool'] }, 'new-fee-pool': { burnPct: 5n } } });
    expect(stepIds(made)).toEqual(['arena.setFeePool']);
    expect(made.findings.map((finding) => [finding.code, finding.severity])).toEqual([['RULE_WARNING', 'warning']]);
  });

  test('roles are granted and revoked by their id', () => {
    const made = plan({ desired: { roles: { 'roles.MINTER_ROLE': [people.bob] } } });
    expect(stepIds(made)).toEqual([`roles.grantRole[MINTER_ROLE][${people.bob}]`, `roles.revokeRole[MINTER_ROLE][${people.alice}]`]);
    expect(made.steps[0]?.call.args[0]?.value).toMatch(/^0x[0-9a-f]{64}$/);
  });
});

describe('owners and pausers', () => {
  test('the owner changes last', () => {
    const made = plan({ desired: { arena: { owner: people['other-owner'], committeeSize: 5n, orchestrators: [people.bob] } } });
    expect(errors(made)).toEqual([]);
    expect(stepIds(made).at(-1)).toBe('arena.transferOwnership');
    expect(made.steps.at(-1)?.group).toBeGreaterThan(made.steps.at(-2)?.group ?? 0);
  });

  test('and before it what only the old owner can unpause', () => {
    const made = plan({ live: { arena: { paused: true } }, desired: { arena: { owner: people['other-owner'], paused: false } } });
    expect(stepIds(made)).toEqual(['arena.unpause', 'arena.transferOwnership']);
  });

  test('the pauser pauses before it is replaced', () => {
    const made = plan({ signers: [people.guardian], desired: { stake: { paused: true } } });
    expect(made.steps[0]?.route).toEqual({ via: 'direct', signer: people.guardian });
    const both = plan({ signers: [people.guardian, people.operator], desired: { stake: { paused: true, pauser: people.alice } } });
    expect(stepIds(both)).toEqual(['stake.pause', 'stake.setPauser']);
  });

  test('an admin is granted before the last one goes', () => {
    const made = plan({ desired: { roles: { 'roles.DEFAULT_ADMIN_ROLE': [people['other-owner']], 'roles.MINTER_ROLE': [people.bob] } } });
    expect(errors(made)).toEqual([]);
    expect(stepIds(made).at(-1)).toBe(`roles.revokeRole[DEFAULT_ADMIN_ROLE][${people.operator}]`);
    expect(stepIds(made).indexOf(`roles.grantRole[DEFAULT_ADMIN_ROLE][${people['other-owner']}]`)).toBeLessThan(stepIds(made).length - 1);
  });
});
