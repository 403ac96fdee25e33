// mooring sentinel watch: takes events, watches the chain, and pauses before losses grow.
import { exitCodes, MooringError } from '../errors.ts';
import { checkSecret } from '../loops/sentinel/intake-request.ts';
import { type Command, type Context, errorFormat, flag, type Options, text } from './command.ts';
import { type Log, makeLog } from './log.ts';
import { asLeader } from './loops/as-leader.ts';
import { type Meters, noMeters } from './loops/loop.ts';
import { keepProposal, withdrawProposal } from './loops/loop-proposal.ts';
import { runLoops } from './loops/run-loops.ts';
import { untilStopped } from './loops/stop-signal.ts';
import { countOf } from './loops/watch-options.ts';
import { repositoryOptions } from './pr/repository.ts';
import { start } from './propose/start.ts';
import { keepSecret } from './secrets/secrets.ts';
import { openSentinelLoop, type SentinelLoop, type SentinelLoopOptions } from './sentinel/open-loop.ts';
import { type OpenedSentinel, openSentinel } from './sentinel/open-sentinel.ts';
import { keyAtHand } from './sentinel/pause-by-key.ts';
import { rehearsal, rehearsedPorts } from './sentinel/rehearse.ts';

export const sentinelWatch: Command = {
  spec: {
    name: 'sentinel watch',
    summary: 'take events and watch the chain, and pause before losses grow',
    description: [
      'Counts expansion and evaluation events that come by HTTP (POST /v1/events) or stand in a growing file, and watches the chain for changes',
      'that no receipt explains. What it decides is told, paused at once where policy grants it a key, and put down as a pull request with the',
      'label emergency. It never unpauses, grants or raises anything. Alerts of other systems are taken at POST /v1/alerts. Without --listen,',
      '--file and --chain it listens on 127.0.0.1:8787 and watches the chain. Requests carry the secret in SENTINEL_SECRET. Goes on until it is',
      'told to stop (SIGTERM), after a crash where it was.',
    ],
    options: {
      listen: { type: 'string', value: 'HOST:PORT', description: 'where requests are taken (127.0.0.1:8787)' },
      file: { type: 'string', value: 'FILE', description: 'a file of events, NDJSON, that grows' },
      chain: { type: 'boolean', description: 'watch the chain' },
      iterations: { type: 'string', value: 'COUNT', description: 'turns after which it ends (default: 0, which is until it is told to stop)' },
      'dry-run': { type: 'boolean', description: 'print what would be done; sends and records nothing' },
      ...repositoryOptions,
      format: errorFormat,
    },
    exits: ['failure', 'indeterminate', 'badInput'],
    examples: ['mooring sentinel watch --env mainnet', 'mooring sentinel watch --env local --file events.ndjson --iterations 1 --dry-run'],
  },
  run,
};

async function run(context: Context, options: Options): Promise<number> {
  const turns = countOf(options);
  const sources = sourcesIn(context, options);
  const log = await makeLog(context, options);
  let failed = 0;
  const watch = async (signal: AbortSignal, fenced = false): Promise<void> => {
    const opened = await openWatch({ context, options, log, meters: noMeters, sources, fenced });
    try {
      context.stdout(`${openingLine(opened, sources)}\n`);
      const running = { meters: noMeters, log, now: context.now, signal, ...(turns === undefined ? {} : { turns }) };
      failed += (await runLoops([opened.loop], running)).failed;
    } finally {
      opened.remove();
    }
  };
  await untilStopped(context, (signal) =>
    flag(options, 'dry-run')
      ? watch(signal)
      : asLeader({ context, options, log, meters: noMeters, loops: ['sentinel'], signal }, (own, { leased }) => watch(own, leased)),
  );
  return turns !== undefined && failed > 0 ? exitCodes.failure : exitCodes.done;
}

export type Sources = Pick<SentinelLoopOptions, 'listen' | 'file' | 'chain'>;

/** What is to be watched: what is named, or all but a file. Throws USAGE, INTAKE_SECRET. */
export function sourcesIn(context: Context, options: Options): Sources {
  const [listen, file, chain] = [text(options, 'listen'), text(options, 'file') ?? null, flag(options, 'chain')];
  const isNamed = listen !== undefined || file !== null || chain;
  const address = listen ?? (isNamed ? null : '127.0.0.1:8787');
  return { listen: address === null ? null : { ...addressIn(address), secret: secretIn(context) }, file, chain: chain || !isNamed };
}

function addressIn(given: string): { host: string; port: number } {
  const [, host = '', port = ''] = /^(?:(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):)?(\d{1,5})$/.exec(given) ?? [];
  if (port === '' || Number(port) > 65_535)
    throw new MooringError('USAGE', `--listen is a host and a port, not "${given}"`, { fix: 'write it like 127.0.0.1:8787; port 0 takes a free one' });
  return { host: host === '' ? '127.0.0.1' : host.replace(/^\[|\]$/g, ''), port: Number(port) };
}

function secretIn({ env }: Context): string {
  const secret = env['SENTINEL_SECRET'] ?? '';
  if (secret === '')
    throw new MooringError('INTAKE_SECRET', 'SENTINEL_SECRET is not set, and requests have to carry it', {
      fix: 'make one with: openssl rand -hex 32; or name --file or --chain alone, and nothing is listened to',
    });
  checkSecret(secret);
  keepSecret(secret);
  return secret;
}

export type OpenedWatch = { loop: SentinelLoop; sentinel: OpenedSentinel; remove(): void };
type Opening = { context: Context; options: Options; log: Log; meters: Meters; sources: Sources; fenced?: boolean };

/** SIDE EFFECTS: as those of opening the loop; `remove` ends what is left when it is closed. */
export async function openWatch({ context, options, log, meters, sources, fenced = false }: Opening): Promise<OpenedWatch> {
  const declared = openSentinel(context, options);
  const shared = { context, options, log, meters, fenced, ...sources };
  if (flag(options, 'dry-run')) {
    const { sentinel, remove } = rehearsal(declared);
    const canPause = declared.declared.desired.policy.loops.sentinel.pauseSigner !== null;
    const loop = await openSentinelLoop({ ...shared, sentinel, ...rehearsedPorts(canPause, log) }).catch((error: unknown) => {
      remove();
      throw error;
    });
    return { loop, sentinel, remove };
  }
  const { key, missing } = await keyAtHand(context, declared.declared, log);
  const ports = proposalPorts(context, options, declared);
  const loop = await openSentinelLoop({ ...shared, sentinel: declared, pause: key?.pause ?? null, opening: missing, ...ports });
  return { loop, sentinel: declared, remove: () => key?.close() };
}

/** Each from the branch as it is then. */
export function proposalPorts(context: Context, options: Options, { declared }: OpenedSentinel): Pick<SentinelLoopOptions, 'propose' | 'withdraw'> {
  const begin = () => start(context, { ...options, env: declared.name }, []);
  return {
    propose: async (proposal) => keepProposal(await begin(), proposal),
    withdraw: async (which) => withdrawProposal(await begin(), { loop: 'sentinel', ...which }),
  };
}

function openingLine({ loop, sentinel }: OpenedWatch, { file, chain }: Sources): string {
  const parts = [
    ...(loop.url === null ? [] : [`events at ${loop.url}/v1/events, alerts at ${loop.url}/v1/alerts`]),
    ...(file === null ? [] : [`events in ${file}`]),
    ...(chain ? ['the chain'] : []),
  ];
  return `sentinel of ${sentinel.declared.name}: ${parts.join('; ')}; every ${loop.every / 1_000} s`;
}
