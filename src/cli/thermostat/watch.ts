// Wires the thermostat's watch: branch or checkout, chain, metrics, alerts, memory; and runs it alone.
import { join } from 'node:path';
import { diskSource } from '../../desired/file-source.ts';
import { MooringError } from '../../errors.ts';
import { takeLock } from '../../journal/lock.ts';
import { originSection } from '../../render/origin-rows.ts';
import { thermostatLines } from '../../render/thermostat-text.ts';
import { toJson } from '../../values.ts';
import { type Context, flag, type Options, text } from '../command.ts';
import { lexiconOf, openDeclared, openEnvironment, stateFolder } from '../environment/open.ts';
import { type Log, makeLog } from '../log.ts';
import { type Alarm, openAlarm } from '../loops/alarm.ts';
import { asLeader } from '../loops/as-leader.ts';
import { type Loop, type Meters, noMeters } from '../loops/loop.ts';
import { logRebalancing, usualBaseline } from '../loops/operations-log.ts';
import { runLoops } from '../loops/run-loops.ts';
import { untilStopped } from '../loops/stop-signal.ts';
import { intervalOf } from '../loops/watch-options.ts';
import { start } from '../propose/start.ts';
import { readyChannels } from '../sentinel/ready-channels.ts';
import { openThermostat } from './open-thermostat.ts';
import { readPrometheus } from './read-roi.ts';
import type { TuningFlags } from './tuning-flags.ts';
import { openThermostatLoop } from './watch-loop.ts';
import type { ThermostatWatch, Turned } from './watch-turn.ts';

type Asked = { flags: TuningFlags; turns?: number };

/** Resolves to how many turns failed. SIDE EFFECTS: the network; without --dry-run GitHub, the remote, the state folder. */
export async function watchThermostat(context: Context, options: Options, { flags, turns }: Asked): Promise<number> {
  const log = await makeLog(context, options);
  const running = { log, meters: noMeters, now: context.now, ...(turns === undefined ? {} : { turns }) };
  let failed = 0;
  const watch = async (signal: AbortSignal): Promise<void> => {
    const loop = flag(options, 'dry-run') ? dryLoop(context, options, flags) : await openThermostatWatch(context, options, { log, meters: noMeters });
    failed += (await runLoops([loop], { ...running, signal })).failed;
  };
  await untilStopped(context, (signal) =>
    flag(options, 'dry-run') ? watch(signal) : asLeader({ context, options, log, meters: noMeters, loops: ['thermostat'], signal }, watch),
  );
  return failed;
}

type Opening = { log: Log; meters: Meters; tell?: ThermostatWatch['tell'] };

/** The loop that proposes. Throws LOOP_STATE_LOCKED, LOOP_STATE_CORRUPT. SIDE EFFECTS: the lock of its folder, until it is closed. */
export async function openThermostatWatch(context: Context, options: Options, { log, meters, tell }: Opening): Promise<Loop> {
  const declared = openDeclared(context, options);
  const folder = join(stateFolder(declared), 'thermostat');
  const baseline = text(options, 'baseline') ?? usualBaseline;
  const lock = await lockOf(folder);
  const loop = openThermostatLoop({
    ...common(context, options, meters),
    ...(tell === undefined ? {} : { tell }),
    flags: {},
    resume: flag(options, 'resume'),
    folder,
    alarmFor: oneAlarm((channels) => openAlarm({ folder, environment: declared.name, channels, env: context.env, log, meters, now: context.now }), context),
    async begin() {
      const started = await start(context, { ...options, env: declared.name }, []);
      return { started, source: started.draft.source, withChain: (use) => started.withChain(started.draft.loaded, use) };
    },
    onMoved: (moved) => logRebalancing({ root: declared.root, folder: stateFolder(declared), baseline }, moved),
  });
  return { ...loop, close: async () => lock.release() };
}

async function lockOf(folder: string): Promise<{ release(): void }> {
  try {
    // Only the leader opens it.
    return await takeLock(join(folder, 'lock'), { fenced: true });
  } catch (error) {
    if (!(error instanceof MooringError) || error.code !== 'JOURNAL_LOCKED') throw error;
    throw new MooringError('LOOP_STATE_LOCKED', `another thermostat is at work in ${folder}`, { fix: 'stop it first', cause: error });
  }
}

/** One outbox for all turns, and channels that are filled in when they change. */
function oneAlarm(open: (channels: ReturnType<typeof readyChannels>) => Alarm, { env }: Context): ThermostatWatch['alarmFor'] {
  const known: { key?: string; alarm?: Alarm } = {};
  return ({ channels }) => {
    const key = JSON.stringify(channels);
    if (known.alarm === undefined || known.key !== key) Object.assign(known, { key, alarm: open(readyChannels(channels, env)) });
    return known.alarm ?? null;
  };
}

/** Shows what it would do with the checkout's files. */
function dryLoop(context: Context, options: Options, flags: TuningFlags): Loop {
  return openThermostatLoop({
    ...common(context, options, noMeters),
    flags,
    folder: null,
    alarmFor: () => null,
    async begin() {
      const opened = openEnvironment(context, options);
      const withChain: Awaited<ReturnType<ThermostatWatch['begin']>>['withChain'] = async (use) => {
        try {
          return await use(opened);
        } finally {
          opened.close();
        }
      };
      return { started: null, source: diskSource(opened.root), withChain };
    },
    onMoved: () => {},
  });
}

function common(context: Context, options: Options, meters: Meters): Pick<ThermostatWatch, 'readRoi' | 'every' | 'meters' | 'now' | 'tell'> {
  const { thermostat } = openThermostat(openDeclared(context, options));
  return {
    readRoi: readFrom(context, options),
    every: intervalOf(options, thermostat.settings.intervalSeconds),
    meters,
    now: context.now,
    tell: teller(context, options),
  };
}

/** As declared, or as the command line says. */
function readFrom(context: Context, options: Options): ThermostatWatch['readRoi'] {
  const read = readPrometheus(context);
  const [url, query] = [text(options, 'prometheus-url'), text(options, 'query')];
  return (settings, signal) => {
    const { prometheus } = settings;
    return read({ ...settings, prometheus: { ...prometheus, url: url ?? prometheus.url, query: query ?? prometheus.query } }, signal);
  };
}

/** Settings once, and again when they change; then a line for each sample. */
function teller(context: Context, options: Options): ThermostatWatch['tell'] {
  const known: { settings?: string } = {};
  const lexicon = lexiconOf(openDeclared(context, options), context, options);
  return (turned) => {
    const { looked, decision, sample } = turned;
    if (text(options, 'format') === 'json') return context.stdout(`${JSON.stringify(toJson({ sample, decision, forbidden: looked.forbidden }))}\n`);
    // Where a value was read says a block, which is another one each time.
    const settings = JSON.stringify([looked.loop.origins.map(({ name, value }) => [name, value]), looked.forbidden]);
    if (known.settings !== settings) context.stdout(`${settingLines(turned, lexicon)}\n`);
    known.settings = settings;
    if (decision === null || flag(options, 'quiet')) return;
    context.stdout(`${thermostatLines({ roi: sample?.roi ?? Number.NaN, decision }, { window: looked.settings.window, lexicon }).join('\n')}\n`);
  };
}

function settingLines({ looked }: Turned, lexicon: ReturnType<typeof lexiconOf>): string {
  const closed = looked.forbidden.map((field) => `  policy does not let the thermostat change ${looked.live.name}.${field}`);
  return [...originSection('Settings:', looked.loop.origins, lexicon), ...closed, '', 'Samples:'].join('\n');
}
