// Limits, freezes, invariants and approvals; and what is never planned, whoever approves it.
import { describe, expect, test } from 'vitest';
import { buildPlan } from '../../src/plan/build-plan.ts';
import type { AddressBook, Approvals, FormerContract, Plan, Policy } from '../../src/types.ts';
import { addressOf, people, places, planWorld, token, type Values, type WorldOptions, zero } from '../support/plan-world.ts';

function plan(options: WorldOptions): Plan {
  return buildPlan(planWorld(options));
}

function codes(made: Plan): string[] {
  return made.findings.map((finding) => finding.code);
}

function limited(limit: Policy['limits'][number], minStake: bigint): Plan {
  return plan({ policy: { limits: [limit] }, desired: { stake: { minStake } } });
}

describe('limits', () => {
  test('an absolute one, by contract and by kind', () => {
    expect(codes(limited({ match: 'stake.minStake', max: 150n * token }, 150n * token))).toEqual([]);
    expect(codes(limited({ match: 'stake.minStake', max: 150n * token }, 151n * token))).toEqual(['POLICY_LIMIT']);
    expect(codes(limited({ match: 'StakeManager.minStake', min: 90n * token }, 89n * token))).toEqual(['POLICY_LIMIT']);
    expect(codes(limited({ match: '*.minSt*', min: 90n * token }, 89n * token))).toEqual(['POLICY_LIMIT']);
    expect(codes(limited({ match: 'arena.*', min: 90n * token }, 89n * token))).toEqual([]);
  });

  test('a step, absolute and relative to the live value', () => {
    expect(codes(limited({ match: 'stake.minStake', maxStep: 10n * token }, 110n * token))).toEqual([]);
    expect(codes(limited({ match: 'stake.minStake', maxStep: 10n * token }, 110n * token + 1n))).toEqual(['POLICY_STEP']);
    expect(codes(limited({ match: 'stake.minStake', maxStep: 10n * token }, 90n * token - 1n))).toEqual(['POLICY_STEP']);
    expect(codes(limited({ match: 'stake.minStake', maxStepBps: 1000n }, 110n * token))).toEqual([]);
    expect(codes(limited({ match: 'stake.minStake', maxStepBps: 1000n }, 111n * token))).toEqual(['POLICY_STEP']);
  });

  test('the tighter of two steps holds', () => {
    expect(codes(limited({ match: 'stake.minStake', maxStep: 50n * token, maxStepBps: 1000n }, 120n * token))).toEqual(['POLICY_STEP']);
  });

  test('a relative step from zero, and from unset, is none', () => {
    const fromZero = plan({ policy: { limits: [{ match: 'stake.*', maxStepBps: 1000n }] }, desired: { stake: { 'roleMinimumStake.agent': 1n } } });
    expect(codes(fromZero)).toEqual(['POLICY_STEP']);
    const fromUnset = plan({
      policy: { limits: [{ match: 'thermostat.roleTemperature.*', maxStepBps: 1000n }] },
      desired: { thermostat: { 'roleTemperature.agent': token } },
    });
    expect(codes(fromUnset)).toEqual(['POLICY_STEP']);
  });

  test('a frozen field is not planned', () => {
    const made = plan({ policy: { limits: [{ match: 'stake.feePct', frozen: true }] }, desired: { stake: { feePct: 4n, burnPct: 4n } } });
    expect(codes(made)).toEqual(['POLICY_FROZEN']);
    expect(made.steps.map((step) => step.id)).toEqual(['stake.setBurnPct']);
  });

  test('holds for what a step changes by the way', () => {
    const made = plan({ policy: { limits: [{ match: 'stake.validatorSlashRewardPct', frozen: true }] }, desired: { stake: { validatorRewardPct: 12n } } });
    expect(codes(made)).toEqual(['POLICY_FROZEN']);
    const putBack = plan({
      policy: { limits: [{ match: 'stake.validatorSlashRewardPct', frozen: true }] },
      desired: { stake: { validatorRewardPct: 12n, validatorSlashRewardPct: 1000n } },
    });
    expect(codes(putBack)).toEqual([]);
  });
});

