// Whether every contract still runs, behind the steps, the code that was read: hashes, and what proxies point to.
import type { Code } from '../errors.ts';
import { id, toChecksum } from '../kinds/keccak.ts';
import type { Address, CallRequest, CallResult, ChainReader, ContractState, Finding, Hex, State } from '../types.ts';
import type { Slot } from './way.ts';

/** What to ask behind the steps, and what the answers must be. */
export type CodeCheck = {
  codes: readonly Address[];
  slots: readonly Slot[];
  reads: readonly CallRequest[];
  /** PROOF_CODE_CHANGED, once for each contract. Pure. */
  judge(answers: { codes: readonly Hex[]; slots: readonly Hex[]; reads: readonly CallResult[] }): Finding[];
};

type Expectation = { contract: ContractState; what: string; expected: Hex | null };

const implementationSlot = slotOf('eip1967.proxy.implementation');
const beaconSlot = slotOf('eip1967.proxy.beacon');
const implementationSelector = id('implementation()').slice(0, 10);
const zeroAddress: Address = `0x${'0'.repeat(40)}`;
const noCode = 'c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470';

/** Reads the chain only where a proxy has a beacon: its address at the pinned block. */
export async function planCodeCheck(chain: ChainReader, live: State): Promise<CodeCheck> {
  const coded = live.contracts.filter((contract) => contract.code !== undefined);
  const hashes = coded.flatMap((contract) => hashesOf(contract));
  const direct = coded.filter((contract) => contract.code?.proxy?.type === 'erc1967');
  const behindBeacon = coded.filter((contract) => contract.code?.proxy?.type === 'beacon');
  const slots = behindBeacon.map(({ address }) => ({ address, slot: beaconSlot }));
  const beacons = live.block === null || slots.length === 0 ? [] : await chain.storage(slots, live.block);
  const slotChecks = [...direct.map(implementationOf), ...behindBeacon.map((contract, i) => ({ contract, what: 'beacon', expected: addressIn(beacons[i]) }))];
  // A beacon that names nothing, or no code, has nothing to compare.
  const named = behindBeacon.flatMap((contract, i) =>
    (contract.code?.proxy?.hash ?? null) === null ? [] : [{ contract, beacon: addressIn(beacons[i]) ?? zeroAddress }],
  );
  return {
    codes: hashes.map(({ address }) => address),
    slots: [...direct.map(({ address }) => ({ address, slot: implementationSlot })), ...slots],
    reads: named.map(({ beacon }) => ({ to: beacon, data: implementationSelector })),
    judge: (answers) =>
      onePerContract([
        ...failures(hashes, answers.codes.map(hashIn)),
        ...failures(slotChecks, answers.slots.map(addressIn)),
        ...failures(
          named.map(({ contract }) => implementationOf(contract)),
          answers.reads.map((answer) => addressIn(answer.data)),
        ),
      ]),
  };
}

function hashesOf(contract: ContractState): (Expectation & { address: Address })[] {
  const own = { contract, address: contract.address, what: 'code hash', expected: contract.code?.hash ?? null };
  const proxy = contract.code?.proxy;
  return proxy === undefined ? [own] : [own, { contract, address: proxy.implementation, what: "implementation's code hash", expected: proxy.hash }];
}

function implementationOf(contract: ContractState): Expectation {
  return { contract, what: 'implementation', expected: contract.code?.proxy?.implementation ?? null };
}

type Failure = Expectation & { found: Hex | null };

function failures(expectations: readonly Expectation[], found: readonly (Hex | null)[]): Failure[] {
  return expectations.map((one, i) => ({ ...one, found: found[i] ?? null })).filter((one) => one.found?.toLowerCase() !== one.expected?.toLowerCase());
}

function onePerContract(all: readonly Failure[]): Finding[] {
  return [...Map.groupBy(all, (failure) => failure.contract.name)].map(([contract, own]) => ({
    code: 'PROOF_CODE_CHANGED' satisfies Code,
    severity: 'error',
    message: `${contract} does not end with the code that was read: ${own.map(({ what, expected, found }) => `${what} ${expected ?? 'none'}, then ${found ?? 'none'}`).join('; ')}.`,
    fix: 'An upgrade is never part of a plan: find the step that causes it, and plan again when the code has settled.',
    contract,
  }));
}

/** ERC-1967: one less than the hash of the name, so that nobody has its preimage. */
function slotOf(name: string): Hex {
  return `0x${(BigInt(id(name)) - 1n).toString(16).padStart(64, '0')}`;
}

/** Null for zero and for the hash of no code. */
function hashIn(word: Hex): Hex | null {
  return word.length !== 66 || BigInt(word) === 0n || word.endsWith(noCode) ? null : word;
}

/** The address in a word; null for zero, or for an answer that isn't one word. */
function addressIn(word: Hex | undefined): Address | null {
  return word?.length !== 66 || BigInt(word) === 0n ? null : toChecksum(`0x${word.slice(26)}`);
}
