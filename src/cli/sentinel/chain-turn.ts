// One look at the chain: what was changed since the last one and nobody of ours explains is told, and only then passed by.
import { MooringError } from '../../errors.ts';
import { formatValue } from '../../format.ts';
import { reduceJournal } from '../../journal/reduce.ts';
import { callersOf } from '../../live/callers.ts';
import type { Sighting, WatchedContract } from '../../live/sighting.ts';
import { snapshot } from '../../live/snapshot.ts';
import { type ChainLook, type Seen, watchChain } from '../../live/watch-chain.ts';
import type { SentinelAlert } from '../../loops/sentinel/state.ts';
import type { Address, FieldValue, Hex, JournalStore, State } from '../../types.ts';
import { aggregateParts } from '../environment/aggregate-parts.ts';
import { contractRefs } from '../environment/contract-refs.ts';
import type { Opened } from '../environment/open.ts';
import { sources } from '../environment/walk.ts';
import type { Log } from '../log.ts';
import { type Alarm, alarmAlert, alarmsOf, doneSince, type Known, silentAlarm, silentChanges } from './chain-alarms.ts';
import type { ChainStateFile } from './chain-state.ts';

export type ChainWatch = {
  opened: Opened;
  file: ChainStateFile;
  /** Makes alerts durable, or throws: only then is what they tell of passed by. */
  raise: (alerts: readonly SentinelAlert[]) => void;
  log: Log;
  /** Whose runs explain changes: those of applies, and the sentinel's own pauses. */
  journals: readonly Pick<JournalStore, 'read'>[];
};

/** The newest block that was looked at. Throws CHAIN_ID_MISMATCH, RPC_*, LOGS_INCOMPLETE, LOOP_STATE_WRITE; what was not told comes again. SIDE EFFECTS: those of `raise`, and the file. */
export async function chainTurn(watch: ChainWatch): Promise<bigint> {
  const { opened, file } = watch;
  const { environment } = opened.desired;
  const chainId = await opened.chain.chainId();
  if (chainId !== environment.chainId)
    throw new MooringError('CHAIN_ID_MISMATCH', `${environment.name} is on chain ${environment.chainId}, but the RPC serves chain ${chainId}.`, {
      fix: 'Correct chainId or rpc in environment.yaml.',
    });
  const before = file.state();
  const contracts = watchedContracts(opened, before?.view ?? null);
  const look = await watchChain({ ...opened, contracts, confirmations: environment.confirmations, cursor: before?.cursor ?? null });
  if (look !== null) await tellEvents(watch, look);
  // As long as there is more to catch up with, values would be compared with those of another block.
  if (look === null || look.block.hash === look.head.hash) await tellValues(watch);
  return file.state()?.cursor.checkpoints.at(-1)?.number ?? 0n;
}

/** The declared ones, and what their aggregates cover: `system-pause.paused.validationModule`. */
function watchedContracts({ desired, kinds }: Opened, view: State | null): WatchedContract[] {
  const own = contractRefs(desired.state, kinds).map(({ name, kind, address, keys }) => ({ name, kind, address, roles: [...(keys?.values() ?? [])].flat() }));
  const parts = view === null ? [] : aggregateParts(view, kinds, own);
  return [...own, ...parts];
}

async function tellEvents(watch: ChainWatch, look: ChainLook): Promise<void> {
  const { opened, file } = watch;
  const before = file.state();
  const { known } = look.seen.length === 0 ? { known: null } : await knownOf(watch);
  const alarms = alarmsOf(look.seen, { known, view: before?.view ?? null, kinds: opened.kinds });
  raise(watch, { alarms, known, more: reorgAlerts(look, known) });
  for (const { sighting } of look.seen) if (sighting.type === 'fact') watch.log(`${sighting.contract}: ${sighting.event}`, { ...sighting });
  const since = [...(before?.since ?? []), ...look.seen.map(({ sighting }) => sighting)].slice(-1_000);
  file.put({ version: 1, chainId: opened.desired.environment.chainId, cursor: look.cursor, view: before?.view ?? null, since });
}

/** What was told and is no longer so; and a chain that is not to be relied on. */
function reorgAlerts({ seen, reorg }: ChainLook, known: Known): SentinelAlert[] {
  const gone = seen.filter(({ note, sighting }) => note === 'gone' && known?.has(sighting.transaction) !== true);
  const alerts = gone.map(({ sighting: { contract, event, transaction, block } }: Seen): SentinelAlert => {
    const message = `${contract}: ${event} in ${transaction} is no longer part of the chain; what it changed was told before.`;
    return { severity: 'warning', reason: 'chain_reorg', message, detail: `block ${block}` };
  });
  if (reorg?.deep !== true) return alerts;
  const message = `The chain was replaced from behind block ${reorg.common} on, further back than the environment's confirmations reach.`;
  return [...alerts, { severity: 'critical', reason: 'chain_reorg', message, detail: '' }];
}

