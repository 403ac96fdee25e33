// The thermostat that keeps watch: each turn reads ROI and the chain, decides, and carries the decision out as pull requests.
// What it decided is on disk before it is carried out.
import { isDeepStrictEqual } from 'node:util';
import { MooringError } from '../../errors.ts';
import { proposalRule, reduceThermostat, type ThermostatEvent } from '../../loops/thermostat/controller.ts';
import { initialState, type State } from '../../loops/thermostat/state.ts';
import { alertText, whyText } from '../../render/thermostat-text.ts';
import type { RoiSample, ThermostatDecision, ThermostatSettings } from '../../types.ts';
import type { Alarm } from '../loops/alarm.ts';
import type { Loop, Meters } from '../loops/loop.ts';
import { fateOfProposal, withdrawProposal } from '../loops/loop-proposal.ts';
import type { Opened } from '../open.ts';
import type { Started } from '../propose/start.ts';
import type { TuningFlags } from './tuning-flags.ts';
import { type Looked, look } from './watch-look.ts';
import { type Memory, readMemory, writeMemory } from './watch-memory.ts';
import { knobsKey, pauseKey, proposeFullPause, proposeMoves } from './watch-propose.ts';

/** Reads ROI once. Throws METRICS_*. */
export type ReadRoi = (settings: ThermostatSettings, signal: AbortSignal) => Promise<RoiSample>;

export type Turned = { looked: Looked; sample: RoiSample | null; decision: ThermostatDecision | null };

export type ThermostatWatch = {
  /** The branch as it is now; with its chain, for the time of the call. */
  begin(): Promise<{ started: Started | null; source: Started['draft']['source']; withChain<T>(use: (opened: Opened) => Promise<T>): Promise<T> }>;
  readRoi: ReadRoi;
  /** Where it remembers; null: in this process only, and nothing is proposed. */
  folder: string | null;
  /** Opened with the first turn, since the channels are the branch's. */
  alarmFor(looked: Looked): Alarm | null;
  flags: TuningFlags;
  /** A person lets a stopped loop go on. */
  resume?: boolean;
  every: number;
  meters: Meters;
  /** Milliseconds since the epoch. */
  now(): number;
  /** What a turn saw and decided. */
  tell(turned: Turned): void;
  /** A change of the engine's values took effect. SIDE EFFECTS: the operations log. */
  onMoved(moved: { at: number; engine: string; changes: readonly { field: string; from: number; to: number }[] }): void;
};

type Turn = { watch: ThermostatWatch; looked: Looked; memory: Memory; seconds: number };

/** SIDE EFFECTS of its turns: the network, GitHub, the folder. */
export function openThermostatLoop(watch: ThermostatWatch): Loop {
  let memory: Memory | null = watch.folder === null ? null : readMemory(watch.folder);
  let resume = watch.resume === true;
  return {
    name: 'thermostat',
    every: watch.every,
    async turn(signal) {
      const { started, source, withChain } = await watch.begin();
      const looked = await withChain((opened) => look(opened, { source, flags: watch.flags }));
      const turn: Turn = { watch, looked, memory: memory ?? beginning(looked), seconds: watch.now() / 1000 };
      if (resume) send(turn, { type: 'resumed', at: turn.seconds });
      resume = false;
      try {
        await takeTurn(turn, started, signal);
      } finally {
        memory = turn.memory;
      }
    },
    close: async () => {},
  };
}

function beginning({ settings, loop }: Looked): Memory {
  return { version: 1, state: initialState(settings, loop.start), points: [], moves: [], episode: null, pending: null, fullPause: null };
}

async function takeTurn(turn: Turn, started: Started | null, signal: AbortSignal): Promise<void> {
  const { watch, looked } = turn;
  const alarm = watch.alarmFor(looked);
  seeChain(turn);
  // A reading is taken also while GitHub can't be asked.
  const unseen = started === null ? null : await faultOf(() => seeFates(turn, started));
  const { sample, fault } = await readSample(turn, signal);
  const decision = send(turn, sample === null ? { type: 'tick', at: turn.seconds } : { type: 'sample', at: turn.seconds, sample });
  if (decision !== null) remember(turn, decision);
  // What is told twice is quiet; what is forgotten is told by nobody.
  if (decision !== null) alarm?.raise(alertsOf(decision, looked));
  save(turn);
  watch.tell({ looked, sample, decision });
  const undone = started === null ? null : await faultOf(() => carryOut(turn, started));
  // Alerts need no GitHub.
  await alarm?.send();
  const first = unseen ?? fault ?? undone;
  if (first !== null) throw first;
}

async function faultOf(act: () => Promise<void>): Promise<MooringError | null> {
  try {
    await act();
    return null;
  } catch (error) {
    if (error instanceof MooringError) return error;
    throw error;
  }
}

function send(turn: Turn, event: ThermostatEvent): ThermostatDecision | null {
  const { state, decision } = reduceThermostat(turn.looked.settings, turn.memory.state, event);
  turn.memory = { ...turn.memory, state };
  return decision;
}

function save({ watch, memory }: Turn): void {
  if (watch.folder !== null) writeMemory(watch.folder, memory);
}

