// Edits of configuration (environment, policy, kinds, loops), key by key, with their risk. Pure.
import { createHash } from 'node:crypto';
import type { Edit, Risk, Source } from '../types.ts';
import { canonicalJson, matchesPattern } from '../values.ts';
import { type ListItem, listItem, listMoves } from './list-moves.ts';

/** By file from the repository's root, then by path in it (`approvals.increase.count`, `limits.0.match`). */
export type Flat = ReadonlyMap<string, FlatFile>;

type Item = { text: string; source: Source };
type FlatFile = ReadonlyMap<string, Item>;

/** Which way a number leans: the risk of raising it and of lowering it. Everything else needs judgement. */
const leanings: readonly { match: string; up: Risk; down: Risk }[] = [
  { match: 'policy.yaml approvals.*', up: 'reduce', down: 'increase' },
  { match: 'policy.yaml minPausers', up: 'reduce', down: 'increase' },
  { match: 'loops/sentinel.yaml *budgetCap', up: 'increase', down: 'reduce' },
  { match: 'loops/sentinel.yaml *budgetSoftRatio', up: 'increase', down: 'reduce' },
  { match: 'loops/sentinel.yaml *roiFloor', up: 'reduce', down: 'increase' },
  { match: 'loops/sentinel.yaml *roiGracePeriod', up: 'increase', down: 'reduce' },
  { match: 'loops/sentinel.yaml *failureStreak.threshold', up: 'increase', down: 'reduce' },
  { match: 'loops/thermostat.yaml *Step', up: 'increase', down: 'reduce' },
  { match: 'loops/thermostat.yaml max*', up: 'increase', down: 'reduce' },
  { match: 'loops/thermostat.yaml min*', up: 'reduce', down: 'increase' },
  { match: 'loops/thermostat.yaml dailyCaps.*', up: 'increase', down: 'reduce' },
  { match: 'loops/thermostat.yaml cooldownSteps', up: 'reduce', down: 'increase' },
  // A longer window or period is calmer, but sees a dip later.
  { match: 'loops/thermostat.yaml roiWindow', up: 'ambiguous', down: 'increase' },
  { match: 'loops/thermostat.yaml guards.periodSeconds', up: 'ambiguous', down: 'increase' },
  { match: 'loops/thermostat.yaml guards.minReadings', up: 'reduce', down: 'increase' },
  { match: 'loops/thermostat.yaml guards.response', up: 'reduce', down: 'increase' },
  { match: 'loops/thermostat.yaml guards.*', up: 'increase', down: 'reduce' },
  { match: 'loops/thermostat.yaml prometheus.maxAgeSeconds', up: 'increase', down: 'reduce' },
];

