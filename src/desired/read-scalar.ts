// One value of an ABI type in its unit: numbers, flags, accounts, bytes, and the bounds that a kind sets.
import { formatScalar } from '../format.ts';
import type { KindField } from '../kinds/kind.ts';
import type { AddressBook, Scalar } from '../types.ts';
import { readQuantity } from './quantity.ts';
import { readAddress } from './read-address.ts';
import { readBoolean } from './read-node.ts';
import { describeNode, quoteShort, type Reading, report, type YamlNode } from './yaml-tree.ts';

/** What a scalar is for. */
export type ScalarFor = Pick<KindField, 'name' | 'type' | 'unit'> & { [K in 'min' | 'max' | 'zeroMeans' | 'nonZero']?: KindField[K] | undefined };

export type ScalarContext = { reading: Reading; book: AddressBook; tokens: ReadonlyMap<string, number> };

/** Canonical value, or null with a finding. SIDE EFFECTS: adds to the reading's findings. */
export function readScalar(context: ScalarContext, node: YamlNode, field: ScalarFor): Scalar | null {
  const { reading } = context;
  if (field.type === 'bool') return readBoolean(reading, node);
  if (field.type === 'address') return readAccount(context, node, field);
  if (node.type !== 'text') {
    report(reading, {
      code: 'TEXT_EXPECTED',
      at: node,
      message: `found ${describeNode(node)}, expected one value of type ${field.type}`,
      fix: 'write one value',
    });
    return null;
  }
  if (/^u?int/.test(field.type)) return readNumber(context, node, field);
  return field.type.startsWith('bytes') ? readHex(reading, node, field.type) : node.text;
}

function readAccount(context: ScalarContext, node: YamlNode, field: ScalarFor): Scalar | null {
  const address = readAddress(context.reading, node, context.book);
  if (address === null || field.nonZero !== true || !/^0x0{40}$/.test(address)) return address;
  report(context.reading, { code: 'ADDRESS_ZERO', at: node, message: `\`${field.name}\` refuses the zero address`, fix: 'write another account' });
  return null;
}

function readNumber(context: ScalarContext, node: YamlNode & { type: 'text' }, field: ScalarFor): bigint | null {
  const { reading, tokens } = context;
  const value = readQuantity(node.text, { unit: field.unit, type: field.type, tokens });
  if (typeof value !== 'bigint') {
    report(reading, { ...value, at: node });
    return null;
  }
  if (value === 0n && field.zeroMeans === 'keep') {
    report(reading, {
      code: 'ZERO_MEANS_KEEP',
      at: node,
      message: `the contract reads 0 for \`${field.name}\` as "leave it as it is", so it can never become 0`,
      fix: 'write the value that it should have, or delete the line',
    });
    return null;
  }
  return checkBounds(context, { node, field, value });
}

function checkBounds(context: ScalarContext, { node, field, value }: { node: YamlNode; field: ScalarFor; value: bigint }): bigint | null {
  const show = (bound: bigint) => formatScalar(bound, { unit: field.unit, tokens: context.tokens });
  if (field.min !== undefined && value < field.min) {
    report(context.reading, {
      code: 'VALUE_TOO_SMALL',
      at: node,
      message: `${show(value)} is below ${show(field.min)}, the smallest that \`${field.name}\` may have`,
      fix: `write at least ${show(field.min)}`,
    });
    return null;
  }
  if (field.max !== undefined && value > field.max) {
    report(context.reading, {
      code: 'VALUE_TOO_LARGE',
      at: node,
      message: `${show(value)} is above ${show(field.max)}, the largest that \`${field.name}\` may have`,
      fix: `write at most ${show(field.max)}`,
    });
    return null;
  }
  return value;
}

function readHex(reading: Reading, node: YamlNode & { type: 'text' }, type: string): string | null {
  const size = Number(type.slice('bytes'.length));
  const right = /^0x([0-9a-fA-F]{2})*$/.test(node.text) && (size === 0 || node.text.length === 2 + 2 * size);
  if (node.style === 'plain' && /^0x/i.test(node.text)) {
    report(reading, {
      code: 'HEX_UNQUOTED',
      at: node,
      message: `${quoteShort(node.text)} is not quoted, and YAML makes a number of it`,
      fix: `quote it: "${node.text}"`,
    });
  } else if (!right) {
    report(reading, {
      code: 'HEX_SYNTAX',
      at: node,
      message: `${quoteShort(node.text)} is not of type ${type}`,
      fix: size === 0 ? 'write 0x and an even number of hex digits' : `write 0x and ${2 * size} hex digits`,
    });
  } else {
    return node.text.toLowerCase();
  }
  return null;
}
