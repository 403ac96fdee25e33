// The one error class and the one table of codes: what happened, where, how to fix it. No I/O, no rendering.
import type { Finding, Source } from './types.ts';

/** Exit codes of every command. */
export const exitCodes = {
  done: 0,
  failure: 1,
  changes: 2,
  denied: 3,
  stale: 4,
  indeterminate: 5,
  usage: 64,
  badInput: 65,
} as const;

export type ExitName = keyof typeof exitCodes;

/** Every code that an error or a finding can carry: the exit it leads to, and what it means in one sentence. */
export const codes = {
  // usage
  USAGE: { exit: 'usage', title: 'The command line is not understood.' },
  INTERNAL: { exit: 'failure', title: 'Mooring itself failed; this is a bug.' },
} as const satisfies Record<string, { exit: ExitName; title: string }>;

export type Code = keyof typeof codes;

type Details = { fix?: string; source?: Source; findings?: readonly Finding[]; cause?: unknown };

/** The one error that Mooring throws on purpose. Its message never holds a secret. */
export class MooringError extends Error {
  readonly code: Code;
  readonly fix: string | undefined;
  readonly source: Source | undefined;
  /** All errors of a run, where there is more than one. */
  readonly findings: readonly Finding[];

  constructor(code: Code, message: string, details: Details = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'MooringError';
    this.code = code;
    this.fix = details.fix;
    this.source = details.source;
    this.findings = details.findings ?? [];
  }

  get exitCode(): number {
    return exitCodes[codes[this.code].exit];
  }
}
