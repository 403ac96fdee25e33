// Our contracts on an Anvil of their own, for tests that call them as anybody: every address may send.
import { type ErrorFragment, Interface } from 'ethers/abi';
import { artifactOf, loadArtifacts } from '../../scripts/deployment/artifacts.ts';
import type { ContractName } from '../../scripts/deployment/contract-list.ts';
import type { Deployment } from '../../scripts/deployment/deploy.ts';
import type { Variant } from '../../scripts/deployment/initial-state.ts';
import { rpc } from '../../scripts/deployment/sender.ts';
import type { Address, Hex, Log } from '../../src/types.ts';
import { startAnvil } from './anvil.ts';
import { deploy } from './deploy.ts';

export type SeenEvent = { address: Address; name: string; args: Record<string, unknown> };
export type CallWanted = { from: Address; on: ContractName; call: string; args?: readonly unknown[] };

export type Sendable = { from: Address; to?: Address; data: Hex; gas?: Hex };
export type WorldReceipt = { status: Hex; logs: Log[]; contractAddress: Address };

export type ContractWorld = Deployment & {
  /** A getter's value; several values as an array. */
  read(on: ContractName, getter: string, ...args: readonly unknown[]): Promise<unknown>;
  /** Sends and waits; the events in order. Throws with the decoded error when it reverts. */
  send(wanted: CallWanted): Promise<SeenEvent[]>;
  /** Tries without sending: `null` when it would succeed, else the decoded error, as `Name(arguments)`. */
  refusal(wanted: CallWanted): Promise<string | null>;
  /** Decoded result of a call that isn't sent. */
  result(wanted: CallWanted): Promise<unknown>;
  /** Creates a contract as the owner: its address, or the decoded error. `kind` is its Solidity name. */
  create(kind: string, args: readonly unknown[]): Promise<{ address: Address } | { error: string }>;
  /** Remembers the state, and the function goes back to it. */
  snapshot(): Promise<() => Promise<void>>;
  /** Moves the clock by so many seconds. */
  wait(seconds: number): Promise<void>;
  /** Sends, and has the block mined; the receipt, whether it reverted or not. */
  mined(transaction: Sendable): Promise<WorldReceipt>;
  request<T>(method: string, params?: readonly unknown[]): Promise<T>;
  stop(): Promise<void>;
};

/**
 * Starts Anvil, without fees, and deploys to it.
 * SIDE EFFECTS: a child process, until `stop`.
 */
