// acts/: what they say, and what they are told.
import { describe, expect, test } from 'vitest';
import { actIdIn, chainReason, isDoneAs } from '../../src/acts.ts';
import { actExample } from './examples.ts';
import { accounts, findingsOf, load, places, sample } from './world.ts';

const contract = { 'contracts/sample.yaml': sample('spec: { owner: account-a }\n') };

function actsOf(files: Readonly<Record<string, string>>) {
  return load({ ...contract, ...files }).desired.state.contracts.flatMap(({ acts = [] }) => acts);
}

test('an act says what is done, and what the reason on chain ends in', () => {
  const [act] = actsOf({ 'acts/spring.yaml': actExample });
  expect(act).toEqual({
    ...{ id: 'spring', act: 'slash', contract: 'sample', fromBlock: 1n, round: 12n, amount: 5n * 10n ** 18n, reason: 'judged without looking' },
    ...{ validator: accounts['account-a'], recipient: accounts['account-b'], marker: '[local/spring]' },
    text: `slash ${accounts['account-a']} in round 12: 5 AGIALPHA to ${accounts['account-b']}, judged without looking`,
    source: { file: 'desired-state/local/acts/spring.yaml', line: 1, column: 1 },
  });
  expect(act === undefined ? '' : chainReason(act)).toBe('judged without looking [local/spring]');
});

test('two files that say the same are two acts', () => {
  expect(actsOf({ 'acts/one.yaml': actExample, 'acts/two.yaml': actExample }).map(({ marker }) => marker)).toEqual(['[local/one]', '[local/two]']);
});

describe('an act is refused', () => {
  test.each([
    ['without its round', ['round: 12\n', ''], 'KEY_MISSING 1:1'],
    ['without the block from which it is looked for', ['fromBlock: 1\n', ''], 'KEY_MISSING 1:1'],
    ['of another kind', ['act: slash', 'act: reward'], 'VALUE_NOT_ALLOWED 3:6'],
    ['on what is not declared', ['contract: sample', 'contract: smple'], 'ACT_CONTRACT 4:11'],
    ['in half a round', ['round: 12', 'round: 1.5'], 'NUMBER_TOO_FINE 6:8'],
    ['of somebody unknown', ['validator: account-a', 'validator: acount-a'], 'NAME_UNKNOWN 7:12'],
    ['of nobody', ['validator: account-a', `validator: "0x${'0'.repeat(40)}"`], 'ADDRESS_ZERO 7:12'],
    ['of an address that YAML reads as a number', ['account-a', accounts['account-a']], 'ADDRESS_UNQUOTED 7:12'],
    ['of nothing', ['amount: 5 AGIALPHA', 'amount: 0'], 'VALUE_TOO_SMALL 8:9'],
    ['in a token that there is not', ['5 AGIALPHA', '5 ALPHA'], 'TOKEN_UNKNOWN 8:9'],
    ['with a reason of two lines', ['reason: judged without looking', 'reason: "judged\\nwithout"'], 'TEXT_EXPECTED 10:9'],
    ['with a reason that steers a terminal', ['reason: judged without looking', 'reason: "judged \\u001b[31m"'], 'TEXT_EXPECTED 10:9'],
    ['with a reason that turns round', ['reason: judged without looking', 'reason: "judged \\u202e"'], 'TEXT_EXPECTED 10:9'],
    ['with an endless reason', ['judged without looking', 'x'.repeat(501)], 'TEXT_EXPECTED 10:9'],
    ['with a word that nobody knows', ['reason:', 'because: x\nreason:'], 'KEY_UNKNOWN 10:1'],
  ] as const)('%s', (_, [from, to], expected) => {
    expect(places(findingsOf({ ...contract, 'acts/spring.yaml': actExample.replace(from, to) }))).toEqual([expected]);
  });

  test('by a name that is none', () => {
    expect(places(findingsOf({ ...contract, 'acts/a b.yaml': actExample }))).toEqual(['FILE_NAME 1:1']);
  });

  test('on a contract of a kind on which nothing is slashed', () => {
    const pool = 'apiVersion: mooring/v1\nkind: FeePool\naddress: "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512"\nfromBlock: 1\nspec: { owner: account-a }\n';
    const act = actExample.replace('contract: sample', 'contract: pool');
    expect(places(findingsOf({ ...contract, 'contracts/pool.yaml': pool, 'acts/spring.yaml': act }))).toEqual(['ACT_CONTRACT 4:11']);
  });
});

describe('an event is an act', () => {
  test.each([
    ['judged [local/spring]', 'spring'],
    ['[local/spring]', 'spring'],
    ['judged [local/winter] [local/spring]', 'spring'],
    ['judged [local/spring] after all', null],
    ['judged [local/spring].', null],
    ['judged [prod/spring]', null],
    ['judged', null],
    ['', null],
    ['judged local/spring]', null],
  ])('by the end of its reason: %s', (reason, expected) => {
    expect(actIdIn(reason, 'local')).toBe(expected);
  });

  test('and has done what it says only when all of it is the same', () => {
    const [act] = actsOf({ 'acts/spring.yaml': actExample });
    if (act === undefined) throw new Error('no act');
    const done = { ...act, reason: chainReason(act) };
    expect(isDoneAs(done, act)).toBe(true);
    const others = [{ round: 13n }, { amount: 1n }, { validator: act.recipient }, { recipient: act.validator }, { reason: `x ${done.reason}` }];
    expect(others.map((other) => isDoneAs({ ...done, ...other }, act))).toEqual(others.map(() => false));
  });
});
