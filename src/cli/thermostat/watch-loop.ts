// The thermostat that keeps watch: each turn reads ROI and the chain, decides, and carries the decision out as pull requests.
// What it decided is on disk before it is carried out.
import { MooringError } from '../../errors.ts';
import type { RoiSample, ThermostatDecision } from '../../loop-types.ts';
import { initialState, type State } from '../../loops/thermostat/state.ts';
import { alertText } from '../../render/thermostat-text.ts';
import type { Alarm } from '../loops/alarm.ts';
import type { Loop } from '../loops/loop.ts';
import { fateOfProposal } from '../loops/loop-proposal.ts';
import type { Started } from '../propose/start.ts';
import { carryOut } from './watch-carry-out.ts';
import { type Looked, look } from './watch-look.ts';
import { type Memory, readMemory } from './watch-memory.ts';
import { knobsKey } from './watch-propose.ts';
import { remember } from './watch-remember.ts';
import { save, send, type ThermostatWatch, type Turn } from './watch-turn.ts';

/** SIDE EFFECTS of its turns: the network, GitHub, the folder. */
export function openThermostatLoop(watch: ThermostatWatch): Loop {
  let memory: Memory | null = watch.folder === null ? null : readMemory(watch.folder);
  let resume = watch.resume === true;
  const known: Known = {};
  return {
    name: 'thermostat',
    every: watch.every,
    async turn(signal) {
      const { started, source, withChain, gone } = await beginOrGoOn(watch, known);
      const looked = await withChain((opened) => look(opened, { source, flags: watch.flags }));
      const turn: Turn = { watch, looked, memory: memory ?? (await beginning(looked, started, watch.now())), seconds: watch.now() / 1000 };
      if (resume) send(turn, { type: 'resumed', at: turn.seconds });
      resume = false;
      try {
        await takeTurn(turn, started, signal);
      } finally {
        memory = turn.memory;
      }
      if (gone !== null) throw gone;
    },
    close: async () => {},
  };
}

type Begun = Awaited<ReturnType<ThermostatWatch['begin']>>;
type Known = { begun?: Begun };

/** While the remote is away, what the branch said last holds, and nothing is proposed. SIDE EFFECTS: `known`. */
async function beginOrGoOn(watch: ThermostatWatch, known: Known): Promise<Begun & { gone: MooringError | null }> {
  try {
    known.begun = await watch.begin();
    return { ...known.begun, gone: null };
  } catch (error) {
    if (!(error instanceof MooringError) || !error.code.startsWith('GIT_') || known.begun === undefined) throw error;
    return { ...known.begun, started: null, gone: error };
  }
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

/** So long after a human has turned a proposal down, whoever begins without a memory takes it that ROI was not back since. */
const refusalMs = 14 * 86_400_000;

async function beginning({ settings, loop }: Looked, started: Started | null, now: number): Promise<Memory> {
  const state = initialState(settings, loop.start);
  const fate = started === null ? null : await fateOfProposal(started, { loop: 'thermostat', key: knobsKey });
  const refused =
    fate?.state === 'closed' && !fate.own && now - fate.at < refusalMs
      ? (['dip', 'surge', 'back'] as const).find((rule) => fate.cause.startsWith(`${rule}@`))
      : undefined;
  return { version: 1, state: { ...state, vetoed: refused ?? null }, points: [], moves: [], episode: null, pending: null, fullPause: null };
}

async function takeTurn(turn: Turn, started: Started | null, signal: AbortSignal): Promise<void> {
  const { watch, looked } = turn;
  const alarm = watch.alarmFor(looked);
  seeChain(turn);
  // A reading is taken also while GitHub can't be asked.
  const unseen = started === null ? null : await faultOf(() => seeFates(turn, started));
  const { sample, fault } = await readSample(turn, signal);
  const decision = send(turn, sample === null ? { type: 'tick', at: turn.seconds } : { type: 'sample', at: turn.seconds, sample });
  if (decision !== null) turn.memory = remember(turn.memory, decision, turn.seconds);
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

function alertsOf({ alerts }: ThermostatDecision, { live }: Looked): Parameters<Alarm['raise']>[0] {
  return alerts.map((alert) => ({
    severity: alert.type === 'silent' ? 'warning' : 'critical',
    source: 'thermostat',
    reason: `thermostat_${alert.type}`,
    message: alertText(alert),
    detail: live.name,
  }));
}