/** What can be switched off; `absent`: what it is where nothing is written. */
const switches: readonly { match: string; absent: 'on' | 'off' }[] = [
  { match: 'loops/thermostat.yaml guards.*', absent: 'on' },
  { match: 'loops/thermostat.yaml prometheus.maxAgeSeconds', absent: 'on' },
  { match: 'loops/thermostat.yaml dailyCaps.*', absent: 'off' },
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

function fileEdits(file: string, before: FlatFile | undefined, after: FlatFile | undefined): Edit[] {
  const name = file.startsWith('desired-state/') ? file.split('/').slice(2).join('/') : file;
  const whole = (what: string): Edit[] => [
    { id: `${file} ${what}`, file, subject: name, what, from: sumOf(before), to: sumOf(after), risk: 'ambiguous', source: { file, line: 1, column: 1 } },
  ];
  if (before === undefined) return whole('is a new file');
  if (after === undefined) return whole('is no longer there');
  const edits = [...valueEdits({ file, name }, before, after), ...listEdits({ file, name }, before, after)];
  if (edits.length > mostPerFile) return whole(`has ${edits.length} settings changed`);
  // Whatever is told in parts above: no other content may look like none.
  return edits.length > 0 || sumOf(before) === sumOf(after) ? edits : whole('is written in another way');
}

type Named = { file: string; name: string };

function valueEdits({ file, name }: Named, before: FlatFile, after: FlatFile): Edit[] {
  const [old, next] = [valuesOf(before), valuesOf(after)];
  return [...new Set([...old.keys(), ...next.keys()])].flatMap((path) => pathEdit({ file, name, path, from: old.get(path), to: next.get(path) }));
}

function listEdits({ file, name }: Named, before: FlatFile, after: FlatFile): Edit[] {
  const [old, next] = [listsOf(before), listsOf(after)];
  return [...new Set([...old.keys(), ...next.keys()])].flatMap((path) =>
    listMoves(old.get(path) ?? [], next.get(path) ?? []).map(({ what, from, to, source }) => {
      const subject = path === '' ? name : `${name}: ${path}`;
      return { id: `${file} ${path}\n${what}`, file, subject, what, from, to, risk: 'ambiguous' as const, source };
    }),
  );
}

type Place = { file: string; name: string; path: string; from: Item | undefined; to: Item | undefined };

function pathEdit({ file, name, path, from, to }: Place): Edit[] {
  if (from?.text === to?.text) return [];
  const what = from === undefined ? 'is set' : to === undefined ? 'is taken out' : 'is changed';
  const source = (to ?? from)?.source ?? { file, line: 1, column: 1 };
  const risk = riskOf(`${name} ${path}`, from?.text, to?.text);
  const subject = path === '' ? name : `${name}: ${path}`;
  return [{ id: `${file} ${path}`, file, subject, what, from: from?.text ?? null, to: to?.text ?? null, risk, source }];
}

function riskOf(place: string, from: string | undefined, to: string | undefined): Risk {
  const flip = switches.find(({ match }) => matchesPattern(match, place));
  if (flip !== undefined && isOn(flip, from) !== isOn(flip, to)) return isOn(flip, to) ? 'reduce' : 'increase';
  const leaning = leanings.find(({ match }) => matchesPattern(match, place));
  const [low, high] = [numberIn(from), numberIn(to)];
  if (leaning === undefined || low === null || high === null) return 'ambiguous';
  return compare(high, low) > 0 ? leaning.up : leaning.down;
}

function isOn({ absent }: { absent: 'on' | 'off' }, text: string | undefined): boolean {
  return text === undefined ? absent === 'on' : text !== 'off' && text !== 'false';
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

/** What is in no list. */
function valuesOf(file: FlatFile): Map<string, Item> {
  return new Map([...file].filter(([path]) => listPlace(path) === null));
}

/** The items of each outermost list, by its path. Lists in lists are part of their items. */
function listsOf(file: FlatFile): Map<string, ListItem[]> {
  const places = [...file].flatMap(([path, item]) => {
    const place = listPlace(path);
    return place === null ? [] : [{ ...place, item }];
  });
  const lists = Map.groupBy(places, ({ list }) => list);
  return new Map([...lists].map(([list, inList]) => [list, [...Map.groupBy(inList, ({ index }) => index).values()].flatMap(itemOf)]));
}

function itemOf(parts: readonly { rest: string; item: Item }[]): ListItem[] {
  const [first] = parts;
  if (first === undefined) return [];
  return [{ ...listItem(parts.map(({ rest, item }) => [rest, item.text])), source: first.item.source }];
}

/** Where a path leads into a list: before, which item, and behind. */
function listPlace(path: string): { list: string; index: string; rest: string } | null {
  const keys = path.split('.');
  const at = keys.findIndex((key) => /^\d+$/.test(key));
  return at < 0 ? null : { list: keys.slice(0, at).join('.'), index: keys[at] ?? '', rest: keys.slice(at + 1).join('.') };
}

function sumOf(file: FlatFile | undefined): string | null {
  if (file === undefined) return null;
  const content = new Map([...file].map(([path, { text }]) => [path, text]));
  return `sha256 ${createHash('sha256').update(canonicalJson(content)).digest('hex')}`;
}
