// The values that the abstract machine works on: one cell for each scalar, member and entry, with undo. Pure.
import type { Kind, KindField } from '../kinds/kind.ts';
import type { Address, FieldValue, Scalar } from '../types.ts';
import type { Scope, Target } from './scope.ts';

/** Null: unset, or not in the set. A cell that the world doesn't know reads as undefined. */
export type Cell = Scalar | null;

/** Cells by id. Every write can be taken back. */
export type World = {
  read(cell: string): Cell | undefined;
  write(cell: string, value: Cell): void;
  mark(): number;
  rollback(mark: number): void;
};

/** Cell of a field (`feePct`, `roleMinimumStake.agent`), of a whole set (true when it is known), or of a fact. */
export function fieldCell(address: Address, path: string): string {
  return `${address.toLowerCase()}.${path}`;
}

/** Cell of one member of a set, or one entry of a collection. */
export function memberCell(address: Address, path: string, member: string): string {
  return `${address.toLowerCase()}.${path}[${member.toLowerCase()}]`;
}

/** Cell that counts the members of a set or collection. */
export function countCell(address: Address, path: string): string {
  return `${address.toLowerCase()}.${path}#`;
}

/** The path that holds a field's value: an alias's is that of the field it is another name of. */
export function storedPath(kind: Kind, path: string): string {
  return kind.fields.get(path)?.aliasOf ?? path;
}

export function createWorld(cells: Map<string, Cell>): World {
  const undo: { cell: string; before: Cell | undefined }[] = [];
  return {
    read: (cell) => cells.get(cell),
    write(cell, value) {
      undo.push({ cell, before: cells.get(cell) });
      cells.set(cell, value);
    },
    mark: () => undo.length,
    rollback(mark) {
      while (undo.length > mark) {
        const last = undo.pop();
        if (last === undefined) return;
        if (last.before === undefined) cells.delete(last.cell);
        else cells.set(last.cell, last.before);
      }
    },
  };
}

/** The live state as cells. What could not be read has no cell, so that nothing takes it for empty, zero or false. */
export function liveWorld(scope: Scope): World {
  const cells = new Map<string, Cell>();
  for (const [key, value] of scope.live.facts) if (value.type === 'scalar') cells.set(key, value.value);
  for (const target of scope.byName.values()) fillContract(cells, target);
  for (const target of scope.byName.values()) fillParts(cells, target);
  return createWorld(cells);
}

function fillContract(cells: Map<string, Cell>, target: Target): void {
  const { kind, address } = target;
  for (const { path, value } of target.live.fields.values()) {
    const stored = storedPath(kind, path);
    if (stored === path || !target.live.fields.has(stored)) fillField(cells, { address, path: stored, value });
  }
}

function fillField(cells: Map<string, Cell>, field: { address: Address; path: string; value: FieldValue }): void {
  const { address, path, value } = field;
  const cell = fieldCell(address, path);
  if (value.type === 'scalar') cells.set(cell, value.value);
  if (value.type === 'unset') cells.set(cell, null);
  if (value.type === 'members') {
    fillSet(cells, field, value.members.length);
    for (const member of value.members) cells.set(memberCell(address, path, member), true);
  }
  if (value.type === 'entries') {
    fillSet(cells, field, value.entries.size);
    for (const [key, entry] of value.entries) cells.set(memberCell(address, path, key), entry);
  }
}

function fillSet(cells: Map<string, Cell>, field: { address: Address; path: string }, size: number): void {
  cells.set(fieldCell(field.address, field.path), true);
  cells.set(countCell(field.address, field.path), BigInt(size));
}

/** An aggregate knows its parts' values also where nobody read the parts themselves. */
function fillParts(cells: Map<string, Cell>, target: Target): void {
  for (const field of target.kind.fields.values()) {
    if (field.shape !== 'aggregate') continue;
    const value = target.live.fields.get(field.name)?.value;
    if (value?.type === 'mixed') for (const part of value.parts) fillPart(cells, { address: part.target, getter: field.getter, value: part.value });
    if (value?.type !== 'scalar') continue;
    for (const address of partAddresses((cell) => cells.get(cell), target, field)) fillPart(cells, { address, getter: field.getter, value: value.value });
  }
}

function fillPart(cells: Map<string, Cell>, part: { address: Address; getter: string; value: Scalar }): void {
  const cell = fieldCell(part.address, part.getter);
  if (!cells.has(cell)) cells.set(cell, part.value);
}

/** Addresses of an aggregate's parts, by its `over` fields; unset ones left out, each once. */
export function partAddresses(read: (cell: string) => Cell | undefined, target: Target, field: Extract<KindField, { shape: 'aggregate' }>): Address[] {
  const found = new Map<string, Address>();
  for (const over of field.over) {
    const value = read(fieldCell(target.address, storedPath(target.kind, over)));
    if (typeof value === 'string' && !isZero(value)) found.set(value.toLowerCase(), value);
  }
  return [...found.values()];
}

/** Whether a value is the zero of its type. */
export function isZero(value: Cell): boolean {
  return typeof value === 'string' ? /^0x0*$/.test(value) : value === 0n || value === false || value === null;
}
