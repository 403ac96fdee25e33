// The nouns that every room shares, and the ports that effects come through. Imports nothing.

/** EIP-55 checksummed, `0x` and 40 hex digits. */
export type Address = string;
/** `0x` and an even number of lower-case hex digits. */
export type Hex = string;
/** Canonical value of one field: integers in their smallest unit, addresses checksummed, bytes lower-case. */
export type Scalar = bigint | boolean | string;

/** What a number counts: decides how people write and read it. */
export type Unit = 'none' | 'count' | 'token' | 'bps' | 'percent' | 'percentOrBps' | 'seconds' | 'fixed18';

/** Where a value was written: one-based line and column. */
export type Source = { file: string; line: number; column: number };

/** A block pinned by hash: all readings of a run belong to one. */
export type BlockRef = { number: bigint; hash: Hex; timestamp: bigint };

// ---------------------------------------------------------------- state

/** The value of a field, declared or live. `range` occurs only in desired, `unknown` and `mixed` only in live state. */
export type FieldValue =
  | { type: 'scalar'; value: Scalar }
  | { type: 'unset' }
  | { type: 'range'; min: bigint; max: bigint }
  /** A complete member set, sorted by lower-case address. */
  | { type: 'members'; members: readonly Address[] }
  /** A complete keyed collection: key (an address) to value. */
  | { type: 'entries'; entries: ReadonlyMap<string, Scalar> }
  /** An aggregate whose parts disagree. */
  | { type: 'mixed'; parts: readonly AggregatePart[] }
  /** Could not be read: never to be taken for empty, zero or false. */
  | { type: 'unknown'; reason: string };

export type AggregatePart = { field: string; target: Address; value: boolean };

/**
 * One field of one contract. `path` is the field's name, with the key after a dot where the field is keyed:
 * `feePct`, `roleMinimumStake.agent`, `roles.MINTER_ROLE`, `orchestrators`, `agiTypes`.
 */
export type FieldState = { path: string; value: FieldValue; source?: Source };

/** What code stands at an address; of a proxy also what it points to. */
export type CodeIdentity = {
  /** keccak256 of the runtime code; null where there is none. */
  hash: Hex | null;
  proxy?: { type: 'erc1967' | 'beacon' | 'clone'; implementation: Address; hash: Hex | null };
};

export type ContractState = {
  name: string;
  kind: string;
  address: Address;
  /** First block of the contract's event history. */
  fromBlock: bigint;
  /** Reductions of risk up to this block are git's own (written by import and adopt). */
  adoptedAt?: bigint;
  fields: ReadonlyMap<string, FieldState>;
  /** Paths that are reported and never written. Desired only; empty in live state. */
  observe: ReadonlySet<string>;
  source?: Source;
  /** Live only. */
  code?: CodeIdentity;
  /** Desired only: one-off acts on this contract. */
  acts?: readonly Act[];
  /** Live only: what was ever done on it that an act does. */
  past?: PastActs;
};

/** What one slash says, in a file or in the event of one. */
export type Slash = { round: bigint; validator: Address; amount: bigint; recipient: Address; reason: string };

/** A one-off act that git asks for: done exactly once, for ever. `id`: its file's name. */
export type Act = Slash & {
  id: string;
  act: 'slash';
  contract: string;
  /** Its event is looked for from this block, whatever the contract's own `fromBlock` says by now. */
  fromBlock: bigint;
  /** `[<environment>/<id>]`: the reason on chain ends in it, and only that makes an event this act. */
  marker: string;
  /** In words, with its amount in the token's unit. */
  text: string;
  source?: Source;
};

/** An event of the chain's history, whether an act of git's was behind it or not. */
export type PastAct = Slash & { transaction: Hex; block: bigint };

export type PastActs =
  | {
      /** Also those that came after the pinned block, unconfirmed as they are. */
      done: readonly PastAct[];
      /** Whether the contract refuses acts while it is paused; null where that was not to be seen, since it isn't. */
      waitsForUnpause: boolean | null;
    }
  | { unknown: string };

/** Desired and live state have one shape, so that diff has two inputs of one type. */
export type State = {
  environment: string;
  chainId: bigint;
  /** Null in desired state. */
  block: BlockRef | null;
  contracts: readonly ContractState[];
  /**
   * Readings of contracts that aren't managed themselves but that rules, routes and aggregates need.
   * Keyed by `factKey(address, function)`; `unknown` where the call failed. Empty in desired state.
   */
  facts: ReadonlyMap<string, FieldValue>;
};

