// A small world for tests of the plan: two owners' worth of contracts with plausible live values. A test adds only what its case needs.
import { toChecksum } from '../../src/kinds/keccak.ts';
import type { Kinds } from '../../src/kinds/kind.ts';
import { loadKinds } from '../../src/kinds/load-kinds.ts';
import type { BuildInput } from '../../src/plan/build-plan.ts';
import type { Address, ContractState, Desired, FieldState, FieldValue, Incidents, Lift, Policy, Reduction, Resume, Scalar, State } from '../../src/types.ts';
import { compareAddresses, factKey } from '../../src/values.ts';

export const kinds: Kinds = loadKinds();

/** The n-th of endless addresses. */
export function addressOf(n: number): Address {
  return toChecksum(`0x${(BigInt(n) + 0x1000000000000000000000000000000000000000n).toString(16).padStart(40, '0')}`);
}

export const zero: Address = '0x0000000000000000000000000000000000000000';

/** Names that every world's address book has. */
export const people = {
  operator: addressOf(1),
  guardian: addressOf(2),
  treasury: addressOf(3),
  'new-treasury': addressOf(4),
  'other-owner': addressOf(5),
  alice: addressOf(6),
  bob: addressOf(7),
} satisfies Record<string, Address>;

export const places = {
  arena: addressOf(101),
  stake: addressOf(102),
  'system-pause': addressOf(103),
  thermostat: addressOf(104),
  'fee-pool': addressOf(105),
  'new-fee-pool': addressOf(106),
  targets: addressOf(107),
  guard: addressOf(108),
  roles: addressOf(109),
  'other-pause': addressOf(110),
} satisfies Record<string, Address>;

export type PlaceName = keyof typeof places;

/** Modules beside the managed ones, in the order of SystemPause's fields. */
export const modules = {
  jobRegistry: addressOf(201),
  validationModule: addressOf(202),
  disputeModule: addressOf(203),
  platformRegistry: addressOf(204),
  reputationEngine: addressOf(205),
  arbitratorCommittee: addressOf(206),
} satisfies Record<string, Address>;

export const token = 10n ** 18n;

/** A value as tests write it: a scalar, a member list, entries as a map, or a FieldValue itself. */
export type Shorthand = Scalar | readonly Address[] | ReadonlyMap<string, Scalar> | FieldValue;
export type Values = Readonly<Record<string, Shorthand>>;

const kindOf: Readonly<Record<PlaceName, string>> = {
  arena: 'SelfPlayArena',
  stake: 'StakeManager',
  'system-pause': 'SystemPause',
  thermostat: 'Thermostat',
  'fee-pool': 'FeePool',
  'new-fee-pool': 'FeePool',
  targets: 'EngineTargets',
  guard: 'PauseGuard',
  roles: 'AccessControl',
  'other-pause': 'SystemPause',
};

const feePool: Values = {
  owner: people.operator,
  paused: false,
  pauser: people.guardian,
  pauserManager: places['system-pause'],
  burnPct: 5n,
  rewarders: [places.arena],
  rewardRole: 2n,
  stakeManager: places.stake,
  governance: people.operator,
  taxPolicy: zero,
  treasury: people.treasury,
  treasuryAllowlist: [people.treasury],
};

const systemPause: Values = {
  governance: people.operator,
  owner: people.operator,
  ...modules,
  stakeManager: places.stake,
  feePool: places['fee-pool'],
  activePauser: people.guardian,
  paused: false,
};

