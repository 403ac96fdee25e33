// Our contracts on a chain behind a counting proxy, all of them imported: what the tests of whole commands start from.
import { Interface } from 'ethers/abi';
import type { ContractName } from '../../scripts/deployment/contract-list.ts';
import type { Deployment } from '../../scripts/deployment/deploy.ts';
import type { Variant } from '../../scripts/deployment/initial-state.ts';
import { environmentFiles, kebab, keyVariable } from '../../scripts/environment-files.ts';
import { contractNames, type ManagedContract, managedContracts } from '../../scripts/managed-contracts.ts';
import type { Address, Hex } from '../../src/types.ts';
import { startAnvil } from './anvil.ts';
import { type Desk, makeDesk } from './cli.ts';
import { deploy } from './deploy.ts';
import { startHardhat } from './hardhat.ts';
import { type NodeCalls, nodeCalls } from './node-calls.ts';
import { type RpcProxy, startRpcProxy } from './rpc-proxy.ts';

/** The environment's name, and its folder. */
export const environmentName = 'field';
export const folder = `desired-state/${environmentName}`;

/** A call past git. `from` and text arguments may be names of the address book. */
export type HandCall = { on: ContractName; call: string; args?: readonly unknown[]; from?: string };

export type FieldWorld = {
  deployment: Deployment;
  proxy: RpcProxy;
  node: NodeCalls;
  /** Anvil or Hardhat behind the proxy. */
  url: string;
  /** Every name of the address book. */
  addresses: Readonly<Record<string, Address>>;
  /** Files of an environment that declares everything as it was imported. */
  files: ReadonlyMap<string, string>;
  /** The variable with the owner's key. */
  env: Readonly<Record<string, string>>;
  /** A fresh checkout with those files, and the owner's key. */
  desk(): Desk;
  /** Goes back to the state right after the import. */
  reset(): Promise<void>;
  byHand(call: HandCall): Promise<{ hash: Hex; block: bigint }>;
  /** Data of a call, for what forwards calls. */
  encode(call: Omit<HandCall, 'from'>): Hex;
  /** A getter's value, asked of the chain itself. */
  read(call: Omit<HandCall, 'from'>): Promise<unknown>;
  /** Transactions that the product handed to the chain since the last `reset`, and how many the chain took of the owner. */
  sent(): Promise<{ handedOver: number; taken: number }>;
  stop(): Promise<void>;
};

/** SIDE EFFECTS: a chain and a proxy, until `stop`. */
export async function startFieldWorld(options: { variant?: Variant; on?: 'anvil' | 'hardhat' } = {}): Promise<FieldWorld> {
  const on = options.on ?? 'anvil';
  const chain = on === 'hardhat' ? await startHardhat() : await startAnvil();
  const proxy = await startRpcProxy(chain.url);
  const deployment = await deploy({ url: chain.url, variant: options.variant ?? 'governed' });
  const node = await nodeCalls(chain.url, on);
  const addresses = addressesOf(deployment);
  const { privateKey, address: owner } = deployment.accounts.owner;
  const files = await importAll(deployment, proxy.url);
  const nonce = (): Promise<Hex> => node.ask<Hex>('eth_getTransactionCount', [owner, 'latest']);
  const mark = { snapshot: await node.ask<Hex>('evm_snapshot'), nonce: BigInt(await nonce()) };
  const env = { [keyVariable]: privateKey };
  let byOwner = 0n;
  const encode: FieldWorld['encode'] = ({ on: contract, call, args = [] }) =>
    new Interface(deployment.abis[contract]).encodeFunctionData(call, args.map(resolve));
  const resolve = (arg: unknown): unknown => (Array.isArray(arg) ? arg.map(resolve) : typeof arg === 'string' ? (addresses[arg] ?? arg) : arg);
  return {
    deployment,
    proxy,
    node,
    url: chain.url,
    addresses,
    files,
    env,
    desk: () => makeDesk(files, env),
    async reset() {
      await node.ask('evm_revert', [mark.snapshot]);
      mark.snapshot = await node.ask<Hex>('evm_snapshot');
      proxy.hooks = {};
      proxy.reset();
      byOwner = 0n;
    },
    encode,
    async byHand({ from = 'owner', ...call }) {
      const sender = addresses[from] ?? from;
      if (sender === owner) byOwner += 1n;
      return node.send(deployment.addresses[call.on], encode(call), sender);
    },
    async read(call) {
      const answer = await node.ask<Hex>('eth_call', [{ to: deployment.addresses[call.on], data: encode(call) }, 'latest']);
      const values = new Interface(deployment.abis[call.on]).decodeFunctionResult(call.call, answer).toArray();
      return values.length === 1 ? values[0] : values;
    },
    sent: async () => ({ handedOver: proxy.count('eth_sendRawTransaction'), taken: Number(BigInt(await nonce()) - mark.nonce - byOwner) }),
    async stop() {
      await proxy.stop();
      await chain.stop();
    },
  };
}

function addressesOf(deployment: Deployment): Record<string, Address> {
  const accounts = Object.entries(deployment.accounts).map(([name, { address }]) => [kebab(name), address]);
  const contracts = Object.entries(deployment.addresses).map(([name, address]) => [contractNames[name as ManagedContract] ?? kebab(name), address]);
  return Object.fromEntries([...accounts, ...contracts]) as Record<string, Address>;
}

/** Writes the environment with `mooring import`, and fails where that fails. */
async function importAll(deployment: Deployment, rpc: string): Promise<ReadonlyMap<string, string>> {
  const own = [...environmentFiles({ deployment, rpc })].map(([file, text]) => [`${folder}/${file}`, text] as const);
  const desk = makeDesk(new Map(own));
  for (const { name, kind, address, fromBlock } of managedContracts(deployment)) {
    const said = await desk.run(`import --env ${environmentName} --kind ${kind} --address ${address} --name ${name} --from-block ${fromBlock}`);
    if (said.exit !== 0) throw new Error(`import of ${name} ended with ${said.exit}: ${said.stderr}`);
  }
  const files = new Map(desk.files('desired-state').map((file) => [file, desk.read(file)]));
  desk.remove();
  return files;
}