/** What is live now, whoever made it so. A knob that policy has lately allowed begins with its live value. */
function seeChain(turn: Turn): void {
  const { watch, looked, seconds } = turn;
  const { start } = looked.loop;
  const known: State = { ...turn.memory.state, values: { ...start, ...turn.memory.state.values } };
  turn.memory = { ...turn.memory, state: known };
  send(turn, { type: 'sentinel', at: seconds, paused: looked.paused });
  const live = Object.fromEntries(looked.settings.knobs.flatMap(({ field }) => (start[field] === undefined ? [] : [[field, start[field]]])));
  send(turn, { type: 'applied', at: seconds, values: live });
  const changes = Object.entries(live).flatMap(([field, to]) => {
    const from = known.values[field] ?? to;
    return from === to ? [] : [{ field, from, to }];
  });
  if (changes.length === 0) return;
  const text = changes.map(({ field, from, to }) => `${field} ${from} → ${to}`).join(', ');
  turn.memory = { ...turn.memory, moves: [...turn.memory.moves, { at: seconds, text }], pending: null };
  watch.onMoved({ at: seconds, engine: looked.live.name, changes });
  save(turn);
}

/** What became of what is open. */
async function seeFates(turn: Turn, started: Started): Promise<void> {
  const count = (open: number): void => turn.watch.meters.set('open_proposals', open, { loop: 'thermostat' });
  if (turn.memory.state.open === null) return count(0);
  const fate = await fateOfProposal(started, { loop: 'thermostat', key: knobsKey });
  count(fate.state === 'open' ? 1 : 0);
  if (fate.state === 'closed') send(turn, { type: 'closed', at: turn.seconds, by: fate.own ? 'loop' : 'human' });
  if (fate.state === 'none') send(turn, { type: 'closed', at: turn.seconds, by: 'loop' });
}

/** A source that doesn't answer is silence to the loop, and this turn's fault. */
async function readSample({ watch, looked }: Turn, signal: AbortSignal): Promise<{ sample: RoiSample | null; fault: MooringError | null }> {
  try {
    return { sample: await watch.readRoi(looked.declared, signal), fault: null };
  } catch (error) {
    if (!(error instanceof MooringError)) throw error;
    return { sample: null, fault: error };
  }
}

/** Evidence, the cause of what is proposed, and what is to be carried out. */
function remember(turn: Turn, decision: ThermostatDecision): void {
  const { seconds } = turn;
  const { roi, mean, rule, moves, withdraw, alerts } = decision;
  let { points, episode, pending, fullPause } = turn.memory;
  if (roi !== null) points = [...points, { at: decision.at ?? seconds, roi, mean }];
  if (mean !== null) {
    episode = rule === null ? null : episode?.rule === rule ? episode : { rule, since: decision.at ?? seconds };
    // What is judged anew replaces what wasn't carried out.
    pending = moves.length > 0 || withdraw ? decision : null;
  }
  const escalation = alerts.find((alert) => alert.type === 'not-restored');
  if (escalation?.type === 'not-restored' && escalation.pause && fullPause === null)
    fullPause = { cause: `not-restored@${episode?.since ?? seconds}`, done: false };
  turn.memory = { ...turn.memory, points, episode, pending, fullPause };
}

/** In order: what must go, what is asked, and what is asked where nothing has helped. Each is on disk as soon as it is done. */
async function carryOut(turn: Turn, started: Started): Promise<void> {
  const { pending } = turn.memory;
  if (pending !== null) {
    // Policy may have changed since it was decided.
    const moves = pending.moves.filter(({ field }) => turn.looked.settings.knobs.some((knob) => knob.field === field));
    if (moves.length > 0) await propose(turn, started, { ...pending, moves });
    else if (pending.withdraw) await withdraw(turn, started, pending);
    turn.memory = { ...turn.memory, pending: null };
    save(turn);
  }
  await askForFullPause(turn, started);
}

async function propose(turn: Turn, started: Started, decision: ThermostatDecision): Promise<void> {
  const { looked, memory, seconds, watch } = turn;
  const rule = proposalRule(decision);
  if (rule === null) return;
  const kept = await proposeMoves({ started, looked, memory }, decision, rule);
  send(turn, { type: 'proposed', at: seconds, rule, moves: decision.moves });
  if (kept.outcome === 'refused') send(turn, { type: 'closed', at: seconds, by: 'human' });
  const outcome = kept.outcome === 'open' ? (kept.created ? 'opened' : 'updated') : kept.outcome;
  watch.meters.add('proposals_total', { loop: 'thermostat', outcome });
}

async function withdraw(turn: Turn, started: Started, decision: ThermostatDecision): Promise<void> {
  const reason = `This is no longer asked for: ${whyText(decision, turn.looked.settings.window)}.`;
  if (await withdrawProposal(started, { loop: 'thermostat', key: knobsKey, reason }))
    turn.watch.meters.add('proposals_total', { loop: 'thermostat', outcome: 'withdrawn' });
  send(turn, { type: 'closed', at: turn.seconds, by: 'loop' });
}

async function askForFullPause(turn: Turn, started: Started): Promise<void> {
  const { fullPause, episode, state } = turn.memory;
  if (fullPause === null) return;
  if (episode === null) {
    await withdrawProposal(started, { loop: 'thermostat', key: pauseKey, reason: 'ROI is back in its band: the full pause is no longer asked for.' });
  } else if (!fullPause.done) {
    await proposeFullPause({ started }, { cause: fullPause.cause, cycles: state.cycle?.failed ?? turn.looked.settings.guards.escalate ?? 2 });
  }
  const next = episode === null ? null : { ...fullPause, done: true };
  if (isDeepStrictEqual(next, fullPause)) return;
  turn.memory = { ...turn.memory, fullPause: next };
  save(turn);
}

function alertsOf({ alerts }: ThermostatDecision, { live }: Looked): Parameters<Alarm['raise']>[0] {
  return alerts.map((alert) => ({
    severity: alert.type === 'silent' ? 'warning' : 'critical',
    source: 'thermostat',
    reason: `thermostat_${alert.type}`,
    message: alertText(alert),
    detail: live.name,
  }));
}
