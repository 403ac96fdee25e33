// kill -9 of mooring incident pause at each of its requests, before the chain has it and after: started again, it pauses
// everything, with no transaction more than an undisturbed one.
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Desk, makeDesk } from '../support/cli.ts';
import { environmentName, type FieldWorld, startFieldWorld } from '../support/field-world.ts';
import type { Exchange, Fault } from '../support/rpc-proxy.ts';

const line = `incident pause --env ${environmentName} --components arena,stake-manager`;

let world: FieldWorld;
let desk: Desk;

beforeAll(async () => {
  world = await startFieldWorld({ variant: 'governed' });
});
afterAll(() => world.stop());
beforeEach(() => {
  // The owner pauses one directly and one through SystemPause: two transactions.
  desk = makeDesk(world.files, world.env);
});
afterEach(async () => {
  desk.remove();
  await world.reset();
});

const raws = (): string[] =>
  world.proxy.exchanges.flatMap(({ calls }) => calls.flatMap(({ method, params }) => (method === 'eth_sendRawTransaction' ? [String(params[0])] : [])));

async function expectPaused(): Promise<void> {
  const said = await desk.run(line);
  expect(said).toMatchObject({ exit: 0, stderr: expect.not.stringContaining('INTERNAL') });
  expect([await world.read({ on: 'arena', call: 'paused' }), await world.read({ on: 'stakeManager', call: 'paused' })]).toEqual([true, true]);
  expect((await world.sent()).taken).toBe(2);
  expect(new Set(raws()).size).toBe(2);
}

/** Kills a process at its `nth` request; with `delivered`, the chain has got that. False where it came to its end before. */
async function killAt(nth: number, delivered: boolean): Promise<boolean> {
  world.proxy.reset();
  const reached = Promise.withResolvers<boolean>();
  world.proxy.hooks = {
    async before(exchange): Promise<Fault | undefined> {
      if (world.proxy.exchanges.indexOf(exchange) + 1 < nth) return undefined;
      if (delivered) await forward(exchange);
      reached.resolve(true);
      return 'hang';
    },
  };
  const started = desk.spawn(line);
  const was = await Promise.race([reached.promise, started.said.then(() => false)]);
  started.kill();
  await started.said;
  world.proxy.hooks = {};
  return was;
}

async function forward({ calls }: Exchange): Promise<void> {
  await fetch(world.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(calls.map((call) => ({ jsonrpc: '2.0', ...call }))),
  });
}

test.each([[false], [true]])('(the chain has the request: %s)', async (delivered) => {
  let nth = 1;
  for (; await killAt(nth, delivered); nth++) {
    await expectPaused();
    desk.remove();
    desk = makeDesk(world.files, world.env);
    await world.reset();
  }
  // Readings, trials, the broadcast and the looks after it.
  expect(nth).toBeGreaterThan(6);
});
