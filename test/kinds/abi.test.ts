import { AbiCoder, Interface } from 'ethers/abi';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MooringError } from '../../src/errors.ts';
import {
  type AbiValue,
  decodeCall,
  decodeEvent,
  decodeResult,
  decodeRevert,
  encodeCall,
  encodeTopic,
  parseError,
  parseEvent,
  parseFunction,
} from '../../src/kinds/abi.ts';
import { typed } from './arbitrary-abi.ts';

/** The full form takes a minute or two. */
const patience = 300_000;
const runs = process.env.MOORING_FULL === '1' ? 5_000 : 500;
const coder = AbiCoder.defaultAbiCoder();

/** ethers' result lists, as plain lists. */
function plain(value: unknown): AbiValue {
  return Array.isArray(value) ? [...value].map(plain) : (value as AbiValue);
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return error instanceof MooringError ? error.code : `not a MooringError: ${String(error)}`;
  }
  return 'no error';
}

describe('against ethers', () => {
  it(
    'encodes calls byte for byte, and decodes what ethers encoded',
    () => {
      fc.assert(
        fc.property(fc.array(typed, { maxLength: 5 }), (parameters) => {
          const types = parameters.map((parameter) => parameter.type);
          const values = parameters.map((parameter) => parameter.value);
          const text = `function f(${types.join(',')}) view returns (${types.join(',')})`;
          const fn = parseFunction(text);
          const expected = new Interface([text]).encodeFunctionData('f', values);
          expect(encodeCall(fn, values)).toBe(expected);
          expect(decodeCall(fn, expected)).toEqual(values);
          const data = coder.encode(types, values);
          expect(decodeResult(fn, data)).toEqual(values);
          expect(plain(coder.decode(types, data))).toEqual(values);
        }),
        { numRuns: runs },
      );
    },
    patience,
  );

  it(
    'decodes logs, indexed and not',
    () => {
      fc.assert(
        fc.property(fc.array(fc.tuple(typed, fc.boolean()), { maxLength: 5 }), (parameters) => {
          let left = 3;
          // ethers can't encode indexed lists and tuples.
          const inputs = parameters.map(
            ([parameter, wanted], i) => `${parameter.type} ${wanted && /^[a-z0-9]+$/.test(parameter.type) && left-- > 0 ? 'indexed ' : ''}a${i}`,
          );
          const text = `event E(${inputs.join(',')})`;
          const log = new Interface([text]).encodeEventLog(
            'E',
            parameters.map(([parameter]) => parameter.value),
          );
          const values = decodeEvent(parseEvent(text), log);
          parameters.forEach(([parameter], i) => {
            const indexed = inputs[i]?.includes(' indexed ');
            if (!indexed) expect(values[`a${i}`]).toEqual(parameter.value);
            else {
              const hashed = parameter.type === 'bytes' || parameter.type === 'string';
              const topic = encodeTopic(parameter.type, parameter.value);
              expect(log.topics).toContain(topic);
              expect(values[`a${i}`]).toEqual(hashed ? topic : parameter.value);
            }
          });
        }),
        { numRuns: runs },
      );
    },
    patience,
  );

  it('agrees on signatures, selectors and topics', () => {
    for (const signature of ['f()', 'g(uint,int)', 'h(tuple(address nft, uint256 payoutPct)[] list, bytes32)', 'i((bool,string)[2][] x)']) {
      const ethers = new Interface([`function ${signature}`, `event ${signature.replace(/^./, 'E')}`]);
      expect(parseFunction(`function ${signature}`).selector).toBe(
        ethers.fragments[0]?.type === 'function' ? ethers.getFunction(signature.charAt(0))?.selector : '',
      );
      expect(parseEvent(`event ${signature.replace(/^./, 'E')}`).topic).toBe(ethers.getEvent('E')?.topicHash);
    }
  });
});

