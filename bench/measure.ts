// Runs whole processes in turn and compares them pair by pair: these numbers hold on a machine whose speed drifts.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Program = { argv: readonly string[]; env?: Readonly<Record<string, string>>; exits?: readonly number[] };

/** Wall milliseconds of one run, from spawn to exit. Throws where the exit code isn't an expected one. */
export async function runOnce({ argv, env = {}, exits = [0] }: Program): Promise<{ milliseconds: number; output: string }> {
  const chunks: Buffer[] = [];
  const started = performance.now();
  const child = spawn(process.execPath, argv, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  const milliseconds = performance.now() - started;
  const output = Buffer.concat(chunks).toString();
  if (code === null || !exits.includes(code)) throw new Error(`${argv.join(' ')} ended with ${code}:\n${output}`);
  return { milliseconds, output };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

export type Pair = { program: number; floor: number; ratio: number };

/** Medians in milliseconds, and the median of the ratios of neighbouring runs; one warm-up of each. */
export async function compare(program: Program, floor: Program, runs: number): Promise<Pair> {
  await runOnce(program);
  await runOnce(floor);
  const pairs: { program: number; floor: number }[] = [];
  for (let run = 0; run < runs; run++) pairs.push({ program: (await runOnce(program)).milliseconds, floor: (await runOnce(floor)).milliseconds });
  return {
    program: median(pairs.map((pair) => pair.program)),
    floor: median(pairs.map((pair) => pair.floor)),
    ratio: median(pairs.map((pair) => pair.program / pair.floor)),
  };
}

/** Peak resident memory of one run, in MiB. */
export async function peakMemory(program: Program): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'mooring-memory-'));
  try {
    const hook = join(folder, 'hook.mjs');
    const report = join(folder, 'peak');
    writeFileSync(
      hook,
      `import { writeFileSync } from 'node:fs';\nprocess.on('exit', () => writeFileSync(${JSON.stringify(report)}, String(process.resourceUsage().maxRSS)));\n`,
    );
    await runOnce({ ...program, argv: ['--import', hook, ...program.argv] });
    return Number(readFileSync(report, 'utf8')) / 1024;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
