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
  ROOT_NOT_FOUND: { exit: 'usage', title: 'No desired-state/ folder was found.' },
  ENVIRONMENT_NOT_FOUND: { exit: 'usage', title: 'There is no such environment under desired-state/.' },
  ENVIRONMENT_VARIABLE_MISSING: { exit: 'usage', title: 'An environment variable that the configuration names is not set.' },
  CONFIRMATION_MISSING: { exit: 'usage', title: 'Nothing is sent without a digest, a plan file or a typed confirmation.' },
  PLAN_FILE_INVALID: { exit: 'badInput', title: 'The plan file is not a plan that Mooring wrote.' },
  APPROVAL_REQUIRED: { exit: 'denied', title: 'Policy asks for approvals that this apply does not have.' },
  FILE_EXISTS: { exit: 'usage', title: 'The file is there already and is not overwritten without --force.' },
  DEPLOYMENT_BLOCK_UNKNOWN: { exit: 'indeterminate', title: 'The block in which the contract was deployed could not be found.' },
  SCHEMA_OUT_OF_DATE: { exit: 'failure', title: 'A generated file does not match what would be generated now.' },
  INTERNAL: { exit: 'failure', title: 'Mooring itself failed; this is a bug.' },
  // kinds
  ABI_PARSE: { exit: 'badInput', title: 'A function, event or error signature is not understood.' },
  ABI_ENCODE: { exit: 'badInput', title: 'A value does not fit the type of the argument that it is for.' },
  ABI_DECODE: { exit: 'indeterminate', title: 'A contract answered with data that is not what its signature says.' },
  // live
  RPC_URL: { exit: 'badInput', title: 'An RPC URL is not an http or https URL.' },
  RPC_UNAVAILABLE: { exit: 'indeterminate', title: 'No RPC could be reached, or none answered in time.' },
  RPC_ERROR: { exit: 'indeterminate', title: 'The node answered a request with an error.' },
  RPC_MALFORMED: { exit: 'indeterminate', title: 'The node answered with something that is not an answer to what it was asked.' },
  RPC_NO_BLOCK: { exit: 'indeterminate', title: 'The node does not have the block that was asked for.' },
  RPC_NO_BLOCK_HASH: { exit: 'indeterminate', title: 'The node cannot read the state of a block named by its hash (EIP-1898).' },
  RPC_REORGED: { exit: 'indeterminate', title: 'The pinned block is no longer part of the chain.' },
  LOGS_INCOMPLETE: { exit: 'indeterminate', title: 'The event history could not be read completely.' },
  CHAIN_ID_MISMATCH: { exit: 'badInput', title: 'The RPC serves another chain than the environment declares.' },
  SECOND_RPC_MISSING: { exit: 'badInput', title: 'A production environment needs a second RPC.' },
  PROVIDERS_DISAGREE: { exit: 'indeterminate', title: 'Two RPCs give different answers about the same block.' },
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
