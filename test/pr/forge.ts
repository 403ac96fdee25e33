// A record on the journal's branch, well-formed and sealed, signed with a key that nobody trusts, or with one that leaked.

import { join } from 'node:path';
import { Wallet } from 'ethers/wallet';
import { decodeValue, encodeValue } from '../../src/journal/codec.ts';
import { openMirror } from '../../src/scm/git.ts';
import { type JournalRecord, type RecordContent, recordMessage, type SealedRecord, sealOf } from '../../src/scm/journal-record.ts';
import { writeRecord } from '../../src/scm/write-record.ts';
import type { GitHubWorld } from '../support/github/github-world.ts';

export const strangersKey = `0x${'13'.repeat(32)}`;

/** `by`: whom the record names, where that is not whose key signs it. SIDE EFFECTS: moves the branch. */
export async function journalCommit({ remote }: Pick<GitHubWorld, 'remote'>, content: RecordContent, key = strangersKey, by?: string): Promise<void> {
  const codec = { encode: encodeValue, decode: decodeValue };
  const parent = remote.git('rev-parse', 'refs/heads/mooring/journal').trim();
  const last = decodeValue(remote.git('show', `${parent}:record.json`)) as SealedRecord;
  const wallet = new Wallet(key);
  const record: JournalRecord = { ...last.record, number: last.record.number + 1, id: 'forged', previous: last.seal, by: by ?? wallet.address, content };
  const seal = sealOf(record, codec);
  const signature = await wallet.signMessage(recordMessage(record, seal));
  const git = await openMirror({ folder: join(remote.folder, `forger-${Math.random()}`), url: remote.url });
  remote.git('push', '-q', git.folder, 'refs/heads/mooring/journal:refs/heads/journal');
  const head = await writeRecord(git, { sealed: { record, seal, signature }, parent, at: Date.now(), codec });
  remote.git('fetch', '-q', git.folder, head);
  remote.git('update-ref', 'refs/heads/mooring/journal', head);
}