const live: Readonly<Record<PlaceName, Values>> = {
  arena: {
    owner: people.operator,
    paused: false,
    pauser: people.guardian,
    baseTeacherReward: 100n * token,
    baseStudentReward: 50n * token,
    baseValidatorReward: 25n * token,
    committeeSize: 3n,
    validatorStake: 10n * token,
    targetSuccessRateBps: 6000n,
    teacherRewardSplitBps: 5000n,
    studentRewardSplitBps: 3000n,
    validatorRewardSplitBps: 2000n,
    feePool: places['fee-pool'],
    stakeManager: places.stake,
    identityRegistry: addressOf(301),
    jobRegistry: modules.jobRegistry,
    orchestrators: [people.alice],
    totalRounds: 4n,
  },
  stake: {
    governance: people.operator,
    owner: people.operator,
    paused: false,
    pauser: people.guardian,
    pauserManager: places['system-pause'],
    feePct: 5n,
    burnPct: 5n,
    validatorRewardPct: 10n,
    minStake: 100n * token,
    maxStakePerAddress: 0n,
    'roleMinimumStake.agent': 0n,
    'roleMinimumStake.validator': 200n * token,
    'roleMinimumStake.platform': 0n,
    employerSlashPct: 2000n,
    treasurySlashPct: 2000n,
    operatorSlashPct: 1000n,
    validatorSlashRewardPct: 1000n,
    burnSlashPct: 1000n,
    treasury: people.treasury,
    treasuryAllowlist: [people.treasury],
    validatorLockManagers: [places.arena],
    unbondingPeriod: 604_800n,
    maxAGITypes: 10n,
    maxTotalPayoutPct: 200n,
    agiTypes: new Map<string, Scalar>([[addressOf(401), 150n]]),
    jobRegistry: modules.jobRegistry,
    disputeModule: modules.disputeModule,
    validationModule: modules.validationModule,
    feePool: places['fee-pool'],
    thermostat: places.thermostat,
    hamiltonianFeed: zero,
    autoStakeTuning: false,
    stakeDisputeThreshold: 10n,
    stakeIncreasePct: 20n,
    stakeDecreasePct: 10n,
    stakeTuneWindow: 604_800n,
    minStakeFloor: token,
    maxMinStake: 0n,
    stakeTempThreshold: 0n,
    stakeHamiltonianThreshold: 0n,
    disputeWeight: 1n,
    temperatureWeight: 0n,
    hamiltonianWeight: 0n,
  },
  'system-pause': systemPause,
  'other-pause': systemPause,
  thermostat: {
    governance: people.operator,
    owner: people.operator,
    systemTemperature: token,
    minTemp: token / 2n,
    maxTemp: 3n * token,
    kp: 1n,
    ki: 0n,
    kd: 0n,
    wEmission: 1n,
    wBacklog: 1n,
    wSla: 1n,
    integralMin: -10n * token,
    integralMax: 10n * token,
    'roleTemperature.agent': { type: 'unset' },
    'roleTemperature.validator': 2n * token,
    'roleTemperature.operator': { type: 'unset' },
    'roleTemperature.employer': { type: 'unset' },
  },
  'fee-pool': feePool,
  'new-fee-pool': { ...feePool, rewarders: [] },
  targets: {
    owner: people.operator,
    paused: false,
    expansionsPaused: false,
    pauser: people.guardian,
    targetRoi: 2n * token,
    lowerMargin: token / 10n,
    upperMargin: token / 5n,
    wideningAlpha: token / 2n,
    minVisitations: token,
    thompsonPrior: token,
  },
  guard: { owner: people.operator, guardians: [people.guardian, people.bob] },
  roles: { 'roles.DEFAULT_ADMIN_ROLE': [people.operator], 'roles.MINTER_ROLE': [people.alice] },
};

export type WorldOptions = {
  /** What the chain holds, where it differs from the usual. */
  live?: Partial<Record<PlaceName, Values>>;
  /** What git declares: contracts that are named here are managed, and nothing else. */
  desired?: Partial<Record<PlaceName, Values>>;
  observe?: Partial<Record<PlaceName, readonly string[]>>;
  /** SystemPause owns the modules; only the operator may tell it what to do. */
  governed?: boolean;
  signers?: readonly Address[];
  policy?: Partial<Policy>;
  reductions?: readonly Reduction[];
  unknownReductions?: readonly string[];
  lifts?: readonly Lift[];
  resumes?: readonly Resume[];
  incidents?: Incidents;
  facts?: Readonly<Record<string, Shorthand>>;
  code?: Partial<Record<PlaceName, NonNullable<ContractState['code']>>>;
  chainId?: bigint;
  now?: bigint;
  observed?: BuildInput['observed'];
};

export const openPolicy: Policy = {
  version: 'policy-1',
  approvals: { reduce: { count: 0, teams: [] }, increase: { count: 1, teams: ['operators'] }, ambiguous: { count: 2, teams: ['owners'] } },
  paths: [],
  limits: [],
  freezes: [],
  invariants: [],
  requireProof: false,
  minPausers: 1,
  loops: { thermostat: { fields: [] }, sentinel: { pauseSigner: null } },
};

