// The sentinel as a loop: events come in, decisions are carried out at once, the chain is watched, and alerts are sent.
import { resolve } from 'node:path';
import { MooringError } from '../../errors.ts';
import { takeLock } from '../../journal/lock.ts';
import { syncFolder } from '../../journal/sync-folder.ts';
import type { KnownContract } from '../../loops/alerts/affected.ts';
import type { ReadyChannel } from '../../loops/alerts/channel-request.ts';
import { deliver } from '../../loops/alerts/deliver.ts';
import { accept } from '../../loops/alerts/outbox.ts';
import { type OutboxFile, openOutbox } from '../../loops/alerts/outbox-file.ts';
import { takeIncoming } from '../../loops/alerts/take-incoming.ts';
import { type Counted, type EventStore, openEventStore } from '../../loops/sentinel/event-store.ts';
import { feed, type Telling } from '../../loops/sentinel/feed.ts';
import { type Intake, openIntake } from '../../loops/sentinel/intake-server.ts';
import { isAsked } from '../../loops/sentinel/ledger.ts';
import type { SentinelAlert, SentinelEvent } from '../../loops/sentinel/state.ts';
import type { Context, Options } from '../command.ts';
import { lazyJournal } from '../environment/journal.ts';
import { openChain } from '../environment/open.ts';
import type { Log } from '../log.ts';
import type { Loop, Meters } from '../loops/loop.ts';
import { redactAlerts } from '../secrets/secrets.ts';
import { noticing } from './blindness.ts';
import { type CarryPorts, openCarrier } from './carry-out.ts';
import { openChainState } from './chain-state.ts';
import { type ChainWatch, chainTurn } from './chain-turn.ts';
import { coalesced } from './coalesced.ts';
import type { OpenedSentinel } from './open-sentinel.ts';
import { ownPauses } from './pause-by-key.ts';
import type { PausePort } from './pause-port.ts';
import { readyChannels } from './ready-channels.ts';
import { unhurried } from './unhurried.ts';

export type SentinelLoopOptions = {
  context: Context;
  options: Options;
  sentinel: OpenedSentinel;
  log: Log;
  meters: Meters;
  /** Where requests are taken, with the secret that they carry; null: nowhere. */
  listen: { host: string; port: number; secret: string } | null;
  /** A growing file of events. */
  file: string | null;
  /** Whether the chain is watched. */
  chain: boolean;
  /** Whether a lease says that no other sentinel of the environment acts. */
  fenced?: boolean;
  pause: PausePort | null;
  /** Told when it opens. */
  opening?: readonly SentinelAlert[];
  propose: CarryPorts['propose'];
  withdraw: CarryPorts['withdraw'];
};

/** Milliseconds. A node that hangs holds up neither a file of events nor what they ask for. */
const longestLook = 5_000;

export type SentinelLoop = Loop & { url: string | null };

