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
 * A slash that a round asks for, in the reference's words. `transaction` is that of the slash itself; null where it was not
 * made, and a person has to decide.
 */
export function slashLine(at: number, round: bigint, { validator, amount, recipient, cause, transaction }: Slash): LogLine {
  const common = { time: new Date(at).toISOString(), level: 'warn', event: 'validator_slashed', round: String(round), validator } as const;
  return { ...common, amount: String(amount), recipient, message: `validator slashed: ${cause}`, transaction };
}
