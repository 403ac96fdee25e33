// kill -9 of a command, so many requests after its first broadcast.
import type { Desk } from './cli.ts';
import type { FieldWorld } from './field-world.ts';
import type { Exchange, Fault } from './rpc-proxy.ts';

/** `delivered`: the chain has got the request at which it was killed. */
export type KillPoint = { later: number; delivered: boolean };

/** Counts from the last `reset` of the proxy. SIDE EFFECTS: a process of its own. */
export async function killAt(world: FieldWorld, { desk, line, later, delivered }: KillPoint & { desk: Desk; line: string }): Promise<void> {
  const reached = Promise.withResolvers<void>();
  world.proxy.hooks = {
    async before(exchange): Promise<Fault | undefined> {
      const sent = world.proxy.exchanges.findIndex(isBroadcast);
      if (sent < 0 || world.proxy.exchanges.indexOf(exchange) < sent + later) return undefined;
      if (delivered) await forward(world, exchange);
      reached.resolve();
      return 'hang';
    },
  };
  const started = desk.spawn(line);
  await reached.promise;
  started.kill();
  await started.said;
  world.proxy.hooks = {};
}

/** Signed transactions that the product has handed over, in order. */
export function rawsOf({ proxy }: Pick<FieldWorld, 'proxy'>): string[] {
  return proxy.exchanges.flatMap(({ calls }) => calls.flatMap(({ method, params }) => (method === 'eth_sendRawTransaction' ? [String(params[0])] : [])));
}

function isBroadcast({ calls }: Exchange): boolean {
  return calls.some(({ method }) => method === 'eth_sendRawTransaction');
}

async function forward(world: FieldWorld, { calls }: Exchange): Promise<void> {
  const body = JSON.stringify(calls.map((call) => ({ jsonrpc: '2.0', ...call })));
  await fetch(world.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
}
