// All our contracts on a chain of their own behind a proxy, ready to be read, for tests of live state.
import { Interface } from 'ethers/abi';
import type { ContractName } from '../../scripts/deployment/contract-list.ts';
import type { Deployment } from '../../scripts/deployment/deploy.ts';
import type { Variant } from '../../scripts/deployment/initial-state.ts';
import { riskOf } from '../../src/kinds/fields.ts';
import type { Kinds } from '../../src/kinds/kind.ts';
import { loadKinds } from '../../src/kinds/load-kinds.ts';
import { type ConnectOptions, connect } from '../../src/live/rpc.ts';
import { type ContractRef, type SnapshotInput, snapshot } from '../../src/live/snapshot.ts';
import type { Action, Address, ChainReader, Change, ContractState, FieldValue, Hex, State } from '../../src/types.ts';
import { startAnvil } from '../support/anvil.ts';
import { deploy } from '../support/deploy.ts';
import { startHardhat } from '../support/hardhat.ts';
import { type NodeCalls, nodeCalls } from '../support/node-calls.ts';
import { type RpcProxy, startRpcProxy } from '../support/rpc-proxy.ts';

export type World = {
  url: string;
  deployment: Deployment;
  kinds: Kinds;
  /** Every contract that a kind fits. */
  refs: readonly ContractRef[];
  ref(name: ContractName, more?: Partial<ContractRef>): ContractRef;
  proxy: RpcProxy;
  node: NodeCalls;
  /** Calls a function of one of the contracts, from its owner's key unless `from` is given. */
  act(on: ContractName, fn: string, args?: readonly unknown[], from?: Address): Promise<{ hash: Hex; block: bigint }>;
  /** A reader through the proxy, closed at the end. */
  reader(options?: Partial<ConnectOptions>): ChainReader;
  /** A snapshot by a fresh reader. */
  read(options?: Partial<SnapshotInput>): Promise<State>;
  stop(): Promise<void>;
};

const modules: ReadonlySet<string> = new Set([
  'JobRegistry',
  'ValidationModule',
  'DisputeModule',
  'PlatformRegistry',
  'ReputationEngine',
  'ArbitratorCommittee',
]);

export const local = { name: 'local', chainId: 31337n, production: false, finality: 'latest' } as const;

/** SIDE EFFECTS: a chain (Anvil unless told otherwise) and a proxy, until `stop`. */
export async function startWorld(options: { variant?: Variant; flavour?: 'anvil' | 'hardhat' } = {}): Promise<World> {
  const chain = options.flavour === 'hardhat' ? await startHardhat() : await startAnvil();
  const deployment = await deploy({ url: chain.url, ...(options.variant === undefined ? {} : { variant: options.variant }) });
  const node = await nodeCalls(chain.url, options.flavour);
  const proxy = await startRpcProxy(chain.url);
  const kinds = loadKinds();
  const readers: ChainReader[] = [];
  const ref = (name: ContractName, more: Partial<ContractRef> = {}): ContractRef => ({ ...refOf(deployment, name), ...more });
  const refs = (Object.keys(deployment.manifest) as ContractName[]).map((name) => ref(name)).filter(({ kind }) => kinds.has(kind));

  function reader(more: Partial<ConnectOptions> = {}): ChainReader {
    const opened = connect({ urls: [proxy.url], backOffMs: 5, ...more });
    readers.push(opened);
    return opened;
  }

  return {
    url: chain.url,
    deployment,
    kinds,
    refs,
    ref,
    proxy,
    node,
    reader,
    act: (on, fn, args = [], from = deployment.accounts.owner.address) =>
      node.send(deployment.addresses[on], new Interface(deployment.abis[on]).encodeFunctionData(fn, args), from),
    read: (more = {}) => snapshot({ chain: reader(), kinds, environment: local, contracts: refs, ...more }),
    async stop() {
      for (const opened of readers) opened.close();
      await proxy.stop();
      await chain.stop();
    },
  };
}

function refOf(deployment: Deployment, name: ContractName): ContractRef {
  const { kind, address, fromBlock } = deployment.manifest[name];
  return { name, kind: modules.has(kind) ? 'PausableModule' : kind === 'RoleBook' ? 'AccessControl' : kind, address, fromBlock };
}

export function contractIn(state: State, name: string): ContractState {
  const found = state.contracts.find((contract) => contract.name === name);
  if (found === undefined) throw new Error(`${name} was not read`);
  return found;
}

/** The value at `contract.path`; undefined where it is absent. */
export function valueIn(state: State, contract: string, path: string): FieldValue | undefined {
  return contractIn(state, contract).fields.get(path)?.value;
}

export function scalar(value: bigint | boolean | string): FieldValue {
  return { type: 'scalar', value };
}

/** `contract.path` of every field that could not be read. */
export function unknownPaths(state: State): string[] {
  return state.contracts.flatMap((contract) =>
    [...contract.fields.values()].filter(({ value }) => value.type === 'unknown').map(({ path }) => `${contract.name}.${path}`),
  );
}

export type Wanted = { to: FieldValue | null; member?: Address; action?: Action };

/** A change of one value to `to`, with the risk that its kind says. `place` is `contract.path`. */
export function changeOf(kinds: Kinds, state: State, place: string, { to, member, action = 'set' }: Wanted): Change {
  const dot = place.indexOf('.');
  const [contract, field] = [place.slice(0, dot), place.slice(dot + 1)];
  const { kind, address } = contractIn(state, contract);
  const found = kinds.get(kind)?.fields.get(field.split('.')[0] ?? field);
  if (found === undefined) throw new Error(`${kind} has no ${field}`);
  const from = member === undefined ? (valueIn(state, contract, field) ?? null) : scalar(false);
  const id = `${place}${member === undefined ? '' : `[${member}]`}`;
  return {
    id,
    contract,
    kind,
    address,
    field,
    action,
    from,
    to,
    unit: found.unit,
    risk: riskOf(found, action, from, to),
    ...(member === undefined ? {} : { member }),
  };
}
