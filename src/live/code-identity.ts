// What code stands at an address, and of a proxy what it points to: read along with the fields, in the same requests.
import { keccak256, toChecksum } from '../kinds/keccak.ts';
import type { Address, BlockRef, ChainReader, CodeIdentity, Hex } from '../types.ts';

type Proxy = NonNullable<CodeIdentity['proxy']>;
/** A proxy whose implementation isn't read yet; of a beacon only the beacon is known. */
type Pointer = { type: Proxy['type']; at: Address };

/** What the first round of requests told; `finish` asks for what proxies point to, where there are any. */
export type CodeReading = { finish(): Promise<Map<Address, CodeIdentity>> };

/** keccak256('eip1967.proxy.implementation') - 1 and keccak256('eip1967.proxy.beacon') - 1 (ERC-1967). */
const implementationSlot = '0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc';
const beaconSlot = '0xa3f0ad74e5423aebfd80d3ef4346578335a9a72aeaee59ff6cb3582b35133d50';
/** ERC-1167 and its shorter form of ERC-7511: code around the implementation's address. */
const clones = [/^0x363d3d373d3d3d363d73([0-9a-f]{40})5af43d82803e903d91602b57fd5bf3/, /^0x365f5f375f5f365f73([0-9a-f]{40})5af43d5f5f3e5f3d91602a57fd5bf3/];
/** implementation() */
const implementationCall = '0x5c60da1b';

/** Throws RPC_*. */
export async function readCode(chain: ChainReader, addresses: readonly Address[], block: BlockRef): Promise<CodeReading> {
  const wanted = [...new Set(addresses)];
  const slots = wanted.flatMap((address) => [
    { address, slot: implementationSlot },
    { address, slot: beaconSlot },
  ]);
  const [codes, stored] = await Promise.all([chain.code(wanted, block), chain.storage(slots, block)]);
  const found = wanted.map((address, i) => {
    const code = codes[i] ?? '0x';
    return { address, hash: hashOf(code), pointer: code === '0x' ? null : pointerOf(code, stored[i * 2], stored[i * 2 + 1]) };
  });
  return {
    async finish() {
      const pointers = found.flatMap(({ pointer }) => (pointer === null ? [] : [pointer]));
      const proxies = new Map((await follow(chain, pointers, block)).map((proxy, i) => [pointers[i], proxy]));
      return new Map(found.map(({ address, hash, pointer }) => [address, identity(hash, pointer === null ? undefined : proxies.get(pointer))]));
    },
  };
}

function identity(hash: Hex | null, proxy: Proxy | undefined): CodeIdentity {
  return proxy === undefined ? { hash } : { hash, proxy };
}

function hashOf(code: Hex): Hex | null {
  return code === '0x' ? null : keccak256(code);
}

function pointerOf(code: Hex, implementation: Hex | undefined, beacon: Hex | undefined): Pointer | null {
  const clone = clones.map((pattern) => pattern.exec(code)?.[1]).find((address) => address !== undefined);
  if (clone !== undefined) return { type: 'clone', at: toChecksum(`0x${clone}`) };
  const direct = addressIn(implementation);
  if (direct !== null) return { type: 'erc1967', at: direct };
  const beaconAt = addressIn(beacon);
  return beaconAt === null ? null : { type: 'beacon', at: beaconAt };
}

/** The address in a word; null for zero, and for what can't be an address. */
function addressIn(word: Hex | undefined): Address | null {
  const match = /^0x0{24}([0-9a-f]{40})$/.exec(word ?? '');
  return match?.[1] === undefined || /^0+$/.test(match[1]) ? null : toChecksum(`0x${match[1]}`);
}

/** Beacons first say what they point to. */
async function follow(chain: ChainReader, pointers: readonly Pointer[], block: BlockRef): Promise<Proxy[]> {
  if (pointers.length === 0) return [];
  const beacons = pointers.filter(({ type }) => type === 'beacon');
  const answers = await chain.calls(
    beacons.map(({ at }) => ({ to: at, data: implementationCall })),
    block,
  );
  const behind = new Map(beacons.map((beacon, i) => [beacon, addressIn(answers[i]?.ok === true ? answers[i]?.data : undefined)]));
  const implementations = pointers.map((pointer) => (pointer.type === 'beacon' ? (behind.get(pointer) ?? null) : pointer.at));
  const codes = await chain.code(
    implementations.map((address, i) => address ?? (pointers[i] as Pointer).at),
    block,
  );
  // A beacon that names nothing has no implementation: itself without code stands for that.
  return pointers.map((pointer, i) => {
    const implementation = implementations[i] ?? null;
    return { type: pointer.type, implementation: implementation ?? pointer.at, hash: implementation === null ? null : hashOf(codes[i] ?? '0x') };
  });
}
