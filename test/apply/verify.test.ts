import { describe, expect, test } from 'vitest';
import { showWith } from '../../src/apply/show.ts';
import { verify, verifyAgainst } from '../../src/apply/verify.ts';
import { MooringError } from '../../src/errors.ts';
import type { Change, Finding, Plan } from '../../src/types.ts';

function change(field: string, from: bigint, to: bigint): Change {
  return {
    id: `box.${field}`,
    contract: 'box',
    kind: 'Box',
    address: '0x',
    field,
    action: 'set',
    from: { type: 'scalar', value: from },
    to: { type: 'scalar', value: to },
    unit: 'none',
    risk: 'reduce',
  };
}

function plan(changes: readonly Change[], findings: readonly Finding[] = []): Plan {
  const block = { number: 1n, hash: '0x', timestamp: 1n };
  return {
    version: 1,
    environment: 'e',
    chainId: 1n,
    block,
    digest: '',
    changes,
    steps: [],
    findings,
    unmanaged: [],
    sideEffects: [],
    reductions: [],
    approvals: [],
    edits: [],
    policyVersion: '',
    declared: 0,
    simulation: { status: 'not needed' },
  };
}

const wanted = [change('a', 0n, 1n), change('b', 0n, 2n)];

describe('verifying', () => {
  test('nothing of what was wanted remains: each value is as wanted', () => {
    expect(verifyAgainst(wanted, plan([change('other', 1n, 2n)]), showWith({}))).toEqual({
      after: { 'box.a': { type: 'scalar', value: 1n }, 'box.b': { type: 'scalar', value: 2n } },
      findings: [],
    });
  });

  test('what remains is a mismatch, with the value that is there', () => {
    const { after, findings } = verifyAgainst(wanted, plan([change('b', 9n, 2n)]), showWith({}));
    expect(after).toEqual({ 'box.a': { type: 'scalar', value: 1n }, 'box.b': { type: 'scalar', value: 9n } });
    expect(findings).toMatchObject([{ code: 'VERIFY_MISMATCH', severity: 'error', changes: ['box.b'] }]);
  });

  test('what could not be read is neither', () => {
    const unread: Finding = { code: 'LOGS_INCOMPLETE', severity: 'error', message: 'm', contract: 'box', field: 'b' };
    const { after, findings } = verifyAgainst(wanted, plan([], [unread, { ...unread, contract: 'other' }]), showWith({}));
    expect(after).toEqual({ 'box.a': { type: 'scalar', value: 1n } });
    expect(findings).toMatchObject([{ code: 'VERIFY_INDETERMINATE', field: 'b' }]);
  });

  test('a node that is away afterwards does not hide that everything was sent', async () => {
    const away = async () => Promise.reject(new MooringError('RPC_UNAVAILABLE', 'away'));
    expect(await verify(wanted, away, showWith({}))).toMatchObject({ after: {}, findings: [{ code: 'VERIFY_INDETERMINATE', severity: 'error' }] });
    await expect(verify(wanted, async () => Promise.reject(new TypeError('a bug')), showWith({}))).rejects.toThrow('a bug');
  });
});
