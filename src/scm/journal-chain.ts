// The shared journal as a chain of commits: read, checked, and remembered up to where it was good.
import { MooringError } from '../errors.ts';
import { type Git, isAncestor, local, type ObjectId } from './git.ts';
import { readObjects } from './git-objects.ts';
import { type Codec, firstSeal, type JournalRecord, readRecord, type SealedRecord } from './journal-record.ts';
import { firstForged, type SignatureRules } from './journal-signatures.ts';
import { looseParents } from './loose-objects.ts';

/** Everything up to `head`, checked. */
export type Chain = { head: ObjectId | null; seal: string; records: readonly JournalRecord[] };

export type ChainRules = SignatureRules & { codec: Codec };

export const emptyChain: Chain = { head: null, seal: firstSeal, records: [] };

const recordFile = 'record.json';
const batch = 200;
const maxBatchBytes = 512 * 1024 * 1024;

/**
 * The chain up to `head`, of which `known` was checked before. Errors: JOURNAL_CORRUPT with the commit where the chain is
 * not what was written. The last record's signature vouches for all before it: its seal stands for them, and its writer had
 * checked them. What is about this environment wants that of one of its own signers.
 */
export async function readChain(git: Git, head: ObjectId | null, known: Chain, rules: ChainRules): Promise<Chain> {
  if (head === known.head) return known;
  if (head === null) throw corrupt(known.head ?? '', 'it was the head of the journal, and now there is none');
  const commits = looseCommits(git, known.head, head) ?? (await commitsOf(git, known.head, head));
  const added: SealedRecord[] = [];
  for (let start = 0; start < commits.length; start += batch) {
    const piece = commits.slice(start, start + batch);
    const names = piece.flatMap(({ commit }) => [`${commit}^{tree}`, `${commit}:${recordFile}`]);
    const found = await readObjects(git, names, maxBatchBytes);
    piece.forEach(({ commit, parents }, i) => {
      const before = { number: known.records.length + added.length + 1, previous: added.at(-1)?.seal ?? known.seal };
      const parent = commits[start + i - 1]?.commit ?? known.head;
      if (parents.join() !== (parent ?? '')) throw corrupt(commit, 'it has other parents than the record before it');
      const read = readRecord(found[2 * i + 1]?.content.toString('utf8') ?? '', before, rules.codec);
      if ('why' in read) throw corrupt(commit, read.why);
      if (!sameFiles(found[2 * i]?.content, read.record, commit)) throw corrupt(commit, 'the files beside the record are not those that it was made with');
      added.push(read);
    });
  }
  const forged = await stillForged(added, { before: known.records, rules });
  if (forged !== null) throw corrupt(commits[forged.index]?.commit ?? '', `record ${added[forged.index]?.record.number} ${forged.why}`);
  return { head, seal: added.at(-1)?.seal ?? known.seal, records: [...known.records, ...added.map(({ record }) => record)] };
}

/** By the keys of now; what they have not sealed yet, by those that they took the place of as well. */
async function stillForged(
  added: readonly SealedRecord[],
  given: { before: readonly JournalRecord[]; rules: ChainRules },
): Promise<ReturnType<typeof firstForged>> {
  const { before, rules } = given;
  const forged = firstForged(added, given);
  if (forged === null || rules.former === undefined) return forged;
  const former = await rules.former([...before, ...added.map(({ record }) => record)]);
  return firstForged(added, { before, rules: { ...rules, ...former } });
}

type Place = { commit: ObjectId; parents: ObjectId[] };

/** As `commitsOf`, without a process; null where not all of them are loose, or they don't lead back to `after`. */
function looseCommits(git: Git, after: ObjectId | null, head: ObjectId): Place[] | null {
  const found: Place[] = [];
  for (let commit: ObjectId | null = head; commit !== after; ) {
    const parents: ObjectId[] | null = commit === null ? null : looseParents(git, commit);
    if (commit === null || parents === null) return null;
    found.push({ commit, parents });
    commit = parents[0] ?? null;
  }
  return found.reverse();
}

/** Throws JOURNAL_CORRUPT where `head` doesn't lead back to `after`. */
async function commitsOf(git: Git, after: ObjectId | null, head: ObjectId): Promise<Place[]> {
  if (after !== null && !(await isAncestor(git, after, head))) throw corrupt(after, `it was the head of the journal, and ${head} does not lead back to it`);
  const args = ['rev-list', '--first-parent', '--reverse', '--parents', head, ...(after === null ? [] : [`^${after}`])];
  const { output } = await local(git, args);
  const lines = output.toString('utf8').trim().split('\n');
  return lines.map((line) => line.split(' ')).map(([commit = '', ...parents]) => ({ commit, parents }));
}

/** The tree has the record, the receipts that it was sealed with, and nothing else. */
function sameFiles(tree: Buffer | undefined, { files }: JournalRecord, commit: ObjectId): boolean {
  const entries = tree === undefined ? [] : treeEntries(tree, commit.length / 2);
  const receipts = entries.find((entry) => entry.name === 'receipts');
  return (receipts?.id ?? null) === files && entries.every(({ name }) => name === recordFile || name === 'receipts') && entries.length <= 2;
}

function treeEntries(tree: Buffer, idLength: number): { name: string; id: ObjectId }[] {
  const entries: { name: string; id: ObjectId }[] = [];
  for (let offset = 0; offset < tree.length; ) {
    const end = tree.indexOf(0, offset);
    if (end < 0) break;
    const name = tree.subarray(tree.indexOf(0x20, offset) + 1, end).toString('utf8');
    entries.push({ name, id: tree.subarray(end + 1, end + 1 + idLength).toString('hex') });
    offset = end + 1 + idLength;
  }
  return entries;
}

export function corrupt(commit: ObjectId, why: string): MooringError {
  return new MooringError('JOURNAL_CORRUPT', `the shared journal, commit ${commit.slice(0, 12)}: ${why}`, {
    fix:
      'Where a signer was added or replaced since, git pull first, into a clone that has the whole history. Else somebody other than Mooring has written the journal branch. Nothing is sent until it is ' +
      'put back: find out who may push it, and push the last good head from a clone that has it (refs/mooring/checked/…).',
  });
}
