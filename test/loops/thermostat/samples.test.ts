// Histories as people and exporters write them, and what is refused, with its place.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MooringError } from '../../../src/errors.ts';
import { historyLimit, parseSamples } from '../../../src/loops/thermostat/samples.ts';

function parse(text: string) {
  return parseSamples('history.json', new TextEncoder().encode(text));
}

/** `code line:column` of each fault. */
function faults(text: string | Uint8Array): string[] {
  try {
    parseSamples('history.json', typeof text === 'string' ? new TextEncoder().encode(text) : text);
    return [];
  } catch (error) {
    if (!(error instanceof MooringError)) throw error;
    expect(error.exitCode).toBe(65);
    if (error.findings.length === 0) return [error.code];
    return error.findings.map(({ code, source }) => `${code} ${source?.line}:${source?.column}`);
  }
}

const rois = (text: string): number[] => parse(text).map(({ roi }) => roi);

describe('a history', () => {
  test.each([
    ['a JSON array', '[{"timestamp":1,"roi":2},{"timestamp":2,"roi":3}]'],
    ['one over several lines', '[\n  {\n    "timestamp": 1,\n    "roi": 2\n  },\n  { "timestamp": 2, "roi": 3 }\n]\n'],
    ['NDJSON', '{"timestamp":1,"roi":2}\n{"timestamp":2,"roi":3}\n'],
    ['NDJSON without its last line break, with blank and Windows lines', '\n{"timestamp":1,"roi":2}\r\n\r\n  {"timestamp":2,"roi":3}'],
    ['with a byte order mark', '\uFEFF{"timestamp":1,"roi":2}\n{"timestamp":2,"roi":3}\n'],
    ['with more than it needs', '[{"timestamp":1,"roi":2,"note":"a ] } , \\" b","more":{"x":[1,{"y":2}]}},{"timestamp":2,"roi":3,"z":[]}]'],
  ])('%s', (_, text) => {
    expect(parse(text)).toEqual([
      { at: 1, roi: 2, gmv: 0, cost: 0, successes: 0, failures: 0 },
      { at: 2, roi: 3, gmv: 0, cost: 0, successes: 0, failures: 0 },
    ]);
  });

  test('an empty array has no sample, and neither has an empty file', () => {
    expect([faults('[]'), faults(''), faults(' \n \n')]).toEqual([['FILE_EMPTY 1:1'], ['FILE_EMPTY 1:1'], ['FILE_EMPTY 1:1']]);
  });
});

describe('values', () => {
  test('all of them', () => {
    expect(parse('{"timestamp":"5","roi":1.5,"gmv":3,"cost":2,"successes":7,"failures":1}')).toEqual([
      { at: 5, roi: 1.5, gmv: 3, cost: 2, successes: 7, failures: 1 },
    ]);
    expect(parse('{"revenue":6,"spend":4}')[0]).toEqual({ at: null, roi: 1.5, gmv: 6, cost: 4, successes: 0, failures: 0 });
    expect(parse('{"gmv":6,"revenue":1,"cost":4,"spend":1}')[0]).toMatchObject({ gmv: 6, cost: 4 });
    expect(parse('{"gmv":null,"revenue":1,"cost":4}')[0]).toMatchObject({ roi: 0.25 });
  });

  test.each([
    ['missing', ''],
    ['null', '"roi":null,'],
    ['NaN', '"roi":NaN,'],
    ['infinite', '"roi":-Infinity,'],
    ['NaN in a text, as Prometheus has it', '"roi":"NaN",'],
    ['infinite in a text', '"roi":"+Inf",'],
    ['past what a double holds', '"roi":1e999,'],
  ])('roi that is %s is gmv by cost', (_, roi) => {
    expect(rois(`{${roi}"gmv":6,"cost":4}`)).toEqual([1.5]);
    expect(rois(`{${roi}"gmv":6,"cost":0}`)).toEqual([0]);
    expect(rois(`{${roi}"gmv":6}`)).toEqual([0]);
  });

  test('what is finite is taken as it is', () => {
    expect(rois('[{"roi":1e308},{"roi":-3},{"roi":0},{"roi":"2.5"},{"roi":" 1e-3 "},{"roi":5e-324}]')).toEqual([1e308, -3, 0, 2.5, 0.001, 5e-324]);
  });

  test('gmv by cost may be too large for a double, or no number: for the thermostat to refuse', () => {
    expect(rois('[{"gmv":1e308,"cost":1e-308},{"gmv":NaN,"cost":1},{"gmv":Infinity,"cost":Infinity}]')).toEqual([
      Number.POSITIVE_INFINITY,
      Number.NaN,
      Number.NaN,
    ]);
  });

  test('a word in a text stays a text', () => {
    expect(rois('{"roi":1,"note":"NaN, \\"Infinity\\""}')).toEqual([1]);
  });

  test.each([
    ['1700000000', 1_700_000_000],
    ['1700000000.25', 1_700_000_000.25],
    ['"1700000000"', 1_700_000_000],
    ['"2023-11-14T22:13:20Z"', 1_700_000_000],
    ['"2023-11-14T22:13:20.250Z"', 1_700_000_000.25],
    ['"2023-11-14T23:13:20+01:00"', 1_700_000_000],
    ['"2023-11-14T23:13:20+0100"', 1_700_000_000],
    ['"2023-11-14 22:13:20"', 1_700_000_000],
    ['"2023-11-14T22:13"', 1_699_999_980],
    ['"2023-11-14"', 1_699_920_000],
    ['null', null],
  ])('timestamp %s', (timestamp, at) => {
    expect(parse(`{"timestamp":${timestamp},"roi":1}`)[0]?.at).toBe(at);
  });
});