// ---------------------------------------------------------------- environment and policy (trusted configuration)

export type Finality = 'latest' | 'safe' | 'finalized';

/** How to get at a signing key. The key itself is never part of any of these values. */
export type SignerRef = {
  address: Address;
  /** Name in the address book, or the address. */
  name: string;
  key: { from: 'env'; variable: string } | { from: 'keystore'; file: string; passphraseVariable: string };
};

export type Environment = {
  name: string;
  chainId: bigint;
  /** URL templates: `${VARIABLE}` stands for an environment variable, filled in by the CLI and kept secret. */
  rpc: readonly string[];
  /** True demands a second RPC that agrees. */
  production: boolean;
  confirmations: number;
  finality: Finality;
  signers: readonly SignerRef[];
  /** Token symbol to decimals. */
  tokens: ReadonlyMap<string, number>;
  /** An answer of `eth_getLogs` with so many entries or more counts as cut. */
  logLimit: number;
  /** Blocks a range of `eth_getLogs` may span at first. */
  logRange: bigint;
  /** JSON-RPC requests in flight. */
  concurrency: number;
  /** Highest fee a transaction may offer, in wei per gas; null for no limit. */
  maxFeePerGas: bigint | null;
  /** `https://…/tx/` prefix for links, or null. */
  explorer: string | null;
  /** The branch of which remote all machines share as their journal; null where runs are recorded in this checkout alone. */
  journal: { remote: string; branch: string } | null;
  source?: Source;
};

export type AddressBook = {
  byName: ReadonlyMap<string, { address: Address; source: Source }>;
  /** First name of each checksummed address. */
  byAddress: ReadonlyMap<Address, string>;
  /** Of a change of the files: the book before it. Nobody has judged yet what stands in the new one alone. */
  before?: AddressBook;
};

export type Approvals = { count: number; teams: readonly string[] };

/** A limit on a field: `contract.path` or `Kind.path`, `*` matching any run of characters. Values in canonical units. */
export type FieldLimit = {
  match: string;
  min?: bigint;
  max?: bigint;
  /** Largest absolute move in one plan. */
  maxStep?: bigint;
  /** Largest relative move in one plan, in bps of the live value. */
  maxStepBps?: bigint;
  /** True: may not be changed at all. */
  frozen?: boolean;
  source?: Source;
};

/** A time in which only changes of the allowed risks may go out. */
export type FreezeWindow = { from: bigint; to: bigint; allow: readonly Risk[]; reason: string; source?: Source };

/** Compares two fields, or a field and a constant, in the state that the plan leaves. */
export type Invariant = {
  name: string;
  left: string;
  op: '<' | '<=' | '=' | '!=' | '>=' | '>';
  right: string | bigint | boolean;
  source?: Source;
};

export type Policy = {
  /** SHA-256 of the file's canonical content: enters the digest. */
  version: string;
  approvals: Readonly<Record<Risk, Approvals>>;
  /** Contract-file globs that ask for more. */
  paths: readonly { match: string; approvals: Approvals }[];
  limits: readonly FieldLimit[];
  freezes: readonly FreezeWindow[];
  invariants: readonly Invariant[];
  /** True: a plan without proof can't be applied, `--unproven` or not. */
  requireProof: boolean;
  /** Live pausers below which no plan may go. */
  minPausers: number;
  loops: LoopsPolicy;
  /** Of a change of the files: the contracts before it. What policy says of them holds by these names, whatever they are called now. */
  formerly?: readonly FormerContract[];
};

/** What the loops may do. */
export type LoopsPolicy = {
  /** Patterns of the fields that it may propose to change: `contract.field` or `Kind.field`. */
  thermostat: { fields: readonly string[] };
  /** The signer whose key pauses at once; null: it only opens pull requests. */
  sentinel: { pauseSigner: string | null };
};

/** A contract as it was declared before a change. */
export type FormerContract = {
  address: Address;
  name: string;
  /** Its kind, and those that it extends. */
  kinds: readonly string[];
  /** From the repository's root. */
  file?: string;
};

/** A human's decision to reverse one emergency reduction, named by its transaction. */
export type Lift = { contract: string; field: string; member?: string; transaction: Hex; reason: string; by: string; source?: Source };

