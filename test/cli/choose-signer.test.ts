// A hint never names an account whose rights were taken away: its key may be in other hands.
import { describe, expect, test } from 'vitest';
import { idleSigners } from '../../src/cli/access/idle-signers.ts';
import { chooseSigner as chooseForRounds } from '../../src/cli/arena/choose-signer.ts';
import { checkSigners } from '../../src/cli/doctor/check-keys.ts';
import type { Opened } from '../../src/cli/environment/open.ts';
import { type Choosing, chooseSigner as chooseForPause } from '../../src/cli/pause/choose-signer.ts';
import { MooringError } from '../../src/errors.ts';
import type { AccessReport, AccessRow } from '../../src/render/access-text.ts';
import type { ChainReader, SignerRef } from '../../src/types.ts';

const signer = (name: string, digit: string): SignerRef => ({ name, address: `0x${digit.repeat(40)}`, key: { from: 'env', variable: 'X' } });
const signers = [signer('orchestrator-a', '1'), signer('orchestrator-b', '2')];
const [revoked, left] = signers as [SignerRef, SignerRef];
const word = (yes: boolean): string => `0x${(yes ? '1' : '0').padStart(64, '0')}`;
const away = new MooringError('RPC_UNAVAILABLE', 'no');

async function fixOf(choice: Promise<unknown>): Promise<string> {
  const error = await choice.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ code: 'USAGE' });
  return (error as MooringError).fix ?? '';
}

describe('for rounds', () => {
  const chain = (may: (ref: SignerRef) => boolean): ChainReader =>
    ({ head: async () => ({}), calls: async () => signers.map((ref) => ({ ok: true, data: word(may(ref)) })) }) as unknown as ChainReader;
  const given = (name: string, on: ChainReader) => chooseForRounds({ signers, env: {}, given: name, chain: on, arena: left.address });

  test('the nearest that is an orchestrator now', async () => {
    expect(
      await fixOf(
        given(
          'orchestrator-aa',
          chain(() => true),
        ),
      ),
    ).toContain('did you mean "orchestrator-a"?');
    const hint = await fixOf(
      given(
        'orchestrator-aa',
        chain((ref) => ref === left),
      ),
    );
    expect([hint.includes('orchestrator-b'), hint.includes('orchestrator-a')]).toEqual([true, false]);
    expect(
      await fixOf(
        given(
          'orchestrator-aa',
          chain(() => false),
        ),
      ),
    ).not.toContain('orchestrator-');
  });

  test('nobody where the chain can’t tell', async () => {
    const dead = { head: () => Promise.reject(away) } as unknown as ChainReader;
    expect(await fixOf(given('orchestrator-aa', dead))).not.toContain('orchestrator-');
  });
});

describe('for a pause', () => {
  const choose = (rehearse: Choosing['rehearse']) =>
    chooseForPause({
      outline: { environment: { signers }, pauseSigner: null, unplaced: [] } as unknown as Choosing['outline'],
      env: {},
      given: 'orchestrator-aa',
      keyless: true,
      rehearse,
    });
  const report = (state: string) => ({ rows: [{ state }] }) as unknown as Awaited<ReturnType<Choosing['rehearse']>>;

  test('the nearest that could pause something now', async () => {
    expect(await fixOf(choose(async () => report('ready')))).toContain('did you mean "orchestrator-a"?');
    const hint = await fixOf(choose(async (ref) => report(ref === revoked ? 'impossible' : 'ready')));
    expect([hint.includes('orchestrator-b'), hint.includes('orchestrator-a')]).toEqual([true, false]);
  });

  test('nobody where the chain can’t tell', async () => {
    expect(await fixOf(choose(() => Promise.reject(away)))).not.toContain('orchestrator-');
  });
});

test('a signer is idle only where all rights could be read', () => {
  const row = { contract: 'arena', address: `0x${'9'.repeat(40)}`, field: 'orchestrators', role: 'role', account: left.address } as unknown as AccessRow;
  expect(idleSigners(signers, { rows: [row], unread: false })).toEqual([revoked]);
  expect(idleSigners(signers, { rows: [row], unread: true })).toEqual([]);
});

test('the doctor takes a signer for powerless only where all rights could be read', async () => {
  const opened = { desired: { environment: { signers: [revoked] } }, chain: { balances: async () => [1n] }, root: '/nowhere', name: 'x' };
  const verdicts = async (findings: readonly object[]) => {
    const report = { rows: [], findings, block: {} } as unknown as AccessReport;
    return (await checkSigners(opened as unknown as Opened, report, { env: {} })).map(({ verdict }) => verdict);
  };
  expect(await verdicts([])).toEqual(['fail']);
  expect(await verdicts([{ severity: 'error' }])).toEqual(['unknown']);
});
