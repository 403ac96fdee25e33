// The sentinel's settings, decisions and snapshot in the words of its commands.
import type { LoadedSentinel } from '../../desired/loops/load-sentinel.ts';
import type { FieldAction, SentinelReason, SentinelSettings } from '../../loop-types.ts';
import { originsOf, snapshotOf } from '../../loops/sentinel/snapshot.ts';
import type { Measure, SentinelState } from '../../loops/sentinel/state.ts';
import type { OriginRow } from '../../render/origin-rows.ts';

const reasons: readonly SentinelReason[] = ['roi_floor', 'budget_soft', 'budget_stop', 'failure_streak'];

/** Each setting by its path in the file, and where it is written. */
export function settingRows({ settings, sources }: LoadedSentinel): OriginRow[] {
  const values: readonly (readonly [path: string, value: string])[] = [
    ...(['roiFloor', 'roiGracePeriod', 'budgetCap', 'budgetSoftRatio'] as const).map((key) => [key, String(settings[key])] as const),
    ['failureStreak.threshold', String(settings.failureStreak.threshold)],
    ['failureStreak.successReset', String(settings.failureStreak.successReset)],
    ['successThreshold', String(settings.successThreshold)],
    ['monitorIntervalSeconds', String(settings.monitorIntervalSeconds)],
    ['alertChannels', listed(settings.alertChannels.map(({ name, type }) => (name === type ? name : `${name} (${type})`)))],
    ...reasons.map((reason) => [`actions.${reason}`, actionText(settings, reason)] as const),
  ];
  return values.map(([name, value]) => {
    const source = sources.get(name);
    return { name, value, from: source === undefined ? 'default' : `${source.file}:${source.line}` };
  });
}

function actionText(settings: SentinelSettings, reason: SentinelReason): string {
  const prune = reason === 'failure_streak' ? ['prunes the agent'] : [];
  return listed([...prune, ...settings.actions[reason].map(flagText)]);
}

function listed(parts: readonly string[]): string {
  return parts.length === 0 ? 'none' : parts.join(', ');
}

function flagText({ contract, field, value }: FieldAction): string {
  return `${contract}.${field} = ${value}`;
}

/** The reference's fields, with their origins. */
export function snapshotRows(state: SentinelState, settings: SentinelSettings): OriginRow[] {
  const snapshot = snapshotOf(state);
  const origins = originsOf(state, settings);
  return (Object.keys(snapshot) as (keyof typeof snapshot)[]).map((name) => {
    const value = snapshot[name];
    return { name, value: Array.isArray(value) ? listed(value) : String(value ?? 'none'), from: origins[name] };
  });
}

export function measureText(measure: Measure): string {
  switch (measure.kind) {
    case 'pause':
      return `pause (${measure.reason}): ${listed(measure.actions.map(flagText))}; ${measure.detail}`;
    case 'requestStop':
      return `ask the engine to stop (${measure.reason}); ${measure.detail}`;
    case 'prune':
      return `prune agent ${JSON.stringify(measure.agent)} (${measure.reason}); ${measure.failures} failures in a row`;
    case 'proposeClear':
      return `propose to clear (${measure.reason}): ${listed(measure.actions.map(({ contract, field }) => `${contract}.${field}`))}; ${measure.detail}`;
  }
}
