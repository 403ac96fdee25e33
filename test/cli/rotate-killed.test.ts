// kill -9 of mooring rotate --compromised from its broadcast on: started again, the account is revoked, by one transaction.
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Desk, makeDesk } from '../support/cli.ts';
import { environmentName, type FieldWorld, startFieldWorld } from '../support/field-world.ts';
import type { Exchange, Fault } from '../support/rpc-proxy.ts';

const line = `rotate --env ${environmentName} --role orchestrators --old orchestrator-a --new orchestrator-c --compromised --reason leaked`;

let world: FieldWorld;
let desk: Desk;

beforeAll(async () => {
  world = await startFieldWorld({ variant: 'governed' });
});
afterAll(() => world.stop());
beforeEach(() => {
  // No clone: what comes after the revocation, the pull request, is not to be had.
  desk = makeDesk(world.files, world.env);
});
afterEach(async () => {
  desk.remove();
  await world.reset();
});

const isBroadcast = ({ calls }: Exchange): boolean => calls.some(({ method }) => method === 'eth_sendRawTransaction');
const raws = (): string[] =>
  world.proxy.exchanges.flatMap(({ calls }) => calls.flatMap(({ method, params }) => (method === 'eth_sendRawTransaction' ? [String(params[0])] : [])));

/** Kills it `later` requests after its broadcast; with `delivered`, the chain has got that one. */
async function killAt(later: number, delivered: boolean): Promise<void> {
  const reached = Promise.withResolvers<void>();
  world.proxy.hooks = {
    async before(exchange): Promise<Fault | undefined> {
      const sent = world.proxy.exchanges.findIndex(isBroadcast);
      if (sent < 0 || world.proxy.exchanges.indexOf(exchange) < sent + later) return undefined;
      if (delivered) await forward(exchange);
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

async function forward({ calls }: Exchange): Promise<void> {
  const body = JSON.stringify(calls.map((call) => ({ jsonrpc: '2.0', ...call })));
  await fetch(world.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
}

test.each([
  [0, false],
  [0, true],
  [1, true],
  [2, true],
])('(%i requests after the broadcast, the chain has the last: %s)', async (later, delivered) => {
  await killAt(later, delivered);
  const said = await desk.run(line);
  expect(said.stderr).not.toContain('INTERNAL');
  expect(said.stdout).toMatch(/Revoked at once|revoked already/);
  expect(await world.read({ on: 'arena', call: 'orchestrators', args: ['orchestrator-a'] })).toBe(false);
  expect((await world.sent()).taken).toBe(1);
  expect(new Set(raws()).size).toBe(1);
  expect((await desk.run(line)).stdout).toContain('revoked already');
  expect((await world.sent()).taken).toBe(1);
});
