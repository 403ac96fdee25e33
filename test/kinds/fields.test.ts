import { describe, expect, it } from 'vitest';
import { copiedValue, fieldAt, keyScalar, nearestName, riskOf, staticPaths, toCanonical, toRaw } from '../../src/kinds/fields.ts';
import { id } from '../../src/kinds/keccak.ts';
import type { Kind, KindField } from '../../src/kinds/kind.ts';
import type { FieldValue, Scalar } from '../../src/types.ts';
import { builtIn } from './own-kinds.ts';

const stake = builtIn('StakeManager');
const thermostat = builtIn('Thermostat');
const roles = builtIn('AccessControl');

function field(kind: Kind, name: string): KindField {
  const found = kind.fields.get(name);
  if (found === undefined) throw new Error(name);
  return found;
}

const scalar = (value: Scalar): FieldValue => ({ type: 'scalar', value });

describe('paths', () => {
  it('finds fields with and without keys, and nothing else', () => {
    expect(fieldAt(stake, 'feePct')?.key).toBeUndefined();
    expect(fieldAt(stake, 'roleMinimumStake')?.field.shape).toBe('keyed');
    expect(fieldAt(stake, 'roleMinimumStake.agent')).toMatchObject({ key: 'agent', field: { name: 'roleMinimumStake' } });
    for (const path of [
      '',
      '.',
      'roleMinimumStake.',
      'roleMinimumStake.owner',
      'feePct.agent',
      'nothing',
      'roleMinimumStake.agent.agent',
      '__proto__',
      'constructor',
    ])
      expect(fieldAt(stake, path)).toBeNull();
    expect(fieldAt(roles, 'roles.MINTER_ROLE')?.key).toBe('MINTER_ROLE');
    expect(fieldAt(roles, 'roles.not a role')).toBeNull();
  });

  it('lists what can be named without knowing the contract', () => {
    expect(staticPaths(thermostat)).toContain('roleTemperature.employer');
    expect(staticPaths(thermostat)).not.toContain('roleTemperature');
    expect(staticPaths(roles)).toEqual([]);
    for (const path of staticPaths(stake)) expect(fieldAt(stake, path)).not.toBeNull();
  });

  it('knows what a key is on chain', () => {
    expect(keyScalar(field(stake, 'roleMinimumStake'), 'platform')).toBe(2n);
    expect(keyScalar(field(roles, 'roles'), 'DEFAULT_ADMIN_ROLE')).toBe(`0x${'0'.repeat(64)}`);
    expect(keyScalar(field(roles, 'roles'), 'MINTER_ROLE')).toBe(id('MINTER_ROLE'));
    expect(keyScalar(field(roles, 'roles'), `0x${'AB'.repeat(32)}`)).toBe(`0x${'ab'.repeat(32)}`);
    expect(() => keyScalar(field(stake, 'roleMinimumStake'), 'agnet')).toThrow(
      expect.objectContaining({ code: 'KIND_KEY', fix: expect.stringContaining('agent') }),
    );
  });
});

describe('percent or basis points', () => {
  const pct = field(stake, 'treasurySlashPct');
  it.each([
    [0n, 0n],
    [1n, 100n],
    [60n, 6000n],
    [100n, 10000n],
    [101n, 101n],
    [6000n, 6000n],
  ])('%s on chain is %s bps', (raw, canonical) => {
    expect(toCanonical(pct, raw)).toBe(canonical);
  });
  it('is written as whole percent', () => {
    expect(toRaw(pct, 6000n)).toBe(60n);
    expect(toRaw(pct, 0n)).toBe(0n);
    expect(() => toRaw(pct, 6050n)).toThrow(expect.objectContaining({ code: 'ABI_ENCODE' }));
  });
  it('is copied as the contract’s number, not as ours', () => {
    expect(copiedValue(field(stake, 'validatorRewardPct'), pct, 5n)).toBe(500n);
  });
  it('leaves other units alone', () => {
    expect(toCanonical(field(stake, 'feePct'), 60n)).toBe(60n);
    expect(toRaw(field(stake, 'feePct'), 60n)).toBe(60n);
  });
});

describe('risk', () => {
  const of = (name: string, from: FieldValue | null, to: FieldValue | null, kind = stake) => riskOf(field(kind, name), 'set', from, to);

  it.each([
    ['raising a fee', 'feePct', 5n, 6n, 'increase'],
    ['lowering a fee', 'feePct', 6n, 5n, 'reduce'],
    ['pausing', 'paused', false, true, 'reduce'],
    ['unpausing', 'paused', true, false, 'increase'],
    ['lowering a stake floor', 'minStake', 6n, 5n, 'increase'],
    ['lowering a cap', 'maxStakePerAddress', 6n, 5n, 'reduce'],
    ['taking a cap away', 'maxStakePerAddress', 6n, 0n, 'increase'],
    ['setting a cap where there was none', 'maxStakePerAddress', 0n, 6n, 'reduce'],
    ['inheriting where there was a value', 'roleMinimumStake', 6n, 0n, 'ambiguous'],
    ['a value where it was inherited', 'roleMinimumStake', 0n, 6n, 'ambiguous'],
    ['raising a role’s minimum', 'roleMinimumStake', 5n, 6n, 'reduce'],
    ['another owner', 'owner', '0x1', '0x2', 'ambiguous'],
  ])('%s', (_, name, from, to, expected) => {
    expect(of(name, scalar(from), scalar(to))).toBe(expected);
  });

  it('is ambiguous where the former value is unknown, and not where it doesn’t matter', () => {
    expect(of('feePct', null, scalar(5n))).toBe('ambiguous');
    expect(of('feePct', { type: 'unknown', reason: 'x' }, scalar(5n))).toBe('ambiguous');
    expect(of('paused', { type: 'mixed', parts: [] }, scalar(true))).toBe('reduce');
    expect(of('paused', { type: 'mixed', parts: [] }, scalar(false))).toBe('increase');
    expect(of('roleTemperature', scalar(1n), { type: 'unset' }, thermostat)).toBe('ambiguous');
  });

  it('judges a range by the bound that it moves to', () => {
    expect(of('minStake', scalar(1n), { type: 'range', min: 5n, max: 9n })).toBe('reduce');
    expect(of('minStake', scalar(10n), { type: 'range', min: 5n, max: 9n })).toBe('increase');
  });

  it('counts additions as up and removals as down', () => {
    expect(riskOf(field(stake, 'validatorLockManagers'), 'add', null, null)).toBe('increase');
    expect(riskOf(field(stake, 'validatorLockManagers'), 'remove', null, null)).toBe('reduce');
    expect(riskOf(field(stake, 'feePct'), 'do', null, null)).toBe('ambiguous');
  });
});

describe('nearest names', () => {
  const names = ['feePct', 'burnPct', 'minStake'];
  it.each([
    ['feepct', 'feePct'],
    ['fePct', 'feePct'],
    ['feePtc', 'feePct'],
    ['minStakes', 'minStake'],
    ['treasury', null],
    ['', null],
    ['x'.repeat(100_000), null],
  ])('%s', (name, expected) => {
    expect(nearestName(name, names)).toBe(expected);
  });
});
