// The process behind `mooring run`: loops while it leads, and health and metrics all the time.
import { whyText } from '../../render/thermostat-text.ts';
import type { Git } from '../../scm/git.ts';
import { type Context, flag, type Options, text } from '../command.ts';
import { openDeclared, stateFolder } from '../environment/open.ts';
import { type Log, makeLog } from '../log.ts';
import { openWatch, sourcesIn } from '../sentinel-watch.ts';
import { openThermostatWatch } from '../thermostat/watch.ts';
import type { Turned } from '../thermostat/watch-turn.ts';
import { asLeader, type Lead } from './as-leader.ts';
import { driftLoop } from './drift-loop.ts';
import { listenAddress, openHealthServer } from './health-server.ts';
import type { Loop } from './loop.ts';
import { prometheusMeters, type Scraped } from './prometheus-meters.ts';
import { makePulse, type Pulse } from './pulse.ts';
import { runLoops } from './run-loops.ts';
import { bringState, keepState, type StateBranch, stateBranchName } from './state-branch.ts';
import { untilStopped } from './stop-signal.ts';

export type RunAll = { names: readonly Loop['name'][]; health: string; driftMs: number; turns?: number };

type Work = { context: Context; options: Options; log: Log; meters: Scraped; driftMs: number };

/** Resolves when it was told to stop, or all turns are over, to how many failed. SIDE EFFECTS: ports, the network, GitHub, the chain. */
export async function runAll(context: Context, options: Options, { names, health, driftMs, turns }: RunAll): Promise<number> {
  const log = await makeLog(context, options, { structured: true });
  const meters = prometheusMeters();
  const pulse = makePulse(context.now);
  const server = await openHealthServer(listenAddress(health), { pulse, meters });
  log(`health and metrics at port ${server.port}`, { port: server.port, loops: names.join(',') });
  const work: Work = { context, options, log, meters, driftMs };
  let failed = 0;
  try {
    await untilStopped(context, (signal) =>
      asLeader({ context, options, log, meters, loops: names, signal }, async (own, lead) => {
        failed += await leadOn({ ...work, ...lead, names, pulse, own, signal, ...(turns === undefined ? {} : { turns }) });
      }),
    );
    log('stopped');
  } finally {
    await server.close();
  }
  return failed;
}

type Leading = Work & Lead & { names: RunAll['names']; pulse: Pulse; own: AbortSignal; signal: AbortSignal; turns?: number };

/** All loops while this replica leads; without a lease only what is safe to be done twice. Resolves to how many turns failed. */
async function leadOn(leading: Leading): Promise<number> {
  const { names, pulse, own, signal, git, leased, context, meters, log, turns } = leading;
  const state = leased ? stateOf(leading, git) : null;
  if (state !== null) await bringState(state);
  const opened = await openAll(leased || git === null ? names : names.filter((name) => name === 'sentinel'), leading, leased);
  try {
    const running = { signal: own, meters, log, now: context.now, ...(turns === undefined ? {} : { turns }) };
    return (await runLoops(opened.loops.map(pulse.watch), running)).failed;
  } finally {
    opened.remove();
    pulse.forget();
    // Whoever has lost the lead has nothing to say any more.
    if (state !== null && (signal.aborted || !own.aborted)) await keepState(state, context.now());
  }
}

function stateOf({ context, options }: Work, git: Git | null): StateBranch | null {
  const given = text(options, 'state-branch');
  if (given === undefined || git === null) return null;
  const declared = openDeclared(context, options);
  return { git, branch: stateBranchName(given), environment: declared.name, folder: stateFolder(declared) };
}

/** All or none: what was opened before one that can't be is closed again. */
async function openAll(names: readonly Loop['name'][], work: Work, fenced: boolean): Promise<{ loops: Loop[]; remove(): void }> {
  const loops: Loop[] = [];
  const removers: (() => void)[] = [];
  try {
    // The one that must not wait comes first.
    for (const name of [...names].sort((a, b) => Number(b === 'sentinel') - Number(a === 'sentinel')))
      loops.push(await openOne(name, { ...work, fenced }, removers));
    return { loops, remove: () => removers.forEach((remove) => remove()) };
  } catch (error) {
    await Promise.allSettled(loops.map((loop) => loop.close()));
    for (const remove of removers) remove();
    throw error;
  }
}

async function openOne(
  name: Loop['name'],
  { context, options, log, meters, driftMs, fenced }: Work & { fenced: boolean },
  removers: (() => void)[],
): Promise<Loop> {
  switch (name) {
    case 'thermostat':
      return openThermostatWatch(context, options, { log, meters, tell: (turned) => log(thermostatLine(turned), { loop: name }) });
    case 'drift': {
      const environment = openDeclared(context, options).name;
      const tell = (lines: readonly string[]): void => lines.forEach((line) => log(`drift: ${line}`, { loop: name }));
      return driftLoop(context, options, { environment, every: driftMs, meters, tell });
    }
    case 'sentinel': {
      const listen = flag(options, 'no-listen') ? undefined : (text(options, 'listen') ?? '127.0.0.1:8787');
      const sources = sourcesIn(context, { ...options, listen, chain: true });
      const { loop, remove } = await openWatch({ context, options, log, meters, sources, fenced });
      removers.push(remove);
      if (loop.url !== null) log(`sentinel: events at ${loop.url}`, { loop: name });
      return loop;
    }
  }
}

function thermostatLine({ decision, looked, sample }: Turned): string {
  if (decision === null) return 'thermostat: no reading';
  return `thermostat: roi ${sample?.roi ?? 'unknown'}, ${decision.kind}: ${whyText(decision, looked.settings.window)}`;
}
