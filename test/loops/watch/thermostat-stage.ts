// A thermostat's watch on a real chain, a real git and a stateful GitHub, with ROI and the clock in the test's hand.
import { join } from 'node:path';
import { type Alarm, openAlarm } from '../../../src/cli/loops/alarm.ts';
import { type Loop, noMeters } from '../../../src/cli/loops/loop.ts';
import type { Rebalanced } from '../../../src/cli/loops/operations-log.ts';
import { start } from '../../../src/cli/propose/start.ts';
import { openThermostatLoop } from '../../../src/cli/thermostat/watch-loop.ts';
import type { ThermostatWatch, Turned } from '../../../src/cli/thermostat/watch-turn.ts';
import { MooringError } from '../../../src/errors.ts';
import type { Machine } from '../../pr/pr-world.ts';
import { folder } from '../../support/field-world.ts';

/** Three samples a window, two of cooldown, a reading an hour, and the guards that a test doesn't ask for switched off. */
export const quickSettings = (guards = ''): string => `apiVersion: mooring/v1
kind: Thermostat
roiWindow: 3
cooldownSteps: 2
guards: { periodSeconds: off, minReadings: 1, steps: 1, maxGapSeconds: off${guards} }
`;

export const settingsFile = `${folder}/loops/thermostat.yaml`;

export type ThermostatStage = {
  loop: Loop;
  /** Seconds since the epoch. */
  clock: { now: number };
  turns: Turned[];
  moved: Rebalanced[];
  /** Messages of alerts, as the log channel has them. */
  alerts: string[];
  /** A turn for each ROI, an hour apart; `null` is a source that doesn't answer. Returns `kind why` of each decision. */
  feed(...rois: readonly (number | null)[]): Promise<string[]>;
  /** Seconds by which the source's clock is ahead. */
  ahead: number;
  /** The same watch after a crash: nothing but its folder is left. */
  restart(): ThermostatStage;
};

export const hour = 3_600;
const began = 1_800_000_000;

export function makeThermostatStage(machine: Machine, clock = { now: began }, { resume = false } = {}): ThermostatStage {
  const [turns, moved, alerts]: [Turned[], Rebalanced[], string[]] = [[], [], []];
  const context = { cwd: machine.root, env: machine.env, stdout: () => {}, stderr: () => {}, ask: null, now: () => clock.now * 1000, colour: false };
  const state = join(machine.root, '.mooring', 'field', 'thermostat');
  const next: { roi: number | null } = { roi: null };
  const log = (message: string, data: object = {}): void => void ('alert' in data && alerts.push(message));
  const known: { alarm?: Alarm } = {};
  const watch: ThermostatWatch = {
    async begin() {
      const started = await start(context, { env: 'field', quiet: true }, []);
      return { started, source: started.draft.source, withChain: (use) => started.withChain(started.draft.loaded, use) };
    },
    async readRoi() {
      if (next.roi === null) throw new MooringError('RPC_UNAVAILABLE', 'no answer');
      return { at: clock.now + stage.ahead, roi: next.roi, gmv: 0, cost: 0, successes: 0, failures: 0 };
    },
    folder: state,
    alarmFor() {
      known.alarm ??= openAlarm({
        folder: state,
        environment: 'field',
        channels: [{ name: 'log', type: 'log' }],
        env: context.env,
        log,
        meters: noMeters,
        now: context.now,
      });
      return known.alarm;
    },
    flags: {},
    resume,
    every: 1,
    meters: noMeters,
    now: context.now,
    tell: (turned) => void turns.push(turned),
    onMoved: (one) => void moved.push(one),
  };
  const loop = openThermostatLoop(watch);
  const stage: ThermostatStage = {
    ...{ loop, clock, turns, moved, alerts },
    ahead: 0,
    async feed(...rois) {
      const said: string[] = [];
      for (const roi of rois) {
        clock.now += hour;
        next.roi = roi;
        await loop.turn(new AbortController().signal).catch((error: unknown) => {
          if (roi !== null) throw error;
        });
        const decision = turns.at(-1)?.decision;
        said.push(decision == null ? 'nothing' : `${decision.kind} ${decision.why}`);
      }
      return said;
    },
    restart: () => makeThermostatStage(machine, clock),
  };
  return stage;
}
