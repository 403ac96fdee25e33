import { expect, test } from 'vitest';
import { decodeLog, missingEvents } from '../../src/apply/decode-logs.ts';
import { reduceJournal } from '../../src/journal/reduce.ts';
import { id } from '../../src/kinds/keccak.ts';
import { loadKinds } from '../../src/kinds/load-kinds.ts';
import type { JournalEvent, Log } from '../../src/types.ts';
import { mined, signed, started, step } from '../journal/events.ts';

const module = `0x${'5'.repeat(40)}`;
const managed = `0x${'6'.repeat(40)}`;
const decoding = {
  kinds: loadKinds({ names: ['SystemPause', 'FeePool', 'AccessControl'] }),
  contracts: [{ name: 'role-book', kind: 'AccessControl', address: managed }],
};

function pausedBy(address: string): Log {
  const empty = `0x${'0'.repeat(64)}`;
  return { address, topics: [id('Paused(address)')], data: empty, blockNumber: 1n, blockHash: empty, transactionHash: empty, transactionIndex: 0, logIndex: 0 };
}

test("an undeclared module's event is told by any kind; a declared contract's by its own only", () => {
  expect(decodeLog(decoding, pausedBy(module))).toMatchObject({ contract: module, event: 'Paused' });
  expect(decodeLog(decoding, pausedBy(managed))).toMatchObject({ contract: 'role-book', event: 'unknown' });
});

test('pausing an undeclared module does not count as having emitted nothing', () => {
  const pausing = { ...step('a'), target: module, emits: ['Paused'] };
  const missing = (logs: readonly Log[]) => {
    const begun = { ...started('r1'), steps: [pausing] } as JournalEvent;
    const sent: JournalEvent = { run: 'r1', at: 2, type: 'signed', group: 0, transactions: [signed('a', 0, '0xaa')] };
    const done = { ...mined('r1', 'a', '0xaa'), logs } as JournalEvent;
    return reduceJournal([begun, sent, done]).runs.flatMap((run) => missingEvents(decoding, run).map(({ code }) => code));
  };
  expect(missing([pausedBy(module)])).toEqual([]);
  expect(missing([])).toEqual(['EVENT_MISSING']);
});
