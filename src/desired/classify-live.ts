// Which live values can be declared as they are, and which can only be observed, with the reason. Pure.

import { MooringError } from '../errors.ts';
import { fieldAt } from '../kinds/fields.ts';
import type { Kind, KindField, KindRule } from '../kinds/kind.ts';
import type { AddressBook, ContractState, FieldValue, Finding } from '../types.ts';
import { brokenRules, numberRange } from './check-rules.ts';
import { fieldLines, type Naming } from './edit/field-lines.ts';
import { parseText } from './parse-yaml.ts';
import { readField } from './read-value.ts';

export type LiveInput = Naming & { state: ContractState; kind: Kind };

/** Live values by path, in the kind's order; of the observed and unread ones why. */
export type Classified = {
  spec: ReadonlyMap<string, FieldValue>;
  observe: ReadonlyMap<string, { value: FieldValue; reason: string }>;
  unread: ReadonlyMap<string, string>;
};

type Values = Map<string, FieldValue>;

/** `declared`: what stands in a file already; those paths and other names of them are left out. */
export function classifyLive(input: LiveInput, declared: ReadonlyMap<string, FieldValue> = new Map()): Classified {
  const { state, kind } = input;
  const spec: Values = new Map();
  const observe = new Map<string, { value: FieldValue; reason: string }>();
  const unread = new Map<string, string>();
  const move = (path: string, reason: string): void => {
    const value = spec.get(path);
    if (value !== undefined) observe.set(path, { value, reason });
    spec.delete(path);
  };
  for (const [path, field] of pathsOf(kind, state)) {
    const value = state.fields.get(path)?.value;
    if (value === undefined || isDeclared(kind, field, { path, declared, state })) continue;
    if (value.type === 'unknown') unread.set(path, value.reason);
    else spec.set(path, value);
    const reason = reportedOnly(field, value);
    if (reason !== null) move(path, reason);
  }
  leaveRoom(input, { spec, declared, move });
  while (moveRefused(input, spec, move) || moveBroken(input, { spec, declared, move }));
  return { spec, observe, unread };
}

/** Paths of the live state in the kind's order; keys of open sets as they were read. */
function pathsOf(kind: Kind, state: ContractState): (readonly [string, KindField])[] {
  const order = [...kind.fields.keys()];
  const found = [...state.fields.keys()].flatMap((path) => {
    const at = fieldAt(kind, path);
    return at === null ? [] : [[path, at.field] as const];
  });
  return found.sort(([, a], [, b]) => order.indexOf(a.name) - order.indexOf(b.name));
}

type DeclaredIn = { path: string; declared: ReadonlyMap<string, FieldValue>; state: ContractState };

function isDeclared(kind: Kind, field: KindField, { path, declared, state }: DeclaredIn): boolean {
  if (declared.has(path)) return true;
  if (field.aliasOf !== undefined) return declared.has(field.aliasOf) || state.fields.has(field.aliasOf);
  return [...kind.fields.values()].some((other) => other.aliasOf === field.name && declared.has(other.name));
}

function reportedOnly(field: KindField, value: FieldValue): string | null {
  if (value.type === 'mixed') return 'The parts differ, so neither true nor false is what is live.';
  return field.writable ? null : 'No setter: reported only.';
}

type Moving = { spec: Values; declared: ReadonlyMap<string, FieldValue>; move: (path: string, reason: string) => void };

/** A value that another controller moves gets the room that the contract's own bounds leave it, or is observed. */
function leaveRoom({ kind }: LiveInput, { spec, declared, move }: Moving): void {
  const valueAt = (path: string) => spec.get(path) ?? declared.get(path);
  for (const [path, value] of spec) {
    const owner = fieldAt(kind, path)?.field.ownedElsewhere;
    const flag = typeof owner === 'string' ? valueAt(owner) : null;
    const moving = owner === true || (flag?.type === 'scalar' && flag.value === true);
    if (!moving || value.type !== 'scalar') continue;
    const range = roomOf(kind, path, valueAt);
    if (range?.type === 'range' && isWithin(value.value, range)) spec.set(path, range);
    else move(path, 'Another controller may move it; declare a range, { within: [lowest, highest] }, to bound it.');
  }
}

/** Between the two fields that a rule bounds it by, as they are now. */
function roomOf(kind: Kind, path: string, valueAt: (path: string) => FieldValue | undefined): FieldValue | null {
  const rule = kind.rules.find((candidate) => candidate.rule === 'between' && candidate.field === path);
  if (rule?.rule !== 'between') return null;
  const low = numberRange(valueAt(rule.low));
  const high = numberRange(valueAt(rule.high));
  return low === null || high === null ? null : { type: 'range', min: low.min, max: high.max };
}

function isWithin(value: unknown, { min, max }: { min: bigint; max: bigint }): boolean {
  return typeof value === 'bigint' && min <= value && value <= max;
}

/** What a declaration of the value would be told is asked of the reader itself. True when something moved. */
function moveRefused(input: LiveInput, spec: Values, move: Moving['move']): boolean {
  const findings = readBack(input, spec);
  const tried = [...spec.keys()];
  for (const finding of findings) {
    const paths = tried.filter((path) => path === finding.field || path.startsWith(`${finding.field}.`));
    if (paths.length === 0) throw new MooringError('INTERNAL', `what was written does not read: ${finding.message}`);
    for (const path of paths) move(path, `Live, but it can't be declared: ${sentence(finding.message)}`);
  }
  return findings.length > 0;
}

function readBack({ kind, names, tokens }: LiveInput, spec: Values): Finding[] {
  const findings: Finding[] = [];
  const groups = Map.groupBy(spec, ([path]) => fieldAt(kind, path)?.field);
  const lines = [...groups].flatMap(([field, values]) => (field === undefined ? [] : fieldLines(kind, field, { values, names, tokens })));
  const file = lines.length === 0 ? null : parseText('live state', `${lines.join('\n')}\n`, findings);
  const entries = file?.root.type === 'map' ? file.root.entries : [];
  const book: AddressBook = {
    byName: new Map([...names].map(([address, name]) => [name, { address, source: { file: '', line: 1, column: 1 } }])),
    byAddress: names,
  };
  for (const entry of entries) if (file) readField({ reading: { file, findings }, kind, book, tokens }, entry);
  return findings;
}

/** Live values may break a rule that no setter would let them reach: the constructor's splits do. */
function moveBroken({ kind, tokens, names }: LiveInput, { spec, declared, move }: Moving): boolean {
  const before = spec.size;
  const broken = brokenRules(kind, new Map([...declared, ...spec]), { tokens, names }).filter(({ severity }) => severity === 'error');
  for (const { rule, paths, message } of broken) {
    for (const path of toObserve(rule, paths)) move(path, `Live, but against a rule of the contract: ${sentence(rule.message)} Now ${message}.`);
  }
  for (const path of partsOfGroups(kind, (path) => spec.has(path) || declared.has(path))) move(path, 'Declared only together with the rest of its group.');
  return spec.size < before;
}

function toObserve(rule: KindRule, paths: readonly string[]): readonly string[] {
  if (rule.rule === 'sum') return rule.fields;
  return rule.rule === 'order' ? paths : paths.slice(0, 1);
}

/** Fields of groups that are not complete: a group is declared whole or not at all. */
function partsOfGroups(kind: Kind, has: (path: string) => boolean): string[] {
  return kind.rules.flatMap((rule) => (rule.rule === 'sum' && rule.group && !rule.fields.every(has) ? rule.fields : []));
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
