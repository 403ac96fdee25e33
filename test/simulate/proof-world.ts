// Contracts on a chain, and plans made from edits of what they hold, for tests of the proof.
import type { ContractName } from '../../scripts/deployment/contract-list.ts';
import type { Deployment } from '../../scripts/deployment/deploy.ts';
import type { Variant } from '../../scripts/deployment/initial-state.ts';
import { type AbiValue, encodeCall, parseFunction } from '../../src/kinds/abi.ts';
import type { Kinds } from '../../src/kinds/kind.ts';
import { loadKinds } from '../../src/kinds/load-kinds.ts';
import { connect } from '../../src/live/rpc.ts';
import { type ContractRef, snapshot } from '../../src/live/snapshot.ts';
import { buildPlan } from '../../src/plan/build-plan.ts';
import { prove } from '../../src/simulate/prove.ts';
import type { Address, ChainReader, ContractState, Desired, FieldValue, Plan, ProofMethod, SideEffect, State, Step } from '../../src/types.ts';
import { startAnvil } from '../support/anvil.ts';
import { deploy } from '../support/deploy.ts';
import { startHardhat } from '../support/hardhat.ts';
import { desiredWith, step } from './states.ts';

/** By contract name and path; null takes a declaration away. */
export type Edits = Readonly<Record<string, Readonly<Record<string, FieldValue | null>>>>;

export type Ground = {
  chain: ChainReader;
  kinds: Kinds;
  chainId: bigint;
  contracts: readonly ContractRef[];
  signers: readonly Address[];
  names?: ReadonlyMap<Address, string>;
};
export type PlanOptions = {
  signers?: readonly Address[];
  /** Only the edits are declared; otherwise all that is live, with the edits. */
  only?: boolean;
  observed?: readonly SideEffect[];
  /** Stand in for the planned ones. */
  steps?: readonly Step[];
};
export type Prepared = { plan: Plan; live: State; desired: Desired };
export type ProveOptions = PlanOptions & { methods?: readonly ProofMethod[] };

/** The plan for some edits of what is live at the head, and what it was made from. */
export async function preparePlan(ground: Ground, edits: Edits, options: PlanOptions = {}): Promise<Prepared> {
  const { chain, kinds, chainId, contracts } = ground;
  const live = await snapshot({ chain, kinds, environment: { name: 'test', chainId, production: false, finality: 'latest' }, contracts });
  const desired = desiredFrom(ground, live, { edits, ...options });
  const plan = buildPlan({
    desired,
    live,
    kinds,
    reductions: [],
    now: 1_800_000_000n,
    ...(options.observed === undefined ? {} : { observed: options.observed }),
  });
  return { plan: options.steps === undefined ? plan : { ...plan, findings: [], steps: options.steps, sideEffects: [] }, live, desired };
}

export async function proveEdits(ground: Ground, edits: Edits, options: ProveOptions = {}): Promise<Plan> {
  const { chain, kinds } = ground;
  const prepared = await preparePlan(ground, edits, options);
  return prove({ ...prepared, kinds, chain, ...(options.methods === undefined ? {} : { methods: options.methods }) });
}

function desiredFrom(ground: Ground, live: State, options: { edits: Edits; signers?: readonly Address[]; only?: boolean }): Desired {
  const contracts = live.contracts.map((contract) => edited(contract, options.edits[contract.name] ?? {}, options.only === true));
  const whole = desiredWith({ ...live, block: null, contracts, facts: new Map() });
  const signers = (options.signers ?? ground.signers).map((address) => ({ address, name: address, key: { from: 'env', variable: 'KEY' } as const }));
  return {
    ...whole,
    environment: { ...whole.environment, chainId: ground.chainId, signers },
    addresses: { byName: new Map(), byAddress: ground.names ?? new Map() },
  };
}

function edited(contract: ContractState, edits: Readonly<Record<string, FieldValue | null>>, only: boolean): ContractState {
  const fields = new Map(only ? [] : [...contract.fields].filter(([, { value }]) => value.type !== 'unknown' && value.type !== 'mixed'));
  for (const [path, value] of Object.entries(edits)) {
    if (value === null) fields.delete(path);
    else fields.set(path, { path, value });
  }
  const { code: _, ...rest } = contract;
  return { ...rest, fields };
}

export type RawCall = { from: Address; to: Address; contract?: string; call: string; args?: readonly AbiValue[]; covers?: readonly string[] };

/** A step that nobody planned. `call` is the function in human-readable form. */
export function rawStep(raw: RawCall, index = 0): Step {
  const fn = parseFunction(`function ${raw.call}`);
  const args = (raw.args ?? []).map((value, i) => ({ name: fn.inputs[i]?.name ?? '', type: fn.inputs[i]?.type ?? '', value }));
  const contract = raw.contract ?? 'contract';
  return step(`${index}:${contract}.${fn.name}`, {
    target: raw.to,
    to: raw.to,
    data: encodeCall(fn, raw.args ?? []),
    call: { contract, function: fn.name, args },
    route: { via: 'direct', signer: raw.from },
    covers: raw.covers ?? [],
  });
}

export type ProofWorld = Ground & { url: string; deployment: Deployment; stop(): Promise<void> };

const managed = [
  'arena',
  'stakeManager',
  'systemPause',
  'thermostat',
  'feePool',
  'engineTargets',
  'pauseGuard',
  'roleBook',
] as const satisfies readonly ContractName[];
const kindNames: Readonly<Record<string, string>> = { RoleBook: 'AccessControl' };

/** Our contracts on a chain of their own; its owner's key signs. SIDE EFFECTS: a chain, until `stop`. */
export async function startProofWorld(options: { node?: 'anvil' | 'hardhat'; variant?: Variant } = {}): Promise<ProofWorld> {
  const node = options.node === 'hardhat' ? await startHardhat() : await startAnvil();
  const deployment = await deploy({ url: node.url, variant: options.variant ?? 'key' });
  const chain = connect({ urls: [node.url], requestsPerSecond: 1_000_000 });
  const contracts = managed.map((name) => {
    const { address, fromBlock, kind } = deployment.manifest[name];
    return { name, kind: kindNames[kind] ?? kind, address, fromBlock };
  });
  const names = new Map(Object.entries(deployment.addresses).map(([name, address]) => [address, name]));
  return {
    url: node.url,
    deployment,
    chain,
    kinds: loadKinds(),
    chainId: deployment.chainId,
    contracts,
    signers: [deployment.accounts.owner.address],
    names,
    async stop() {
      chain.close();
      await node.stop();
    },
  };
}

/** Codes of a plan's findings, with where they are about. */
export function codesOf(plan: Plan): string[] {
  return plan.findings.map(({ code, severity, contract, field }) => [severity, code, contract, field].filter((part) => part !== undefined).join(' '));
}
