// Edits of configuration (environment, policy, kinds, loops, acts), key by key, with their risk. Pure.
import { createHash } from 'node:crypto';
import type { Edit, Risk, Source } from '../types.ts';
import { matchesPattern } from '../values.ts';

/** By file from the repository's root, then by path in it (`approvals.increase.count`, `limits.0.match`). */
export type Flat = ReadonlyMap<string, ReadonlyMap<string, { text: string; source: Source }>>;

type Item = { text: string; source: Source };

/** Which way a number leans: the risk of raising it and of lowering it. Everything else needs judgement. */
const leanings: readonly { match: string; up: Risk; down: Risk }[] = [
  { match: 'policy.yaml approvals.*', up: 'reduce', down: 'increase' },
  { match: 'policy.yaml minPausers', up: 'reduce', down: 'increase' },
  { match: 'loops/sentinel.yaml *budgetCap', up: 'increase', down: 'reduce' },
  { match: 'loops/sentinel.yaml *budgetSoftRatio', up: 'increase', down: 'reduce' },
  { match: 'loops/sentinel.yaml *roiFloor', up: 'reduce', down: 'increase' },
  { match: 'loops/sentinel.yaml *roiGracePeriod', up: 'increase', down: 'reduce' },
  { match: 'loops/sentinel.yaml *failureStreak.threshold', up: 'increase', down: 'reduce' },
];

/** More edits of one file than these are told as one. */
const mostPerFile = 40;

export function settingEdits(before: Flat, after: Flat): Edit[] {
  return [...new Set([...before.keys(), ...after.keys()])].filter(isTold).flatMap((file) => fileEdits(file, before.get(file), after.get(file)));
}

/** Lifts and ignores are told entry by entry, with what they mean. */
function isTold(file: string): boolean {
  return !/\/(?:lifts|ignores)\.yaml$/.test(file);
}

function fileEdits(file: string, before: ReadonlyMap<string, Item> | undefined, after: ReadonlyMap<string, Item> | undefined): Edit[] {
  const name = file.startsWith('desired-state/') ? file.split('/').slice(2).join('/') : file;
  const whole = (what: string, from: string | null, to: string | null): Edit[] => [
    { id: `${file} ${what}`, file, subject: name, what, from, to, risk: 'ambiguous', source: { file, line: 1, column: 1 } },
  ];
  if (before === undefined) return whole('is a new file', null, sumOf(after));
  if (after === undefined) return whole('is no longer there', sumOf(before), null);
  const [old, next] = [items(before), items(after)];
  const edits = [...new Set([...old.keys(), ...next.keys()])].flatMap((path) => pathEdit({ file, name, path, from: old.get(path), to: next.get(path) }));
  return edits.length > mostPerFile ? whole(`has ${edits.length} settings changed`, sumOf(before), sumOf(after)) : edits;
}

type Place = { file: string; name: string; path: string; from: Item | undefined; to: Item | undefined };

function pathEdit({ file, name, path, from, to }: Place): Edit[] {
  if (from?.text === to?.text) return [];
  const [subject = ''] = path.split('\n');
  const what = from === undefined ? 'is set' : to === undefined ? 'is taken out' : 'is changed';
  const source = (to ?? from)?.source ?? { file, line: 1, column: 1 };
  const risk = riskOf(`${name} ${subject}`, from?.text, to?.text);
  const shown = subject === '' ? name : `${name}: ${subject}`;
  return [{ id: `${file} ${path}`, file, subject: shown, what, from: from?.text ?? null, to: to?.text ?? null, risk, source }];
}

function riskOf(place: string, from: string | undefined, to: string | undefined): Risk {
  const leaning = leanings.find(({ match }) => matchesPattern(match, place));
  const [low, high] = [numberIn(from), numberIn(to)];
  if (leaning === undefined || low === null || high === null) return 'ambiguous';
  return compare(high, low) > 0 ? leaning.up : leaning.down;
}

/** A plain decimal as digits before and behind the point. */
function numberIn(text: string | undefined): { whole: bigint; fraction: string } | null {
  const [, whole, fraction = ''] = /^(\d+)(?:\.(\d+))?$/.exec(text ?? '') ?? [];
  return whole === undefined ? null : { whole: BigInt(whole), fraction };
}

function compare(a: { whole: bigint; fraction: string }, b: { whole: bigint; fraction: string }): number {
  if (a.whole !== b.whole) return a.whole > b.whole ? 1 : -1;
  const width = Math.max(a.fraction.length, b.fraction.length);
  const [left, right] = [a.fraction.padEnd(width, '0'), b.fraction.padEnd(width, '0')];
  return left > right ? 1 : left < right ? -1 : 0;
}

/**
 * Settings by path; an item of a list is one setting, told by its content, so that a new one at the top doesn't look as if
 * all below it had changed.
 */
function items(file: ReadonlyMap<string, Item>): Map<string, Item> {
  const result = new Map<string, Item>();
  const lists = Map.groupBy(
    [...file].map(([path, item]) => ({ place: listPlace(path), path, item })),
    ({ place }) => (place === null ? '' : `${place.list} ${place.index}`),
  );
  for (const entries of lists.values()) {
    const [first] = entries;
    if (first === undefined) continue;
    if (first.place === null) for (const { path, item } of entries) result.set(path, item);
    else {
      const text = entries.map(({ place, item }) => (place?.rest ? `${place.rest}: ${item.text}` : item.text)).join(', ');
      result.set(`${first.place.list}\n${text}`, { text, source: first.item.source });
    }
  }
  return result;
}

/** Where a path leads into a list: before, which item, and behind. */
function listPlace(path: string): { list: string; index: string; rest: string } | null {
  const keys = path.split('.');
  const at = keys.findIndex((key) => /^\d+$/.test(key));
  return at < 0 ? null : { list: keys.slice(0, at).join('.'), index: keys[at] ?? '', rest: keys.slice(at + 1).join('.') };
}

function sumOf(file: ReadonlyMap<string, Item> | undefined): string {
  const lines = [...(file ?? [])].map(([path, { text }]) => `${path}\t${text}`).sort();
  return `sha256 ${createHash('sha256').update(lines.join('\n')).digest('hex')}`;
}