export async function startContractWorld(options: { variant?: Variant } = {}): Promise<ContractWorld> {
  const anvil = await startAnvil({ args: ['--auto-impersonate', '--base-fee', '0'] });
  const deployment = await deploy({ url: anvil.url, ...options });
  const codec = codecOf(deployment);
  const request = <T>(method: string, params: readonly unknown[] = []) => rpc<T>(anvil.url, method, params);
  // Mined when it is said: on a busy machine a node that mines by itself may leave a transaction lying until the next one.
  await request('evm_setAutomine', [false]);

  async function mined(transaction: Sendable): Promise<WorldReceipt> {
    const hash = await request<Hex>('eth_sendTransaction', [{ ...transaction, gasPrice: '0x0' }]);
    await request('evm_mine');
    return request<WorldReceipt>('eth_getTransactionReceipt', [hash]);
  }

  function attempt({ from, on, call, args = [] }: CallWanted): Promise<{ data: Hex } | { error: string }> {
    return tryOut({ from, to: deployment.addresses[on], data: codec.interfaces[on].encodeFunctionData(call, args) });
  }

  async function tryOut(transaction: { from: Address; to?: Address; data: Hex }): Promise<{ data: Hex } | { error: string }> {
    const body = { jsonrpc: '2.0', id: 1, method: 'eth_call', params: [transaction, 'latest'] };
    const response = await fetch(anvil.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    const answer = (await response.json()) as { result: Hex; error?: { data?: Hex } };
    return answer.error ? { error: codec.decodeError(answer.error.data ?? '0x') } : { data: answer.result };
  }

  async function result(wanted: CallWanted): Promise<unknown> {
    const answer = await attempt(wanted);
    if ('error' in answer) throw new Error(`${wanted.on}.${wanted.call}: ${answer.error}`);
    const decoded = codec.interfaces[wanted.on].decodeFunctionResult(wanted.call, answer.data).toArray(true);
    return decoded.length === 1 ? decoded[0] : decoded;
  }

  async function send(wanted: CallWanted): Promise<SeenEvent[]> {
    const answer = await attempt(wanted);
    if ('error' in answer) throw new Error(`${wanted.on}.${wanted.call}: ${answer.error}`);
    const data = codec.interfaces[wanted.on].encodeFunctionData(wanted.call, wanted.args ?? []);
    const receipt = await mined({ from: wanted.from, to: deployment.addresses[wanted.on], data, gas: '0x989680' });
    if (receipt.status !== '0x1') throw new Error(`${wanted.on}.${wanted.call} reverted`);
    return receipt.logs.map((log) => codec.decodeEvent(log));
  }

  async function create(kind: string, args: readonly unknown[]): Promise<{ address: Address } | { error: string }> {
    const { abi, bytecode } = artifactOf(await loadArtifacts(), kind);
    const transaction = { from: deployment.accounts.owner.address, data: bytecode + new Interface(abi).encodeDeploy(args).slice(2) };
    const answer = await tryOut(transaction);
    if ('error' in answer) return answer;
    return { address: (await mined(transaction)).contractAddress };
  }

  return {
    ...deployment,
    create,
    request,
    mined,
    send,
    result,
    read: (on, getter, ...args) => result({ from: deployment.accounts.stranger.address, on, call: getter, args }),
    refusal: async (wanted) => {
      const answer = await attempt(wanted);
      return 'error' in answer ? answer.error : null;
    },
    snapshot: () => takeSnapshot(request),
    wait: async (seconds) => {
      await request('evm_increaseTime', [seconds]);
      await request('evm_mine');
    },
    stop: () => anvil.stop(),
  };
}

/** Data of a call, for what forwards calls. */
export function encodeOn(deployment: Deployment, { on, call, args = [] }: Omit<CallWanted, 'from'>): Hex {
  return new Interface(deployment.abis[on]).encodeFunctionData(call, args);
}

/** Anvil forgets a snapshot when it goes back to it, so each is taken again. */
async function takeSnapshot(request: ContractWorld['request']): Promise<() => Promise<void>> {
  let id = await request<Hex>('evm_snapshot');
  return async () => {
    await request('evm_revert', [id]);
    id = await request<Hex>('evm_snapshot');
  };
}

/** Errors of all contracts are readable wherever they surface, events by the contract that emitted them. */
function codecOf(deployment: Deployment) {
  const names = Object.keys(deployment.abis) as ContractName[];
  const interfaces = Object.fromEntries(names.map((name) => [name, new Interface(deployment.abis[name])])) as Record<ContractName, Interface>;
  const byAddress = new Map(names.map((name) => [deployment.addresses[name].toLowerCase(), interfaces[name]]));
  const errors = new Map<string, { owner: Interface; fragment: ErrorFragment }>();
  for (const owner of Object.values(interfaces)) owner.forEachError((fragment) => errors.set(fragment.selector, { owner, fragment }));

  function decodeError(data: Hex): string {
    if (data === '0x') return 'no data';
    const known = errors.get(data.slice(0, 10));
    const parsed = known ? known.owner.parseError(data) : interfaces.token.parseError(data);
    if (!parsed) return data;
    return `${parsed.name}(${parsed.args.map(String).join(', ')})`;
  }

  function decodeEvent(log: Log): SeenEvent {
    const parsed = byAddress.get(log.address.toLowerCase())?.parseLog(log);
    if (!parsed) throw new Error(`an event that no contract declares: ${log.topics[0]}`);
    return { address: log.address, name: parsed.name, args: parsed.args.toObject() };
  }
  return { interfaces, decodeError, decodeEvent };
}
