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
  // journal
  JOURNAL_CORRUPT: { exit: 'failure', title: 'A line of the journal is not what was written there.' },
  JOURNAL_LOCKED: { exit: 'failure', title: 'Another apply holds the journal.' },
  JOURNAL_NOT_LOCKED: { exit: 'failure', title: 'The journal was to be written without holding its lock; this is a bug.' },
  JOURNAL_WRITE: { exit: 'failure', title: 'The journal could not be written, so nothing was sent.' },
  RECEIPT_CORRUPT: { exit: 'failure', title: 'A receipt does not fit the one before it, or its signature.' },
  // apply
  SIGNER_MISSING: { exit: 'usage', title: 'The key of a signer was not given.' },
  SIGNER_KEY_INVALID: { exit: 'badInput', title: 'What was given as a key or keystore is not one, or its passphrase is wrong.' },
  SIGNER_MISMATCH: { exit: 'badInput', title: 'The key belongs to another address than the environment declares.' },
  STALE_PLAN: { exit: 'stale', title: 'The plan that would be applied now is not the one that was approved.' },
  PLAN_MOVED: { exit: 'stale', title: 'This change is not what it was when the plan was approved.' },
  DIGEST_SPENT: { exit: 'stale', title: 'A run has completed this digest already.' },
  PLAN_UNPROVEN: { exit: 'denied', title: 'The plan is not proven, and nothing allows applying it so.' },
  PLAN_BLOCKED: { exit: 'denied', title: 'The plan has errors.' },
  CODE_MISSING: { exit: 'stale', title: 'There is no code at an address that a step calls.' },
  PRECONDITION_MOVED: { exit: 'stale', title: 'What a step starts from does not hold any more.' },
  PREFLIGHT_REVERT: { exit: 'stale', title: 'A step would fail on the chain as it is now, so it was not signed.' },
  FUNDS_MISSING: { exit: 'failure', title: 'The signer cannot pay for the transactions.' },
  FEE_ABOVE_CAP: { exit: 'failure', title: 'The chain asks for a higher fee than the environment allows.' },
  NONCE_BUSY: { exit: 'failure', title: 'The signer has transactions waiting that the journal does not know.' },
  NONCE_BEHIND: { exit: 'indeterminate', title: 'The chain counts fewer transactions of the signer than the journal has confirmed.' },
  NONCE_GAP: { exit: 'indeterminate', title: 'A journaled transaction cannot be mined because an earlier nonce of its signer is unused.' },
  FOREIGN_TRANSACTION: { exit: 'failure', title: 'A transaction that is not in the journal used a nonce that is.' },
  TRANSACTION_REFUSED: { exit: 'indeterminate', title: 'The node keeps refusing a signed transaction.' },
  TRANSACTION_UNSETTLED: { exit: 'indeterminate', title: 'A transaction was not confirmed in the time allowed.' },
  NONCE_BURNT: { exit: 'done', title: 'The nonce of a transaction that is no longer wanted was used up by a self-transfer.' },
  RUN_CONTINUED: { exit: 'done', title: 'An unfinished run was settled first.' },
  STEP_REVERTED: { exit: 'failure', title: 'A transaction was mined and failed.' },
  STEP_NOT_TRIED: { exit: 'failure', title: 'A step was not tried because an earlier one failed.' },
  EVENT_MISSING: { exit: 'failure', title: 'A transaction succeeded without an event that it should emit.' },
  VERIFY_MISMATCH: { exit: 'failure', title: 'After the run a field is not what was wanted.' },
  VERIFY_INDETERMINATE: { exit: 'indeterminate', title: 'The run was sent, but what it left could not be read.' },
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
