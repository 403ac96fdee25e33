import { describe, expect, test } from 'vitest';
import { encodeCall, parseError, parseFunction } from '../../src/kinds/abi.ts';
import { id } from '../../src/kinds/keccak.ts';
import { loadKinds } from '../../src/kinds/load-kinds.ts';
import { findSteps } from '../../src/simulate/attribute.ts';
import { namedInSteps } from '../../src/simulate/candidates.ts';
import { compareStates } from '../../src/simulate/compare.ts';
import { checkGasMoney } from '../../src/simulate/gas-money.ts';
import { sideEffectsOf } from '../../src/simulate/side-effects.ts';
import { proveSteps } from '../../src/simulate/step-proofs.ts';
import { transactionGas } from '../../src/simulate/way.ts';
import type { FieldValue } from '../../src/types.ts';
import { addressOf, change, contract, desiredWith, members, plan, scalar, state, step } from './states.ts';

const kinds = loadKinds({ names: ['SelfPlayArena', 'AccessControl', 'Ownable'] });
const arena = (fields: Readonly<Record<string, FieldValue>>) => contract('arena', 'SelfPlayArena', fields);
const [alice, bob, carol] = [addressOf(0xa), addressOf(0xb), addressOf(0xc)];

function compare(options: {
  live: Record<string, FieldValue>;
  desired: Record<string, FieldValue>;
  after: Record<string, FieldValue>;
  changes?: ReturnType<typeof change>[];
}) {
  const { live, desired, after, changes = [] } = options;
  return compareStates({
    plan: plan({ changes }),
    desired: state(arena(desired)),
    live: state(arena(live)),
    after: state(arena(after)),
    kinds,
    names: new Map(),
  });
}

