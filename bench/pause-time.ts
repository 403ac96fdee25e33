// From the command to the broadcast: `mooring incident pause` on the embedded chain, with all of the RPC and with half of it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { build } from 'esbuild';
import { environmentName, type FieldWorld, folder, startFieldWorld } from '../test/support/field-world.ts';
import { type RpcProxy, startRpcProxy } from '../test/support/rpc-proxy.ts';
import type { Figure } from './apply-group.ts';
import { median, type Program } from './measure.ts';

const limitMs = 5_000;
const keyVariable = 'MOORING_BENCH_GUARDIAN_KEY';

/** `floorFile`: where the floor's bundle is to be written. SIDE EFFECTS: chains, proxies and processes, until it returns. */
export async function pauseTime({ bin, floorFile, runs }: { bin: string; floorFile: string; runs: number }): Promise<Figure[]> {
  await buildFloor(floorFile);
  const world = await startFieldWorld({ variant: 'governed', on: 'hardhat' });
  const dead = await startRpcProxy(world.url);
  try {
    const figures: Figure[] = [];
    for (const [what, rpc] of [
      ['one RPC', [world.proxy.url]],
      ['half of them dead', [dead.url, 'http://127.0.0.1:1', world.proxy.url, world.url]],
    ] as const) {
      const { program, floor, ratio } = await pairs(world, { dead, rpc, bin, floorFile, runs });
      const words = `${program.toFixed(0)} ms, ${ratio.toFixed(1)} × (floor ${floor.toFixed(0)} ms)`;
      figures.push([`incident pause to broadcast, 10 contracts, ${what}`, words, '≤ 5000 ms', program <= limitMs]);
    }
    return figures;
  } finally {
    await dead.stop();
    await world.stop();
  }
}

async function buildFloor(outfile: string): Promise<void> {
  await build({
    entryPoints: [join(import.meta.dirname, 'pause-floor.ts')],
    ...{ outfile, bundle: true, platform: 'node', format: 'esm', target: 'node24', minify: true },
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  });
}

type Pairing = { dead: RpcProxy; rpc: readonly string[]; bin: string; floorFile: string; runs: number };

/** Medians in milliseconds, and that of the ratios of neighbouring runs; one warm-up of each. */
async function pairs(world: FieldWorld, { dead, rpc, bin, floorFile, runs }: Pairing): Promise<{ program: number; floor: number; ratio: number }> {
  const { accounts, addresses } = world.deployment;
  const data = world.encode({ on: 'pauseGuard', call: 'pause', args: [[addresses.arena]] });
  const floor: Program = { argv: [floorFile, world.proxy.url, addresses.pauseGuard, data], env: { FLOOR_KEY: accounts.guardian.privateKey } };
  const found: { program: number; floor: number }[] = [];
  for (let run = 0; run <= runs; run++) {
    const pair = { program: await pauseOnce(world, { dead, rpc, bin }), floor: await untilSent(world, floor) };
    if (run > 0) found.push(pair);
  }
  return {
    program: median(found.map((pair) => pair.program)),
    floor: median(found.map((pair) => pair.floor)),
    ratio: median(found.map((pair) => pair.program / pair.floor)),
  };
}

async function pauseOnce(world: FieldWorld, { dead, rpc, bin }: Pick<Pairing, 'dead' | 'rpc' | 'bin'>): Promise<number> {
  const desk = world.desk();
  const settings = `${folder}/environment.yaml`;
  const declared = desk.read(settings).replace(/rpc: .*/, `rpc: ${JSON.stringify(rpc)}`);
  desk.write(settings, declared.replace(/signers:\n(?: .*\n)+/, `signers:\n  guardian: { key: { env: ${keyVariable} } }\n`));
  dead.hooks = { before: () => 'hang' };
  const argv = [bin, 'incident', 'pause', '--env', environmentName, '--root', desk.root, '--quiet'];
  try {
    return await untilSent(world, { argv, env: { [keyVariable]: world.deployment.accounts.guardian.privateKey } });
  } finally {
    desk.remove();
  }
}

/** Milliseconds from the start of a process to its first broadcast; sees it through, and takes back what it did. */
async function untilSent(world: FieldWorld, { argv, env = {} }: Program): Promise<number> {
  await world.reset();
  const seen = Promise.withResolvers<number>();
  world.proxy.hooks = {
    before({ calls }) {
      if (calls.some(({ method }) => method === 'eth_sendRawTransaction')) seen.resolve(performance.now());
      return undefined;
    },
  };
  const started = performance.now();
  const child = spawn(process.execPath, argv, { env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${code}`);
  if ((await world.read({ on: 'arena', call: 'paused' })) !== true) throw new Error(`${argv.join(' ')} paused nothing`);
  return (await seen.promise) - started;
}