/** Compares all values with those of the last reading. */
async function tellValues(watch: ChainWatch): Promise<void> {
  const { opened, file } = watch;
  const state = file.state();
  const last = state?.cursor.checkpoints.at(-1);
  if (state === null || last === undefined || state.view?.block?.hash === last.hash) return;
  const now = await viewAt(opened, last, state.view);
  if (now === null) return;
  const silent = state.view === null ? [] : silentChanges(state.view, now, { sightings: state.since, kinds: opened.kinds });
  if (silent.length > 0) {
    const from = state.view?.block?.number ?? last.number;
    const { known, done } = await knownOf(watch, from);
    const alarms = await Promise.all(
      silent.map(async (one) => {
        const near = await nearOf(watch, one.address, { from, to: last.number, since: state.since.filter(({ contract }) => contract === one.contract) });
        return silentAlarm(one, near, { known, done, block: last.number });
      }),
    );
    raise(watch, { alarms: alarms.flatMap((alarm) => alarm ?? []), known, more: [] });
  }
  file.put({ ...state, view: now, since: [] });
}

/** Null where the block was replaced meanwhile. What can't be read is taken to be as it was. */
async function viewAt(opened: Opened, { number, hash }: { number: bigint; hash: Hex }, before: State | null): Promise<State | null> {
  const block = await opened.chain.block(number);
  if (block === null || block.hash !== hash) return null;
  const now = await snapshot({
    ...sources(opened),
    environment: opened.desired.environment,
    contracts: contractRefs(opened.desired.state, opened.kinds),
    block,
  });
  return {
    ...now,
    contracts: now.contracts.map((contract) =>
      withFormer(
        contract,
        before?.contracts.find(({ name }) => name === contract.name),
      ),
    ),
  };
}

function withFormer(contract: State['contracts'][number], before: State['contracts'][number] | undefined): State['contracts'][number] {
  if (before === undefined) return contract;
  const fields = [...contract.fields].map(([path, field]) => [path, field.value.type === 'unknown' ? (before.fields.get(path) ?? field) : field] as const);
  return { ...contract, fields: new Map(fields) };
}

type Near = { from: bigint; to: bigint; since: readonly Sighting[] };

/** Whose events and calls were of the contract. */
async function nearOf({ opened, log }: ChainWatch, address: Address, { from, to, since }: Near): ReturnType<typeof callersOf> {
  try {
    const callers = await callersOf(opened.chain, address, { from, to });
    const own = new Set(since.map(({ transaction }) => transaction));
    const told = callers.filter(({ transaction }) => own.has(transaction));
    return told.length > 0 ? told : callers;
  } catch (error) {
    log(`who called ${address} could not be read: ${(error as Error).message}`);
    return [];
  }
}

/** What our runs explain. A journal that can't be read explains nothing, and keeps nothing from being told. */
async function knownOf({ journals, log }: ChainWatch, since = 0n): Promise<{ known: Known; done: ReadonlySet<string> }> {
  try {
    const runs = (await Promise.all(journals.map((journal) => journal.read()))).flatMap((events) => reduceJournal(events).runs);
    const known = new Set(runs.flatMap((run) => run.nonces.flatMap(({ transactions }) => transactions.map(({ hash }) => hash))));
    return { known, done: doneSince(runs, since) };
  } catch (error) {
    log(`the journal could not be read: ${(error as Error).message}`);
    return { known: null, done: new Set() };
  }
}

type Raising = { alarms: readonly Alarm[]; known: Known; more: readonly SentinelAlert[] };

function raise({ opened, raise: keep }: ChainWatch, { alarms, known, more }: Raising): void {
  const { addresses, environment } = opened.desired;
  const name = (address: Address): string => {
    const found = addresses.byAddress.get(address);
    return found === undefined ? address : `${found} (${address})`;
  };
  const valueText = (value: FieldValue): string => formatValue(value, { names: addresses.byAddress, tokens: environment.tokens });
  const alerts = alarms.map((alarm) => alarmAlert(alarm, { nameOf: name, valueText, areReceiptsKnown: known !== null }));
  if (alerts.length + more.length > 0) keep([...alerts, ...more]);
}
