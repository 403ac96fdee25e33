// Our contracts on a chain, and plans made from edits of what they hold, for tests of the proof.
import { deploy } from '../support/deploy.ts';
import { startAnvil } from '../support/anvil.ts';
import { startHardhat } from '../support/hardhat.ts';
import type { ContractName } from '../../scripts/deployment/contract-list.ts';
import type { Deployment } from '../../scripts/deployment/deploy.ts';
import type { Variant } from '../../scripts/deployment/initial-state.ts';
import type { Kinds } from '../../src/kinds/kind.ts';
import { loadKinds } from '../../src/kinds/load-kinds.ts';
import { connect } from '../../src/live/rpc.ts';
import { snapshot } from '../../src/live/snapshot.ts';
import { buildPlan } from '../../src/plan/build-plan.ts';
import { prove } from '../../src/simulate/prove.ts';
import type { Address, ChainReader, ContractState, Desired, FieldValue, Plan, ProofMethod, SideEffect, State } from '../../src/types.ts';
import { desiredWith } from './states.ts';

/** By contract name and path; null takes a declaration away. */
export type Edits = Readonly<Record<string, Readonly<Record<string, FieldValue | null>>>>;

export type PlanWorld = {
  deployment: Deployment;
  chain: ChainReader;
  kinds: Kinds;
  /** Reads the contracts at the head. */
  live(names?: readonly string[]): Promise<State>;
  /** What is live, edited, all of it declared but for what `only` leaves out. */
  desired(live: State, edits: Edits, more?: { signers?: readonly Address[]; only?: boolean }): Desired;
  /** The plan for these edits, with what it was made from. */
  plan(edits: Edits, more?: PlanOptions): Promise<Prepared>;
  proven(edits: Edits, more?: PlanOptions & { methods?: readonly ProofMethod[] }): Promise<Plan>;
  stop(): Promise<void>;
};

export type PlanOptions = { signers?: readonly Address[]; only?: boolean; names?: readonly string[]; observed?: readonly SideEffect[] };
export type Prepared = { plan: Plan; live: State; desired: Desired };

const managed = ['arena', 'stakeManager', 'systemPause', 'thermostat', 'feePool', 'engineTargets', 'pauseGuard', 'roleBook'] as const satisfies readonly ContractName[];
const kindNames: Readonly<Record<string, string>> = { RoleBook: 'AccessControl' };

/** SIDE EFFECTS: a chain, until `stop`. */
export async function startPlanWorld(options: { node?: 'anvil' | 'hardhat'; variant?: Variant; url?: (real: string) => Promise<string> } = {}): Promise<PlanWorld> {
  const node = options.node === 'hardhat' ? await startHardhat() : await startAnvil();
  const deployment = await deploy({ url: node.url, variant: options.variant ?? 'key' });
  const chain = connect({ urls: [(await options.url?.(node.url)) ?? node.url], requestsPerSecond: 1_000_000 });
  const kinds = loadKinds();
  const owner = deployment.accounts.owner.address;

  function live(names: readonly string[] = managed): Promise<State> {
    const contracts = managed
      .filter((name) => names.includes(name))
      .map((name) => {
        const { address, fromBlock, kind } = deployment.manifest[name];
        return { name, kind: kindNames[kind] ?? kind, address, fromBlock };
      });
    return snapshot({ chain, kinds, environment: { name: 'test', chainId: deployment.chainId, production: false, finality: 'latest' }, contracts });
  }

  function desired(from: State, edits: Edits, more: { signers?: readonly Address[]; only?: boolean } = {}): Desired {
    const contracts = from.contracts.map((contract) => edited(contract, edits[contract.name] ?? {}, more.only === true));
    const whole = desiredWith({ ...from, block: null, contracts, facts: new Map() });
    const signers = (more.signers ?? [owner]).map((address) => ({ address, name: address, key: { from: 'env', variable: 'KEY' } as const }));
    const names = new Map(Object.entries(deployment.addresses).map(([name, address]) => [address, name]));
    const environment = { ...whole.environment, chainId: deployment.chainId, signers };
    return { ...whole, environment, addresses: { byName: new Map(), byAddress: names } };
  }

  async function plan(edits: Edits, more: PlanOptions = {}): Promise<Prepared> {
    const from = await live(more.names);
    const wanted = desired(from, edits, more);
    const built = buildPlan({ desired: wanted, live: from, kinds, reductions: [], now: 1_800_000_000n, ...(more.observed === undefined ? {} : { observed: more.observed }) });
    return { plan: built, live: from, desired: wanted };
  }

  return {
    deployment,
    chain,
    kinds,
    live,
    desired,
    plan,
    async proven(edits, more = {}) {
      return prove({ ...(await plan(edits, more)), kinds, chain, ...(more.methods === undefined ? {} : { methods: more.methods }) });
    },
    async stop() {
      chain.close();
      await node.stop();
    },
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
