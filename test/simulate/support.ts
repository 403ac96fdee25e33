// A small contract that shows who called it, for tests of the ways of running steps.
import { encodeCall, parseFunction } from '../../src/kinds/abi.ts';
import { connect } from '../../src/live/rpc.ts';
import type { Address, BlockRef, CallRequest, ChainReader, Hex } from '../../src/types.ts';
import { compileContract } from '../support/compile.ts';

const source = `// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;
contract Ledger {
  error Denied(address caller);
  event Set(uint256 indexed key, uint256 value);
  address public owner;
  uint256 public total;
  address public paid;
  mapping(uint256 => uint256) public values;
  uint256 public height;
  uint256 public time;
  constructor(address first) { owner = first; }
  function handOver(address next) external { if (msg.sender != owner) revert Denied(msg.sender); owner = next; }
  function stamp() external { height = block.number; time = block.timestamp; }
  function set(uint256 key, uint256 value) external {
    if (msg.sender != owner) revert Denied(msg.sender);
    total += value;
    values[key] = value;
    emit Set(key, value);
  }
  function words() external pure { revert("temp"); }
  function flood() external pure { assembly { return(0, 1050000) } }
  function burn() external pure { assembly { invalid() } }
  function pay(address payable to) external payable { paid = to; (bool ok,) = to.call{value: msg.value}(""); require(ok); }
  function askBack(address wallet) external returns (uint256) { total = Wallet(payable(wallet)).tag(); return total; }
}
contract Wallet {
  uint256 public tag = 7;
  address public ledger;
  receive() external payable {}
  function own(address newLedger) external { ledger = newLedger; }
  function retag(uint256 value) external { tag = value; }
}`;

export const functions = {
  set: parseFunction('function set(uint256 key, uint256 value)'),
  values: parseFunction('function values(uint256 key) view returns (uint256)'),
  total: parseFunction('function total() view returns (uint256)'),
  paid: parseFunction('function paid() view returns (address)'),
  words: parseFunction('function words()'),
  handOver: parseFunction('function handOver(address next)'),
  stamp: parseFunction('function stamp()'),
  height: parseFunction('function height() view returns (uint256)'),
  time: parseFunction('function time() view returns (uint256)'),
  flood: parseFunction('function flood()'),
  burn: parseFunction('function burn()'),
  pay: parseFunction('function pay(address to) payable'),
  askBack: parseFunction('function askBack(address wallet) returns (uint256)'),
  missing: parseFunction('function missing()'),
  tag: parseFunction('function tag() view returns (uint256)'),
  retag: parseFunction('function retag(uint256 value)'),
};

export type LedgerWorld = { chain: ChainReader; owner: Address; other: Address; ledger: Address; walletLedger: Address; wallet: Address; block: BlockRef };

/** Deploys a ledger of the first account's and one of a wallet contract's. SIDE EFFECTS: transactions at `url`. */
export async function deployLedgers(url: string): Promise<LedgerWorld> {
  const chain = connect({ urls: [url], requestsPerSecond: 1_000_000 });
  const [owner = '', other = ''] = await chain.request<Address[]>('eth_accounts', []);
  const ledgerCode = compileContract('Ledger.sol', 'Ledger', source).creation;
  const wallet = await create(chain, owner, compileContract('Ledger.sol', 'Wallet', source).creation);
  const ledger = await create(chain, owner, ledgerCode + word(owner));
  const walletLedger = await create(chain, owner, ledgerCode + word(wallet));
  return { chain, owner, other, ledger, walletLedger, wallet, block: await chain.head('latest') };
}

/** Sends and waits until it is mined; returns the gas that it used and whether it succeeded. */
export async function sendNow(
  chain: ChainReader,
  transaction: { from: Address; to?: Address; data: Hex; value?: bigint },
): Promise<{ gas: bigint; ok: boolean; created: Address }> {
  const { value = 0n, ...rest } = transaction;
  const hash = await chain.request<Hex>('eth_sendTransaction', [{ ...rest, value: `0x${value.toString(16)}`, gas: '0xf00000' }]);
  for (;;) {
    const receipt = await chain.request<{ gasUsed: Hex; status: Hex; contractAddress: Address } | null>('eth_getTransactionReceipt', [hash]);
    if (receipt !== null) return { gas: BigInt(receipt.gasUsed), ok: receipt.status === '0x1', created: receipt.contractAddress };
  }
}

async function create(chain: ChainReader, from: Address, data: Hex): Promise<Address> {
  return (await sendNow(chain, { from, data })).created;
}

function word(address: Address): string {
  return address.slice(2).toLowerCase().padStart(64, '0');
}

export function valueReads(ledger: Address, count: number): CallRequest[] {
  return Array.from({ length: count }, (_, i) => ({ to: ledger, data: encodeCall(functions.values, [BigInt(i)]) }));
}
