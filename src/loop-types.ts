// The nouns of the loops: their settings, and what the thermostat sees and decides. Open to all rooms.
import type { Address, Hex } from './types.ts';

// ---------------------------------------------------------------- settings

/** Why the sentinel acts. */
export type SentinelReason = 'roi_floor' | 'budget_soft' | 'budget_stop' | 'failure_streak';

/** A flag of a contract and the value of it that reduces risk: all that the sentinel may ask for. */
export type FieldAction = { contract: string; field: string; value: boolean };

/** Where alerts go. URLs are templates, keys are names of environment variables: no secret is part of any of these values. */
export type AlertChannel = { name: string } & (
  | { type: 'log' }
  | { type: 'webhook'; url: string; secretVariable: string }
  | { type: 'alertmanager'; url: string }
  | { type: 'pagerduty'; url: string; keyVariable: string }
  | { type: 'slack'; url: string }
);

/** Numbers are binary doubles, as in the events that they are compared with. */
export type SentinelSettings = {
  /** Value / cost below which a new ROI counts as a breach. */
  roiFloor: number;
  /** Breaches at which expansions are paused. */
  roiGracePeriod: number;
  /** Total cost at which a stop is requested. */
  budgetCap: number;
  /** Share of the cap at which expansions are paused. */
  budgetSoftRatio: number;
  /** Failures of one agent in a row that prune it; `successReset` false: a success takes back only one. */
  failureStreak: { threshold: number; successReset: boolean };
  /** Reward from which on an evaluation counts as a success, where it doesn't say. */
  successThreshold: number;
  monitorIntervalSeconds: number;
  alertChannels: readonly AlertChannel[];
  /** What each reason asks for besides its alert; a failure streak always prunes its agent. */
  actions: Readonly<Record<SentinelReason, readonly FieldAction[]>>;
};

/** Each of the thermostat's guards can be switched off by itself: null or false, and 1 for `steps`. Times in seconds. */
export type ThermostatGuards = {
  /** The readings of so long a time count as one sample, their median. */
  period: number | null;
  /** Fewer readings in a period make no sample. */
  minReadings: number;
  /** An older reading is stale. */
  maxAge: number | null;
  /** A reading further ahead of the clock is from the future. */
  maxAhead: number | null;
  /** Readings must come in order, each once. */
  order: boolean;
  /** ROI below zero or above this is implausible. */
  plausible: number | null;
  /** A longer hole between samples empties the window. */
  maxGap: number | null;
  /** After a change the window begins anew, when the cooldown is over. */
  fresh: boolean;
  /** A value outside its bounds is left alone; the reference would clamp it, against the rule if need be. */
  bounds: boolean;
  /** How many steps a move has at first. */
  steps: number;
  /** A change of direction halves the steps. */
  halve: boolean;
  /** Two moves in a row that bring ROI no further than this share of the target stop the loop. */
  response: number | null;
  /** Nothing is counted or proposed while the sentinel has paused the engine. */
  pause: boolean;
  /** Nothing is proposed in a freeze window. */
  freeze: boolean;
  /** So many control cycles that don't restore ROI escalate. */
  escalate: number | null;
};

/** The reference's settings but for target and margins, whose one home is EngineTargets on chain. Numbers are binary doubles. */
export type ThermostatTuning = {
  /** Samples. */
  roiWindow: number;
  wideningStep: number;
  minWideningAlpha: number;
  maxWideningAlpha: number;
  thompsonStep: number;
  minThompsonPrior: number;
  maxThompsonPrior: number;
  /** Samples. */
  cooldownSteps: number;
};

/** The fields that the thermostat moves. */
export type ThermostatField = 'wideningAlpha' | 'thompsonPrior';

/** loops/thermostat.yaml. */
/** A further field that it may move. Numbers in the field's unit, a double with `decimals` behind the point on chain. */
export type ThermostatKnob = {
  contract: string;
  field: string;
  decimals: number;
  step: number;
  min: number;
  max: number;
  /** Which way it goes against a dip. */
  dip: 'raise' | 'lower';
  dailyCap: number | null;
};

export type ThermostatSettings = ThermostatTuning & {
  /** Beside those of the reference. */
  fields: readonly ThermostatKnob[];
  /** The contract of kind EngineTargets whose fields are moved; null where none is declared. */
  engine: string | null;
  /** What all moves of 24 hours together may come to; a field that isn't there has no cap. */
  dailyCaps: Readonly<Partial<Record<ThermostatField, number>>>;
  /** Between two readings. */
  intervalSeconds: number;
  /** `url` is a template, null where none is written: no secret is part of it. */
  prometheus: { url: string | null; query: string; timeoutSeconds: number };
  guards: ThermostatGuards;
};