describe('a contract that had another name before this change', () => {
  const file = 'desired-state/local/contracts/vault.yaml';
  const formerly: Policy['formerly'] = [{ address: places.stake, name: 'vault', kinds: ['Vault', 'Ownable'], file }];
  const renamed = (policy: Partial<Policy>, values: Values): Plan => plan({ policy: { formerly, ...policy }, desired: { stake: values, arena: {} } });

  test.each<[string, Policy['limits'][number], Values, string]>([
    ['a range', { match: 'vault.minStake', max: 150n * token }, { minStake: 151n * token }, 'POLICY_LIMIT'],
    ['a step', { match: 'vault.*', maxStep: 10n * token }, { minStake: 111n * token }, 'POLICY_STEP'],
    ['a relative step', { match: 'vault.minStake', maxStepBps: 1000n }, { minStake: 111n * token }, 'POLICY_STEP'],
    ['a freeze of the field', { match: 'vault.minStake', frozen: true }, { minStake: 99n * token }, 'POLICY_FROZEN'],
    ['what its kind of then is limited by', { match: 'Vault.minStake', frozen: true }, { minStake: 99n * token }, 'POLICY_FROZEN'],
    ['what is moved by the way', { match: 'vault.validatorSlashRewardPct', frozen: true }, { validatorRewardPct: 12n }, 'POLICY_FROZEN'],
  ])('is held by %s', (_, limit, values, code) => {
    expect(codes(renamed({ limits: [limit] }, values))).toEqual([code]);
    expect(codes(renamed({ limits: [limit], formerly: [{ ...formerly[0], address: places.arena } as FormerContract] }, values))).toEqual([]);
  });

  test('is not planned where it is frozen', () => {
    expect(renamed({ limits: [{ match: 'vault.feePct', frozen: true }] }, { feePct: 4n }).steps).toEqual([]);
  });

  test('is held by the limits of its name of now, too', () => {
    expect(codes(renamed({ limits: [{ match: 'stake.minStake', max: 150n * token }] }, { minStake: 151n * token }))).toEqual(['POLICY_LIMIT']);
  });

  test('asks for the approvals of both files', () => {
    const paths = ['vault', 'stake', 'arena'].map((name) => ({ match: `contracts/${name}.yaml`, approvals: { count: 3, teams: [name] } }));
    expect(renamed({ paths }, { feePct: 4n }).approvals).toEqual([
      { count: 3, teams: ['stake'] },
      { count: 3, teams: ['vault'] },
    ]);
  });

  test('is what an invariant with its name is about, also where another contract has that name now', () => {
    const invariants = (left: string): Policy['invariants'] => [{ name: 'x', left, op: '<=', right: 100n * token }];
    const broken = [{ code: 'POLICY_INVARIANT', severity: 'error' }];
    expect(renamed({ invariants: invariants('vault.minStake') }, { minStake: 100n * token }).findings).toEqual([]);
    expect(renamed({ invariants: invariants('vault.minStake') }, { minStake: 101n * token }).findings).toMatchObject(broken);
    const swapped = { formerly: [{ ...formerly[0], name: 'fee-pool' } as FormerContract] };
    const other = { desired: { stake: { minStake: 101n * token }, 'fee-pool': {} } };
    expect(plan({ policy: { ...swapped, invariants: [{ name: 'x', left: 'fee-pool.burnPct', op: '<=', right: 4n }] }, ...other }).findings).toMatchObject([
      { code: 'POLICY_INVARIANT', severity: 'warning' },
    ]);
    expect(
      plan({ policy: { ...swapped, invariants: [{ name: 'x', left: 'fee-pool.minStake', op: '<=', right: 100n * token }] }, ...other }).findings,
    ).toMatchObject([{ severity: 'warning' }, { severity: 'error' }]);
  });
});

