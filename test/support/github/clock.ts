// The clock of the tests' GitHub, and the times it has stamped on what was written. GitHub's times have whole seconds, and
// the product compares them; so each write has a second of its own.
import { type Fields, isFields } from './exchange.ts';

export type Clock = {
  /** Whole seconds, in ms. */
  now(): number;
  /** One second later. */
  tick(): number;
  advance(seconds: number): void;
};

export function makeClock(): Clock {
  let now = Math.floor(Date.now() / 1000) * 1000;
  return {
    now: () => now,
    tick() {
      now += 1000;
      return now;
    },
    advance(seconds) {
      now += seconds * 1000;
    },
  };
}

/** As GitHub writes it: without fractions. */
export function iso(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}

export type Stamps = {
  /** Fields that an issue or pull request, by its number, or something else, by its node_id, shall show from now on. */
  set(key: number | string, fields: Fields): void;
  /** After a write: what is new gets its first times, what is known its last. */
  wrote(body: unknown, at: number): void;
  /** With its stamped fields instead of the emulator's, as far as it has such fields. */
  apply(value: Fields): Fields;
};

export function makeStamps(): Stamps {
  const known = new Map<string, Fields>();
  function set(key: number | string, fields: Fields): void {
    known.set(String(key), { ...known.get(String(key)), ...fields });
  }
  return {
    set,
    wrote(body, at) {
      const key = isFields(body) ? keyOf(body) : null;
      if (key === null) return;
      const first = { created_at: iso(at), submitted_at: iso(at) };
      set(key, { ...(known.has(key) ? {} : first), updated_at: iso(at) });
    },
    apply(value) {
      const stamped = Object.entries(known.get(keyOf(value) ?? '') ?? {});
      return { ...value, ...Object.fromEntries(stamped.filter(([name]) => (value[name] ?? null) !== null)) };
    },
  };
}

/** A pull request and its issue have one number and one set of times, but two node_ids. */
function keyOf(value: Fields): string | null {
  if (typeof value['number'] === 'number' && 'title' in value) return String(value['number']);
  return typeof value['node_id'] === 'string' ? value['node_id'] : null;
}
