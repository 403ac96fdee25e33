// Lossless text for the journal's values: JSON with marks for what JSON doesn't have. Pure; knows nothing of files.

/**
 * One line of JSON from which `decodeValue` makes an equal value: plain objects, arrays, strings, finite numbers,
 * booleans, null, bigints, Maps and Sets. Keys are sorted, so equal values give equal text. A key whose value is
 * `undefined` is left out. Throws TypeError on anything else (functions, class instances, NaN): no silent loss.
 */
export function encodeValue(value: unknown): string {
  return JSON.stringify(mark(value));
}

/** The value that `encodeValue` was given. Throws SyntaxError or TypeError on text that it didn't make. */
export function decodeValue(text: string): unknown {
  return unmark(JSON.parse(text));
}

function mark(value: unknown): unknown {
  if (typeof value === 'bigint') return { $bigint: value.toString() };
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError('a number that is not finite cannot be journaled');
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.map(mark);
  if (value instanceof Map) return { $map: [...value].map(([key, item]) => [mark(key), mark(item)]) };
  if (value instanceof Set) return { $set: [...value].map(mark) };
  if (typeof value === 'object' && isPlain(value)) return markObject(value);
  throw new TypeError(`a ${typeof value} cannot be journaled`);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function markObject(value: object): object {
  const entries = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  // Keys that JSON or this codec would take for something else travel as pairs.
  if (entries.some(([key]) => key.startsWith('$') || key === '__proto__')) return { $object: entries.map(([key, item]) => [key, mark(item)]) };
  return Object.fromEntries(entries.map(([key, item]) => [key, mark(item)]));
}

function unmark(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(unmark);
  const [first, ...more] = Object.entries(value);
  if (first?.[0].startsWith('$')) {
    if (more.length > 0) throw new TypeError('a mark with company');
    return unmarkOne(first[0], first[1]);
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unmark(item)]));
}

function unmarkOne(name: string, value: unknown): unknown {
  if (name === '$bigint' && typeof value === 'string' && /^-?\d+$/.test(value)) return BigInt(value);
  if (name === '$set' && Array.isArray(value)) return new Set(value.map(unmark));
  if (name === '$map') return new Map(pairs(value));
  if (name === '$object') return Object.fromEntries(pairs(value));
  throw new TypeError(`an unknown mark ${name}`);
}

function pairs(value: unknown): [never, unknown][] {
  if (!Array.isArray(value)) throw new TypeError('a mark without its pairs');
  return value.map((pair: unknown) => {
    if (!Array.isArray(pair) || pair.length !== 2) throw new TypeError('a pair of other than two');
    return [unmark(pair[0]) as never, unmark(pair[1])];
  });
}