describe('a fault has its place', () => {
  const good = '{"roi":1}';
  test.each<[what: string, text: string, expected: readonly string[]]>([
    ['a line that is no JSON', `${good}\n{"roi":}\n${good}\n`, ['SAMPLE_SYNTAX 2:1']],
    ['several', `${good}\n  oops\n\n{"roi":"x"}\n`, ['SAMPLE_SYNTAX 2:3', 'SAMPLE_VALUE 4:1']],
    ['an element', `[\n ${good},\n {"roi":true}\n]`, ['SAMPLE_VALUE 3:2']],
    ['no object', '[1, [2], null, "x"]', ['SAMPLE_SYNTAX 1:2', 'SAMPLE_SYNTAX 1:5', 'SAMPLE_SYNTAX 1:10', 'SAMPLE_SYNTAX 1:16']],
    ['nothing between commas', `[${good},,${good}]`, ['SAMPLE_SYNTAX 1:12']],
    ['an array that does not end', `[\n${good},\n${good}`, ['SAMPLE_SYNTAX 3:10']],
    ['a text that does not end', `[\n{"roi":1,"note":"x\n}]`, ['SAMPLE_SYNTAX 2:17']],
    ['something behind the array', `[${good}]\n\n x`, ['SAMPLE_SYNTAX 3:2']],
    ['something behind it on the line', `[${good}] x`, ['SAMPLE_SYNTAX 1:13']],
    ['a value of another type', '{"roi":1,"cost":[]}', ['SAMPLE_VALUE 1:1']],
    ['each of several values', '{"roi":"1,5","gmv":{},"successes":"many"}', ['SAMPLE_VALUE 1:1', 'SAMPLE_VALUE 1:1', 'SAMPLE_VALUE 1:1']],
    ['nothing that ROI could be had of', '{"timestamp":1,"rio":2}', ['SAMPLE_VALUE 1:1']],
    ['milliseconds', '{"timestamp":1700000000000,"roi":1}', ['SAMPLE_VALUE 1:1']],
    ['a time before the epoch', '{"timestamp":-1,"roi":1}', ['SAMPLE_VALUE 1:1']],
    ['a time that is NaN', '{"timestamp":NaN,"roi":1}', ['SAMPLE_VALUE 1:1']],
    ['a day that does not exist', '{"timestamp":"2023-02-30","roi":1}', ['SAMPLE_VALUE 1:1']],
    ['an hour that does not exist', '{"timestamp":"2023-02-03T25:00:00Z","roi":1}', ['SAMPLE_VALUE 1:1']],
    ['a time in words', '{"timestamp":"yesterday","roi":1}', ['SAMPLE_VALUE 1:1']],
    ['a key of an object’s prototype', '{"__proto__":{"roi":1}}', ['SAMPLE_VALUE 1:1']],
  ])('%s', (_, text, expected) => {
    expect(faults(text)).toEqual(expected);
  });

  test('a file of another encoding', () => {
    expect(faults(Uint8Array.of(0x7b, 0xff, 0xfe))).toEqual(['FILE_NOT_UTF8']);
  });

  test('a very long sample, a very long history', () => {
    expect(faults(`{"roi":1,"note":"${'x'.repeat(70_000)}"}`)).toEqual(['FILE_TOO_LARGE 1:1']);
    expect(faults(new Uint8Array(historyLimit + 1))).toEqual(['FILE_TOO_LARGE']);
    expect(faults('{}\n'.repeat(1_000_001))).toEqual(['FILE_TOO_LARGE 1000001:1']);
    expect(faults(`[${'1,'.repeat(1_000_001)}1]`)).toEqual(['FILE_TOO_LARGE 1:2000002']);
  });

  test('of very many faults the first hundred are told', () => {
    expect(faults('x\n'.repeat(100_000))).toHaveLength(100);
  });
});

test('whatever JSON writes of samples is read back, as an array and line by line', () => {
  const sample = fc.record({ timestamp: fc.integer({ min: 0, max: 4e9 }), roi: fc.double({ noNaN: true, noDefaultInfinity: true }), note: fc.string() });
  fc.assert(
    fc.property(fc.array(sample, { minLength: 1 }), fc.constantFrom(0, 2), (samples, indent) => {
      const expected = samples.map(({ timestamp, roi }) => [timestamp, roi === 0 ? 0 : roi]);
      const read = (text: string) => parse(text).map(({ at, roi }) => [at, roi]);
      expect(read(JSON.stringify(samples, null, indent))).toEqual(expected);
      expect(read(samples.map((each) => JSON.stringify(each)).join('\n'))).toEqual(expected);
    }),
  );
});

test('any text is either samples or faults', () => {
  const pieces = fc.constantFrom('[', ']', '{', '}', ',', '"', ':', '\\', '\n', ' ', '1', '"roi":1', '{"roi":1}', 'NaN');
  fc.assert(
    fc.property(
      fc.array(pieces).map((list) => list.join('')),
      (text) => faults(text).every((fault) => /^[A-Z_]+ \d+:\d+$/.test(fault)),
    ),
  );
});

test('where nothing is to be made up, a sample without ROI and cost is not a number', () => {
  const text = '{"roi": "NaN"}\n{"roi": "NaN", "gmv": 3, "cost": 2}\n{"gmv": 3}\n{"roi": 0}\n';
  const rois = (options?: { atNoCost: number }) => parseSamples('x', Buffer.from(text), options).map(({ roi }) => roi);
  expect(rois()).toEqual([0, 1.5, 0, 0]);
  expect(rois({ atNoCost: Number.NaN })).toEqual([Number.NaN, 1.5, Number.NaN, 0]);
});
