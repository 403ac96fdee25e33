// What waits to be told: grouped, quiet about repetitions, and never forgotten before every channel has it.
import { describe, expect, test } from 'vitest';
import { affectedBy, type KnownContract } from '../../../src/loops/alerts/affected.ts';
import { type Alert, accept, due, emptyOutbox, failed, groupMs, nextDue, type Outbox, quietMs, sent } from '../../../src/loops/alerts/outbox.ts';

const start = 1_800_000_000_000;
const alert = (more: Partial<Alert> = {}): Alert => ({
  severity: 'warning',
  source: 'sentinel',
  environment: 'local',
  reason: 'roi_floor',
  message: 'ROI stays below its floor.',
  detail: 'ROI 0.5',
  at: start,
  ...more,
});

function take(alerts: readonly Alert[], now = start, box: Outbox = emptyOutbox, channels: readonly string[] = ['log', 'ops']): Outbox {
  return accept(box, alerts, { now, channels });
}

const dueAt = (box: Outbox, now: number) => due(box, now).map(({ notification, waiting }) => `${notification.id} ${waiting.channel} ${notification.count}`);

describe('alerts', () => {
  test('that are alike and come close together are one notification', () => {
    const box = take([alert(), alert({ message: 'other', at: start + 1 }), alert({ reason: 'budget_soft' })]);
    expect(dueAt(box, start)).toEqual([]);
    expect(dueAt(box, start + groupMs)).toEqual(['1 log 2', '1 ops 2', '2 log 1', '2 ops 1']);
    expect(box.notifications[0]).toMatchObject({ messages: ['ROI stays below its floor. (ROI 0.5)', 'other (ROI 0.5)'], firstAt: start, lastAt: start + 1 });
    expect(nextDue(box)).toBe(start + groupMs);
  });

  test('that are critical wait for nothing', () => {
    const box = take([alert({ severity: 'critical' }), alert({ severity: 'critical', message: 'other' })]);
    expect(dueAt(box, start)).toEqual(['1 log 1', '1 ops 1', '2 log 1', '2 ops 1']);
  });

  test.each<[string, Partial<Alert>]>([
    ['severity', { severity: 'critical' }],
    ['source', { source: 'thermostat' }],
    ['environment', { environment: 'mainnet' }],
    ['reason', { reason: 'x' }],
  ])('of another %s are not grouped', (_name, more) => {
    expect(take([alert(), alert(more)]).notifications).toHaveLength(2);
  });

  test('that come again are quiet for a while, and then are told again', () => {
    const box = take([alert()]);
    expect(take([alert(), alert()], start + quietMs - 1, box)).toBe(box);
    expect(take([alert()], start + quietMs, box).notifications).toHaveLength(2);
  });

  test('that inform are never repetitions', () => {
    const info = alert({ severity: 'info' });
    const box = take([info]);
    expect(take([info], start + groupMs + 1, box).notifications).toHaveLength(2);
  });

  test('after a clock that was set back are not quiet for ever', () => {
    const box = take([alert()]);
    expect(take([alert()], start - 10 * quietMs, box)).not.toBe(box);
  });

  test('without channels go nowhere', () => {
    expect(take([alert()], start, emptyOutbox, [])).toBe(emptyOutbox);
  });

  test('that come while one of their kind is being sent are a notification of their own', () => {
    const box = take([alert({ message: 'other' })], start + groupMs, take([alert()]));
    expect(box.notifications.map(({ count }) => count)).toEqual([1, 1]);
    const tried = failed(take([alert()]), { id: 1, channel: 'ops' }, start);
    expect(take([alert({ message: 'other' })], start + 1, tried).notifications).toHaveLength(2);
  });

  test('without number take bounded memory, and each counts', () => {
    let box = emptyOutbox;
    for (let n = 0; n < 1_500; n++) box = take([alert({ reason: `r${n}`, message: `m${n}` })], start + n, box, ['ops']);
    expect(box.notifications).toHaveLength(1_000);
    expect(box.notifications.reduce((sum, { count }) => sum + count, 0)).toBe(1_500);
    expect(Math.max(...box.notifications.map(({ messages }) => messages.length))).toBeLessThanOrEqual(10);
  });
});

describe('a channel', () => {
  test('that has it is not asked again; the others are', () => {
    const box = sent(take([alert({ severity: 'critical' })]), { id: 1, channel: 'log' });
    expect(dueAt(box, start)).toEqual(['1 ops 1']);
    expect(sent(box, { id: 1, channel: 'ops' }).notifications).toEqual([]);
    expect(nextDue(sent(box, { id: 1, channel: 'ops' }))).toBeNull();
  });

  test('that fails is asked later and later, at most every five minutes, for ever', () => {
    let box = take([alert({ severity: 'critical' })], start, emptyOutbox, ['ops']);
    let now = start;
    const pauses: number[] = [];
    for (let n = 0; n < 50; n++) {
      box = failed(box, { id: 1, channel: 'ops' }, now);
      expect(dueAt(box, (nextDue(box) ?? 0) - 1)).toEqual([]);
      pauses.push((nextDue(box) ?? 0) - now);
      now = nextDue(box) ?? 0;
    }
    expect(pauses.slice(0, 10)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300].map((seconds) => seconds * 1_000));
    expect([pauses.at(-1), dueAt(box, now)]).toEqual([300_000, ['1 ops 1']]);
  });
});

describe('what an alert is about', () => {
  const contracts: readonly KnownContract[] = [
    { name: 'arena', address: '0x5FbDB2315678afecb367f032d93F642f64180aa3', lineage: ['SelfPlayArena', 'Pausable'] },
    { name: 'stake-manager', address: '0x9fE46736679d2D9a65F0992F2272dE9f3c7fa6e0', lineage: ['StakeManager'] },
    { name: 'system-pause', address: '0xCf7Ed3AccA5a467e9e704C703E8D87F634fB0Fc9', lineage: ['SystemPause'] },
  ];
  const of = (text: string) => affectedBy(text, contracts).map(({ reason, scope, contracts: names }) => `${reason} ${scope} ${names.join(',')}`);

  test.each([
    ['validator slashed: moderation:block', ['moderation:block arena arena']],
    ['auto-slash:double-vote', ['auto-slash:double-vote arena arena,stake-manager']],
    ['{"labels":{"reason":"auto-slash:stake-manager:late"}}', ['auto-slash:stake-manager:late named stake-manager']],
    ['moderation:StakeManager.', ['moderation:StakeManager named stake-manager']],
    ['moderation:0x9fE46736679d2D9a65F0992F2272dE9f3c7fa6e0:spam', ['moderation:0x9fE46736679d2D9a65F0992F2272dE9f3c7fa6e0:spam named stake-manager']],
    ['moderation:system', ['moderation:system system arena,stake-manager,system-pause']],
    ['moderation:a, then auto-slash:all and moderation:a again', ['moderation:a arena arena', 'auto-slash:all system arena,stake-manager,system-pause']],
    ['MODERATION:block', ['MODERATION:block arena arena']],
    ['premoderation:block, moderation: block, nothing', []],
    ['', []],
  ])('%s', (text, expected) => {
    expect(of(text)).toEqual(expected);
  });

  test('of a hostile text is found in bounded time, and by its name alone', () => {
    expect(affectedBy(`${'moderation:'.repeat(200_000)}x`, contracts).length).toBeLessThan(10);
    expect(affectedBy('moderation:__proto__:constructor', contracts)).toMatchObject([{ scope: 'arena' }]);
  });
});
