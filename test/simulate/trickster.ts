// The Trickster on a chain: as it is, behind a proxy, and behind a beacon's proxy.
import { encodeCall, parseFunction } from '../../src/kinds/abi.ts';
import { loadKinds } from '../../src/kinds/load-kinds.ts';
import { connect } from '../../src/live/rpc.ts';
import type { Address, ChainReader, Hex } from '../../src/types.ts';
import { compileContract } from '../support/compile.ts';
import type { Ground } from './proof-world.ts';
import { sendNow } from './support.ts';

const kind = `apiVersion: mooring/v1
kind: Kind
name: Trickster
description: A contract that its kind doesn't tell the truth about.
abi:
  - function owner() view returns (address)
  - function limit() view returns (uint256)
  - function spare() view returns (uint256)
  - function operators(address operator) view returns (bool)
  - function setLimit(uint256 newLimit)
  - function setSpare(uint256 newSpare)
  - function setOperator(address operator, bool allowed)
  - event LimitUpdated(uint256 limit)
  - event OperatorUpdated(address indexed operator, bool allowed)
  - error Forbidden(address caller)
access: [owner]
fields:
  owner:
    description: Who may change it.
    risk: ambiguous
    role: owner
    history: []
  limit:
    description: A number.
    unit: count
    risk: ambiguous
    history: { event: LimitUpdated, value: limit }
  spare:
    description: Another number.
    unit: count
    risk: ambiguous
    history: []
  operators:
    description: Who may operate it.
    risk: { up: increase, down: reduce }
    members: { event: OperatorUpdated, member: operator, flag: allowed }
setters:
  - function: setLimit
    sets: [limit]
    emits: [LimitUpdated]
  - function: setSpare
    sets: [spare]
    emits: []
  - function: setOperator
    toggles: operators
    emits: [OperatorUpdated]
`;

/** Contract names `plain`, `proxied` and `beaconed`. SIDE EFFECTS: transactions at `url`. */
export async function deployTricksters(url: string): Promise<Ground> {
  const chain = connect({ urls: [url], requestsPerSecond: 1_000_000 });
  const [owner = ''] = await chain.request<Address[]>('eth_accounts', []);
  const create = async (code: Hex): Promise<Address> => (await sendNow(chain, { from: owner, data: code })).created;
  const start = encodeCall(parseFunction('function start(address firstOwner)'), [owner]);
  const implementation = await create(compileContract('test/simulate/Trickster.sol', 'Trickster').creation);
  const beacon = await create(withArguments(compileContract('test/simulate/Trickster.sol', 'Point').creation, 'address', [implementation]));
  const plain = await create(compileContract('test/simulate/Trickster.sol', 'Trickster').creation);
  await sendNow(chain, { from: owner, to: plain, data: start });
  const proxied = await create(withArguments(openZeppelin('ERC1967/ERC1967Proxy', 'ERC1967Proxy'), 'address,bytes', [implementation, start]));
  const beaconed = await create(withArguments(openZeppelin('beacon/BeaconProxy', 'BeaconProxy'), 'address,bytes', [beacon, start]));
  const contracts = Object.entries({ plain, proxied, beaconed }).map(([name, address]) => ({ name, kind: 'Trickster', address, fromBlock: 0n }));
  return { chain, kinds: loadKinds({ own: [{ file: 'Trickster.yaml', text: kind }] }), chainId: await chain.chainId(), contracts, signers: [owner] };
}

function openZeppelin(file: string, name: string): Hex {
  return compileContract(`node_modules/@openzeppelin/contracts/proxy/${file}.sol`, name).creation;
}

function withArguments(code: Hex, types: string, args: readonly string[]): Hex {
  return code + encodeCall(parseFunction(`function f(${types})`), [...args]).slice(10);
}

export async function closeTricksters({ chain }: { chain: ChainReader }): Promise<void> {
  chain.close();
}