describe('hostile data', () => {
  const list = parseFunction('function f() view returns (uint256[][][][][][][][])');
  const word = (value: bigint) => value.toString(16).padStart(64, '0');

  it('neither hangs nor allocates on offsets that share one target', () => {
    // Each level holds 30 offsets that all lead to the next: 30^8 elements if every one were followed.
    const width = 30;
    const level = (next: bigint) => word(BigInt(width)) + word(next).repeat(width);
    const data = `0x${word(32n)}${level(BigInt(width * 32)).repeat(8)}`;
    expect(codeOf(() => decodeResult(list, data))).toBe('ABI_DECODE');
  });

  it('does not copy one long value for each of many offsets', () => {
    const count = 2000;
    const blob = word(64_000n) + 'ff'.repeat(64_000);
    const data = `0x${word(32n)}${word(BigInt(count))}${word(BigInt(count * 32)).repeat(count)}${blob}`;
    expect(codeOf(() => decodeResult(parseFunction('function f() view returns (bytes[])'), data))).toBe('ABI_DECODE');
  });

  it.each([
    ['nothing', '0x'],
    ['a huge length', `0x${word(32n)}${word((1n << 255n) - 1n)}`],
    ['a length of 2^32', `0x${word(32n)}${word(1n << 32n)}`],
    ['an offset to itself', `0x${word(0n)}`],
    ['an offset behind the end', `0x${word(1n << 200n)}`],
    ['half a byte', '0x123'],
    ['no hex', `0x${'zz'.repeat(32)}`],
  ])('refuses %s', (_, data) => {
    expect(codeOf(() => decodeResult(list, data))).toBe('ABI_DECODE');
  });

  it(
    'takes any bytes without another error',
    () => {
      const types = fc.array(
        typed.map((each) => each.type),
        { minLength: 1, maxLength: 4 },
      );
      const words = fc.array(fc.oneof(fc.bigInt({ min: 0n, max: 300n }), fc.bigInt({ min: 0n, max: (1n << 256n) - 1n })), { maxLength: 20 });
      fc.assert(
        fc.property(types, words, (of, data) => {
          const fn = parseFunction(`function f() view returns (${of.join(',')})`);
          expect(['ABI_DECODE', 'no error']).toContain(codeOf(() => decodeResult(fn, `0x${data.map(word).join('')}`)));
        }),
        { numRuns: runs },
      );
    },
    patience,
  );

  it.each([
    ['uint8', word(256n)],
    ['int8', word(128n)],
    ['bool', word(2n)],
    ['address', word(1n << 160n)],
    ['bytes4', word(1n)],
    ['string', `${word(32n)}${word(1n)}ff${'00'.repeat(31)}`],
  ])('refuses a %s with bits that it has not', (type, data) => {
    expect(codeOf(() => decodeResult(parseFunction(`function f() view returns (${type})`), `0x${data}`))).toBe('ABI_DECODE');
  });

  it("refuses another event's log and another function's call", () => {
    expect(codeOf(() => decodeEvent(parseEvent('event Paused(address account)'), { topics: [parseEvent('event Unpaused(address)').topic], data: '0x' }))).toBe(
      'ABI_DECODE',
    );
    expect(codeOf(() => decodeEvent(parseEvent('event A(address indexed x)'), { topics: [parseEvent('event A(address)').topic], data: `0x${word(1n)}` }))).toBe(
      'ABI_DECODE',
    );
    expect(codeOf(() => decodeCall(parseFunction('function a()'), parseFunction('function b()').selector))).toBe('ABI_DECODE');
  });
});

describe('values that do not fit', () => {
  const cases: [string, AbiValue][] = [
    ['uint8', 256n],
    ['uint256', -1n],
    ['int8', 128n],
    ['int8', -129n],
    ['uint256', 'x'],
    ['bool', 1n],
    ['address', '0x12'],
    ['address', '0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed'],
    ['bytes4', '0x0102030405'],
    ['bytes', '0x1'],
    ['string', '\ud800'],
    ['uint256[2]', [1n]],
    ['uint256[]', 1n],
    ['tuple(uint256,bool)', [1n]],
  ];
  it.each(cases)('%s refuses %s', (type, value) => {
    expect(codeOf(() => encodeCall(parseFunction(`function f(${type} x)`), [value]))).toBe('ABI_ENCODE');
  });
  it('refuses a wrong number of arguments', () => {
    expect(codeOf(() => encodeCall(parseFunction('function f()'), [1n]))).toBe('ABI_ENCODE');
  });
});

describe('signatures', () => {
  it.each([
    '',
    'f()',
    'function',
    'function f',
    'function f(',
    'function f(uint256',
    'function f(uint7 a)',
    'function f(bytes33 a)',
    'function f(int512 a)',
    'function f(Foo x)',
    'function f(uint256[0] x)',
    'function f(uint256[99999999] x)',
    `function f(uint256${'[65536]'.repeat(3)} x)`,
    `function f(uint256${'[]'.repeat(9)} x)`,
    'function f(uint256 a b)',
    'function f() returns',
    'function f() sideways',
    'function f(tuple())',
    'event E(uint256)',
    'function f();;',
    `function f(${'('.repeat(1000)}`,
  ])('refuses %j', (text) => {
    expect(codeOf(() => parseFunction(text))).toBe('ABI_PARSE');
  });
  it('refuses what an event or error cannot have', () => {
    expect(codeOf(() => parseEvent('event E(uint a) view'))).toBe('ABI_PARSE');
    expect(codeOf(() => parseEvent('event E(uint indexed a, uint indexed b, uint indexed c, uint indexed d)'))).toBe('ABI_PARSE');
    expect(codeOf(() => parseError('error E() returns (uint256)'))).toBe('ABI_PARSE');
  });
});

describe('reverts in words', () => {
  const errors = [parseError('error InvalidSplit()'), parseError('error OwnableUnauthorizedAccount(address account)')];
  const ethers = new Interface(['error OwnableUnauthorizedAccount(address account)', 'error Error(string)', 'error Panic(uint256)']);
  it.each([
    ['0x', 'reverted without a reason'],
    [errors[0]?.selector ?? '', 'InvalidSplit()'],
    [
      ethers.encodeErrorResult('OwnableUnauthorizedAccount', ['0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed']),
      'OwnableUnauthorizedAccount(0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed)',
    ],
    [ethers.encodeErrorResult('Error', ['temp "x"']), 'Error("temp \\"x\\"")'],
    [ethers.encodeErrorResult('Panic', [0x11]), 'Panic(17: arithmetic overflow)'],
    ['0x08c379a0ff', 'Error(malformed)'],
    ['0x12345678', 'unknown error 0x12345678'],
  ])('%s', (data, expected) => {
    expect(decodeRevert(errors, data)).toBe(expected);
  });
});
