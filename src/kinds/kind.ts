// The resolved shape of a kind: what a contract exposes, as data. Made by load-kind.ts from schemas/kinds/*.yaml
// (with `extends` merged in); no I/O and no behaviour here.
import type { Risk, Scalar, Unit } from '../types.ts';

export type AbiParameter = { name: string; type: string; indexed: boolean; components?: readonly AbiParameter[] };
export type AbiFunction = {
  name: string;
  signature: string;
  selector: string;
  inputs: readonly AbiParameter[];
  outputs: readonly AbiParameter[];
  view: boolean;
};
export type AbiEvent = { name: string; signature: string; topic: string; inputs: readonly AbiParameter[] };
export type AbiError = { name: string; signature: string; selector: string; inputs: readonly AbiParameter[] };

/** How a member set is read from history: the event, its member argument, and what says in or out. */
export type SetHistory = { event: string; member: string; flag: string; key?: string } | { added: string; removed: string; member: string; key?: string };

/**
 * How past values of a field show in events, as the contract's own numbers (make them canonical with `toCanonical`):
 * `value` (and `previous`, where the event has it) name event arguments, and `key` the one that holds the key of a keyed
 * field or an entry; `constant` stands for events without a value (`Paused` means true). Of `entries`, an event with a
 * constant means that the entry is gone.
 */
export type ValueHistory = { event: string; value?: string; previous?: string; key?: string; constant?: Scalar };

export type FieldBase = {
  name: string;
  description: string;
  /** ABI type of the value: `uint16`, `int256`, `address`, `bool`, `bytes32`. */
  type: string;
  unit: Unit;
  /** False: reported, never written (no setter). */
  writable: boolean;
  /** Risk of raising and lowering a number; of setting a flag true or false; of adding and removing a member; of any change. */
  risk: { up: Risk; down: Risk };
  role?: 'owner' | 'pauser' | 'pause' | 'access';
  zeroMeans?: 'off' | 'inherit' | 'keep';
  /** With `inherit`: the field whose value holds instead. */
  inherits?: string;
  /**
   * Another name of the same thing: read for consistency, declared only once. Each of the two has setters, and each of
   * these has a `copy` effect on the other.
   */
  aliasOf?: string;
  /** Smallest and largest canonical value that the contract or common sense allows. */
  min?: bigint;
  max?: bigint;
  /** Addresses: zero is refused. */
  nonZero?: boolean;
  /**
   * Contracts of this kind may lack it. Then its getter reverts (or answers nothing), and the field is *absent*: it has
   * no entry in the live state. It is never absent for another reason, and declaring it where it is absent is an error.
   */
  optional?: boolean;
  /** Another controller may move it: the field (a bool) that says so, or true for always. */
  ownedElsewhere?: string | true;
  /** Where past values show. */
  history: readonly ValueHistory[];
};

export type FieldShape =
  /** `output` is the position in what the getter returns: 0, but for getters of several values. */
  | { shape: 'value'; getter: string; output: number }
  /** Fixed keys: `roleMinimumStake.agent`. `unset`: how to tell "unset" from an equal value, by the latest event. */
  | {
      shape: 'keyed';
      getter: string;
      keys: ReadonlyMap<string, Scalar>;
      keyType: string;
      output: number;
      unset?: { event: string; key: string; value: string; unsetValue: Scalar };
    }
  /** mapping(address => bool) and the like. */
  | { shape: 'members'; getter: string; set: SetHistory }
  /** role => members; a key is a role's name (its keccak256 is used), `DEFAULT_ADMIN_ROLE` (zero) or a bytes32. */
  | { shape: 'keyedMembers'; getter: string; set: SetHistory }
  /** An array getter of (key, value) pairs. */
  | { shape: 'entries'; getter: string; keyType: string; valueType: string }
  /** A flag that is true when `getter()`, one of `foreign`, is true on every contract named by the `over` fields. */
  | { shape: 'aggregate'; over: readonly string[]; getter: string };

export type KindField = FieldBase & FieldShape;

export type SetterArgument =
  | { from: 'field'; field: string }
  | { from: 'key' }
  | { from: 'member' }
  | { from: 'flag' }
  | { from: 'value' }
  | { from: 'constant'; value: Scalar };

/** A way to write fields. `fields` are what it writes; `arguments` are in ABI order. */
export type KindSetter = {
  /** Key in `functions`. */
  function: string;
  /**
   * set: writes each of `fields` from the argument of the same field. setKey / unsetKey: one key of a keyed field.
   * toggleMember: argument `flag` says in or out; addMember, removeMember: one direction each (of a key, for keyedMembers).
   * upsertEntry, removeEntry: one entry. assign: no argument, `assigns` says what it sets.
   */
  does: 'set' | 'setKey' | 'unsetKey' | 'toggleMember' | 'addMember' | 'removeMember' | 'upsertEntry' | 'removeEntry' | 'assign';
  fields: readonly string[];
  arguments: readonly SetterArgument[];
  assigns?: Scalar;
  /** Fields of this contract whose live value names who may call; `roles.X` for a role's members; `anyone`. */
  access: readonly string[];
  emits: readonly string[];
  /** Lower is preferred where several setters would do. */
  preference: number;
  effects: readonly KindEffect[];
};

