// What an orchestrator's log says of an incident, in lines of JSON or of text.
import { describe, expect, test } from 'vitest';
import { signsIn } from '../../../src/loops/alerts/log-signs.ts';

const contracts = [
  { name: 'arena', address: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8', lineage: ['SelfPlayArena', 'Ownable'] },
  { name: 'stake-manager', address: '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC', lineage: ['StakeManager', 'Ownable'] },
  { name: 'fee-pool', address: '0x90F79bf6EB2c4f870365E785982E1f101E93b906', lineage: ['FeePool', 'Ownable'] },
];
const signs = (...lines: string[]) => signsIn(lines.join('\n'), contracts);

describe('a reason', () => {
  test('names its contracts, from a line of JSON or of text, and is counted', () => {
    const json = JSON.stringify({ time: '2026-11-26T10:00:00Z', level: 'warn', event: 'validator_slashed', message: 'validator slashed: moderation:block' });
    expect(signs('started', json, 'validator slashed: moderation:block')).toEqual([
      { what: 'reason', text: 'moderation:block', contracts: ['arena'], line: 2, count: 2 },
    ]);
    expect(signs('auto-slash:double-vote')).toMatchObject([{ contracts: ['arena', 'stake-manager'] }]);
    expect(signs('auto-slash:fee-pool:x')).toMatchObject([{ contracts: ['fee-pool'] }]);
  });
});

describe('trouble', () => {
  test.each([
    ['round 7 failed: committee too small', ['failed round']],
    [JSON.stringify({ event: 'round_failed', round: 7 }), ['failed round']],
    ['failed to close round 7', ['failed round']],
    ['transaction 0x12 reverted: EnforcedPause()', ['reverted']],
    ['round 7 started', []],
    ['the failure streak is over', []],
    ['around noon nothing failed', []],
  ])('%s', (line, expected) => {
    expect(signs(line).map(({ what }) => what)).toEqual(expected);
  });

  test('of lines that differ in their time alone is one', () => {
    const line = (time: string) => JSON.stringify({ time, message: 'call of stake-manager reverted' });
    expect(signs(line('1'), line('2'))).toMatchObject([{ what: 'reverted', contracts: ['stake-manager'], count: 2 }]);
  });

  test('is bounded, however long the log', () => {
    expect(signs(...Array.from({ length: 500 }, (_, i) => `round ${i} failed`))).toHaveLength(200);
    expect(signs(`round 1 failed ${'x'.repeat(500)}`)[0]?.text).toHaveLength(200);
  });
});
