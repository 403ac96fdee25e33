// New entries of lifts.yaml and ignores.yaml, and whole approvals, as people would write them; each result is read back. Pure.
import { isDeepStrictEqual } from 'node:util';
import { MooringError } from '../../errors.ts';
import type { Address, AddressBook, Ignore, Lift, StandingApproval } from '../../types.ts';
import { isName } from '../read-addresses.ts';
import { isDigest, readApproval } from '../read-approval.ts';
import { readIgnores } from '../read-ignores.ts';
import { readLifts } from '../read-lifts.ts';
import { apiVersion } from '../read-node.ts';
import type { Target, TargetContext } from '../read-target.ts';
import { entryOf, type Reading, type YamlEntry, type YamlFile } from '../yaml-tree.ts';
import { editDocument, parseEditable } from './edit.ts';
import { addItem, addItemLines, applySplices, impossible, type Splice } from './splice.ts';
import { inline, isList, isMap, sameData, toData, type YamlData } from './yaml-data.ts';

/** A file that is a list of entries. */
type Form = { kind: string; key: string; schema: string; about: string };

const lifts: Form = {
  kind: 'Lifts',
  key: 'lifts',
  schema: '../../schemas/lifts.schema.json',
  about: 'Emergency reductions that people decided to reverse, each by its transaction. Append only.',
};
const ignores: Form = {
  kind: 'Ignores',
  key: 'ignores',
  schema: '../../schemas/ignores.schema.json',
  about: 'Differences that somebody answers for until a day: listed, and not taken for drift.',
};
const approval = {
  schema: '../../../schemas/approval.schema.json',
  about: 'Asks to send changes that git declares already; named by the digest of their plan.',
};

/** What is written of an entry, in order. */
type Item = ReadonlyMap<string, string>;

/**
 * lifts.yaml with one lift more, or a new one where `text` is null; every other line stays as it is. Throws MooringError
 * EDIT_IMPOSSIBLE when the result would not say exactly this.
 */
export function appendLift(text: string | null, lift: Lift): string {
  const transaction = lift.transaction.toLowerCase();
  const item = new Map([...targetTexts(lift), ['transaction', transaction], ['reason', lift.reason], ['by', lift.by]]);
  return append(text, lifts, { item, wanted: { ...lift, transaction }, read: readLifts });
}

/** The same for ignores.yaml. */
export function appendIgnore(text: string | null, ignore: Ignore): string {
  const item = new Map([...targetTexts(ignore), ['until', timeText(ignore.until)], ['owner', ignore.owner], ['reason', ignore.reason]]);
  return append(text, ignores, { item, wanted: ignore, read: readIgnores });
}

/** The whole file approvals/<digest>.yaml. Throws MooringError EDIT_IMPOSSIBLE when it would not say exactly this. */
export function writeApproval(approved: StandingApproval): string {
  const { digest, changes, pullRequest, reason } = approved;
  const body = [
    'changes:',
    ...changes.map((id) => `  - ${inline(id)}`),
    ...(pullRequest === null ? [] : [`pullRequest: ${pullRequest}`]),
    `reason: ${inline(reason)}`,
  ];
  const text = document({ ...approval, kind: 'Approval' }, body);
  if (!isDigest(digest)) throw impossible('an approval is named by 64 hex digits in lower case');
  checkRead(text, approved, (reading) => readApproval(reading, digest));
  return text;
}

function targetTexts({ contract, field, member }: Target): [string, string][] {
  return [['contract', contract], ['field', field], ...(member === undefined ? [] : [['member', member] as [string, string]])];
}

/** `2026-01-31T00:00:00Z` of seconds since the epoch. */
export function timeText(seconds: bigint): string {
  const date = new Date(Number(seconds) * 1_000);
  if (Number.isNaN(date.getTime())) throw impossible(`second ${seconds} is in no year that can be written`);
  return date.toISOString().replace('.000Z', 'Z');
}

type Entry<T> = { item: Item; wanted: T; read: (reading: Reading, context: TargetContext) => readonly T[] };