describe('a freeze', () => {
  const freezes: Policy['freezes'] = [{ from: 100n, to: 200n, allow: ['reduce'], reason: 'the holidays' }];
  const raise: WorldOptions = { policy: { freezes }, desired: { stake: { feePct: 6n } } };

  test('holds from its beginning up to its end', () => {
    expect(codes(plan({ ...raise, now: 99n }))).toEqual([]);
    expect(codes(plan({ ...raise, now: 100n }))).toEqual(['POLICY_FREEZE']);
    expect(codes(plan({ ...raise, now: 199n }))).toEqual(['POLICY_FREEZE']);
    expect(codes(plan({ ...raise, now: 200n }))).toEqual([]);
  });

  test('lets through what it allows', () => {
    expect(codes(plan({ policy: { freezes }, now: 150n, desired: { stake: { feePct: 4n } } }))).toEqual([]);
  });
});

describe('an invariant', () => {
  const invariants: Policy['invariants'] = [{ name: 'stake covers a committee', left: 'arena.validatorStake', op: '<=', right: 'stake.minStake' }];

  test('is judged in the state that the plan leaves', () => {
    expect(codes(plan({ policy: { invariants }, desired: { arena: { validatorStake: 150n * token }, stake: { minStake: 200n * token } } }))).toEqual([]);
    const made = plan({ policy: { invariants }, desired: { arena: { validatorStake: 150n * token }, stake: {} } });
    expect(made.findings).toMatchObject([{ code: 'POLICY_INVARIANT', severity: 'error' }]);
  });

  test('that is broken already only warns', () => {
    const made = plan({ policy: { invariants }, live: { arena: { validatorStake: 900n * token } }, desired: { arena: { committeeSize: 5n }, stake: {} } });
    expect(made.findings).toMatchObject([{ code: 'POLICY_INVARIANT', severity: 'warning' }]);
  });

  test('compares constants and flags, too', () => {
    const constant = (op: '=' | '!=' | '<' | '>' | '>=', right: bigint | boolean): string[] =>
      codes(
        plan({
          policy: { invariants: [{ name: 'x', left: typeof right === 'boolean' ? 'stake.autoStakeTuning' : 'stake.feePct', op, right }] },
          desired: { stake: {} },
        }),
      );
    expect([constant('=', 5n), constant('!=', 4n), constant('<', 6n), constant('>', 4n), constant('>=', 5n), constant('=', false)].flat()).toEqual([]);
    expect([constant('=', 4n), constant('!=', 5n), constant('<', 5n), constant('>', 5n), constant('>=', 6n), constant('=', true)].flat()).toHaveLength(6);
  });

  test('that names what is not there does not hold', () => {
    expect(codes(plan({ policy: { invariants: [{ name: 'x', left: 'nowhere.feePct', op: '>', right: 0n }] }, desired: { stake: {} } }))).toEqual([
      'POLICY_INVARIANT',
    ]);
  });
});

describe('approvals', () => {
  const operators = { count: 1, teams: ['operators'] };
  const owners = { count: 2, teams: ['owners'] };

  test('are what each risk asks for, each for itself', () => {
    expect(plan({ desired: { stake: { feePct: 4n } } }).approvals).toEqual([]);
    expect(plan({ desired: { stake: { feePct: 4n, burnPct: 6n } } }).approvals).toEqual([operators]);
    expect(plan({ desired: { stake: { burnPct: 6n, treasury: zero } } }).approvals).toEqual([owners, operators]);
  });

  test('leave out what another one asks for anyway', () => {
    const asked = (...approvals: Approvals[]): Approvals[] =>
      plan({ policy: { paths: approvals.map((one) => ({ match: '*', approvals: one })) }, desired: { stake: { burnPct: 6n } } }).approvals.slice();
    expect(asked({ count: 3, teams: ['operators'] })).toEqual([{ count: 3, teams: ['operators'] }]);
    expect(asked({ count: 1, teams: [] })).toEqual([operators]);
    expect(asked({ count: 2, teams: [] })).toEqual([{ count: 2, teams: [] }, operators]);
    expect(asked({ count: 1, teams: ['operators', 'owners'] })).toEqual([operators]);
    expect(asked({ count: 2, teams: ['operators', 'owners'] })).toEqual([{ count: 2, teams: ['operators', 'owners'] }, operators]);
  });

  test('and by path', () => {
    const paths = [{ match: 'contracts/stake.yaml', approvals: { count: 3, teams: ['finance'] } }];
    expect(plan({ policy: { paths }, desired: { stake: { feePct: 4n } } }).approvals).toEqual([{ count: 3, teams: ['finance'] }]);
    expect(plan({ policy: { paths }, desired: { arena: { validatorStake: 20n * token } } }).approvals).toEqual([]);
  });
});