/** Throws LOOP_STATE_*, ENVIRONMENT_VARIABLE_MISSING, INTAKE_SECRET, LISTEN_FAILED. SIDE EFFECTS: the folder's lock, a port, connections, until `close`. */
export async function openSentinelLoop(options: SentinelLoopOptions): Promise<SentinelLoop> {
  const { context, sentinel, log, meters, listen } = options;
  const { folder, declared } = sentinel;
  const { settings } = sentinel.sentinel;
  const channels = readyChannels(settings.alertChannels, context.env);
  const store = await openStore(options);
  const closers: (() => unknown)[] = [() => store.close()];
  try {
    if (store.torn !== null) log(`a crash cut an append short; it was never acknowledged, and is kept in ${store.torn}`);
    const box = openOutbox(folder, syncFolder);
    const send = sending(options, { box, channels });
    const raise = raising(options, box, send);
    if (options.opening !== undefined && options.opening.length > 0) raise(options.opening);
    const carrier = openCarrier({
      ...{ raise, log, meters, pause: options.pause, propose: options.propose, withdraw: options.withdraw, now: context.now },
      pending: () => store.ledger().pending,
      isAsked: (action) => isAsked(store.ledger(), action),
      paused: store.paused,
      settle: (number) => store.settle([number]),
      declared: { contracts: declared.desired.state.contracts, kinds: declared.kinds },
    });
    const work = working(carrier, log);
    const watch = options.chain ? openWatch(options, raise, closers) : null;
    const looking = async (): Promise<void> => void (watch !== null && meters.set('head_block', Number(await chainTurn(watch))));
    const look = unhurried(noticing(looking, { raise, now: context.now }), longestLook);
    const count = counting(store, meters, work.begin);
    const intake = listen === null ? null : await openIntake({ ...listen, ...intakePorts(options, box, { count, send }), state: () => store.ledger().state });
    return {
      name: 'sentinel',
      every: settings.monitorIntervalSeconds * 1_000,
      url: intake?.url ?? null,
      async turn(signal) {
        const failures = await all([async () => readFile(options, store, { raise, signal }), work.urgent, look.turn, work.lastFailure]);
        work.begin();
        void send();
        meters.set('standing_reasons', Object.keys(store.ledger().state.standing).length);
        if (failures.length > 0) throw failures[0];
      },
      async close() {
        await closeAll(intake, [look.done, work.done, send], closers);
      },
    };
  } catch (error) {
    for (const close of closers.reverse()) close();
    throw error;
  }
}

async function openStore({ sentinel: { folder, sentinel }, log, fenced = false }: SentinelLoopOptions): Promise<EventStore> {
  const lock = async (place: string) => {
    try {
      return await takeLock(`${place}/lock`, { fenced });
    } catch (error) {
      if (!(error instanceof MooringError) || error.code !== 'JOURNAL_LOCKED') throw error;
      throw new MooringError('LOOP_STATE_LOCKED', `another sentinel is at work in ${place}`, {
        fix: 'stop it first: one counts for an environment',
        cause: error,
      });
    }
  };
  return openEventStore({ folder, settings: sentinel.settings, lock, syncFolder, onTrouble: (error) => log(`no snapshot could be written: ${String(error)}`) });
}

/** Never rejects: what could not be sent waits in the outbox. */
function sending(
  { context, log, meters }: SentinelLoopOptions,
  { box, channels }: { box: OutboxFile; channels: readonly ReadyChannel[] },
): () => Promise<void> {
  const send = coalesced(async () => {
    await deliver({ box, channels, log: (message, data) => log(alertLine(message, data), data), now: context.now });
    meters.set('alerts_waiting', box.state().notifications.length);
  });
  return () => send().catch((error: unknown) => log(`alerts could not be sent: ${String(error)}`));
}

type Raise = (alerts: readonly SentinelAlert[]) => void;

/** On disk when it returns; sent soon after. */
function raising({ context, sentinel: { declared, sentinel }, meters }: SentinelLoopOptions, box: OutboxFile, send: () => Promise<void>): Raise {
  const channels = sentinel.settings.alertChannels.map(({ name }) => name);
  return (alerts) => {
    const now = context.now();
    const all = redactAlerts(alerts, context.env).map((alert) => ({ ...alert, source: 'sentinel', environment: declared.name, at: now }));
    box.change((outbox) => accept(outbox, all, { now, channels }));
    for (const { severity } of alerts) meters.add('alerts_total', { severity });
    void send();
  };
}

function alertLine(message: string, { alert, reason }: Readonly<Record<string, string | number>>): string {
  return alert === undefined ? message : `${alert} ${reason}: ${message}`;
}

/** What decisions ask for, begun when they fall and with each turn; slow pull requests hold up no pause. */
function working(carrier: ReturnType<typeof openCarrier>, log: Log) {
  let failure: unknown = null;
  const urgent = coalesced(carrier.urgent);
  const propose = coalesced(carrier.propose);
  const both = async (): Promise<void> => {
    await urgent().catch((error: unknown) => log(`a pause failed: ${String(error)}`));
    await propose().catch((error: unknown) => {
      failure = error;
    });
  };
  return {
    urgent,
    begin: () => void both(),
    done: both,
    /** Of pull requests since the last look. */
    async lastFailure(): Promise<void> {
      const last = failure;
      failure = null;
      if (last !== null) throw last;
    },
  };
}

