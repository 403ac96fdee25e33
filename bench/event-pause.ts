// From an event to the pause: POST /v1/events at a sentinel that watches, until the chain says that the arena is paused.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { environmentName, type FieldWorld, folder, startFieldWorld } from '../test/support/field-world.ts';
import type { Figure } from './apply-group.ts';
import { median } from './measure.ts';

const limitMs = 5_000;
const keyVariable = 'MOORING_BENCH_GUARDIAN_KEY';
const secret = 'a secret of the bench, long enough';

/** `floorFile`: the pause's floor, built by `pauseTime`. SIDE EFFECTS: a chain and processes, until it returns. */
export async function eventToPause({ bin, floorFile, runs }: { bin: string; floorFile: string; runs: number }): Promise<Figure[]> {
  const world = await startFieldWorld({ variant: 'governed', on: 'hardhat' });
  try {
    const pairs: { program: number; floor: number }[] = [];
    for (let run = 0; run <= runs; run++) {
      const pair = { program: await pauseByEvent(world, bin), floor: await pauseByFloor(world, floorFile) };
      if (run > 0) pairs.push(pair);
    }
    const [program, floor] = [median(pairs.map((pair) => pair.program)), median(pairs.map((pair) => pair.floor))];
    const ratio = median(pairs.map((pair) => pair.program / pair.floor));
    const words = `${program.toFixed(0)} ms, ${ratio.toFixed(1)} × (floor ${floor.toFixed(0)} ms)`;
    return [['event to paused on chain, sentinel watch', words, '≤ 5000 ms', program <= limitMs]];
  } finally {
    await world.stop();
  }
}

async function pauseByEvent(world: FieldWorld, bin: string): Promise<number> {
  await world.reset();
  const desk = world.desk();
  const [settings, policy] = [`${folder}/environment.yaml`, `${folder}/policy.yaml`];
  desk.write(settings, desk.read(settings).replace(/signers:\n(?: .*\n)+/, `signers:\n  guardian: { key: { env: ${keyVariable} } }\n`));
  desk.write(policy, `${desk.read(policy)}loops: { sentinel: { pauseSigner: guardian } }\n`);
  desk.write(`${folder}/loops/sentinel.yaml`, 'apiVersion: mooring/v1\nkind: Sentinel\nbudgetCap: 100\n');
  const env = { ...process.env, [keyVariable]: world.deployment.accounts.guardian.privateKey, SENTINEL_SECRET: secret };
  const argv = [bin, 'sentinel', 'watch', '--env', environmentName, '--root', desk.root, '--listen', '127.0.0.1:0'];
  const child = spawn(process.execPath, argv, { env, cwd: desk.root, stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = once(child, 'close');
  try {
    const [line] = (await Promise.race([once(createInterface({ input: child.stdout }), 'line'), ended])) as [unknown];
    const url = /http:\/\/\S+\/v1\/events/.exec(String(line))?.[0];
    if (url === undefined) throw new Error(`sentinel watch does not listen: ${String(line)}`);
    const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json', 'idempotency-key': 'spent' };
    const started = performance.now();
    await fetch(url, { method: 'POST', headers, body: JSON.stringify({ type: 'expansion', cost: 120 }) });
    return await untilPaused(world, started);
  } finally {
    child.kill('SIGKILL');
    await ended;
    desk.remove();
  }
}

async function pauseByFloor(world: FieldWorld, floorFile: string): Promise<number> {
  await world.reset();
  const { accounts, addresses } = world.deployment;
  const data = world.encode({ on: 'pauseGuard', call: 'pause', args: [[addresses.arena]] });
  const started = performance.now();
  const env = { ...process.env, FLOOR_KEY: accounts.guardian.privateKey };
  const child = spawn(process.execPath, [floorFile, world.proxy.url, addresses.pauseGuard, data], { env, stdio: 'ignore' });
  const ended = once(child, 'close');
  const spent = await untilPaused(world, started);
  await ended;
  return spent;
}

/** Milliseconds since `started`. Throws where nothing is paused within a time that no figure may have. */
async function untilPaused(world: FieldWorld, started: number): Promise<number> {
  while ((await world.read({ on: 'arena', call: 'paused' })) !== true)
    if (performance.now() - started > 4 * limitMs) throw new Error('the arena is not paused');
  return performance.now() - started;
}