/** A difference that somebody answers for until a day: it is listed, and not taken for drift. `until` in seconds since the epoch. */
export type Ignore = { contract: string; field: string; member?: string; until: bigint; owner: string; reason: string; source?: Source };

/** Asks to send differences that git declares already; its file is named by the digest that their plan had when it was written. */
export type StandingApproval = {
  digest: string;
  /** Ids of changes. */
  changes: readonly string[];
  /** The pull request whose merged changes these are; null where they are drift, or came by a direct push. */
  pullRequest: number | null;
  reason: string;
  source?: Source;
};

/** What reviewers agree to when they let an incident's contracts run again. */
export type Resume = {
  /** The incident's id, which is the file's name. */
  incident: string;
  /** Names of contracts, as the incident has them. */
  components: readonly string[];
  rootCause: string;
  /** Answers to the checklist. */
  roles: string;
  parameters: string;
  firstRound: string;
  by: string;
  source?: Source;
};

/** Everything that one environment's folder declares. */
export type Desired = {
  environment: Environment;
  policy: Policy;
  addresses: AddressBook;
  state: State;
  lifts: readonly Lift[];
  ignores: readonly Ignore[];
  approvals: readonly StandingApproval[];
  resumes: readonly Resume[];
};

// ---------------------------------------------------------------- incidents

/** A contract that an incident is about. */
export type IncidentComponent = { name: string; address: Address };

/** One that isn't closed. */
export type OpenIncident = { id: string; title: string; components: readonly IncidentComponent[] };

/** An incident as its incident.yaml tells it. Times in seconds since the epoch. */
export type IncidentRecord = OpenIncident & {
  by: string;
  at: bigint;
  /** Its issue's number on GitHub; null where there is none yet. */
  issue: number | null;
  /** `left`: why something of it stays paused; null where nothing is. Null while it is open. */
  closed: { by: string; at: bigint; left: string | null } | null;
};

/** One line of an incident's timeline. `at` in ISO. */
export type IncidentEntry = {
  at: string;
  what: 'opened' | 'widened' | 'issue' | 'paused' | 'pull request' | 'resume' | 'closed' | 'announced';
  by: string;
  text: string;
  /** A pull request that belongs to it. */
  pull?: number;
  /** What it was made of, so that it is entered once. */
  key?: string;
};

/** What holds unpauses up. `unreadable`: records that say nothing; `id` is null where none could be asked for. */
export type Incidents = { open: readonly OpenIncident[]; unreadable: readonly { id: string | null; why: string }[] };

// ---------------------------------------------------------------- plan

export type Risk = 'reduce' | 'increase' | 'ambiguous';
export type Action = 'set' | 'add' | 'remove' | 'do';
export type Severity = 'error' | 'warning' | 'info';

/** One difference between desired and live state. */
export type Change = {
  /** `contract.path`, with `[member]` behind it for a set's member or a collection's key. */
  id: string;
  contract: string;
  kind: string;
  address: Address;
  field: string;
  /** Checksummed member of a set, key of a collection, or an act's id. */
  member?: string;
  action: Action;
  from: FieldValue | null;
  to: FieldValue | null;
  unit: Unit;
  /** What a zero stands for, where the contract gives it a meaning. */
  zeroMeans?: 'off' | 'inherit' | 'keep';
  /** The declared range, of which `to` is the nearest bound. */
  within?: { min: bigint; max: bigint };
  risk: Risk;
  source?: Source;
};

/**
 * What an edit of the files does besides changing the chain: it stops managing something, widens a range, relaxes a policy,
 * moves a name. Asks for approval like a change.
 */
export type Edit = {
  /** `file path-in-it`: unique in a plan. */
  id: string;
  /** From the repository's root. */
  file: string;
  /** What it is about, as people name it: `arena.committeeSize`, `approvals.increase.count`, `treasury-safe`. */
  subject: string;
  /** What happens to it, in words: `is no longer managed`. */
  what: string;
  /** Written values before and after; null where there is none. */
  from: string | null;
  to: string | null;
  risk: Risk;
  source?: Source;
};

/** Data, not prose: policy checks, rules, proof and drift all speak through findings. */
export type Finding = {
  code: string;
  severity: Severity;
  message: string;
  fix?: string;
  contract?: string;
  field?: string;
  source?: Source;
  /** Ids of the changes it is about. */
  changes?: readonly string[];
};

export type DecodedCall = { contract: string; function: string; args: readonly { name: string; type: string; value: unknown }[] };