describe('never planned', () => {
  test('ownership to nobody or to a stranger', () => {
    expect(codes(plan({ desired: { arena: { owner: zero } } }))).toEqual(['OWNER_ZERO']);
    const made = plan({ desired: { arena: { owner: addressOf(999), committeeSize: 5n } } });
    expect(codes(made)).toEqual(['OWNER_UNKNOWN']);
    expect(made.steps.map((step) => step.id)).toEqual(['arena.setCommitteeParameters']);
  });

  test('ownership to somebody whom only this change names', () => {
    const known = planWorld({ desired: { arena: { owner: people.alice } } });
    const { addresses } = known.desired;
    const before = { byName: addresses.byName, byAddress: new Map([...addresses.byAddress].filter(([address]) => address !== people.alice)) };
    const judgedBy = (book: AddressBook) => buildPlan({ ...known, desired: { ...known.desired, addresses: { ...addresses, before: book } } });
    expect(codes(judgedBy(before))).toEqual(['OWNER_UNKNOWN']);
    expect(judgedBy(before).steps).toEqual([]);
    expect(codes(judgedBy(addresses))).not.toContain('OWNER_UNKNOWN');
    expect(codes(buildPlan(known))).not.toContain('OWNER_UNKNOWN');
  });

  test('the last pauser removed', () => {
    expect(codes(plan({ desired: { stake: { pauser: zero } } }))).toContain('LAST_PAUSER');
    expect(codes(plan({ desired: { guard: { guardians: [] } } }))).toEqual(['LAST_PAUSER']);
    expect(plan({ desired: { guard: { guardians: [] } } }).steps).toEqual([]);
  });

  test('the last admin removed', () => {
    expect(codes(plan({ desired: { roles: { 'roles.DEFAULT_ADMIN_ROLE': [] } } }))).toEqual(['LAST_HOLDER']);
    expect(codes(plan({ desired: { roles: { 'roles.MINTER_ROLE': [] } } }))).toEqual([]);
    expect(codes(plan({ desired: { 'fee-pool': { rewarders: [] } } }))).not.toContain('LAST_HOLDER');
  });

  test('fewer pausers than policy asks for', () => {
    const made = plan({ policy: { minPausers: 2 }, desired: { arena: { pauser: people.operator } } });
    expect(codes(made)).toEqual(['POLICY_PAUSERS']);
    expect(codes(plan({ policy: { minPausers: 2 }, live: { arena: { pauser: zero } }, desired: { arena: { committeeSize: 5n } } }))).toEqual([]);
  });

  test('anything on another chain', () => {
    const made = plan({ chainId: 1n, desired: { stake: { feePct: 4n } } });
    expect(codes(made)).toEqual(['CHAIN_ID_MISMATCH']);
    expect([made.steps, made.changes]).toEqual([[], []]);
  });
});

