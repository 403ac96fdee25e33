// Revoking at once: a plan that would do anything else than what was asked for is not signed.
import { afterAll, expect, test } from 'vitest';
import type { Context } from '../../src/cli/command.ts';
import { openEnvironment } from '../../src/cli/open.ts';
import { revokeNow } from '../../src/cli/rotate/revoke-now.ts';
import type { Kind } from '../../src/kinds/kind.ts';
import { environmentName, startFieldWorld } from '../support/field-world.ts';

const world = await startFieldWorld({ variant: 'governed' });
const desk = world.desk();
afterAll(async () => {
  desk.remove();
  await world.stop();
});

test('the signer signs the revocations that it was made for, and no other step of the plan', async () => {
  const context: Context = { cwd: desk.root, env: desk.env, stdout: () => {}, stderr: () => {}, ask: null, now: Date.now, colour: false };
  const opened = openEnvironment(context, { env: environmentName });
  const arena = opened.kinds.get('SelfPlayArena') as Kind;
  const account = world.addresses['orchestrator-a'] ?? '';
  const revoke = (kind: Kind) => {
    const revocation = { contract: 'arena', kind, address: world.addresses['arena'] ?? '', path: 'orchestrators', account };
    return revokeNow({ opened, context, revocations: [revocation], reason: 'leaked', log: () => {} });
  };
  const isIn = () => world.read({ on: 'arena', call: 'orchestrators', args: [account] });
  try {
    // The plan has its step all the same; the guard knows of no call that revokes.
    expect(await revoke({ ...arena, setters: [] })).toMatchObject({
      outcome: 'sent',
      result: { outcome: 'stopped', findings: [{ code: 'NOT_A_REVOCATION' }, { code: 'STEP_NOT_TRIED' }] },
    });
    expect([await isIn(), (await world.sent()).taken]).toEqual([true, 0]);
    expect(await revoke(arena)).toMatchObject({ outcome: 'sent', result: { outcome: 'done' } });
    expect([await isIn(), (await world.sent()).taken]).toEqual([false, 1]);
  } finally {
    opened.close();
  }
});