/** Who sends a step's transaction, and through what. */
export type Route =
  | { via: 'direct'; signer: Address }
  /** The signer calls `relay`, which calls the target. */
  | { via: 'relay'; signer: Address; relay: Address; relayName: string };

/** A statement about one field that must hold before or after a step. */
export type Condition = { contract: string; field: string; member?: string; value: FieldValue | null };

/** One transaction. `to` and `data` are what is sent (the relay's, where there is one); `target` and `call` what is meant. */
export type Step = {
  id: string;
  target: Address;
  to: Address;
  data: Hex;
  value: bigint;
  call: DecodedCall;
  /** Ids of changes; empty for a pure correction of a side effect. */
  covers: readonly string[];
  /** Ids `contract.path` of fields that this step puts back after another step's side effect. */
  corrects: readonly string[];
  /** `contract.path` ids whose live value is carried along in a grouped setter. */
  carries: readonly string[];
  route: Route;
  /** Steps of one group share a broadcast; groups are confirmed one after another, counting from 0. */
  group: number;
  risk: Risk;
  precondition: readonly Condition[];
  postcondition: readonly Condition[];
  /** Event names that its success must show. */
  emits: readonly string[];
  /** The code that it was planned for, of what it calls and of what it goes through, as far as that was read. */
  code?: readonly { address: Address; identity: CodeIdentity }[];
};

/** A field that a step changes besides what was asked for. */
export type SideEffect = {
  contract: string;
  field: string;
  from: FieldValue;
  to: FieldValue;
  unit: Unit;
  step: string;
  managed: boolean;
  /** True when a later step puts it back. */
  corrected: boolean;
};

/** A live field or member that git doesn't manage: listed, so that nothing is silently ignored. */
export type Unmanaged = { contract: string; field: string; value: FieldValue; unit: Unit; reason: 'not declared' | 'observed' | 'undeclared key' | 'by hand' };

/** A reduction of risk found in the chain's history: what stickiness is about. */
export type Reduction = {
  contract: string;
  field: string;
  member?: string;
  transaction: Hex;
  block: bigint;
  sender: Address;
  from: FieldValue | null;
  to: FieldValue;
  /** A receipt of ours names the transaction, or it lies at or before `adoptedAt`. */
  known: boolean;
};

export type ProofMethod = 'simulateV1' | 'runner' | 'fork';

export type StepProof = {
  step: string;
  ok: boolean;
  /** Gas used; what apply adds its margin to. */
  gas: bigint;
  /** Decoded revert reason, e.g. `InvalidSplit()`. */
  error?: string;
  /** Names of decoded events; null where the method returns no logs. */
  events: readonly string[] | null;
};

export type Simulation =
  | {
      status: 'proven' | 'failed';
      method: ProofMethod;
      block: BlockRef;
      /** Wei per gas that balances and costs were reckoned with; null where the node didn't say. */
      feePerGas: bigint | null;
      steps: readonly StepProof[];
      /** Fields read again after the last step, and how many of the declared ones end as declared. */
      reread: number;
      declared: number;
      asDeclared: number;
      sideEffects: readonly SideEffect[];
    }
  | { status: 'unproven'; reason: string }
  | { status: 'not needed' };

export type Plan = {
  version: 1;
  environment: string;
  chainId: bigint;
  block: BlockRef;
  /** SHA-256, hex without `0x`. */
  digest: string;
  changes: readonly Change[];
  /** Empty but in the plan of a pull request. */
  edits: readonly Edit[];
  steps: readonly Step[];
  findings: readonly Finding[];
  unmanaged: readonly Unmanaged[];
  sideEffects: readonly SideEffect[];
  reductions: readonly Reduction[];
  /** What policy asks for, each to be met by itself; empty where nobody has to approve. One person may count for several. */
  approvals: readonly Approvals[];
  policyVersion: string;
  /** Fields that git declares in this environment. */
  declared: number;
  simulation: Simulation;
};

// ---------------------------------------------------------------- the chain

export type CallRequest = { to: Address; data: Hex; from?: Address };
export type CallResult = { ok: boolean; data: Hex };

export type Log = {
  address: Address;
  topics: readonly Hex[];
  data: Hex;
  blockNumber: bigint;
  blockHash: Hex;
  transactionHash: Hex;
  transactionIndex: number;
  logIndex: number;
};