describe('what is read', () => {
  test('no code at the address', () => {
    const made = plan({ code: { stake: { hash: null } }, desired: { stake: { feePct: 4n }, arena: { committeeSize: 5n } } });
    expect(codes(made)).toEqual(['NO_CODE']);
    expect(made.steps.map((step) => step.id)).toEqual(['arena.setCommitteeParameters']);
  });

  test('a proxy is named, and one without an implementation refused', () => {
    const proxy = { type: 'erc1967', implementation: addressOf(9), hash: `0x${'33'.repeat(32)}` } as const;
    expect(plan({ code: { stake: { hash: '0x01', proxy } }, desired: { stake: {} } }).findings).toMatchObject([{ code: 'CODE_PROXY', severity: 'info' }]);
    expect(codes(plan({ code: { stake: { hash: '0x01', proxy: { ...proxy, hash: null } } }, desired: { stake: {} } }))).toEqual(['NO_CODE']);
  });

  test('an unknown value blocks its contract, and only that', () => {
    const made = plan({
      live: { stake: { treasuryAllowlist: { type: 'unknown', reason: 'the node gave up' } } },
      desired: { stake: { feePct: 4n }, arena: { committeeSize: 5n } },
    });
    expect(made.findings).toMatchObject([{ code: 'LIVE_UNKNOWN', severity: 'error', contract: 'stake', field: 'treasuryAllowlist' }]);
    expect(made.steps.map((step) => step.id)).toEqual(['arena.setCommitteeParameters']);
  });

  test('a declared field that the contract lacks', () => {
    const input = planWorld({ desired: { arena: { pauser: people.bob } } });
    const [arena] = input.live.contracts;
    const fields = new Map([...(arena?.fields ?? [])].filter(([path]) => path !== 'pauser'));
    const live = { ...input.live, contracts: input.live.contracts.map((contract) => ({ ...contract, fields })) };
    expect(buildPlan({ ...input, live }).findings).toMatchObject([{ code: 'FIELD_ABSENT', field: 'pauser' }]);
  });

  test('a contract that was not read', () => {
    const input = planWorld({ desired: { arena: { committeeSize: 5n } } });
    expect(buildPlan({ ...input, live: { ...input.live, contracts: [] } }).findings.map((finding) => finding.code)).toEqual(['LIVE_MISSING']);
  });

  test('what git does not manage is listed, with the reason', () => {
    const { unmanaged } = plan({
      observe: { stake: ['burnPct'] },
      desired: { stake: { feePct: 5n, 'roleMinimumStake.agent': 0n, governance: people.operator } },
    });
    const reasons = new Map(unmanaged.map((item) => [item.field, item.reason]));
    expect(reasons.get('burnPct')).toBe('observed');
    expect(reasons.get('minStake')).toBe('not declared');
    expect(reasons.get('roleMinimumStake.validator')).toBe('undeclared key');
    expect(['feePct', 'roleMinimumStake.agent', 'owner', 'governance'].filter((field) => reasons.has(field))).toEqual([]);
  });

  test('a reading that no setter writes is not listed, and a field under observe is not planned', () => {
    expect(plan({ desired: { arena: {} } }).unmanaged.map((item) => item.field)).not.toContain('totalRounds');
    const made = plan({ observe: { stake: ['feePct'] }, desired: { stake: { feePct: 4n } } });
    expect([made.changes, made.declared]).toEqual([[], 0]);
  });

  test('an exact value that another controller moves is warned about', () => {
    const options: WorldOptions = { live: { stake: { autoStakeTuning: true } }, desired: { stake: { minStake: 50n * token } } };
    expect(plan(options).findings).toMatchObject([{ code: 'OWNED_ELSEWHERE', severity: 'warning' }]);
    expect(codes(plan({ ...options, desired: { stake: { minStake: 50n * token, autoStakeTuning: false } } }))).toEqual([]);
    expect(codes(plan({ ...options, desired: { stake: { minStake: { type: 'range', min: 1n, max: 50n * token } } } }))).toEqual([]);
    expect(codes(plan({ desired: { thermostat: { systemTemperature: 2n * token } } }))).toEqual(['OWNED_ELSEWHERE']);
  });
});
