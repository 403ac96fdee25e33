// A run that dies at any write of its files, before or after it: gone on with, everything is done and counted once.
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { one } from '../../scripts/deployment/contract-list.ts';
import { openRoundFiles } from '../../src/arena/round-files.ts';
import { runRounds } from '../../src/arena/run-rounds.ts';
import { moderationOf } from '../../src/arena/verdict.ts';
import { openArena } from '../../src/cli/arena/open-arena.ts';
import { put } from '../../src/cli/arena/place.ts';
import { openSender } from '../../src/cli/arena/sender.ts';
import type { Context } from '../../src/cli/command.ts';
import { loadSigner } from '../../src/cli/secrets/signers.ts';
import { openFileStore } from '../../src/journal/file-store.ts';
import type { SignerRef } from '../../src/types.ts';
import type { Desk } from '../support/cli.ts';
import { environmentName } from '../support/field-world.ts';
import { board, type Stage, startStage } from './stage.ts';

const rules = 'moderation: { subjects: [collusion] }\nslash: { amount: "5 AGIALPHA", maxPerRun: "5 AGIALPHA", recipient: treasury }\nstudentsPerRound: 2\n';

class Death extends Error {}

let stage: Stage;
let desk: Desk;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage?.stop());
beforeEach(() => {
  desk = stage.desk(rules);
});
afterEach(async () => {
  desk.remove();
  await stage.reset();
});

/** Runs two rounds, and dies at the nth write. Returns how many writes there were, and whether it came to its end. */
async function runUntil(nth: number, when: 'before' | 'after'): Promise<{ writes: number; ended: boolean }> {
  const silent = (): void => {};
  const context: Context = { cwd: desk.root, env: desk.env, stdout: silent, stderr: silent, ask: null, now: Date.now, colour: false };
  const { opened, loaded, arena, targets, place } = openArena(context, { env: environmentName });
  const { chain, desired, kinds, root } = opened;
  let writes = 0;
  const files = openRoundFiles(place.folder, (file, text) => {
    writes++;
    if (writes === nth && when === 'before') throw new Death();
    put(file, text);
    if (writes === nth) throw new Death();
  });
  const [ref] = desired.environment.signers as [SignerRef];
  const signer = await loadSigner(ref, root, context);
  const { environment, state } = desired;
  const common = { chain, kinds, environment, signer, contracts: state.contracts, names: new Map(), log: silent, now: Date.now };
  const sender = await openSender({ ...common, journal: openFileStore(`${root}/journal`), wanted: async () => true });
  const { settings } = loaded;
  const judge = async () => ({
    scores: new Map([...settings.agents, ...settings.validators].map(({ address }) => [address.toLowerCase(), address === stage.of('student') ? 0.9 : 0.2])),
    subjects: new Map([[stage.of('validator').toLowerCase(), ['collusion']]]),
  });
  const ports = { chain, chainId: environment.chainId, targets, fromBlock: arena.fromBlock, sender, settings, policy: moderationOf(settings), files, judge };
  try {
    await runRounds({ ...ports, notify: async () => {}, print: silent, now: Date.now }, { seed: 's', rounds: 2 });
    return { writes, ended: true };
  } catch (error) {
    if (!(error instanceof Death)) throw error;
    return { writes, ended: false };
  } finally {
    await sender.close();
    opened.close();
  }
}

async function standing(): Promise<unknown> {
  const { world, of } = stage;
  const scores = board(desk);
  const counts = ['student', 'stranger', 'validator'].map((name) => [
    scores[of(name)]?.wins ?? 0,
    scores[of(name)]?.losses ?? 0,
    scores[of(name)]?.slashes ?? 0,
  ]);
  const rounds = await world.read({ on: 'arena', call: 'totalRounds' });
  const stake = await world.read({ on: 'stakeManager', call: 'stakes', args: ['validator', 1n] });
  return { counts, rounds, stake, paid: await world.read({ on: 'token', call: 'balanceOf', args: ['teacher'] }) };
}

const right = {
  counts: [
    [2, 0, 0],
    [0, 0, 0],
    [0, 0, 1],
  ],
  rounds: 2n,
  stake: 95n * one,
  paid: 100n * one,
};

test.each(['before', 'after'] as const)(
  'at any write, %s it',
  async (when) => {
    const whole = await runUntil(0, when);
    expect([whole.ended, await standing()]).toEqual([true, right]);
    const every = process.env['MOORING_FULL'] === '1' ? 1 : 9;
    for (let nth = when === 'before' ? 1 : 2; nth <= whole.writes; nth += every) {
      desk.remove();
      desk = stage.desk(rules);
      await stage.reset();
      expect((await runUntil(nth, when)).ended, `write ${nth}`).toBe(false);
      expect((await runUntil(0, when)).ended).toBe(true);
      expect(await standing(), `write ${nth}`).toEqual(right);
    }
  },
  300_000,
);
