import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openFileStore } from '../../src/journal/file-store.ts';
import { receiptHash } from '../../src/journal/receipt.ts';
import type { JournalEvent, JournalStore } from '../../src/types.ts';
import { mined, receipt, signed, started } from './events.ts';

let folder: string;
let journal: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mooring-journal-'));
  journal = join(folder, 'journal.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function write(store: JournalStore, ...appends: (readonly JournalEvent[])[]): Promise<void> {
  const lock = await store.lock();
  try {
    for (const events of appends) await store.append(events);
  } finally {
    await lock.release();
  }
}

const first: JournalEvent[] = [started('r1')];
const second: JournalEvent[] = [
  { run: 'r1', at: 2, type: 'signed', group: 0, transactions: [signed('a', 4, '0xaa'), signed('b', 5, '0xbb')] },
  mined('r1', 'a', '0xaa'),
];

describe('the journal file', () => {
  test('gives back what was appended, to another store too', async () => {
    await write(openFileStore(folder), first, second);
    expect(await openFileStore(folder).read()).toEqual([...first, ...second]);
  });

  test('is empty before its first line, and reading makes nothing', async () => {
    expect(await openFileStore(join(folder, 'none')).read()).toEqual([]);
    expect(existsSync(join(folder, 'none'))).toBe(false);
  });

  test.skipIf(process.platform === 'win32')('is readable by its owner alone: it holds signed bytes', async () => {
    await write(openFileStore(folder), first);
    expect(statSync(journal).mode & 0o077).toBe(0);
  });

  test('a line torn anywhere is tolerated, cut off by the next append, and kept aside', async () => {
    await write(openFileStore(folder), first);
    const before = readFileSync(journal);
    await write(openFileStore(folder), second);
    const whole = readFileSync(journal);
    const lengths = [...Array(20).keys()].map((i) => before.length + 1 + Math.floor((i * (whole.length - before.length - 2)) / 19));
    for (const length of lengths) {
      writeFileSync(journal, whole.subarray(0, length));
      const store = openFileStore(folder);
      expect(await store.read()).toEqual(first);
      await write(store, second);
      expect(readFileSync(journal)).toEqual(whole);
    }
    const aside = readdirSync(folder).filter((name) => name.includes('torn'));
    expect(aside).toHaveLength(20);
    expect(aside.map((name) => statSync(join(folder, name)).size).sort((a, b) => a - b)).toEqual(lengths.map((length) => length - before.length));
  });

  test('a last line with holes of zeros counts as torn', async () => {
    await write(openFileStore(folder), first);
    appendFileSync(journal, Buffer.concat([Buffer.alloc(50), Buffer.from('"}]\n')]));
    expect(await openFileStore(folder).read()).toEqual(first);
  });

  test('a changed byte in any line, a missing line and lines in another order stop everything and change nothing', async () => {
    await write(openFileStore(folder), first, second, [mined('r1', 'b', '0xbb')]);
    const good = readFileSync(journal, 'utf8');
    const lines = good.split('\n').slice(0, -1);
    const flipped = lines.map((_, i) => lines.map((line, j) => (i === j ? line.replace('"at":', '"aT":') : line)));
    const broken = [...flipped, [lines[0], lines[2]], [lines[1], lines[0], lines[2]], [...lines, lines[1]]];
    for (const some of broken) {
      const text = `${some.join('\n')}\n`;
      writeFileSync(journal, text);
      await expect(openFileStore(folder).read()).rejects.toMatchObject({ code: 'JOURNAL_CORRUPT' });
      await expect(write(openFileStore(folder), first)).rejects.toMatchObject({ code: 'JOURNAL_CORRUPT' });
      expect(readFileSync(journal, 'utf8')).toBe(text);
    }
  });

  test('corruption is named by line and byte, and its advice works', async () => {
    await write(openFileStore(folder), first, second);
    const lengthOfFirst = readFileSync(journal).indexOf(0x0a) + 1;
    writeFileSync(journal, readFileSync(journal, 'utf8').replace('0xaa', '0xab'));
    const error: Error & { fix?: string } = await openFileStore(folder)
      .read()
      .then(
        () => new Error('read'),
        (thrown: Error) => thrown,
      );
    expect(error.message).toContain(`${journal}:2 (byte ${lengthOfFirst} of`);
    expect(error.fix).toContain(`truncate -s ${lengthOfFirst} ${journal}`);
    truncateSync(journal, lengthOfFirst);
    expect(await openFileStore(folder).read()).toEqual(first);
  });

  test('a journal that shrank under its writer is not begun anew', async () => {
    const store = openFileStore(folder);
    const lock = await store.lock();
    await store.append(first);
    rmSync(journal);
    await expect(store.append(second)).rejects.toMatchObject({ code: 'JOURNAL_WRITE' });
    writeFileSync(journal, '');
    await expect(store.append(second)).rejects.toMatchObject({ code: 'JOURNAL_WRITE' });
    await lock.release();
  });
});

