// An orchestrator's log as slashes: its NDJSON and plain lines, and what says too little.
import { describe, expect, test } from 'vitest';
import { readSlashLog } from '../../src/cli/propose/slash-log.ts';
import { MooringError } from '../../src/errors.ts';
import { toChecksum } from '../../src/kinds/keccak.ts';

const [validator, recipient] = [toChecksum(`0x${'ab'.repeat(20)}`), toChecksum(`0x${'cd'.repeat(20)}`)];
const entry = {
  ...{ time: '2026-11-26T17:00:00.000Z', level: 'warn', event: 'validator_slashed', round: '12', validator, amount: '5000000000000000000', recipient },
  message: 'validator slashed: moderation:block',
};
const line = (change: object = {}): string => JSON.stringify({ ...entry, ...change });
const plain = `17:00 WARN validator slashed: moderation:block round=12 validator=${validator.toLowerCase()} amount=5000000000000000000 recipient=${recipient}`;
const slash = { round: 12n, validator, amount: 5n * 10n ** 18n, recipient, reason: 'moderation:block' };

function refusal(text: string): string[] {
  try {
    readSlashLog('log', text);
  } catch (error) {
    if (error instanceof MooringError) return error.findings.map(({ code, source }) => `${code} ${source?.line}`);
    throw error;
  }
  return [];
}

test.each([
  ['NDJSON', line()],
  ['a plain line', plain],
  ['among other lines', `started\n{"event":"round_started"}\n${line()}\r\n{broken\n\n`],
])('%s', (_, text) => {
  expect(readSlashLog('log', text)).toEqual([{ ...slash, transaction: null, key: expect.stringMatching(/^[0-9a-f]{12}$/) }]);
});

test.each([
  ['that was sent', `0x${'Ab'.repeat(32)}`, `0x${'ab'.repeat(32)}`],
  ['that was not', null, null],
])('one %s says so', (_, transaction, expected) => {
  expect(readSlashLog('log', line({ transaction }))[0]?.transaction).toBe(expected);
});

test('what is said again to the letter is one slash; at another time it is another', () => {
  const later = line({ time: '2026-11-26T17:00:00.001Z' });
  expect(readSlashLog('log', [line(), later, line(), later].join('\n'))).toHaveLength(2);
  const [first] = readSlashLog('log', line());
  expect(readSlashLog('other', `x\n${line()}`)[0]?.key).toBe(first?.key);
});

describe('what says too little is refused, with its line', () => {
  test.each<[string, string]>([
    ['no round', line({ round: undefined })],
    ['a round that is no number', line({ round: 'twelve' })],
    ['a round of JSON', line({ round: 12 })],
    ['nothing', line({ amount: '0' })],
    ['a negative amount', line({ amount: '-5' })],
    ['an amount in another form', line({ amount: '5e18' })],
    ['nobody', line({ validator: '0x12' })],
    ['a wrong checksum', line({ recipient: recipient.replace(/[a-f]/, (letter) => letter.toUpperCase()).replace(/[A-F]$/, (letter) => letter.toLowerCase()) })],
    ['a transaction that is none', line({ transaction: '0x12' })],
    ['no reason', line({ message: 'validator slashed: ' })],
    ['another message', line({ message: 'slashed' })],
    ['a cut line', line().slice(0, 90)],
    ['a bare message', 'validator slashed: moderation:block'],
    ['a plain line that is cut', plain.slice(0, 120)],
  ])('%s', (_, text) => {
    expect(refusal(`first\n${text}\n${line()}`)).toEqual(['SLASH_LOG 2']);
  });

  test('all of them', () => {
    expect(refusal([line({ round: '' }), line(), 'validator slashed: x'].join('\n'))).toEqual(['SLASH_LOG 1', 'SLASH_LOG 3']);
  });
});