/** Everything that `buildPlan` takes. */
export function planWorld(options: WorldOptions): BuildInput {
  const names = Object.keys(options.desired ?? {}) as PlaceName[];
  const desired: Desired = {
    environment: environmentOf(options),
    policy: { ...openPolicy, ...options.policy },
    addresses: addressBook(),
    lifts: options.lifts ?? [],
    ignores: [],
    approvals: [],
    resumes: options.resumes ?? [],
    state: stateOf(
      names.map((name) => contractOf(name, options.desired?.[name] ?? {}, { declared: true, observe: options.observe?.[name] ?? [] })),
      null,
    ),
  };
  const contracts = names.map((name) => {
    const values = { ...live[name], ...governedValues(name, options), ...options.live?.[name] };
    const contract = contractOf(name, values, { declared: false, observe: [] });
    const code = options.code?.[name] ?? { hash: `0x${'11'.repeat(32)}` };
    return { ...contract, code };
  });
  const state: State = {
    ...stateOf(contracts, { number: 100n, hash: `0x${'22'.repeat(32)}`, timestamp: 1_700_000_000n }),
    chainId: options.chainId ?? 31_337n,
    facts: factsOf(options, names),
  };
  return {
    desired,
    live: state,
    kinds,
    reductions: options.reductions ?? [],
    unknownReductions: options.unknownReductions ?? [],
    now: options.now ?? 1_700_000_000n,
    observed: options.observed ?? [],
    ...(options.incidents === undefined ? {} : { incidents: options.incidents }),
  };
}

function governedValues(name: PlaceName, options: WorldOptions): Values {
  if (options.governed !== true) return {};
  if (name === 'stake') return { governance: places['system-pause'], owner: places['system-pause'] };
  return name === 'fee-pool' ? { owner: places['system-pause'] } : {};
}

/** Modules answer version 2 and go on running; a managed contract's own values are facts, too. */
function factsOf(options: WorldOptions, names: readonly PlaceName[]): Map<string, FieldValue> {
  const facts = new Map<string, FieldValue>();
  const owner = options.governed === true ? places['system-pause'] : people.operator;
  for (const address of [...Object.values(modules), places.stake, places['fee-pool'], places['new-fee-pool']]) {
    facts.set(factKey(address, 'version'), { type: 'scalar', value: 2n });
    facts.set(factKey(address, 'paused'), { type: 'scalar', value: false });
    facts.set(factKey(address, 'owner'), { type: 'scalar', value: owner });
    facts.set(factKey(address, 'pauser'), { type: 'scalar', value: people.guardian });
  }
  for (const name of names) {
    const paused = { ...live[name], ...options.live?.[name] }['paused'];
    if (typeof paused === 'boolean' && name !== 'system-pause') facts.set(factKey(places[name], 'paused'), { type: 'scalar', value: paused });
  }
  for (const [key, value] of Object.entries(options.facts ?? {})) facts.set(key, valueFrom(value));
  return facts;
}

function stateOf(contracts: readonly ContractState[], block: State['block']): State {
  return { environment: 'local', chainId: 31_337n, block, contracts, facts: new Map() };
}

function contractOf(name: PlaceName, values: Values, how: { declared: boolean; observe: readonly string[] }): ContractState {
  const file = `desired-state/local/contracts/${name}.yaml`;
  const fields = new Map<string, FieldState>(
    Object.entries(values).map(([path, value], index) => [
      path,
      { path, value: valueFrom(value), ...(how.declared ? { source: { file, line: index + 6, column: 3 } } : {}) },
    ]),
  );
  return {
    name,
    kind: kindOf[name],
    address: places[name],
    fromBlock: 1n,
    fields,
    observe: new Set(how.observe),
    ...(how.declared ? { source: { file, line: 1, column: 1 } } : {}),
  };
}

function valueFrom(value: Shorthand): FieldValue {
  if (Array.isArray(value)) return { type: 'members', members: [...(value as readonly Address[])].sort(compareAddresses) };
  if (value instanceof Map) return { type: 'entries', entries: value };
  if (typeof value === 'object') return value as FieldValue;
  return { type: 'scalar', value };
}

function environmentOf(options: WorldOptions): Desired['environment'] {
  const signers = options.signers ?? [people.operator];
  return {
    name: 'local',
    chainId: 31_337n,
    rpc: ['http://127.0.0.1:8545'],
    production: false,
    confirmations: 1,
    finality: 'latest',
    signers: signers.map((address) => ({ address, name: nameOf(address), key: { from: 'env', variable: 'MOORING_KEY' } })),
    tokens: new Map([['AGIALPHA', 18]]),
    logLimit: 10_000,
    logRange: 10_000n,
    concurrency: 8,
    maxFeePerGas: null,
    explorer: null,
    journal: null,
  };
}

function nameOf(address: Address): string {
  return Object.entries(people).find(([, other]) => other === address)?.[0] ?? address;
}

function addressBook(): Desired['addresses'] {
  const entries = Object.entries({ ...people, ...places });
  const source = { file: 'desired-state/local/addresses.yaml', line: 1, column: 1 };
  return {
    byName: new Map(entries.map(([name, address]) => [name, { address, source }])),
    byAddress: new Map(entries.map(([name, address]) => [address, name])),
  };
}