function append<T extends Target>(text: string | null, form: Form, { item, wanted, read }: Entry<T>): string {
  const book = bookFor(wanted.member);
  const named = wanted.member === undefined ? undefined : book.byName.get(wanted.member);
  const whole = document(form, [`${form.key}:`, ...itemLines(item).map((line) => `  ${line}`)]);
  const meant = named === undefined ? wanted : { ...wanted, member: named.address };
  checkRead(whole, meant, (reading) => read(reading, { contracts: [], kinds: new Map(), book })[0] ?? null);
  return text === null ? whole : appendTo(text, form, item);
}

const standIn: Address = '0x0000000000000000000000000000000000000001';

/** Names are known to the repository, not here: a member's name stands for any address. */
function bookFor(member: string | undefined): AddressBook {
  const names = member !== undefined && isName(member) ? [member] : [];
  const source = { file: '', line: 1, column: 1 };
  return { byName: new Map(names.map((name) => [name, { address: standIn, source }])), byAddress: new Map() };
}

/** A whole file of ours, from its head on. */
export function document({ kind, schema, about }: Pick<Form, 'kind' | 'schema' | 'about'>, body: readonly string[]): string {
  return `${[`# yaml-language-server: $schema=${schema}`, `# ${about}`, `apiVersion: ${apiVersion}`, `kind: ${kind}`, ...body].join('\n')}\n`;
}

function itemLines(item: Item): string[] {
  return [...item].map(([key, value], i) => `${i === 0 ? '- ' : '  '}${key}: ${key === 'until' ? value : inline(value)}`);
}

/** Throws when the room's own reader would not take the text for exactly `wanted`. */
export function checkRead<T extends object>(text: string, wanted: T, read: (reading: Reading) => T | null): void {
  const reading: Reading = { file: parseEditable(text), findings: [] };
  const found = read(reading);
  const findings = reading.findings.filter((finding) => finding.severity === 'error');
  if (findings.length > 0) throw new MooringError('EDIT_IMPOSSIBLE', 'the new entry would have errors', { findings, fix: 'correct its values' });
  if (!isDeepStrictEqual({ ...found, source: null }, { ...wanted, source: null })) throw impossible('the new entry would say something else');
}

function appendTo(text: string, form: Form, item: Item): string {
  const mark = text.startsWith('\uFEFF') ? '\uFEFF' : '';
  const before = withList(text.slice(mark.length), form);
  const file = parseEditable(before);
  const edited = applySplices(before, itemSplices(file, form, item));
  if (!sameData(toData(parseEditable(edited).root), withItem(toData(file.root), form, item))) throw impossible(`the new entry would change something else`);
  return mark + edited;
}

/** A list that is missing or has no value is made first. */
function withList(text: string, form: Form): string {
  const file = parseEditable(text);
  const data = toData(file.root);
  if (!isMap(data) || data.get('apiVersion') !== apiVersion || data.get('kind') !== form.kind) throw impossible(`the file is no list of ${form.key}`);
  const value = listEntry(file, form)?.value;
  if (value === undefined || value.type === 'empty') return editDocument(text, [{ path: [form.key], set: [] }]);
  return text;
}

function listEntry({ root }: YamlFile, { key }: Form): YamlEntry | undefined {
  return root.type === 'map' ? entryOf(root, key) : undefined;
}

/** In lines where there is room for lines; in a list in one line, in that. */
function itemSplices(file: YamlFile, form: Form, item: Item): Splice[] {
  const entry = listEntry(file, form);
  if (entry?.value.type !== 'list') throw impossible(`\`${form.key}\` is no list`);
  const { value: list } = entry;
  const inLine = list.flow && (list.items.length > 0 || (file.root.type === 'map' && file.root.flow));
  return inLine ? addItem(file.text, list, item) : addItemLines(file.text, entry, { list, lines: itemLines(item) });
}

function withItem(data: YamlData, { key }: Form, item: Item): YamlData {
  const root = isMap(data) ? data : new Map<string, YamlData>();
  const list = root.get(key) ?? null;
  return new Map([...root, [key, [...(list !== null && isList(list) ? list : []), item]]]);
}
