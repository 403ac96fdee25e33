// kill -9 of mooring rotate --compromised from its broadcast on: started again, the account is revoked, by one transaction.
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Desk, makeDesk } from '../support/cli.ts';
import { environmentName, type FieldWorld, startFieldWorld } from '../support/field-world.ts';
import { killAt, rawsOf } from '../support/kill-at.ts';

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

test.each([
  [0, false],
  [0, true],
  [1, true],
  [2, true],
])('(%i requests after the broadcast, the chain has the last: %s)', async (later, delivered) => {
  await killAt(world, { desk, line, later, delivered });
  const said = await desk.run(line);
  expect(said.stderr).not.toContain('INTERNAL');
  expect(said.stdout).toMatch(/Revoked at once|revoked already/);
  expect(await world.read({ on: 'arena', call: 'orchestrators', args: ['orchestrator-a'] })).toBe(false);
  expect((await world.sent()).taken).toBe(1);
  expect(new Set(rawsOf(world)).size).toBe(1);
  expect((await desk.run(line)).stdout).toContain('revoked already');
  expect((await world.sent()).taken).toBe(1);
});