/** Who takes part in rounds of the arena: with which job, and how the identity registry knows it. */
export type ArenaEntrant = { name: string; address: Address; job: bigint; subdomain: string; proof: readonly Hex[] };

/** loops/arena.yaml: who takes part, how rounds are judged, and what the orchestrator may do by itself. */
export type ArenaSettings = {
  /** The contract of kind SelfPlayArena; null where none, or more than one, is declared. */
  arena: string | null;
  /** The contract of kind EngineTargets. */
  engine: string | null;
  teachers: readonly ArenaEntrant[];
  /** Students, in the order in which they are tried. `path` is the lineage: `root/a/b`. */
  agents: readonly (ArenaEntrant & { path: string })[];
  validators: readonly ArenaEntrant[];
  studentsPerRound: number;
  difficulty: { first: number; step: number; min: number; max: number };
  /** Score from which on a student has won, 0 to 1. */
  winScore: number;
  /** URL template of who gives the scores; null: they are drawn from the seed, for rehearsals. */
  judge: string | null;
  moderation: {
    /** Never entered, never paid. */
    agents: readonly Address[];
    /** What the judge may say somebody did. */
    subjects: readonly string[];
    /** A validator's score below which it is slashed; null: never. */
    minScore: number | null;
  };
  /** What a slash takes, and all slashes of one seed together, in token wei; null: the orchestrator slashes nobody. */
  slash: { amount: bigint; maxPerRun: bigint; recipient: Address } | null;
};

// ---------------------------------------------------------------- the thermostat's decisions

/** One reading of ROI. `at` in seconds since the epoch; null where history doesn't say. ROI is a metric, so a double. */
export type RoiSample = { at: number | null; roi: number; gmv: number; cost: number; successes: number; failures: number };

/** What the mean says: below the band, or above it. */
export type RoiRule = 'dip' | 'surge';

/** One field's part of a proposal. `most`: how far it may go at once, by its step. */
export type ThermostatMove = { field: string; from: number; to: number; most: number };

export type ThermostatKind =
  /** The reading belongs to a period that isn't over. */
  | 'collecting'
  /** The window isn't full. */
  | 'filling'
  | 'inside'
  | 'cooling'
  /** A dip, and what is proposed against it. */
  | 'raise'
  /** A surge, and what is proposed against it. */
  | 'lower'
  /** Every field is at its bound. */
  | 'saturated'
  /** The reading is not to be believed, or there is none. */
  | 'refused'
  | 'inhibited'
  | 'deferred'
  | 'stopped';

export type ThermostatWhy =
  | 'period-open'
  | 'window-not-full'
  | 'in-band'
  | 'cooldown'
  | 'dip'
  | 'surge'
  | 'at-bounds'
  | 'out-of-bounds'
  | 'not-finite'
  | 'no-timestamp'
  | 'stale'
  | 'future'
  | 'replayed'
  | 'out-of-order'
  | 'implausible'
  | 'too-few'
  | 'too-many'
  | 'silent'
  | 'sentinel-pause'
  | 'closed-by-human'
  | 'freeze'
  | 'daily-cap'
  | 'no-response';

export type ThermostatDecision = {
  kind: ThermostatKind;
  why: ThermostatWhy;
  /** Of the sample, in seconds since the epoch. */
  at: number | null;
  /** The sample that entered the window; null where none did. */
  roi: number | null;
  /** Of the window; null until it is full. */
  mean: number | null;
  band: { lower: number; upper: number };
  rule: RoiRule | null;
  /** Samples in the window. */
  filled: number;
  /** Samples that the cooldown still lasts. */
  cooldown: number;
  /** What to propose; empty where nothing is. A stopped loop proposes to take back what did not help. */
  moves: readonly ThermostatMove[];
  /** An open proposal has lost its reason, and is to be closed with this decision's. */
  withdraw: boolean;
  alerts: readonly ThermostatAlert[];
};

/** `no-response`: two moves changed nothing, the loop is stopped. `not-restored`: two control cycles didn't help; `pause` asks for the full pause. */
export type ThermostatAlert = { type: 'no-response' } | { type: 'not-restored'; cycles: number; pause: boolean } | { type: 'silent' };
