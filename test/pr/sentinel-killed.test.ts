// `mooring sentinel watch` as a process, killed at any point while events are posted: none is lost, none counts twice, and what
// it decides is paused, proposed and told once.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, expect, test } from 'vitest';
import { readLedger } from '../../src/loops/sentinel/event-store.ts';
import type { Hex } from '../../src/types.ts';
import { type Random, seeded } from '../loops/seeded.ts';
import { folder } from '../support/field-world.ts';
import { usePrWorld } from './use-pr-world.ts';

const project = join(import.meta.dirname, '../..');
const secret = 'correct horse battery staple';
const total = 240;
const kills = process.env['MOORING_FULL'] === '1' ? 20 : 5;
const scene = usePrWorld((files) => {
  files[`${folder}/loops/sentinel.yaml`] =
    `apiVersion: mooring/v1\nkind: Sentinel\nbudgetCap: 160\nbudgetSoftRatio: 0.5\nroiFloor: 0.1\nmonitorIntervalSeconds: 0.1\n`;
  files[`${folder}/environment.yaml`] = `${files[`${folder}/environment.yaml`]}`.replace(
    'signers:\n',
    'signers:\n  guardian: { key: { env: GUARDIAN_KEY } }\n',
  );
  files[`${folder}/policy.yaml`] += 'loops: { sentinel: { pauseSigner: guardian } }\n';
});

type Watch = { url: string; child: ChildProcess; ended: Promise<unknown>; said: () => string };

let running: ChildProcess | null = null;
afterEach(() => void running?.kill('SIGKILL'));

/** Resolves when it listens. */
async function start(): Promise<Watch> {
  const { PATH = '' } = process.env;
  const env = { PATH, HOME: scene.ci.root, XDG_CACHE_HOME: join(scene.ci.root, '.cache'), ...scene.ci.env, SENTINEL_SECRET: secret };
  const args = [join(project, 'bin/mooring.mjs'), 'sentinel', 'watch', '--env', 'field', '--listen', '127.0.0.1:0', '--chain'];
  const child = spawn(process.execPath, args, { cwd: scene.ci.root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  running = child;
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const ended = once(child, 'close');
  const listening = Promise.withResolvers<string>();
  ended.then(() => listening.reject(new Error(`it ended before it listened: ${said}`)));
  createInterface({ input: child.stdout }).on('line', (line) => listening.resolve(/(http:\/\/[^/]+)\/v1\/events/.exec(line)?.[1] ?? ''));
  listening.promise.catch(() => {});
  return { url: await listening.promise, child, ended, said: () => said };
}

/** Posts event `n` until it is known to be on disk, or nobody answers. */
async function post(url: string, n: number): Promise<boolean> {
  const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json', 'idempotency-key': `e-${n}` };
  const body = JSON.stringify({ type: 'evaluation', agent: 'root/a', cost: 1, value: 2 });
  try {
    return (await fetch(`${url}/v1/events`, { method: 'POST', headers, body })).ok;
  } catch {
    return false;
  }
}

/** Posts what is not yet acknowledged, several at a time, until all is or nobody answers; `kill` is asked after each answer. */
async function postAll(url: string, acknowledged: Set<number>, kill: () => void): Promise<void> {
  const left = Array.from({ length: total }, (_, i) => i + 1).filter((n) => !acknowledged.has(n));
  const worker = async (): Promise<void> => {
    for (let n = left.shift(); n !== undefined; n = left.shift()) {
      if (!(await post(url, n))) return;
      acknowledged.add(n);
      kill();
    }
  };
  await Promise.all(Array.from({ length: 4 }, worker));
}

/** Dies after so many answers, or as soon as it sends a pause. */
function deadline(watch: Watch, next: Random, atPause: boolean): () => void {
  let left = 1 + Math.floor(next() * ((total / kills) * 1.5));
  if (atPause)
    scene.field.proxy.hooks = {
      before({ calls }) {
        if (calls.some(({ method }) => method === 'eth_sendRawTransaction')) watch.child.kill('SIGKILL');
        return undefined;
      },
    };
  return () => {
    left -= 1;
    if (left === 0 && !atPause) watch.child.kill('SIGKILL');
  };
}

test('killed at any point it loses no event, and doubles no decision', { timeout: 240_000 }, async () => {
  scene.ci.env['GUARDIAN_KEY'] = scene.field.deployment.accounts.guardian.privateKey;
  const seed = Number(process.env['MOORING_SEED'] ?? Math.floor(Math.random() * 1e9));
  const next = seeded(seed);
  const acknowledged = new Set<number>();
  const nonce = () => scene.field.node.ask<Hex>('eth_getTransactionCount', [scene.field.deployment.accounts.guardian.address, 'latest']).then(Number);
  const before = await nonce();
  for (let round = 0; round < kills; round++) {
    const watch = await start();
    await postAll(watch.url, acknowledged, deadline(watch, next, round === Math.floor(kills / 2)));
    watch.child.kill('SIGKILL');
    await watch.ended;
    scene.field.proxy.hooks = {};
    const counted = readLedger(join(scene.ci.root, '.mooring/field/sentinel'))?.state.evaluations ?? 0;
    expect(counted, `seed ${seed}, round ${round}`).toBeGreaterThanOrEqual(acknowledged.size);
  }
  const watch = await start();
  await postAll(watch.url, acknowledged, () => {});
  watch.child.kill('SIGTERM');
  expect(await watch.ended, watch.said()).toEqual([0, null]);
  const ledger = readLedger(join(scene.ci.root, '.mooring/field/sentinel'));
  expect([acknowledged.size, ledger?.state.evaluations, ledger?.state.totalCost, ledger?.pending], `seed ${seed}`).toEqual([total, total, total, []]);
  expect([await scene.field.read({ on: 'arena', call: 'paused' }), await scene.field.read({ on: 'engineTargets', call: 'paused' })]).toEqual([true, true]);
  // One transaction for each of the two flags, whatever happened in between.
  expect((await nonce()) - before, `seed ${seed}`).toBe(2);
  expect((await scene.github.pulls()).map(({ title }) => title).sort()).toEqual([
    'Pause engine-targets, arena: the budget is spent',
    'Pause engine-targets: the soft part of the budget is spent',
  ]);
});
