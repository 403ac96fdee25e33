// Human-readable ABI (`function f(uint256 a) view returns (bool)`) → names, parameters, modifiers. Pure.
import { MooringError } from '../errors.ts';
import { abiTypes, tupleType, typeName } from './abi-types.ts';
import type { AbiParameter } from './kind.ts';

/** `signature` is `name(type,type)`: what selectors and topics are the hash of. */
export type AbiItem = { keyword: string; name: string; signature: string; inputs: AbiParameter[]; modifiers: string[]; outputs: AbiParameter[] };

type Cursor = { text: string; tokens: readonly string[]; next: number; depth: number };

const identifier = /^[A-Za-z_$][A-Za-z0-9_$]*$/;
const locations = new Set(['memory', 'calldata', 'storage', 'payable']);
const maximumDepth = 16;

/** Parses one item. Throws ABI_PARSE, which names the place. */
export function parseItem(text: string): AbiItem {
  const tokens = text.match(/[A-Za-z0-9_$]+|\[[0-9]*\]|[(),]|\S/g) ?? [];
  const cursor: Cursor = { text, tokens, next: 0, depth: 0 };
  const keyword = takeName(cursor, 'function, event or error');
  const name = takeName(cursor, 'a name');
  const inputs = takeParameters(cursor);
  const modifiers: string[] = [];
  while (identifier.test(peek(cursor)) && peek(cursor) !== 'returns') modifiers.push(takeName(cursor, 'a modifier'));
  let outputs: AbiParameter[] = [];
  if (peek(cursor) === 'returns') {
    cursor.next += 1;
    outputs = takeParameters(cursor);
  }
  if (peek(cursor) === ';') cursor.next += 1;
  if (cursor.next < tokens.length) throw unexpected(cursor, 'the end');
  const signature = name + typeName(tupleType(abiTypes(inputs)));
  abiTypes(outputs);
  return { keyword, name, signature, inputs, modifiers, outputs };
}

function takeParameters(cursor: Cursor): AbiParameter[] {
  expect(cursor, '(');
  cursor.depth += 1;
  if (cursor.depth > maximumDepth) throw unexpected(cursor, `at most ${maximumDepth} levels of tuples`);
  const parameters: AbiParameter[] = [];
  while (peek(cursor) !== ')') {
    if (parameters.length > 0) expect(cursor, ',');
    parameters.push(takeParameter(cursor));
  }
  expect(cursor, ')');
  cursor.depth -= 1;
  return parameters;
}

function takeParameter(cursor: Cursor): AbiParameter {
  if (peek(cursor) === 'tuple') cursor.next += 1;
  const components = peek(cursor) === '(' ? takeParameters(cursor) : null;
  if (components?.length === 0) throw unexpected(cursor, 'a tuple with something in it');
  const base = components === null ? fullName(takeName(cursor, 'a type')) : 'tuple';
  let type = base;
  while (peek(cursor).startsWith('[')) type += takeToken(cursor);
  const words: string[] = [];
  while (identifier.test(peek(cursor))) words.push(takeToken(cursor));
  const names = words.filter((word) => word !== 'indexed' && !locations.has(word));
  if (names.length > 1) throw unexpected(cursor, 'one name for a parameter');
  const parameter = { name: names[0] ?? '', type, indexed: words.includes('indexed') };
  return components === null ? parameter : { ...parameter, components };
}

/** `uint` and `int` are short for the 256-bit types. */
function fullName(type: string): string {
  return type === 'uint' || type === 'int' ? `${type}256` : type;
}

function peek(cursor: Cursor): string {
  return cursor.tokens[cursor.next] ?? '';
}

function takeToken(cursor: Cursor): string {
  cursor.next += 1;
  return cursor.tokens[cursor.next - 1] ?? '';
}

function takeName(cursor: Cursor, expected: string): string {
  if (!identifier.test(peek(cursor))) throw unexpected(cursor, expected);
  return takeToken(cursor);
}

function expect(cursor: Cursor, token: string): void {
  if (peek(cursor) !== token) throw unexpected(cursor, `"${token}"`);
  cursor.next += 1;
}

function unexpected(cursor: Cursor, expected: string): MooringError {
  const found = peek(cursor) === '' ? 'the end' : `"${peek(cursor)}"`;
  return new MooringError('ABI_PARSE', `In "${cursor.text}": found ${found}, expected ${expected}.`, {
    fix: 'Write it as in Solidity, e.g. "function feePct() view returns (uint256)".',
  });
}
