// The log: pino on stderr with --verbose, plain progress lines otherwise, nothing with --quiet.
import { type Context, flag, type Options } from './command.ts';
import { redact } from './secrets/secrets.ts';

/** One event of a long run: a sentence for people, and data for machines. Never a secret. */
export type Log = (message: string, data?: Readonly<Record<string, unknown>>) => void;

/** `structured`: lines of JSON for whoever collects them, whatever the options say. */
export async function makeLog(context: Context, options: Options, { structured = false } = {}): Promise<Log> {
  if (flag(options, 'quiet')) return () => {};
  if (!structured && !flag(options, 'verbose')) return (message) => context.stderr(`${redact(message, context.env)}\n`);
  const { pino } = await import('pino');
  const logger = pino({ base: null }, { write: (line: string) => context.stderr(redact(line, context.env)) });
  return (message, data) => logger.info(plain(data ?? {}), message);
}

function plain(data: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, typeof value === 'bigint' ? value.toString() : value]));
}
