// Eight applies at once, one of them stopped between its record and its broadcast: nothing twice, nothing outdated.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { buildPackage } from '../../scripts/build.ts';
import { id } from '../../src/kinds/keccak.ts';
import type { Log } from '../../src/types.ts';
import { environmentName, type FieldWorld, startFieldWorld } from '../support/field-world.ts';
import { type Applier, type Crowd, gather, stopBeforeNode, stopBehindRecord } from './appliers-world.ts';

const bundle = join(import.meta.dirname, '../../.toolchain', `appliers-${process.pid}`);
/** Each of the four cases twice, or fifty times. */
const rounds = process.env['MOORING_FULL'] === '1' ? 200 : 8;
/** Eight processes on two cores: what hangs is found all the same. */
const patience = 180_000;

let field: FieldWorld;
let crowd: Crowd;
let mining: { stop(): Promise<void> } | undefined;

beforeAll(async () => {
  [field] = await Promise.all([startFieldWorld({ variant: 'governed' }), buildPackage(bundle)]);
});
afterAll(async () => {
  await field?.stop();
  rmSync(bundle, { recursive: true, force: true });
});
beforeEach(async () => {
  await field.reset();
  crowd = await gather(field, join(bundle, 'main.js'));
});
afterEach(async () => {
  field.proxy.hooks = {};
  await mining?.stop();
  await crowd?.end();
});

/** How often the splits were set since the import, by whomever. */
async function timesSet(): Promise<number> {
  const filter = { address: field.addresses['arena'], topics: [id('RewardSplitsUpdated(uint16,uint16,uint16)')], fromBlock: '0x39', toBlock: 'latest' };
  return (await field.node.ask<Log[]>('eth_getLogs', [filter])).length;
}

const share = (): Promise<unknown> => field.read({ on: 'arena', call: 'teacherRewardSplitBps' });

/** Blocks come as on a real chain, and not only with transactions: what is waited for in blocks is. */
function goOnMining(): { stop(): Promise<void> } {
  const stop = new AbortController();
  const done = (async () => {
    while (!stop.signal.aborted) {
      await field.node.mine();
      await pause(250, undefined, { signal: stop.signal }).catch(() => {});
    }
  })();
  mining = {
    stop() {
      stop.abort();
      return done;
    },
  };
  return mining;
}

type Where = 'behind its record' | 'behind its last look';

function stopOne(where: Where, appliers: () => readonly Applier[]): { stopped: Promise<Applier>; release(): void } {
  return where === 'behind its record' ? { stopped: stopBehindRecord(crowd, appliers), release: () => {} } : stopBeforeNode(field, appliers);
}

const cases = Array.from({ length: rounds }, (_item, i) => ({
  round: i + 1,
  where: (i % 2 === 0 ? 'behind its record' : 'behind its last look') satisfies Where as Where,
  outdated: i % 4 >= 2,
}));

test.each(cases)(
  'round $round: one is stopped $where, outdated meanwhile: $outdated',
  async ({ where, outdated }) => {
    let appliers: readonly Applier[] = [];
    const { stopped, release } = stopOne(where, () => appliers);
    appliers = crowd.start(8);
    const sleeper = await stopped;
    const chain = goOnMining();
    // The approved plan starts from 50 %: it is worth nothing any more.
    if (outdated) await field.byHand({ on: 'arena', call: 'setRewardSplits', args: [5500n, 2500n, 2000n] });
    const others = await Promise.all(appliers.filter((applier) => applier !== sleeper).map(({ ended }) => ended));
    release();
    sleeper.child.kill('SIGCONT');
    const late = await sleeper.ended;
    await chain.stop();
    const told = [...others, late].map(({ name, exit, said }) => `${name} ${exit}: ${said}`).join('\n');
    expect(await share(), told).toBe(outdated ? 5500n : 6000n);
    expect(await timesSet(), told).toBe(1);
    expect(late.exit, told).not.toBe(0);
    // Whoever took over has settled all that was recorded, and the journal is whole for a machine that has never seen it.
    const status = await crowd.fresh(`status --env ${environmentName} --format json`);
    expect(status.exit, status.stderr).toBe(0);
    const { runs } = JSON.parse(status.stdout) as { runs: { outcome: string | null }[] };
    expect(runs.map(({ outcome }) => outcome)).not.toContain(null);
  },
  patience,
);
