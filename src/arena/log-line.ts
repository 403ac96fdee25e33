// The orchestrator's log: one JSON object a line. Pure.
import type { Slash } from './round-record.ts';

export type LogLine = { time: string; level: 'info' | 'warn' | 'error'; event: string; message: string } & Readonly<Record<string, string | null>>;

/** `at` in milliseconds since the epoch; whole numbers as decimal text. */
export function logLine(
  at: number,
  { level = 'info', event, round, message }: Pick<LogLine, 'event' | 'message'> & { level?: LogLine['level']; round: string },
): LogLine {
  return { time: new Date(at).toISOString(), level, event, round, message };
}

/**
 * A slash that a round asks for, in the reference's words. The event says who has still to act: `validator_slashed` is for people,
 * and `mooring slash --from-log` proposes it; `slash_reported` was made by the orchestrator, with its transaction;
 * `slash_undecided` has no amount, since no policy gives one. Told again after a crash it is the same line, to the byte.
 */
export function slashLine(round: bigint, { validator, amount, recipient, cause, transaction, at }: Slash): LogLine {
  const event = transaction !== null ? 'slash_reported' : amount === 0n ? 'slash_undecided' : 'validator_slashed';
  const common = { time: new Date(at).toISOString(), level: 'warn', event, round: String(round), validator } as const;
  const message = `validator slashed: ${cause}`;
  if (event === 'slash_undecided') return { ...common, message: `validator to be slashed: ${cause}` };
  return { ...common, amount: String(amount), recipient, message, ...(transaction === null ? {} : { transaction }) };
}
