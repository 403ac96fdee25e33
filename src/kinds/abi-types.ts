// ABI types as a tree, made from the type strings of a signature. Pure.
import { MooringError } from '../errors.ts';
import type { AbiParameter } from './kind.ts';

/** `words` is the size in the head part, in 32-byte words; what is `dynamic` has one word there, an offset. */
export type AbiType = { dynamic: boolean; words: number } & (
  | { type: 'uint' | 'int'; bits: number }
  | { type: 'bool' | 'address' | 'bytes' | 'string' }
  | { type: 'fixedBytes'; size: number }
  /** `length` is null where the data says it. */
  | { type: 'array'; item: AbiType; length: number | null }
  | { type: 'tuple'; items: readonly AbiType[] }
);

const maximumDimensions = 8;
const maximumLength = 1 << 16;
const maximumWords = 1 << 20;

/** The tree of one parameter. Throws ABI_PARSE for a type that Solidity doesn't have or that is absurdly large. */
export function abiType(parameter: AbiParameter): AbiType {
  const bracket = parameter.type.indexOf('[');
  const base = bracket < 0 ? parameter.type : parameter.type.slice(0, bracket);
  const element = base === 'tuple' ? tupleType(abiTypes(parameter.components ?? [])) : elementary(base);
  return bracket < 0 ? element : arrayType(element, parameter.type.slice(bracket), parameter.type);
}

export function abiTypes(parameters: readonly AbiParameter[]): AbiType[] {
  return parameters.map(abiType);
}

/** The tree of a list of parameters, which is encoded as a tuple. */
export function tupleType(items: readonly AbiType[]): AbiType {
  const dynamic = items.some((item) => item.dynamic);
  return { type: 'tuple', items, dynamic, words: dynamic ? 1 : headWords(items) };
}

/** Words that the heads of `items` take one after another. */
export function headWords(items: readonly AbiType[]): number {
  let words = 0;
  for (const item of items) words += item.words;
  return words;
}

/** The type as it stands in a signature: `uint256`, `(address,uint256)[]`. */
export function typeName(type: AbiType): string {
  if (type.type === 'uint' || type.type === 'int') return `${type.type}${type.bits}`;
  if (type.type === 'fixedBytes') return `bytes${type.size}`;
  if (type.type === 'array') return `${typeName(type.item)}[${type.length ?? ''}]`;
  if (type.type === 'tuple') return `(${type.items.map(typeName).join(',')})`;
  return type.type;
}

/** Every elementary type there is, by name. */
const elementaryTypes: ReadonlyMap<string, AbiType> = new Map(
  [
    ...(['address', 'bool'] as const).map((type): AbiType => ({ type, dynamic: false, words: 1 })),
    ...(['bytes', 'string'] as const).map((type): AbiType => ({ type, dynamic: true, words: 1 })),
    ...sizes().map((size): AbiType => ({ type: 'uint', bits: size * 8, dynamic: false, words: 1 })),
    ...sizes().map((size): AbiType => ({ type: 'int', bits: size * 8, dynamic: false, words: 1 })),
    ...sizes().map((size): AbiType => ({ type: 'fixedBytes', size, dynamic: false, words: 1 })),
  ].map((type) => [typeName(type), type]),
);

/** 1 to 32 bytes. */
function sizes(): number[] {
  return Array.from({ length: 32 }, (_, i) => i + 1);
}

function elementary(name: string): AbiType {
  const type = elementaryTypes.get(name);
  if (type !== undefined) return type;
  throw new MooringError('ABI_PARSE', `"${name}" is not an ABI type.`, {
    fix: 'Write an elementary Solidity type, e.g. uint256, address, bytes32; interfaces and enums are address and uint8 in an ABI.',
  });
}

function arrayType(element: AbiType, suffix: string, whole: string): AbiType {
  const dimensions = [...suffix.matchAll(/\[([0-9]*)\]/g)];
  const lengths = dimensions.map((dimension) => (dimension[1] === '' ? null : Number(dimension[1])));
  const sound = dimensions.map((dimension) => dimension[0]).join('') === suffix && dimensions.length <= maximumDimensions;
  if (!sound || lengths.some((length) => length !== null && (length === 0 || length > maximumLength))) {
    throw new MooringError('ABI_PARSE', `"${whole}" is not an array type.`, {
      fix: `Write T[] or T[n], n from 1 to ${maximumLength}, at most ${maximumDimensions} deep.`,
    });
  }
  return lengths.reduce<AbiType>((item, length) => wrap(item, length, whole), element);
}

function wrap(item: AbiType, length: number | null, whole: string): AbiType {
  const dynamic = length === null || item.dynamic;
  const words = dynamic ? 1 : item.words * length;
  if (words > maximumWords) throw new MooringError('ABI_PARSE', `"${whole}" is too large.`, { fix: 'Use a smaller fixed array.' });
  return { type: 'array', item, length, dynamic, words };
}
