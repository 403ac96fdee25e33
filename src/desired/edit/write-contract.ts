// A live contract as a contract file: complete, commented, in people's units; and what a file lacks of it. Pure.
import { formatValue } from '../../format.ts';
import { fieldAt } from '../../kinds/fields.ts';
import type { Kind } from '../../kinds/kind.ts';
import type { AddressBook, FieldValue } from '../../types.ts';
import { type Classified, classifyLive, type LiveInput } from '../classify-live.ts';
import { readDeclared } from '../read-declared.ts';
import { entryOf, type YamlFile } from '../yaml-tree.ts';
import { type EditOperation, editDocument } from './edit.ts';
import { commentLines, fieldLines, keyLines, printable } from './field-lines.ts';
import { inline } from './yaml-data.ts';

export type WriteInput = LiveInput & {
  /** Path of the kind's JSON Schema as seen from the file, for editors. */
  schema?: string;
};

/**
 * A contract file that declares every live value of `state` that can be declared. What breaks a rule of its own, has no
 * setter or is moved by others is observed, with a comment; what could not be read is only a comment.
 */
export function writeContract(input: WriteInput): string {
  const { state, kind, schema } = input;
  const live = classifyLive(input);
  const lines = [
    ...(schema === undefined ? [] : [`# yaml-language-server: $schema=${printable(schema)}`]),
    ...commentLines(kind.description),
    'apiVersion: mooring/v1',
    `kind: ${inline(kind.name)}`,
    `address: "${state.address}"`,
    `fromBlock: ${state.fromBlock}  # where its event history starts`,
    ...(state.adoptedAt === undefined ? [] : [`adoptedAt: ${state.adoptedAt}  # up to this block, what was live is what git asked for`]),
    ...specLines(input, live),
    ...observeLines(input, live),
  ];
  return `${lines.join('\n')}\n`;
}

function specLines(input: LiveInput, live: Classified): string[] {
  const unread = [...live.unread].flatMap(([path, reason]) => commentLines(`${path} could not be read: ${reason}`));
  const lines = [...linesByField(input, live.spec), ...unread, ...openKeys(input)].map((line) => `  ${line}`);
  return [live.spec.size === 0 ? 'spec: {}' : 'spec:', ...lines];
}

/** Names of roles can't be read from a chain: how to declare those of which nothing is known. */
function openKeys({ kind, state }: LiveInput): string[] {
  const open = [...kind.fields.values()].filter(
    (field) => field.shape === 'keyedMembers' && ![...state.fields.keys()].some((path) => path.startsWith(`${field.name}.`)),
  );
  return open.flatMap((field) => commentLines(`${field.name}: name those to manage, as in { DEFAULT_ADMIN_ROLE: [account] }. ${field.description}`));
}

function linesByField({ kind, names, tokens }: LiveInput, spec: ReadonlyMap<string, FieldValue>): string[] {
  return groups(kind, spec).flatMap(([field, values]) => fieldLines(kind, field, { values, names, tokens }));
}

function groups(kind: Kind, spec: ReadonlyMap<string, FieldValue>) {
  return [...Map.groupBy(spec, ([path]) => fieldAt(kind, path)?.field)].flatMap(([field, values]) => (field === undefined ? [] : [[field, values] as const]));
}

/** Observed fields, those of one reason under one comment. */
function observeLines(input: LiveInput, live: Classified): string[] {
  const byReason = Map.groupBy(live.observe, ([, { reason }]) => reason);
  const lines = [...byReason].flatMap(([reason, fields]) => [
    ...commentLines(reason),
    ...fields.map(([path, { value }]) => `- ${inline(path)}${liveNote(input, path, value)}`),
  ]);
  return lines.length === 0 ? [] : ['observe:', ...lines.map((line) => `  ${line}`)];
}

function liveNote({ kind, names, tokens }: LiveInput, path: string, value: FieldValue): string {
  const unit = fieldAt(kind, path)?.field.unit ?? 'none';
  const text = printable(formatValue(value, { unit, names, tokens }));
  return `  # live: ${text.length > 80 ? `${text.slice(0, 79)}…` : text}`;
}

export type AddInput = LiveInput & {
  /** The contract file as it is. */
  text: string;
  /** Its path, for messages. */
  file: string;
  addresses: AddressBook;
};

/**
 * The file with every live value that it neither declares nor observes added, commented as in `writeContract`; all else
 * stays as it is, declared values that differ from live ones included. Throws MooringError INPUT_INVALID when the file
 * has errors, EDIT_IMPOSSIBLE when it can't be edited without touching other lines.
 */
export function addMissingFields(input: AddInput): string {
  const { text, kind } = input;
  const { file, declared, observed } = readDeclared(text, input);
  const state = { ...input.state, fields: new Map([...input.state.fields].filter(([path]) => !observed.has(path))) };
  const live = classifyLive({ ...input, state }, declared);
  const keyed = new Set(existingKeys(file));
  const whole = new Map([...live.spec].filter(([path]) => !keyed.has(fieldAt(kind, path)?.field.name ?? '')));
  const parts = groups(kind, new Map([...live.spec].filter(([path]) => !whole.has(path))));
  const operations: EditOperation[] = [
    ...(whole.size === 0 ? [] : appendSpec(file, linesByField(input, whole))),
    ...parts.map(([field, values]) => ({ path: ['spec', field.name], append: keyLines(kind, field, { ...input, values }) })),
    ...[...live.observe.keys()].map((path) => ({ path: ['observe'], add: path })),
  ];
  return editDocument(text, operations);
}

/** A file without `spec` gets one. */
function appendSpec(file: YamlFile, lines: readonly string[]): EditOperation[] {
  const missing = file.root.type === 'map' && entryOf(file.root, 'spec') === undefined;
  return [...(missing ? [{ path: ['spec'], set: new Map<string, string>() }] : []), { path: ['spec'], append: lines }];
}

function existingKeys(file: YamlFile): string[] {
  const spec = file.root.type === 'map' ? entryOf(file.root, 'spec')?.value : undefined;
  return spec?.type === 'map' ? spec.entries.map((entry) => entry.key) : [];
}