function counting(store: EventStore, meters: Meters, begin: () => void): (events: readonly SentinelEvent[]) => Counted {
  return (events) => {
    const counted = store.count(events);
    for (const result of counted.results) meters.add('events_total', { result: result === 'seen' ? 'repeated' : 'counted' });
    if (counted.decisions.length > 0) begin();
    return counted;
  };
}

function openWatch({ context, sentinel: { declared, folder }, log }: SentinelLoopOptions, raise: Raise, closers: (() => unknown)[]): ChainWatch {
  const opened = openChain(context, declared, lazyJournal(context, declared));
  closers.push(() => opened.close());
  return { opened, file: openChainState(folder, declared.desired.environment.chainId), raise, log, journals: [opened.journal, ownPauses(declared)] };
}

type IntakeParts = { count: (events: readonly SentinelEvent[]) => Counted; send: () => Promise<void> };

function intakePorts({ context, sentinel: { declared, sentinel }, log, meters }: SentinelLoopOptions, box: OutboxFile, { count, send }: IntakeParts) {
  const contracts = declared.desired.state.contracts.map(
    ({ name, address, kind }): KnownContract => ({ name, address, lineage: declared.kinds.get(kind)?.lineage ?? [kind] }),
  );
  const channels = sentinel.settings.alertChannels.map(({ name }) => name);
  return {
    count,
    takeAlerts(body: string, key: string | undefined) {
      const taken = takeIncoming(body, key, { box, environment: declared.name, contracts, channels, now: context.now });
      if (taken.accepted > 0) void send();
      return taken;
    },
    log(message: string, data: Readonly<Record<string, string | number>>) {
      // What is counted is in the meters, and would drown the rest.
      if (!message.endsWith('refused')) return;
      meters.add('events_total', { result: 'refused' });
      log(`${message}: ${data['code'] ?? `HTTP ${data['status']}`}`, data);
    },
  };
}

async function readFile(
  { file, context, meters }: SentinelLoopOptions,
  store: EventStore,
  { raise, signal }: { raise: Raise; signal: AbortSignal },
): Promise<void> {
  if (file === null) return;
  const path = resolve(context.cwd, file);
  const tell = (telling: Telling): void => {
    const told = lostIn(telling, file);
    if (told.length > 0) raise(told);
  };
  for (let fed = feed(path, store, tell); fed !== null && !signal.aborted; fed = feed(path, store, tell)) {
    meters.add('events_total', { result: 'counted' }, fed.counted);
    meters.add('events_total', { result: 'repeated' }, fed.repeated);
    meters.add('events_total', { result: 'refused' }, fed.findings.length);
  }
}

function lostIn({ notes, findings }: Telling, file: string): SentinelAlert[] {
  const lost = notes.filter(({ kind }) => kind !== 'rotated').map(({ message }) => message);
  const faults = findings.map(({ code, message, source }) => `${code} at ${source?.file ?? file}:${source?.line ?? '?'}: ${message}`);
  return [...lost, ...faults].map((message): SentinelAlert => ({ severity: 'warning', reason: 'events_lost', message, detail: '' }));
}

/** Each is tried, whatever becomes of the others; what failed. */
async function all(acts: readonly (() => Promise<void>)[]): Promise<unknown[]> {
  const failures: unknown[] = [];
  for (const act of acts) await act().catch((error: unknown) => failures.push(error));
  return failures;
}

/** Takes no more, does what is begun, and lets go of everything. */
async function closeAll(intake: Intake | null, rest: readonly (() => Promise<void>)[], closers: (() => unknown)[]): Promise<void> {
  await intake?.close();
  for (const act of rest) await act().catch(() => undefined);
  for (const close of closers.reverse()) close();
}
