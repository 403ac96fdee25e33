// Hand-made states, plans and steps for tests of the verdict: no chain.
import type { Change, ContractState, Desired, FieldValue, Plan, Scalar, State, Step } from '../../src/types.ts';

export const addressOf = (n: number): string => `0x${n.toString(16).padStart(40, 'a')}`;

export function scalar(value: Scalar): FieldValue {
  return { type: 'scalar', value };
}

export function members(...list: string[]): FieldValue {
  return { type: 'members', members: list };
}

export function contract(name: string, kind: string, fields: Readonly<Record<string, FieldValue>>, more: Partial<ContractState> = {}): ContractState {
  const states = new Map(Object.entries(fields).map(([path, value]) => [path, { path, value }]));
  return { name, kind, address: addressOf(1), fromBlock: 0n, fields: states, observe: new Set(), ...more };
}

export function state(...contracts: ContractState[]): State {
  const block = { number: 10n, hash: `0x${'b'.repeat(64)}`, timestamp: 1_000n };
  return { environment: 'test', chainId: 1n, block, contracts, facts: new Map() };
}

export function change(id: string, to: FieldValue | null, more: Partial<Change> = {}): Change {
  const [, name = '', field = '', member] = /^(\w+)\.([\w.]+)(?:\[(.*)\])?$/.exec(id) ?? [];
  const base = {
    id,
    contract: name,
    kind: 'SelfPlayArena',
    address: addressOf(1),
    field,
    action: 'set',
    from: null,
    to,
    unit: 'none',
    risk: 'ambiguous',
  } as const;
  return { ...base, ...(member === undefined ? {} : { member }), ...more };
}

export function step(id: string, more: Partial<Step> = {}): Step {
  const [name = '', fn = ''] = id.split('.');
  return {
    id,
    target: addressOf(1),
    to: addressOf(1),
    data: '0x',
    value: 0n,
    call: { contract: name, function: fn, args: [] },
    covers: [],
    corrects: [],
    carries: [],
    route: { via: 'direct', signer: addressOf(9) },
    group: 0,
    risk: 'ambiguous',
    precondition: [],
    postcondition: [],
    emits: [],
    ...more,
  };
}

export function plan(more: Partial<Plan> = {}): Plan {
  return {
    version: 1,
    environment: 'test',
    chainId: 1n,
    block: { number: 10n, hash: `0x${'b'.repeat(64)}`, timestamp: 1_000n },
    digest: 'd'.repeat(64),
    changes: [],
    steps: [],
    findings: [],
    unmanaged: [],
    sideEffects: [],
    reductions: [],
    approvals: [],
    edits: [],
    policyVersion: 'p',
    declared: 0,
    simulation: { status: 'unproven', reason: 'not yet' },
    ...more,
  };
}

export function desiredWith(declared: State, more: { maxFeePerGas?: bigint; names?: Readonly<Record<string, string>> } = {}): Desired {
  const none = { count: 0, teams: [] };
  return {
    environment: {
      name: 'test',
      chainId: 1n,
      rpc: [],
      production: false,
      confirmations: 1,
      finality: 'latest',
      signers: [],
      tokens: new Map(),
      logLimit: 10_000,
      logRange: 10_000n,
      concurrency: 8,
      maxFeePerGas: more.maxFeePerGas ?? null,
      explorer: null,
      journal: null,
    },
    policy: {
      version: 'p',
      approvals: { reduce: none, increase: none, ambiguous: none },
      paths: [],
      limits: [],
      freezes: [],
      invariants: [],
      requireProof: false,
      minPausers: 0,
      loops: { thermostat: { fields: [] }, sentinel: { pauseSigner: null } },
    },
    addresses: { byName: new Map(), byAddress: new Map(Object.entries(more.names ?? {})) },
    state: declared,
    lifts: [],
    ignores: [],
    approvals: [],
    resumes: [],
  };
}
