// Talks to the code of contracts/simulate/: packs steps and readings, unpacks answers. Pure.
import { decodeResult, encodeCall, parseFunction } from '../kinds/abi.ts';
import type { Address, CallRequest, CallResult, Hex } from '../types.ts';
import type { SentStep, Slot } from './way.ts';

/** Spare address that holds the runner's code; ProofOrders.sol has the same. */
export const runnerAddress: Address = '0x7ce18be55f88c2c6e4e9e14983cf70eed7f41039';
const copyMask = 0xf9fa902c63adea951d110dc16ddeb080fa054bd1n;

const runFunction = parseFunction('function run((address from, address to, uint256 value, bytes data)[] steps, bytes reads)');
const outcomesResult = parseFunction('function outcomes() returns ((bool ok, bool starved, uint256 gas, bytes data)[] outcomes)');
const aloneFunction = parseFunction('function alone((address from, address to, uint256 value, bytes data)[] steps) returns (uint256[] used)');
const readFunction = parseFunction('function read(bytes reads) view');
const loadFunction = parseFunction('function load(address account, bytes32 slot) view returns (bytes32 word)');
const codeHashFunction = parseFunction('function codeHash(address account) view returns (bytes32)');

export type Outcome = { ok: boolean; starved: boolean; gas: bigint; data: Hex };
export type RunAnswer = { outcomes: Outcome[]; reads: CallResult[] };

/** Where the copy of a sender's own code lies while a forwarder stands in its place. */
export function copyOf(address: Address): Address {
  return `0x${(BigInt(address) ^ copyMask).toString(16).padStart(40, '0')}`;
}

export function encodeRun(steps: readonly SentStep[], reads: readonly CallRequest[]): Hex {
  return encodeCall(runFunction, [steps.map(stepTuple), packReads(reads)]);
}

/** Fewer readings than were asked for when gas ran short. The answer: length, ABI-encoded outcomes, packed readings. */
export function decodeRun(data: Hex): RunAnswer {
  const end = 66 + 2 * Number(BigInt(data.slice(0, 66)));
  const [outcomes] = decodeResult(outcomesResult, `0x${data.slice(66, end)}`) as [[boolean, boolean, bigint, Hex][]];
  return {
    outcomes: outcomes.map(([ok, starved, gas, bytes]) => ({ ok, starved, gas, data: bytes })),
    reads: unpackAnswers(`0x${data.slice(end)}`),
  };
}

export function encodeAlone(steps: readonly SentStep[]): Hex {
  return encodeCall(aloneFunction, [steps.map(stepTuple)]);
}

/** Gas of each step by itself, 0 where it fails so; shorter than asked for when gas ran short. */
export function decodeAlone(data: Hex): bigint[] {
  return decodeResult(aloneFunction, data)[0] as bigint[];
}

/** By hand: the general encoder would check every digit of some hundred kilobytes. */
export function encodeRead(reads: readonly CallRequest[]): Hex {
  const packed = packReads(reads).slice(2);
  const padding = '0'.repeat((64 - (packed.length % 64)) % 64);
  return readFunction.selector + word(32) + word(packed.length / 2) + packed + padding;
}

function word(value: number): string {
  return value.toString(16).padStart(64, '0');
}

export function decodeRead(data: Hex): CallResult[] {
  return unpackAnswers(data);
}

/** A reading of storage, where a forwarder stands at the address. */
export function slotRead({ address, slot }: Slot): CallRequest {
  return { to: runnerAddress, data: encodeCall(loadFunction, [address, slot]) };
}

/** A reading of the hash of the code at an address: zero, or the hash of nothing, where there is none. */
export function codeHashRead(address: Address): CallRequest {
  return { to: runnerAddress, data: encodeCall(codeHashFunction, [address]) };
}

/** 20 bytes of address, 2 of length, call data: a sixth of what an ABI array takes, and nodes limit a request's size. */
function packReads(reads: readonly CallRequest[]): Hex {
  const parts = reads.map(({ to, data }) => to.slice(2).toLowerCase() + ((data.length - 2) / 2).toString(16).padStart(4, '0') + data.slice(2));
  return `0x${parts.join('')}`;
}

/** 1 byte success, 3 of length, data. */
function unpackAnswers(packed: Hex): CallResult[] {
  const results: CallResult[] = [];
  for (let at = 2; at < packed.length; ) {
    const end = at + 8 + 2 * Number.parseInt(packed.slice(at + 2, at + 8), 16);
    results.push({ ok: packed.charCodeAt(at + 1) === 49, data: `0x${packed.slice(at + 8, end)}` });
    at = end;
  }
  return results;
}

function stepTuple(step: SentStep): [Address, Address, bigint, Hex] {
  return [step.from, step.to, step.value, step.data];
}