describe('states compared', () => {
  test('what should change and does is neither missing nor moved', () => {
    const wanted = change('arena.committeeSize', scalar(5n));
    const found = compare({
      live: { committeeSize: scalar(3n), validatorStake: scalar(1n) },
      desired: { committeeSize: scalar(5n) },
      after: { committeeSize: scalar(5n), validatorStake: scalar(1n) },
      changes: [wanted],
    });
    expect(found).toMatchObject({ reread: 2, declared: 1, asDeclared: 1, missing: [], moved: [], findings: [] });
  });

  test('what should change and does not is missing', () => {
    const wanted = change('arena.committeeSize', scalar(5n));
    const found = compare({
      live: { committeeSize: scalar(3n) },
      desired: { committeeSize: scalar(5n) },
      after: { committeeSize: scalar(3n) },
      changes: [wanted],
    });
    expect(found).toMatchObject({ declared: 1, asDeclared: 0, missing: [wanted], moved: [] });
  });

  test('a declared field that moves by the way is managed, another is not', () => {
    const found = compare({
      live: { committeeSize: scalar(3n), validatorStake: scalar(1n) },
      desired: { committeeSize: scalar(3n) },
      after: { committeeSize: scalar(4n), validatorStake: scalar(2n) },
    });
    expect(found.moved).toMatchObject([
      { field: 'committeeSize', managed: true, from: scalar(3n), to: scalar(4n) },
      { field: 'validatorStake', managed: false, unit: 'token' },
    ]);
  });

  test('a value held back is managed also when it moves to what is declared', () => {
    const found = compare({ live: { paused: scalar(true) }, desired: { paused: scalar(false) }, after: { paused: scalar(false) } });
    expect(found.moved).toMatchObject([{ field: 'paused', managed: true }]);
  });

  test('within a declared range a value may move', () => {
    const range: FieldValue = { type: 'range', min: 1n, max: 9n };
    const within = compare({ live: { committeeSize: scalar(3n) }, desired: { committeeSize: range }, after: { committeeSize: scalar(4n) } });
    expect(within).toMatchObject({ asDeclared: 1, moved: [{ managed: false }] });
    const outside = compare({ live: { committeeSize: scalar(3n) }, desired: { committeeSize: range }, after: { committeeSize: scalar(10n) } });
    expect(outside).toMatchObject({ asDeclared: 0, moved: [{ managed: true }] });
  });

  test('of a set, each member is looked at', () => {
    const changes = [
      change(`arena.orchestrators[${bob}]`, scalar(true), { action: 'add' }),
      change(`arena.orchestrators[${alice}]`, scalar(false), { action: 'remove' }),
    ];
    const sides = { live: { orchestrators: members(alice) }, desired: { orchestrators: members(bob) }, changes };
    expect(compare({ ...sides, after: { orchestrators: members(bob) } })).toMatchObject({ missing: [], moved: [] });
    expect(compare({ ...sides, after: { orchestrators: members(alice, bob) } })).toMatchObject({ missing: [changes[1]], moved: [] });
    expect(compare({ ...sides, after: { orchestrators: members(bob, carol) } })).toMatchObject({
      missing: [],
      moved: [{ field: 'orchestrators', from: members(bob), to: members(bob, carol), managed: true }],
    });
  });

  test('of an aggregate, parts that move under their own names are no side effect; others are', () => {
    const [one, two] = [addressOf(0x21), addressOf(0x22)];
    const mixed = (first: boolean, second: boolean): FieldValue => ({
      type: 'mixed',
      parts: [
        { field: 'stakeManager', target: one, value: first },
        { field: 'feePool', target: two, value: second },
        { field: 'jobRegistry', target: addressOf(0x23), value: false },
      ],
    });
    const pause = (paused: FieldValue) => contract('sp', 'SystemPause', { stakeManager: scalar(one), feePool: scalar(two), paused });
    const pool = (paused: boolean) => contract('pool', 'FeePool', { paused: scalar(paused) }, { address: two });
    const lifted = change('pool.paused', scalar(false), { kind: 'FeePool', address: two });
    const unpause = step('pool.unpause', { covers: ['pool.paused'] });
    const compared = (after: FieldValue, steps = [unpause]) =>
      compareStates({
        plan: plan({ changes: [lifted], steps }),
        desired: state(pause(scalar(false)), pool(false)),
        live: state(pause(mixed(true, true)), pool(true)),
        after: state(pause(after), pool(false)),
        kinds: loadKinds({ names: ['SystemPause', 'FeePool'] }),
        names: new Map(),
      });
    expect(compared(mixed(true, false))).toMatchObject({ missing: [], moved: [] });
    // No step could be planned for the pool: what stays as it was has not moved.
    expect(compared(mixed(true, true), [])).toMatchObject({ moved: [] });
    // The stake manager's pause is held back: nobody approved that it ends.
    expect(compared(scalar(false))).toMatchObject({ moved: [{ contract: 'sp', field: 'paused', managed: true }] });
  });

  test('a field that can no longer be read is an error, one that never could be is not mentioned again', () => {
    const unknown: FieldValue = { type: 'unknown', reason: 'reverted' };
    expect(compare({ live: { committeeSize: scalar(3n) }, desired: {}, after: { committeeSize: unknown } }).findings).toMatchObject([
      { code: 'PROOF_UNREADABLE', severity: 'error' },
    ]);
    expect(compare({ live: { committeeSize: scalar(3n) }, desired: {}, after: {} }).findings).toMatchObject([{ code: 'PROOF_UNREADABLE' }]);
    expect(compare({ live: { committeeSize: unknown }, desired: {}, after: { committeeSize: unknown } })).toMatchObject({ findings: [], moved: [] });
  });
});

