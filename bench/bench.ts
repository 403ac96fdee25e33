// `npm run bench`: whole commands against floors measured in the same run. Prints a table, writes .mooring/bench.json.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { buildPackage } from '../scripts/build.ts';
import { startRpcProxy } from '../test/support/rpc-proxy.ts';
import { applyGroup } from './apply-group.ts';
import { eventToPause } from './event-pause.ts';
import { compare, type Pair, type Program, peakMemory, runOnce } from './measure.ts';
import { memberSet } from './member-set.ts';
import { pauseTime } from './pause-time.ts';
import { keyVariable, makeWorld, ownerKey, type World } from './world.ts';

type Row = { what: string; measured: string; target: string; met: boolean | null };

const project = join(import.meta.dirname, '..');
const quick = process.argv.includes('--quick');
const runs = quick ? 3 : 9;
const bin = join(project, 'bin', 'mooring.mjs');
const floorFile = join(project, '.mooring', 'bench-floor.mjs');
const rows: Row[] = [];

function report(what: string, measured: string, target = '', met: boolean | null = null): void {
  rows.push({ what, measured, target, met });
  console.log(`${what.padEnd(66)} ${measured.padEnd(34)} ${target}${met === null ? '' : met ? '  ok' : '  MISSED'}`);
}

function plan(world: World, ...more: string[]): Program {
  return { argv: [bin, 'plan', '--env', 'bench', '--root', world.root, ...more], env: { [keyVariable]: ownerKey } };
}

function floor(world: World, url: string): Program {
  return { argv: [floorFile, join(world.root, 'desired-state', 'bench', 'contracts'), url] };
}

function words(pair: Pair): string {
  return `${pair.ratio.toFixed(2)} × (${pair.program.toFixed(0)} ms / ${pair.floor.toFixed(0)} ms)`;
}

const requestTargets: Readonly<Record<number, number>> = { 1000: 4, 10000: 12 };

async function benchFields(fields: number): Promise<void> {
  const world = await makeWorld(fields);
  const proxy = await startRpcProxy(world.anvil.url);
  try {
    world.pointTo(proxy.url);
    for (const delayMs of [0, 50]) {
      proxy.hooks.delayMs = delayMs;
      const pair = await compare(plan(world, '--proof', 'never'), floor(world, proxy.url), runs);
      report(
        `plan without proof, ${fields} fields, ${delayMs} ms latency`,
        words(pair),
        fields === 1_000 ? '≤ 2.0 × floor' : '',
        fields === 1_000 ? pair.ratio <= 2 : null,
      );
    }
    proxy.hooks.delayMs = 0;
    await countRequests(world, proxy, fields);
    if (fields === 1_000) await benchThousand(world, proxy);
  } finally {
    await proxy.stop();
    await world.stop();
  }
}

type Proxy = Awaited<ReturnType<typeof startRpcProxy>>;

async function countRequests(world: World, proxy: Proxy, fields: number): Promise<void> {
  proxy.reset();
  await runOnce(plan(world, '--proof', 'never'));
  const most = requestTargets[fields];
  report(
    `HTTP requests, ${fields} fields`,
    String(proxy.exchanges.length),
    most === undefined ? '' : `≤ ${most}`,
    most === undefined ? null : proxy.exchanges.length <= most,
  );
  if (fields === 1_000) report('eth_chainId in a run', String(proxy.count('eth_chainId')), '1', proxy.count('eth_chainId') === 1);
  if (fields === 10_000) {
    proxy.reset();
    proxy.hooks.perSecond = 100;
    await runOnce(plan(world, '--proof', 'never'));
    report('answers 429 under a limit of 100 requests a second', String(proxy.refused()), '0', proxy.refused() === 0);
    delete proxy.hooks.perSecond;
  }
}

async function benchThousand(world: World, proxy: Proxy): Promise<void> {
  const memory = await peakMemory(plan(world, '--proof', 'never'));
  report('peak memory, 1000 fields', `${memory.toFixed(0)} MiB`, '≤ 130 MiB', memory <= 130);
  const bare = await compare(floor(world, proxy.url), { argv: ['-e', '0'] }, runs);
  report('the floor itself, 1000 fields, against node -e 0', words(bare));
  world.change(20, 1n);
  for (const delayMs of [0, 50]) {
    proxy.hooks.delayMs = delayMs;
    const pair = await compare(plan(world), floor(world, proxy.url), runs);
    report(`plan of 20 changes with proof, 1000 fields, ${delayMs} ms latency`, words(pair), '≤ 3.0 × floor', pair.ratio <= 3);
  }
  proxy.hooks.delayMs = 0;
  const { output } = await runOnce(plan(world));
  report('proof of that plan', /by (\S+) at block/.exec(output)?.[1] ?? 'none', 'simulateV1', output.includes('by simulateV1'));
  world.change(0, 1n);
}

async function benchStart(): Promise<void> {
  const pair = await compare({ argv: [bin, '--version'] }, { argv: ['-e', '0'] }, runs * 2);
  report('mooring --version against node -e 0', words(pair), '≤ 2.0 ×', pair.ratio <= 2);
}

mkdirSync(join(project, '.mooring'), { recursive: true });
await buildPackage();
await build({
  entryPoints: [join(project, 'bench', 'floor.ts')],
  outfile: floorFile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  minify: true,
  banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
});
console.log(`medians of ${runs} pairs of whole processes, in turn; Node ${process.versions.node}\n`);
await benchStart();
for (const fields of quick ? [10, 1_000] : [10, 100, 1_000, 10_000]) await benchFields(fields);
for (const row of await memberSet(bin)) report(...row);
for (const row of await applyGroup(bin)) report(...row);
const pausing = { bin, floorFile: join(project, '.mooring', 'bench-pause-floor.mjs'), runs };
for (const row of await pauseTime(pausing)) report(...row);
for (const row of await eventToPause(pausing)) report(...row);
writeFileSync(join(project, '.mooring', 'bench.json'), `${JSON.stringify({ node: process.versions.node, runs, rows }, null, 2)}\n`);
const missed = rows.filter((row) => row.met === false).length;
console.log(`\n${missed === 0 ? 'all targets met' : `${missed} targets missed`}; figures in .mooring/bench.json`);
process.exitCode = missed === 0 ? 0 : 1;
