// Desired state as a commit has it, and edits of its files in the nouns of state. Nothing is written here.
import { editContract, type FieldEdit } from '../../desired/edit/edit-contract.ts';
import type { FileSource } from '../../desired/file-source.ts';
import type { Loaded } from '../../desired/load.ts';
import { addressOf } from '../../desired/read-address.ts';
import { type DeclaredFor, readDeclared } from '../../desired/read-declared.ts';
import { MooringError } from '../../errors.ts';
import { fieldAt, nearestName } from '../../kinds/fields.ts';
import type { Kind } from '../../kinds/kind.ts';
import type { Address, ContractState, FieldValue } from '../../types.ts';

/** What an environment's folder had, and its files as they are edited so far. */
export type Draft = { environment: string; source: FileSource; loaded: Loaded; edited: Map<string, string> };

export function contractFile(environment: string, contract: string): string {
  return `desired-state/${environment}/contracts/${contract}.yaml`;
}

/** A file as edited so far; null where there is none. */
export function textOf({ source, edited }: Draft, path: string): string | null {
  const text = edited.get(path);
  if (text !== undefined) return text;
  return source.kindOf(path) === 'file' ? new TextDecoder().decode(source.read(path, 8 * 1024 * 1024)) : null;
}

export type Target = { contract: ContractState; kind: Kind };

/** Throws CONTRACT_UNKNOWN with the nearest name. */
export function targetOf({ loaded, environment }: Draft, name: string): Target {
  const { contracts } = loaded.desired.state;
  const contract = contracts.find((candidate) => candidate.name === name);
  const kind = contract === undefined ? undefined : loaded.kinds.get(contract.kind);
  if (contract !== undefined && kind !== undefined) return { contract, kind };
  const near = nearestName(
    name,
    contracts.map((candidate) => candidate.name),
  );
  const known = contracts.map((candidate) => candidate.name).join(', ');
  throw new MooringError('CONTRACT_UNKNOWN', `${environment} declares no contract "${name}"`, {
    fix: near === null ? `the contracts are ${known}` : `did you mean ${near}?`,
  });
}

/** Throws FIELD_UNKNOWN with the nearest name. */
export function demandField({ kind, contract }: Target, path: string): void {
  if (fieldAt(kind, path) !== null) return;
  const near = nearestName(path, kind.fields.keys());
  throw new MooringError(
    'FIELD_UNKNOWN',
    `${contract.name} is a ${kind.name}, which has no field "${path}"`,
    near === null ? {} : { fix: `did you mean ${contract.name}.${near}?` },
  );
}

/** Under which of its names the contract's file has a field: a field and its alias are never declared both. */
export function declaredName({ contract, kind }: Target, field: string): string {
  const root = (name: string): string => kind.fields.get(name)?.aliasOf ?? name;
  return contract.fields.has(field) ? field : ([...contract.fields.keys()].find((name) => root(name) === root(field)) ?? field);
}

/** SIDE EFFECTS: the draft. */
export function editField(draft: Draft, target: Target, edit: FieldEdit): void {
  demandField(target, edit.path);
  const context = readingOf(draft, target);
  draft.edited.set(context.file, editContract(textOf(draft, context.file) ?? '', [edit], context));
}

/** What the contract's file, as edited so far, declares of a field; undefined where nothing. Throws INPUT_INVALID. */
export function declaredValue(draft: Draft, target: Target, field: string): FieldValue | undefined {
  const context = readingOf(draft, target);
  return readDeclared(textOf(draft, context.file) ?? '', context).declared.get(declaredName(target, field));
}

function readingOf({ environment, loaded: { desired } }: Draft, { contract, kind }: Target): DeclaredFor {
  return { file: contractFile(environment, contract.name), kind, addresses: desired.addresses, tokens: desired.environment.tokens };
}

/** A name of the address book, or an address. Throws NAME_UNKNOWN, ADDRESS_*. */
export function accountOf({ loaded }: Pick<Draft, 'loaded'>, text: string): Address {
  const address = addressOf(text, { quoted: true, book: loaded.desired.addresses });
  if (typeof address === 'string') return address;
  throw new MooringError(address.code, address.message, { fix: address.fix });
}

/** `contract.field` of an operand; the field may have a key behind another dot. Throws USAGE. */
export function splitPlace(operand: string): { contract: string; field: string } {
  const dot = operand.indexOf('.');
  if (dot <= 0 || dot === operand.length - 1) throw new MooringError('USAGE', `"${operand}" is not CONTRACT.FIELD`, { fix: 'as in arena.committeeSize' });
  return { contract: operand.slice(0, dot), field: operand.slice(dot + 1) };
}

/** `contract.field=value`. Throws USAGE. */
export function splitAssignment(operand: string): { contract: string; field: string; value: string } {
  const equals = operand.indexOf('=');
  if (equals <= 0 || equals === operand.length - 1)
    throw new MooringError('USAGE', `"${operand}" is not CONTRACT.FIELD=VALUE`, { fix: 'as in stake-manager.feePct=4' });
  return { ...splitPlace(operand.slice(0, equals)), value: operand.slice(equals + 1) };
}

/** A change id, `contract.field` or `contract.field[member]`; the member may be a name, and of an act is its id. Throws USAGE, NAME_UNKNOWN. */
export function splitId(draft: Draft, operand: string): { contract: string; field: string; member?: string } {
  const [, place = operand, member] = /^([^[\]]+)(?:\[([^[\]]+)\])?$/.exec(operand) ?? [];
  const { contract, field } = splitPlace(place);
  if (member === undefined) return { contract, field };
  return { contract, field, member: field === 'acts' ? member : accountOf(draft, member) };
}