describe('side effects', () => {
  const moved = { contract: 'arena', field: 'committeeSize', from: scalar(3n), to: scalar(4n), unit: 'count', managed: true } as const;

  test('a managed one is an error with the step that causes it', () => {
    const { sideEffects, findings } = sideEffectsOf({
      plan: plan({ steps: [step('arena.one'), step('arena.two')] }),
      moved: [moved],
      stepOf: new Map([['arena.committeeSize', 'arena.one']]),
    });
    expect(sideEffects).toEqual([{ ...moved, step: 'arena.one', corrected: false }]);
    expect(findings).toMatchObject([{ code: 'PROOF_SIDE_EFFECT', severity: 'error' }]);
  });

  test('an unmanaged one is a warning, or nothing where the plan shows it already', () => {
    const free = { ...moved, managed: false };
    const foreseen = { ...free, step: 'arena.two', corrected: false };
    expect(sideEffectsOf({ plan: plan(), moved: [free], stepOf: new Map() }).findings).toMatchObject([{ severity: 'warning' }]);
    const known = sideEffectsOf({ plan: plan({ sideEffects: [foreseen] }), moved: [free], stepOf: new Map() });
    expect(known).toEqual({ sideEffects: [foreseen], findings: [] });
  });

  test('is written as people write it', () => {
    const pauser = { ...moved, field: 'pauser', from: scalar('0x1'), to: scalar('0x2'), unit: 'none' } as const;
    const { findings } = sideEffectsOf({ plan: plan(), moved: [pauser], stepOf: new Map(), format: { names: new Map([['0x2', 'guardian']]) } });
    expect(findings[0]?.message).toContain('from 0x1 to guardian');
  });

  test('one that the plan puts back counts as corrected only when it is back', () => {
    const back = { ...moved, step: 'arena.one', corrected: true };
    expect(sideEffectsOf({ plan: plan({ sideEffects: [back] }), moved: [], stepOf: new Map() })).toEqual({ sideEffects: [back], findings: [] });
    const not = sideEffectsOf({ plan: plan({ sideEffects: [back] }), moved: [moved], stepOf: new Map() });
    expect(not).toMatchObject({ sideEffects: [{ corrected: false, step: 'arena.one' }], findings: [{ severity: 'error' }] });
  });

  test('the step that caused it is found by running fewer steps, each number once', async () => {
    const asked: number[] = [];
    const stateAfter = async (count: number) => {
      asked.push(count);
      return new Map([
        ['arena.committeeSize', scalar(count > 11 ? 4n : 3n)],
        ['arena.orchestrators', count > 3 ? members(alice, bob) : members(alice)],
      ]);
    };
    const ids = Array.from({ length: 16 }, (_, i) => `step ${i}`);
    // Of the set, bob came by the way, and carol is still to come by the plan itself.
    const set = { ...moved, field: 'orchestrators', from: members(alice, carol), to: members(alice, bob, carol) };
    const found = await findSteps([moved, set], ids, stateAfter);
    expect(Object.fromEntries(found)).toEqual({ 'arena.committeeSize': 'step 11', 'arena.orchestrators': 'step 3' });
    expect(new Set(asked).size).toBe(asked.length);
  });
});

