// What an approval binds: what moves the digest, and what doesn't. And the JSON form against its published schema.
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { type BuildInput, buildPlan } from '../../src/plan/build-plan.ts';
import { planJson } from '../../src/render/plan-json.ts';
import type { ContractState, Plan } from '../../src/types.ts';
import { addressOf, people, planWorld, token, type WorldOptions, zero } from '../support/plan-world.ts';

const base: WorldOptions = { desired: { arena: { teacherRewardSplitBps: 4000n }, stake: { validatorRewardPct: 12n, validatorSlashRewardPct: 1000n } } };

/** The copied percentage is left where the setter puts it. */
const unmanaged: WorldOptions = { desired: { arena: { teacherRewardSplitBps: 4000n }, stake: { validatorRewardPct: 12n } } };

function digest(options: WorldOptions, change: (input: BuildInput) => BuildInput = (input) => input): string {
  return buildPlan(change(planWorld(options))).digest;
}

function withContracts(input: BuildInput, change: (contract: ContractState) => ContractState): BuildInput {
  return { ...input, live: { ...input.live, contracts: input.live.contracts.map(change) } };
}

describe('the digest stays', () => {
  const first = digest(base);

  test('from run to run, and is a SHA-256', () => {
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(digest(base)).toBe(first);
  });

  test('when the block, the time and the place in the file move', () => {
    expect(digest(base, (input) => ({ ...input, now: 1n, live: { ...input.live, block: { number: 999n, hash: '0x99', timestamp: 9n } } }))).toBe(first);
    const moved = planWorld(base);
    const contracts = moved.desired.state.contracts.map((contract) => ({
      ...contract,
      fields: new Map([...contract.fields].reverse().map(([path, field]) => [path, { ...field, source: { file: 'elsewhere.yaml', line: 77, column: 1 } }])),
    }));
    expect(buildPlan({ ...moved, desired: { ...moved.desired, state: { ...moved.desired.state, contracts: contracts.reverse() } } }).digest).toBe(first);
  });

  test('when a live value that is only carried along moves', () => {
    expect(digest({ ...base, live: { arena: { studentRewardSplitBps: 2500n } } })).toBe(first);
  });

  test('when a neighbour moves: another field, another contract, its code', () => {
    expect(digest({ ...base, live: { stake: { unbondingPeriod: 1n } } })).toBe(first);
    expect(digest({ ...base, desired: { ...base.desired, thermostat: {} }, code: { thermostat: { hash: '0x77' } } })).toBe(first);
  });

  test('when a name in the address book changes', () => {
    const renamed = (input: BuildInput): BuildInput => ({
      ...input,
      desired: { ...input.desired, addresses: { ...input.desired.addresses, byAddress: new Map([[people.operator, 'somebody']]) } },
    });
    expect(digest(base, renamed)).toBe(first);
  });
});

describe('the digest moves', () => {
  const first = digest(base);
  const others: [string, () => string][] = [
    ['with a live value of a changed field', () => digest({ ...base, live: { arena: { teacherRewardSplitBps: 4500n } } })],
    ['with a declared value', () => digest({ desired: { ...base.desired, arena: { teacherRewardSplitBps: 4001n } } })],
    ['with a further change', () => digest({ desired: { ...base.desired, thermostat: { kp: 2n } } })],
    ['with a side effect', () => digest(unmanaged)],
    ['with the live value that a side effect replaces', () => digest({ ...unmanaged, live: { stake: { validatorSlashRewardPct: 900n } } })],
    ['with the policy', () => digest({ ...base, policy: { version: 'policy-2' } })],
    ['with the code of a contract', () => digest({ ...base, code: { stake: { hash: '0x77' } } })],
    [
      'with what a proxy points to',
      () => digest({ ...base, code: { stake: { hash: `0x${'11'.repeat(32)}`, proxy: { type: 'erc1967', implementation: addressOf(5), hash: '0x1' } } } }),
    ],
    [
      'with the signer',
      () =>
        digest({ ...base, signers: [people['other-owner']], live: { arena: { owner: people['other-owner'] }, stake: { governance: people['other-owner'] } } }),
    ],
    [
      'with the chain',
      () =>
        digest(base, (input) => ({
          ...input,
          live: { ...input.live, chainId: 5n },
          desired: { ...input.desired, environment: { ...input.desired.environment, chainId: 5n } },
        })),
    ],
    [
      'with the environment',
      () => digest(base, (input) => ({ ...input, desired: { ...input.desired, environment: { ...input.desired.environment, name: 'production' } } })),
    ],
    ['with an address', () => digest(base, (input) => withContracts(input, (contract) => ({ ...contract, address: addressOf(950) })))],
    [
      'with a standing reduction',
      () =>
        digest({
          ...base,
          reductions: [
            { contract: 'arena', field: 'paused', transaction: '0x01', block: 1n, sender: zero, from: null, to: { type: 'scalar', value: true }, known: false },
          ],
        }),
    ],
  ];

  test.each(others)('%s', (_, other) => {
    expect(other()).not.toBe(first);
  });

  test('each to another one', () => {
    expect(new Set(others.map(([, other]) => other())).size).toBe(others.length);
  });
});

describe('the JSON form', () => {
  const schema = JSON.parse(readFileSync(new URL('../../schemas/plan.schema.json', import.meta.url), 'utf8')) as object;
  const validate = new Ajv({ allErrors: true }).compile(schema);
  const plans: [string, WorldOptions][] = [
    ['of changes, side effects and carried values', base],
    [
      'of members, entries, roles and unset values',
      {
        desired: {
          arena: { orchestrators: [] },
          stake: { agiTypes: new Map() },
          roles: { 'roles.MINTER_ROLE': [people.bob] },
          thermostat: { 'roleTemperature.validator': { type: 'unset' } },
        },
      },
    ],
    ['through a relay', { governed: true, desired: { stake: { feePct: 4n }, 'system-pause': { paused: true } } }],
    [
      'of findings',
      {
        live: { thermostat: { kp: { type: 'unknown', reason: 'no answer' } } },
        desired: { thermostat: { kp: 5n }, arena: { owner: zero }, stake: { minStake: token } },
      },
    ],
    [
      'of reductions',
      {
        ...base,
        reductions: [
          {
            contract: 'arena',
            field: 'paused',
            member: people.bob,
            transaction: '0x01',
            block: 1n,
            sender: zero,
            from: null,
            to: { type: 'scalar', value: true },
            known: false,
          },
        ],
      },
    ],
    ['of nothing', { desired: {} }],
  ];

  test.each(plans)('%s is as published', (_, options) => {
    const json: unknown = JSON.parse(JSON.stringify(planJson(buildPlan(planWorld(options)))));
    validate(json);
    expect(validate.errors ?? []).toEqual([]);
  });

  test('of a proven plan is as published, and one with a member too many is not', () => {
    const plan = buildPlan(planWorld(base));
    const steps = plan.steps.map((step) => ({ step: step.id, ok: true, gas: 50_000n, events: null }));
    const proven: Plan = {
      ...plan,
      simulation: {
        status: 'proven',
        method: 'runner',
        block: plan.block,
        feePerGas: 1n,
        steps,
        reread: 10,
        declared: 3,
        asDeclared: 3,
        sideEffects: plan.sideEffects,
      },
    };
    expect(validate(JSON.parse(JSON.stringify(planJson(proven))))).toBe(true);
    expect(validate({ ...(JSON.parse(JSON.stringify(planJson(proven))) as object), more: 1 })).toBe(false);
  });
});
