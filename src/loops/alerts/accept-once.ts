// Takes what a request brings into the outbox, once for each key, whatever becomes of its answer. Pure.
import { createHash } from 'node:crypto';
import { type Alert, accept, type Outbox } from './outbox.ts';

export type Request = { key: string | null; body: string };
export type Taken = { outbox: Outbox; result: 'accepted' | 'repeated' | 'conflict' };

/** Keys that are remembered: the outbox is written as a whole. */
const mostKeys = 1_000;

/** Unchanged where the key was there before: `repeated` for the same body, `conflict` for another. */
export function acceptOnce(outbox: Outbox, { key, body }: Request, taking: { alerts: readonly Alert[]; now: number; channels: readonly string[] }): Taken {
  const keys = outbox.keys ?? [];
  const print = createHash('sha256').update(body).digest('hex').slice(0, 16);
  const former = key === null ? undefined : keys.find(([other]) => other === key);
  if (former !== undefined) return { outbox, result: former[1] === print ? 'repeated' : 'conflict' };
  const next = accept(outbox, taking.alerts, { ...taking, foreign: true });
  return { outbox: key === null ? next : { ...next, keys: [...keys.slice(-(mostKeys - 1)), [key, print]] }, result: 'accepted' };
}