/** Topics as in `eth_getLogs`: each position null, one topic, or any of several. */
export type LogFilter = {
  address: Address | readonly Address[];
  topics: readonly (Hex | readonly Hex[] | null)[];
  fromBlock: bigint;
  toBlock: bigint;
  /** Hash that block `toBlock` must have for whoever answers; else RPC_REORGED. */
  toHash?: Hex;
};

/** Port: reads a chain. Every method throws `MooringError` with code RPC_* (exit 5) when it can't answer. */
export interface ChainReader {
  /** Asked of the node once a run. */
  chainId(): Promise<bigint>;
  head(finality: Finality): Promise<BlockRef>;
  /** The canonical block of that number, or null where the node has none. */
  block(number: bigint): Promise<BlockRef | null>;
  /** All at `block`, by hash, in order, however many; a reverted call is `ok: false` with its revert data. */
  calls(requests: readonly CallRequest[], block: BlockRef): Promise<CallResult[]>;
  code(addresses: readonly Address[], block: BlockRef): Promise<Hex[]>;
  storage(slots: readonly { address: Address; slot: Hex }[], block: BlockRef): Promise<Hex[]>;
  balances(addresses: readonly Address[], block: BlockRef): Promise<bigint[]>;
  /** Complete, or throws. Sorted by block and log index. */
  logs(filter: LogFilter): Promise<Log[]>;
  /** One raw JSON-RPC request. A JSON-RPC error is thrown as RPC_ERROR with the node's code, message and data. */
  request<T>(method: string, params: readonly unknown[]): Promise<T>;
  /** Several in one HTTP request where the node allows; each answer is a result or an error. */
  batch(requests: readonly { method: string; params: readonly unknown[] }[]): Promise<({ result: unknown } | { error: RpcFault })[]>;
  close(): void;
}

export type RpcFault = { code: number; message: string; data?: unknown };

/** Port: signs for one address. Never shows its key. */
export interface Signer {
  address: Address;
  /** Signs an EIP-1559 transaction; returns the raw bytes and their hash. */
  sign(transaction: UnsignedTransaction): Promise<{ raw: Hex; hash: Hex }>;
  /** Signs arbitrary text (EIP-191), for receipts. */
  signMessage(message: string): Promise<Hex>;
}

export type UnsignedTransaction = {
  chainId: bigint;
  nonce: number;
  to: Address;
  data: Hex;
  value: bigint;
  gasLimit: bigint;
  maxFeePerGas: bigint;
  maxPriorityFeePerGas: bigint;
};

// ---------------------------------------------------------------- journal and receipts

/** `step` is null for a self-transfer that burns a nonce. `raw` is `0x` where the bytes are on another machine: it can't be sent again, only its nonce burnt. */
export type SignedTransaction = { step: string | null; signer: Address; hash: Hex; raw: Hex; unsigned: UnsignedTransaction };

/** Append-only. `at` in milliseconds since the epoch. Evidence and nonce safety, not truth. */
export type JournalEvent = {
  run: string;
  at: number;
} /** `genesis`: hash of block 0, which tells a restarted development chain from the old one. `continues`: the unfinished run whose digest this one completes. */ & (
  | {
      type: 'run-started';
      environment: string;
      chainId: bigint;
      genesis: Hex | null;
      digest: string;
      /** What people approved, where a part of it was no longer to be sent; else it is the digest. */
      approval?: string;
      steps: readonly Step[];
      changes: readonly Change[];
      commit: string | null;
      approvedBy: string;
      continues: string | null;
    }
  | { type: 'signed'; group: number; transactions: readonly SignedTransaction[] }
  | { type: 'replacement-signed'; replaces: Hex; transaction: SignedTransaction }
  | { type: 'burn-signed'; replaces: Hex; transaction: SignedTransaction }
  | { type: 'sent'; hash: Hex; answer: 'accepted' | 'known' | 'unsure'; detail?: string }
  | {
      type: 'mined';
      hash: Hex;
      step: string | null;
      block: BlockRef;
      success: boolean;
      gasUsed: bigint;
      effectiveGasPrice: bigint;
      error?: string;
      logs: readonly Log[];
    }
  | { type: 'reorged'; hash: Hex; block: BlockRef }
  | { type: 'confirmed'; hash: Hex; step: string | null; confirmations: number }
  /** What an unfinished run left is settled under a digest approved since: says what that stands for, should this be cut short too. */
  | { type: 'continued'; digest: string; steps: readonly Step[]; changes: readonly Change[] }
  /** A transaction that isn't ours used a journaled nonce, seen at the confirmed depth; null where it couldn't be found. */
  | { type: 'foreign'; signer: Address; nonce: number; hash: Hex | null }
  | { type: 'run-finished'; outcome: RunOutcome; findings: readonly Finding[] }
);