/** What a setter does besides what it is called for. */
export type KindEffect =
  /** A *changed* `field` is copied to `to`, as the contract's own number: `copiedValue` of fields.ts gives the canonical one. */
  | { effect: 'copy'; field: string; to: string }
  /** `to` (every key of it, where keyed) is moved into [low, high], both fields. */
  | { effect: 'clamp'; to: string; low: string; high: string }
  /** Sets `field` on each contract named by the `over` fields (an aggregate's parts, a global pauser). */
  | { effect: 'spread'; over: readonly string[]; field: string; from: string };

/**
 * A rule that names a keyed field without a key speaks of each key that has a value of its own. A field that is absent
 * breaks no rule. `warning` never stops a plan; where the order is free, one that breaks none is preferred.
 */
type RuleBase = {
  /** Only these setters check it; absent: whichever writes one of its fields. */
  setters?: readonly string[];
  /** The contract's error, e.g. `InvalidSplit()`; absent where only Mooring minds. */
  revert?: string;
  message: string;
  severity: 'error' | 'warning';
};

export type KindRule = RuleBase &
  /** `group`: declaring one of the fields demands them all. */
  (
    | { rule: 'sum'; fields: readonly string[]; min?: bigint; max?: bigint; group: boolean }
    /** lower < upper (or <=); `zeroIsOff`: an upper of 0 passes. */
    | { rule: 'order'; lower: string; upper: string; strict: boolean; zeroIsOff: boolean }
    | { rule: 'between'; field: string; low: string; high: string }
    | { rule: 'notEqual'; field: string; other: string; zeroPasses: boolean }
    /** The value is zero or a member of the set. */
    | { rule: 'memberOf'; field: string; set: string; zeroPasses: boolean }
    | { rule: 'count'; of: string; max: string | bigint }
    /** `function()`, one of `foreign`, of the contract at the field's address returns `equals`. */
    | { rule: 'answers'; field: string; function: string; equals: Scalar; zeroPasses: boolean }
    /** This contract's own address is in `set` of the managed contract that `via` names. */
    | { rule: 'linked'; via: string; set: string }
  );

/** A contract that forwards calls: a step to one of its targets may go through it. */
export type KindRelay = {
  /** Key in `functions`; takes (address target, bytes data). */
  function: string;
  /** Fields of this contract naming the contracts it may call. */
  targets: readonly string[];
  access: readonly string[];
};

/** A contract that pauses others and can do nothing else to them: the pauser that one would give them. */
export type KindPausesOthers = {
  /**
   * Key in `functions`; takes (address[] targets) and returns (uint8[] outcomes), in the order of `guardOutcomes`. What
   * can't be paused doesn't keep the rest from it.
   */
  function: string;
  access: readonly string[];
};

/** A contract that reports a validator's misconduct and slashes for it: what an act of that kind calls. */
export type KindSlashes = {
  /** Key in `functions`; takes (uint256 round, address validator, uint256 amount, address recipient, string reason). */
  function: string;
  /** Key in `events`; has the same values in the same order, so that a slash is known by its reason. */
  event: string;
  access: readonly string[];
  /** The field that names where the stake lies: an event of that contract shows that it is taken. */
  via?: string;
};

/** What `pausesOthers` answers of a target, by number. */
export const guardOutcomes = ['paused', 'already', 'failed'] as const;

export type Kind = {
  name: string;
  description: string;
  /** Itself first, then what it extends, nearest first. */
  lineage: readonly string[];
  /** By name; where a name is overloaded, by signature. */
  functions: ReadonlyMap<string, AbiFunction>;
  /** Functions that are called on the contracts that fields name (`version()`, a module's `paused()`). */
  foreign: ReadonlyMap<string, AbiFunction>;
  events: ReadonlyMap<string, AbiEvent>;
  errors: readonly AbiError[];
  fields: ReadonlyMap<string, KindField>;
  setters: readonly KindSetter[];
  rules: readonly KindRule[];
  relay?: KindRelay;
  pausesOthers?: KindPausesOthers;
  slashes?: KindSlashes;
  /** Who may call the setters that don't say it themselves; `default` in an abstract kind's setters stands for it. */
  access: readonly string[];
  /** True: only for extending, no contract is of this kind. */
  abstract: boolean;
  /** Functions that change state and that no setter covers (acts, rounds): shown when met in history, never planned. */
  otherFunctions: readonly string[];
};

export type Kinds = ReadonlyMap<string, Kind>;
