// The RPCs of one environment in order of preference: when one can't be reached, the next takes over, once it has shown
// that it serves the same chain. Knows no blocks or contracts.
import { MooringError } from '../errors.ts';
import { failureOf } from './faults.ts';
import { quantity } from './json-shapes.ts';
import type { Answer, RpcNode, RpcRequest, SendOptions } from './node.ts';

export type Route = {
  send(requests: readonly RpcRequest[], options?: SendOptions): Promise<Answer[]>;
  /** The chain that nodes taking over from now on must serve. */
  learn(chainId: bigint): void;
  close(): void;
};

export function openRoute(nodes: readonly RpcNode[]): Route {
  let current = 0;
  let knownId: bigint | undefined;
  const vouched = new Map<number, Promise<void>>();

  async function send(requests: readonly RpcRequest[], options: SendOptions = {}): Promise<Answer[]> {
    const index = current;
    try {
      if (index > 0) await vouch(index);
      return await (nodes[index] as RpcNode).send(requests, options);
    } catch (error) {
      if (!isUnusable(error, options) || index + 1 >= nodes.length) throw error;
      // Another request may have moved on already.
      current = Math.max(current, index + 1);
      return send(requests, options);
    }
  }

  /** A stand-in on another chain would answer everything, wrongly. */
  async function vouch(index: number): Promise<void> {
    if (knownId === undefined) return;
    const pending = vouched.get(index) ?? check(nodes[index] as RpcNode, knownId);
    vouched.set(index, pending);
    await pending;
  }

  async function check(node: RpcNode, expected: bigint): Promise<void> {
    const id = chainIdIn((await node.send([{ method: 'eth_chainId', params: [] }]))[0]);
    if (id !== expected)
      throw new MooringError('RPC_UNAVAILABLE', `${node.label} serves chain ${id}, the RPC before it ${expected}.`, {
        cause: { type: 'denied', detail: `chain ${id}` },
      });
  }

  return {
    send,
    learn: (id) => {
      knownId = id;
    },
    close: () => {
      for (const node of nodes) node.close();
    },
  };
}

/** Whether the next node should be asked. What an impatient caller may ask for in smaller pieces isn't the node's end. */
function isUnusable(error: unknown, options: SendOptions): boolean {
  const failure = failureOf(error);
  if (failure === null) return false;
  const mayShrink = failure.type === 'timeout' || failure.type === 'server' || failure.type === 'dropped' || failure.type === 'malformed';
  return options.patient !== false || !mayShrink;
}

function chainIdIn(answer: Answer | undefined): bigint {
  return quantity(answer !== undefined && 'result' in answer ? answer.result : undefined, 'the chain id');
}
