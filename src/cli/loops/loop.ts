// What every loop is to whoever runs it: a turn, done again and again, and what it counts.

/** One thing that is done again and again. */
export type Loop = {
  name: 'thermostat' | 'sentinel' | 'drift';
  /** Milliseconds between the beginnings of two turns. */
  every: number;
  /** One turn. What it throws is told, counted and tried again with the next. SIDE EFFECTS: those of the loop. */
  turn(signal: AbortSignal): Promise<void>;
  /** Ends servers, files and connections. */
  close(): Promise<void>;
};

export type Labels = Readonly<Record<string, string>>;

/** Values that go up and down, with their labels and what they mean. */
export const gauges = {
  last_observation_timestamp_seconds: { labels: ['loop'], help: 'When a loop last saw what it watches, without an error.' },
  drifted_changes: { labels: [], help: 'Differences that somebody made past git.' },
  pending_changes: { labels: [], help: 'Differences that git has asked for and nobody has sent yet.' },
  unknown_fields: { labels: [], help: 'Fields that could not be read.' },
  open_proposals: { labels: ['loop'], help: 'Pull requests of a loop that wait for a decision.' },
  alerts_waiting: { labels: [], help: 'Alerts that not every channel has yet.' },
  standing_reasons: { labels: [], help: 'Reasons to pause that stand.' },
  head_block: { labels: [], help: 'The newest block that was looked at.' },
  leader: { labels: [], help: '1 where this replica acts, 0 where it stands by.' },
} as const;

/** Counts that only grow. */
export const counters = {
  turns_total: { labels: ['loop', 'result'], help: 'Turns of a loop: done or failed.' },
  proposals_total: { labels: ['loop', 'outcome'], help: 'Pull requests: opened, updated, withdrawn or refused.' },
  alerts_total: { labels: ['severity'], help: 'Alerts that were raised.' },
  events_total: { labels: ['result'], help: 'Events of the engine: counted, repeated or refused.' },
  pauses_total: { labels: ['outcome'], help: 'Pauses sent at once: paused, already or failed.' },
  rpc_errors_total: { labels: [], help: 'Turns that failed because the chain could not be read.' },
} as const;

/** Where loops count what they do. */
export type Meters = {
  set(gauge: keyof typeof gauges, value: number, labels?: Labels): void;
  add(counter: keyof typeof counters, labels?: Labels, by?: number): void;
};

/** Counts nothing: for a loop that runs by itself. */
export const noMeters: Meters = { set() {}, add() {} };