describe('steps', () => {
  const steps = [step('arena.setRewardSplits', { covers: ['arena.teacherRewardSplitBps'], emits: ['RewardSplitsUpdated', 'ParametersUpdated'] })];
  const live = state(arena({}));
  const revertedWith = (data: string) => proveSteps({ plan: plan({ steps }), live, kinds, runs: [{ ok: false, gas: 30_000n, data, logs: null }] });

  test.each([
    ['InvalidSplit()', 'InvalidSplit()'],
    ['OwnableUnauthorizedAccount(address who)', `OwnableUnauthorizedAccount(${'0x00000000000000000000000000000000000000AA'})`],
    ['InsufficientBalance(uint256 balance, uint256 needed)', 'InsufficientBalance(1, 2)'],
  ])('a revert is decoded: %s', (text, shown) => {
    const error = parseError(`error ${text}`);
    const args = error.inputs.map((input, i) => (input.type === 'address' ? `0x${'0'.repeat(38)}aa` : BigInt(i + 1)));
    const asFunction = parseFunction(`function ${text}`);
    const data = encodeCall(asFunction, args);
    const { steps: proofs, findings } = revertedWith(data);
    expect(proofs).toMatchObject([{ ok: false, error: shown }]);
    expect(findings).toMatchObject([{ code: 'PROOF_REVERT', severity: 'error', changes: ['arena.teacherRewardSplitBps'] }]);
  });

  test('without logs no event is missed; with them, each that the setter should emit', () => {
    const run = (logs: { address: string; topics: string[]; data: string }[] | null) =>
      proveSteps({ plan: plan({ steps }), live, kinds, runs: [{ ok: true, gas: 1n, data: '0x', logs }] });
    expect(run(null)).toMatchObject({ steps: [{ events: null }], findings: [] });
    const topic = id('RewardSplitsUpdated(uint16,uint16,uint16)');
    const some = run([{ address: addressOf(1).toUpperCase().replace('0X', '0x'), topics: [topic], data: '0x' }]);
    expect(some.steps[0]?.events).toEqual(['RewardSplitsUpdated']);
    expect(some.findings).toMatchObject([{ code: 'PROOF_EVENT_MISSING', severity: 'warning' }]);
  });

  test("a set's own event missing is an error: the set could not be read again", () => {
    const orchestrator = [step('arena.setOrchestrator', { emits: ['OrchestratorUpdated'] })];
    const { findings } = proveSteps({ plan: plan({ steps: orchestrator }), live, kinds, runs: [{ ok: true, gas: 1n, data: '0x', logs: [] }] });
    expect(findings).toMatchObject([{ code: 'PROOF_EVENT_MISSING', severity: 'error' }]);
  });
});

describe('money', () => {
  const steps = [step('arena.a', { value: 7n }), step('arena.b'), step('arena.c', { route: { via: 'direct', signer: bob } })];
  const proofs = steps.map((one) => ({ step: one.id, ok: true, gas: 100_000n, events: null }));
  const needs = 2n * (130_000n + 30_000n) * 20n + 7n;
  const check = (balance: bigint, more: { feePerGas?: bigint | null; maxFeePerGas?: bigint } = {}) =>
    checkGasMoney({
      plan: plan({ steps }),
      steps: proofs,
      money: {
        feePerGas: more.feePerGas === undefined ? 10n : more.feePerGas,
        balances: new Map([
          [addressOf(9), balance],
          [bob, 10n ** 18n],
        ]),
      },
      desired: desiredWith(state(), { ...(more.maxFeePerGas === undefined ? {} : { maxFeePerGas: more.maxFeePerGas }), names: { [addressOf(9)]: 'operator' } }),
    });

  test('all steps of a caller together, to the wei', () => {
    expect(check(needs)).toEqual([]);
    expect(check(needs - 1n)).toMatchObject([{ code: 'CALLER_WITHOUT_GAS_MONEY', severity: 'error' }]);
    expect(check(needs - 1n)[0]?.message).toMatch(new RegExp(`operator.*${needs - 1n}.*${needs}`));
  });

  test("never more than the environment's fee cap; nothing is said where the node gives no price", () => {
    expect(check((needs - 7n) / 2n + 7n, { maxFeePerGas: 10n })).toEqual([]);
    expect(check(0n, { feePerGas: null })).toEqual([]);
  });

  test('call data is paid for before the first instruction', () => {
    expect(transactionGas('0x', 0n)).toBe(21_000n);
    expect(transactionGas('0x00ff', 1_000n)).toBe(21_000n + 4n + 16n + 1_000n);
    expect(transactionGas('0x00ff', 0n)).toBe(21_000n + 10n + 40n);
  });
});

describe('members that may have come in', () => {
  test('addresses in arguments and call data, numbers not', () => {
    const word = (text: string) => text.padStart(64, '0');
    const inner = step('arena.setOrchestrator', {
      data: `0x12345678${word(bob.slice(2))}${word('21ab0d4414980000')}`,
      call: { contract: 'arena', function: 'f', args: [{ name: 'list', type: 'address[]', value: [[carol]] }] },
    });
    expect(
      namedInSteps([inner])
        .map((one) => one.toLowerCase())
        .sort(),
    ).toEqual([bob, carol]);
  });
});
