// What a kind file says once it is parsed and has passed schemas/kind.schema.json: the shape that people write. Types only.
import type { Risk, Scalar, Unit } from '../types.ts';
import type { SetHistory, ValueHistory } from './kind.ts';

export type FieldFile = {
  description: string;
  getter?: string;
  output?: bigint | string;
  unit?: Unit;
  risk?: Risk | { up: Risk; down: Risk };
  role?: 'owner' | 'pauser' | 'pause' | 'access';
  zeroMeans?: 'off' | 'inherit' | 'keep';
  inherits?: string;
  aliasOf?: string;
  min?: bigint | string;
  max?: bigint | string;
  nonZero?: boolean;
  optional?: boolean;
  ownedElsewhere?: string | true;
  history?: ValueHistory | ValueHistory[];
  /** One of these makes it another shape than a plain value. */
  keys?: Record<string, Scalar>;
  unset?: { event: string; key: string; value: string; unsetValue: Scalar };
  members?: SetHistory;
  entries?: true;
  over?: string[];
};

export type ArgumentFile = 'key' | 'member' | 'flag' | 'value' | { field: string } | { constant: Scalar };

/** Exactly one of the verbs says what the function does. */
export type SetterFile = {
  function: string;
  sets?: string[];
  setsKey?: string;
  unsetsKey?: string;
  toggles?: string;
  adds?: string;
  removes?: string;
  upserts?: string;
  removesEntry?: string;
  assigns?: Record<string, Scalar>;
  arguments?: ArgumentFile[];
  access?: string[];
  emits?: string[];
  effects?: EffectFile[];
};

export type EffectFile =
  | { copy: { field: string; to: string } }
  | { clamp: { field: string; low: string; high: string } }
  | { spread: { over: string[]; field: string; from: string } };

export type RuleFile = {
  sum?: string[];
  min?: bigint;
  max?: bigint;
  group?: boolean;
  order?: { lower: string; upper: string; strict?: boolean; zeroIsOff?: boolean };
  between?: { field: string; low: string; high: string };
  notEqual?: { field: string; other: string; zeroPasses?: boolean };
  distinct?: string[];
  memberOf?: { field: string; set: string; zeroPasses?: boolean };
  count?: { of: string; max: string | bigint };
  answers?: { fields: string[]; function: string; equals: Scalar; zeroPasses?: boolean };
  linked?: { via: string; set: string };
  setters?: string[];
  revert?: string;
  message: string;
  severity?: 'error' | 'warning';
};

export type KindFile = {
  apiVersion: 'mooring/v1';
  kind: 'Kind';
  name: string;
  description: string;
  abstract?: boolean;
  extends?: string[];
  abi?: string[];
  foreignAbi?: string[];
  access?: string[];
  /** Lists under a name; where the file says the name, `expandGroups` has put the list. */
  groups?: Record<string, string[]>;
  fields?: Record<string, FieldFile>;
  setters?: SetterFile[];
  rules?: RuleFile[];
  relay?: { function: string; targets: string[]; access: string[] };
  pausesOthers?: { function: string; access: string[] };
  slashes?: { function: string; event: string; access: string[]; via?: string };
};
