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
  KIND_INVALID: { exit: 'badInput', title: 'Kind files have errors; each is listed.' },
  KIND_SYNTAX: { exit: 'badInput', title: 'A kind file is not the YAML that Mooring reads.' },
  KIND_SHAPE: { exit: 'badInput', title: 'A part of a kind file is missing, misplaced or not of its form.' },
  KIND_NOT_FOUND: { exit: 'badInput', title: 'No kind has this name.' },
  KIND_CYCLE: { exit: 'badInput', title: 'Kinds extend each other in a circle.' },
  KIND_DUPLICATE: { exit: 'badInput', title: 'A kind says the same thing twice, or two things of one name.' },
  KIND_FIELD: { exit: 'badInput', title: 'A kind refers to a field that it does not have.' },
  KIND_OVERRIDE: { exit: 'badInput', title: 'A kind changes the role or the risk of a power that it inherits.' },
  KIND_FUNCTION: { exit: 'badInput', title: 'A kind refers to a function that its ABI does not have.' },
  KIND_EVENT: { exit: 'badInput', title: 'A kind refers to an event, or an argument of one, that its ABI does not have.' },
  KIND_ERROR: { exit: 'badInput', title: 'A kind refers to an error that its ABI does not have.' },
  KIND_GETTER: { exit: 'badInput', title: 'A getter does not take or return what its field needs.' },
  KIND_ARGUMENTS: { exit: 'badInput', title: "A setter's arguments do not fit its function." },
  KIND_ACCESS: { exit: 'badInput', title: 'A kind does not say who may call a setter.' },
  KIND_ABSTRACT: { exit: 'badInput', title: 'A contract is said to be of a kind that is only for extending.' },
  KIND_KEY: { exit: 'badInput', title: 'A key is not one of the keys of its field.' },
  // plan
  LIVE_MISSING: { exit: 'indeterminate', title: 'A declared contract was not read from the chain.' },
  LIVE_UNKNOWN: { exit: 'indeterminate', title: 'A value could not be read, so nothing of its contract is planned.' },
  NO_CODE: { exit: 'failure', title: 'There is no code at the address of a declared contract.' },
  CODE_PROXY: { exit: 'done', title: 'A contract is a proxy for another one.' },
  FIELD_ABSENT: { exit: 'badInput', title: 'A declared field is one that the contract does not have.' },
  ADOPTED_LATER: { exit: 'badInput', title: 'A contract is declared as adopted at a block that the chain does not have yet.' },
  STICKY_REDUCTION: { exit: 'denied', title: 'An emergency reduction stays until a human lifts it.' },
  STICKY_UNKNOWN: { exit: 'indeterminate', title: 'Whether a field was reduced in an emergency could not be read, so it is not raised.' },
  OWNER_ZERO: { exit: 'denied', title: 'Ownership is never given to the zero address.' },
  OWNER_UNKNOWN: { exit: 'denied', title: 'Ownership is only given to an address that has a name.' },
  OWNER_OUT_OF_REACH: { exit: 'done', title: 'After the plan nobody whose key is declared could change a contract.' },
  LAST_PAUSER: { exit: 'denied', title: 'The last pauser of a contract is never removed.' },
  LAST_HOLDER: { exit: 'denied', title: 'The last account that can call something is never removed.' },
  NO_SETTER: { exit: 'failure', title: 'No function of the contract can bring about a declared value.' },
  RULE_BROKEN: { exit: 'failure', title: 'The declared values break a rule of the contract, together with the live ones.' },
  RULE_WARNING: { exit: 'done', title: 'The plan leaves a state that works, but not as it should.' },
  VALUE_REFUSED: { exit: 'failure', title: 'A setter would refuse one of the values that it needs.' },
  NO_VALID_ORDER: { exit: 'failure', title: 'There is no order in which every step leaves a valid state.' },
  ROUTE_UNREACHABLE: { exit: 'failure', title: 'Nobody whose key the environment has may make a call.' },
  SIDE_EFFECT_STAYS: { exit: 'failure', title: 'A side effect on a declared field cannot be put back.' },
  PAUSE_NOT_COVERED: { exit: 'done', title: 'A pause of everything leaves a contract running.' },
  POLICY_FROZEN: { exit: 'denied', title: 'Policy freezes the field.' },
  POLICY_LIMIT: { exit: 'denied', title: 'The value is outside what policy allows.' },
  POLICY_STEP: { exit: 'denied', title: 'The value moves further at once than policy allows.' },
  POLICY_FREEZE: { exit: 'denied', title: 'Policy allows no such change at this time.' },
  POLICY_INVARIANT: { exit: 'denied', title: 'An invariant of policy does not hold in the state that the plan leaves.' },
  POLICY_PAUSERS: { exit: 'denied', title: 'Fewer addresses could pause a contract than policy asks for.' },
  // simulate
  PROOF_REVERT: { exit: 'failure', title: 'A step would fail; nothing was sent.' },
  PROOF_CHANGE_MISSING: { exit: 'failure', title: 'All steps succeed, and still a field does not end as the plan says.' },
  PROOF_SIDE_EFFECT: { exit: 'failure', title: 'A step also changes a field that it is not about.' },
  PROOF_EVENT_MISSING: { exit: 'failure', title: 'A step does not emit an event that its kind says it does.' },
  PROOF_UNREADABLE: { exit: 'indeterminate', title: 'A field can be read now, but not after the last step.' },
  PROOF_CODE_CHANGED: { exit: 'failure', title: 'A contract runs other code after the steps, or ran other code than was read.' },
  CALLER_WITHOUT_GAS_MONEY: { exit: 'failure', title: 'A caller cannot pay for its transactions.' },
  // journal
  JOURNAL_CORRUPT: { exit: 'failure', title: 'A line of the journal is not what was written there.' },
  JOURNAL_LOCKED: { exit: 'failure', title: 'Another apply holds the journal.' },
  JOURNAL_NOT_LOCKED: { exit: 'failure', title: 'The journal was to be written without holding its lock; this is a bug.' },
  JOURNAL_WRITE: { exit: 'failure', title: 'The journal could not be written, so nothing was sent.' },
  RECEIPT_CORRUPT: { exit: 'failure', title: 'A receipt does not fit the one before it, or its signature.' },
  // scm
  GIT_MISSING: { exit: 'failure', title: 'git could not be run.' },
  GIT_FAILED: { exit: 'failure', title: 'A git command on this machine failed.' },
  GIT_REMOTE: { exit: 'indeterminate', title: 'The remote repository could not be reached, or did not answer to the end.' },
  GIT_TIMEOUT: { exit: 'indeterminate', title: 'A git command gave no sign of life for too long.' },
  GIT_OUTPUT: { exit: 'indeterminate', title: 'A git command answered with more than Mooring reads.' },
  GIT_NAME: { exit: 'usage', title: 'A remote, ref or commit is not named in a way that Mooring passes on to git.' },
  GIT_OBJECT_MISSING: { exit: 'indeterminate', title: 'The repository does not have a commit, tree or file that is needed.' },
  GIT_TREE: { exit: 'badInput', title: 'A tree has one name twice, or a name that no file can have.' },
  HISTORY_REWRITTEN: { exit: 'failure', title: 'A branch does not lead back to the commit that was its head before.' },
  LEASE_BUSY: { exit: 'failure', title: 'Another apply held the lease for longer than this one waits.' },
  LEASE_LOST: { exit: 'failure', title: 'Another apply has taken the lease over, so this one records and sends nothing more.' },
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
  // desired: files and YAML
  INPUT_INVALID: { exit: 'badInput', title: 'The desired state has errors; every one is listed.' },
  FILE_MISSING: { exit: 'badInput', title: 'A file that the environment needs is missing.' },
  FILE_NOT_REGULAR: { exit: 'badInput', title: 'A directory, a link or something else stands where a file should be.' },
  FILE_TOO_LARGE: { exit: 'badInput', title: 'The file is larger than Mooring reads.' },
  FILE_TOO_MANY: { exit: 'badInput', title: 'The folder has more files than Mooring reads.' },
  FILE_EMPTY: { exit: 'badInput', title: 'The file declares nothing.' },
  FILE_NOT_UTF8: { exit: 'badInput', title: 'The file is not valid UTF-8.' },
  FILE_NAME: { exit: 'badInput', title: 'A name of a file is not one that Mooring can use.' },
  FILE_UNKNOWN: { exit: 'badInput', title: 'A file has no meaning where it lies and is not read.' },
  YAML_SYNTAX: { exit: 'badInput', title: 'The file is not well-formed YAML.' },
  YAML_HIDDEN_CHARACTER: { exit: 'badInput', title: 'The file has a character that a reviewer would not see.' },
  YAML_TOO_DEEP: { exit: 'badInput', title: 'Collections are nested deeper than Mooring reads.' },
  YAML_ALIAS: { exit: 'badInput', title: 'YAML aliases are not allowed.' },
  YAML_ANCHOR: { exit: 'badInput', title: 'YAML anchors are not allowed.' },
  YAML_TAG: { exit: 'badInput', title: 'YAML tags are not allowed.' },
  YAML_DIRECTIVE: { exit: 'badInput', title: 'YAML directives are not allowed.' },
  YAML_EXPLICIT_KEY: { exit: 'badInput', title: 'Explicit YAML keys are not allowed.' },
  YAML_MERGE_KEY: { exit: 'badInput', title: 'YAML merge keys are not allowed.' },
  YAML_DUPLICATE_KEY: { exit: 'badInput', title: 'A key stands twice in one map.' },
  YAML_SEVERAL_DOCUMENTS: { exit: 'badInput', title: 'A file may hold only one YAML document.' },
  YAML_KEY_NOT_ASCII: { exit: 'badInput', title: 'Keys may only have ASCII characters.' },
  YAML_KEY_NOT_TEXT: { exit: 'badInput', title: 'A key is missing, or is a collection.' },
  // desired: shape of a document
  DOCUMENT_VERSION: { exit: 'badInput', title: 'The document has no apiVersion that this Mooring reads.' },
  DOCUMENT_KIND: { exit: 'badInput', title: 'The document is not of the kind that belongs into this file.' },
  MAP_EXPECTED: { exit: 'badInput', title: 'A map of keys and values is expected here.' },
  LIST_EXPECTED: { exit: 'badInput', title: 'A list is expected here.' },
  TEXT_EXPECTED: { exit: 'badInput', title: 'A single value is expected here.' },
  VALUE_EMPTY: { exit: 'badInput', title: 'A key has no value.' },
  KEY_MISSING: { exit: 'badInput', title: 'A key that this document needs is missing.' },
  KEY_UNKNOWN: { exit: 'badInput', title: 'A key is not one that this document has.' },
  VALUE_NOT_ALLOWED: { exit: 'badInput', title: 'The value is not one of those that are possible here.' },
  // desired: values
  NUMBER_SYNTAX: { exit: 'badInput', title: 'The value is not a number in a notation that Mooring reads.' },
  NUMBER_EXPONENT: { exit: 'badInput', title: 'Numbers in exponent notation are not read.' },
  NUMBER_NOT_FINITE: { exit: 'badInput', title: 'Infinity and not-a-number are not numbers here.' },
  NUMBER_BASE: { exit: 'badInput', title: 'Octal, hexadecimal and binary numbers are not read.' },
  NUMBER_LEADING_ZERO: { exit: 'badInput', title: 'A leading zero could mean octal.' },
  NUMBER_SEPARATOR: { exit: 'badInput', title: 'Numbers are written without separators.' },
  NUMBER_TOO_FINE: { exit: 'badInput', title: 'The number has more decimals than its unit can hold.' },
  NUMBER_TOO_WIDE: { exit: 'badInput', title: 'The number does not fit the type of the field.' },
  NUMBER_NEGATIVE: { exit: 'badInput', title: 'The type of the field has no negative numbers.' },
  NUMBER_UNIT: { exit: 'badInput', title: 'The unit is not one that this field is written in.' },
  NUMBER_LOOKS_RAW: { exit: 'badInput', title: 'A decimal value seems to be written in its 18-decimal integer form.' },
  TOKEN_UNKNOWN: { exit: 'badInput', title: 'The token is not in the environment.' },
  BOOLEAN_EXPECTED: { exit: 'badInput', title: 'Only true and false are possible here.' },
  HEX_SYNTAX: { exit: 'badInput', title: 'The value is not hexadecimal data of the right length.' },
  HEX_UNQUOTED: { exit: 'badInput', title: 'Hexadecimal data must be quoted.' },
  ADDRESS_UNQUOTED: { exit: 'badInput', title: 'An address must be quoted; YAML would make a number of it.' },
  ADDRESS_SYNTAX: { exit: 'badInput', title: 'The value is neither a name nor an address.' },
  ADDRESS_CHECKSUM: { exit: 'badInput', title: 'The checksum of an address is wrong or missing.' },
  ADDRESS_ZERO: { exit: 'badInput', title: 'The zero address is not allowed here.' },
  ADDRESS_NAME: { exit: 'badInput', title: 'A name in the address book is not usable as a name.' },
  ADDRESS_NAME_TAKEN: { exit: 'badInput', title: 'One name stands for two addresses.' },
  NAME_UNKNOWN: { exit: 'badInput', title: 'The name is not in the address book.' },
  SECRET_IN_FILE: { exit: 'badInput', title: 'A secret seems to be written into a file of the repository.' },
  // desired: contracts
  KIND_UNKNOWN: { exit: 'badInput', title: 'There is no kind of this name.' },
  FIELD_UNKNOWN: { exit: 'badInput', title: 'The kind has no field of this name.' },
  FIELD_KEY_UNKNOWN: { exit: 'badInput', title: 'The field has no key of this name.' },
  FIELD_READ_ONLY: { exit: 'badInput', title: 'The field has no setter: it can only be observed.' },
  MEMBER_DUPLICATE: { exit: 'badInput', title: 'One thing stands twice in a set.' },
  RANGE_NOT_ALLOWED: { exit: 'badInput', title: 'A range is only possible for a number.' },
  RANGE_INVERTED: { exit: 'badInput', title: 'The lower end of a range is above its upper end.' },
  UNSET_NOT_ALLOWED: { exit: 'badInput', title: 'The field cannot be unset.' },
  VALUE_TOO_SMALL: { exit: 'badInput', title: 'The value is below the smallest that the field allows.' },
  VALUE_TOO_LARGE: { exit: 'badInput', title: 'The value is above the largest that the field allows.' },
  ZERO_MEANS_KEEP: { exit: 'badInput', title: 'The contract reads zero as "leave as it is".' },
  GROUP_INCOMPLETE: { exit: 'badInput', title: 'A rule ties several fields together and not all are declared.' },
  DECLARED_SUM: { exit: 'badInput', title: 'The declared values break a sum rule of the contract.' },
  DECLARED_ORDER: { exit: 'badInput', title: 'The declared values break an order rule of the contract.' },
  DECLARED_EQUAL: { exit: 'badInput', title: 'Two declared values may not be the same.' },
  DECLARED_NOT_MEMBER: { exit: 'badInput', title: 'A declared value has to be a member of a declared set.' },
  DECLARED_COUNT: { exit: 'badInput', title: 'A declared collection has too many members.' },
  DECLARED_NOT_LINKED: { exit: 'badInput', title: 'A contract relies on another one that does not admit it.' },
  SPEC_OBSERVE_CONFLICT: { exit: 'badInput', title: 'A field is declared and observed at once.' },
  ALIAS_CONFLICT: { exit: 'badInput', title: 'Two names of one thing are declared with different values.' },
  ALIAS_TWICE: { exit: 'badInput', title: 'Two names of one thing are declared.' },
  OWNED_ELSEWHERE: { exit: 'badInput', title: 'Another controller may move a value that is declared exactly.' },
  CONTRACT_DUPLICATE: { exit: 'badInput', title: 'Two files declare the contract at one address.' },
  PAUSE_CONTRADICTION: { exit: 'badInput', title: 'Two declarations about the same pause contradict each other.' },
  // desired: policy and lifts
  LIMIT_UNKNOWN: { exit: 'badInput', title: 'A limit or an invariant names a contract, kind or field that does not exist.' },
  LIMIT_UNMATCHED: { exit: 'badInput', title: 'A limit matches no field.' },
  LIMIT_UNITS: { exit: 'badInput', title: 'A limit matches fields of different units.' },
  TIME_SYNTAX: { exit: 'badInput', title: 'A time is not in the form 2026-01-31T00:00:00Z.' },
  LIFT_UNKNOWN: { exit: 'badInput', title: 'A lift names a contract or field that is not declared.' },
  // desired: edits
  EDIT_IMPOSSIBLE: { exit: 'badInput', title: 'The file could not be edited without touching more than was meant.' },
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
