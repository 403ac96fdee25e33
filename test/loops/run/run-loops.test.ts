// Loops on their schedules: one's trouble is no other's, and a stop ends all of them in order.
import { expect, test } from 'vitest';
import type { Loop, Meters } from '../../../src/cli/loops/loop.ts';
import { runLoops } from '../../../src/cli/loops/run-loops.ts';
import { MooringError } from '../../../src/errors.ts';

type Told = { counted: string[]; said: string[]; meters: Meters; log(message: string): void };

function listen(): Told {
  const [counted, said]: [string[], string[]] = [[], []];
  const meters: Meters = { set: () => {}, add: (name, labels = {}) => void counted.push([name, ...Object.values(labels)].join(' ')) };
  return { counted, said, meters, log: (message) => void said.push(message) };
}

function loop(name: Loop['name'], turn: Loop['turn'], closed: string[] = []): Loop {
  return { name, every: 0, turn, close: async () => void closed.push(name) };
}

test('a turn that fails is told, counted, and followed by the next; the other loop goes on', async () => {
  const told = listen();
  const turns: string[] = [];
  const closed: string[] = [];
  const bad = loop('thermostat', async () => Promise.reject(new MooringError('RPC_UNAVAILABLE', 'nobody there', { fix: 'wait' })), closed);
  const good = loop('drift', async () => void turns.push('drift'), closed);
  const { failed } = await runLoops([bad, good], { ...told, signal: new AbortController().signal, turns: 3, now: Date.now });
  expect(failed).toBe(3);
  expect(turns).toHaveLength(3);
  expect(told.counted.filter((one) => one === 'turns_total thermostat failed')).toHaveLength(3);
  expect(told.counted).toContain('rpc_errors_total');
  expect(told.said[0]).toContain('RPC_UNAVAILABLE nobody there (wait)');
  expect(closed.sort()).toEqual(['drift', 'thermostat']);
});

test('a stop waits for the turn that is under way, begins no other, and closes', async () => {
  const told = listen();
  const stop = new AbortController();
  const seen: string[] = [];
  const slow = loop(
    'sentinel',
    async (signal) => {
      seen.push('began');
      stop.abort();
      await Promise.resolve();
      seen.push(`ended, told ${signal.aborted}`);
    },
    seen,
  );
  await runLoops([slow], { ...told, signal: stop.signal, now: Date.now });
  expect(seen).toEqual(['began', 'ended, told true', 'sentinel']);
});

test('turns of one loop never overlap', async () => {
  const told = listen();
  let under = 0;
  let most = 0;
  const one = loop('drift', async () => {
    under += 1;
    most = Math.max(most, under);
    await new Promise((resolve) => setImmediate(resolve));
    under -= 1;
  });
  await runLoops([one], { ...told, signal: new AbortController().signal, turns: 20, now: Date.now });
  expect(most).toBe(1);
});