/** done: all sent and verified; partial: some steps done, the rest can go on; stopped: nothing of it counts. */
export type RunOutcome = 'done' | 'partial' | 'stopped';

/** Port: where runs are recorded. `append` returns only when the events would survive a crash. */
export interface JournalStore {
  append(events: readonly JournalEvent[]): Promise<void>;
  read(): Promise<readonly JournalEvent[]>;
  /** Keeps a finished run's receipt, chained to the one before. */
  keepReceipt(receipt: Receipt, signature: Hex): Promise<{ file: string }>;
  receipts(): Promise<readonly Receipt[]>;
  /** Excludes every other writer until released; survives a crash of its holder. */
  lock(): Promise<{ release(): Promise<void> }>;
  /** False where another writer has taken over since: a last look before something is sent. */
  isHeld(): Promise<boolean>;
}

export type Receipt = {
  version: 1;
  run: string;
  /** SHA-256 of the receipt before, or null for the first. */
  previous: string | null;
  environment: string;
  chainId: bigint;
  digest: string;
  commit: string | null;
  approvedBy: string;
  outcome: RunOutcome;
  startedAt: number;
  finishedAt: number;
  transactions: readonly {
    step: string | null;
    hash: Hex;
    signer: Address;
    nonce: number;
    block: bigint;
    success: boolean;
    gasUsed: bigint;
    events: readonly { contract: string; event: string; args: Readonly<Record<string, unknown>> }[];
  }[];
  changes: readonly Change[];
  /** Values read again after the run, by change id. */
  after: Readonly<Record<string, FieldValue>>;
  signer: Address;
};

// ---------------------------------------------------------------- break-glass

/** A flag that only reduces risk, and the value of it that does: `paused`, `expansionsPaused`, an aggregate's `paused`. */
export type PauseTarget = { contract: string; kind: string; address: Address; field: string; value: boolean };

/** Somebody who may set a flag. `as`: the field that says so. `through`: the contract that they call for it, or null. */
export type MayPause = { address: Address; as: string; through: Address | null };

export type PauseState =
  /** By a transaction of ours, mined. */
  | { state: 'paused'; transaction: Hex }
  | { state: 'already' }
  /** Signed and journaled, and not seen to be mined yet: run again to see it through. */
  | { state: 'sent'; transaction: Hex; note: string | null }
  /** Of a rehearsal: it would work now. `through`: the contract that the signer would call, or null for the target itself. */
  | { state: 'ready'; through: Address | null }
  | { state: 'impossible'; why: string; whoCan: readonly MayPause[] };

/** One flag: of the target itself or, where that is an aggregate, of one of its parts (then `part` is its field there). */
export type PauseRow = {
  target: PauseTarget;
  part: string | null;
  contract: string;
  address: Address;
  /** When an earlier command signed the pause, and was cut off (milliseconds since the epoch); null where it was asked for now. */
  since: number | null;
} & PauseState;

/** `run`: the journal's, null where nothing was sent. */
export type PauseReport = { run: string | null; signer: Address; rows: readonly PauseRow[] };

// ---------------------------------------------------------------- drift

export type DriftStatus = 'in sync' | 'pending' | 'drifted' | 'unknown';

/** Who made a field what it is: the last transaction in the event history that touched it. */
export type Author = { transaction: Hex; block: bigint; timestamp: bigint; sender: Address; senderName: string | null; call: DecodedCall | null };

/** `ignored`: somebody answers for it until a day that hasn't come. */
export type DriftItem = {
  change: Change;
  status: 'pending' | 'drifted' | 'emergency' | 'unknown' | 'ignored';
  author: Author | null;
  finding?: Finding;
  ignore?: Ignore;
  /** Of an emergency: the transactions that a lift would have to name. */
  reductions?: readonly Reduction[];
};

export type DriftReport = {
  environment: string;
  chainId: bigint;
  block: BlockRef;
  status: DriftStatus;
  items: readonly DriftItem[];
  findings: readonly Finding[];
  unmanaged: readonly Unmanaged[];
};