describe('a full disk', () => {
  test.runIf(existsSync('/dev/full'))('refuses the append', async () => {
    symlinkSync('/dev/full', journal);
    await expect(write(openFileStore(folder), first)).rejects.toMatchObject({ code: 'JOURNAL_WRITE' });
  });

  test.skipIf(process.platform === 'win32')('in the middle of a line leaves every earlier line readable, and the next append works', async () => {
    // A file size limit cuts a write short, as a full disk does: 8 blocks of 512 or 1,024 bytes.
    const command = `ulimit -f 8 && exec "${process.execPath}" "${join(import.meta.dirname, 'fill-disk.ts')}" "${folder}"`;
    const said = JSON.parse(execFileSync('sh', ['-c', command], { encoding: 'utf8' })) as { code: string; appended: number; readable: number };
    expect(said).toEqual({ code: 'JOURNAL_WRITE', appended: said.readable, readable: said.readable });
    expect(said.appended).toBeGreaterThan(0);
    await write(openFileStore(folder), [started('after')]);
    expect(await openFileStore(folder).read()).toHaveLength(said.appended + 1);
    expect(readdirSync(folder).filter((name) => name.includes('torn'))).toEqual([]);
  });
});

describe('receipts', () => {
  test('are kept in order, each naming the one before', async () => {
    const store = openFileStore(folder);
    const lock = await store.lock();
    const one = receipt('r1', null);
    const two = receipt('r2', receiptHash(one));
    await store.keepReceipt(one, '0x11');
    const { file } = await store.keepReceipt(two, '0x22');
    await lock.release();
    expect(await openFileStore(folder).receipts()).toEqual([one, two]);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ signature: '0x22' });
    expect(readdirSync(join(folder, 'receipts'))).toEqual(['000001-r1.json', '000002-r2.json']);
  });

  test('one that does not follow the last, or was changed or removed, is found', async () => {
    const store = openFileStore(folder);
    const lock = await store.lock();
    const one = receipt('r1', null);
    const { file } = await store.keepReceipt(one, '0x11');
    await expect(store.keepReceipt(receipt('r2', null), '0x22')).rejects.toMatchObject({ code: 'RECEIPT_CORRUPT' });
    await store.keepReceipt(receipt('r2', receiptHash(one)), '0x22');
    const text = readFileSync(file, 'utf8');
    for (const changed of [text.replace('alice', 'mallory'), text.slice(0, 100), '{}']) {
      writeFileSync(file, changed);
      await expect(store.receipts()).rejects.toMatchObject({ code: 'RECEIPT_CORRUPT' });
    }
    rmSync(file);
    await expect(store.receipts()).rejects.toMatchObject({ code: 'RECEIPT_CORRUPT' });
    await lock.release();
  });

  test('a draft that a crash left behind is no receipt and stands in no way', async () => {
    const store = openFileStore(folder);
    const lock = await store.lock();
    await store.keepReceipt(receipt('r1', null), '0x11');
    writeFileSync(join(folder, 'receipts', '000002-r2.json.draft'), '{"rec');
    expect(await store.receipts()).toHaveLength(1);
    await store.keepReceipt(receipt('r2', receiptHash(receipt('r1', null))), '0x22');
    expect(await store.receipts()).toHaveLength(2);
    await lock.release();
  });
});
