// Our contracts on a chain, read and written only through their kinds.
import { fieldAt, staticPaths } from '../../src/kinds/fields.ts';
import type { Kind } from '../../src/kinds/kind.ts';
import { loadKinds } from '../../src/kinds/load-kinds.ts';
import { decodeGetter, encodeGetter } from '../../src/kinds/reads.ts';
import type { Address, Hex, Log, Scalar } from '../../src/types.ts';
import { type ContractWorld, startContractWorld } from '../support/contract-world.ts';

/** Which kind manages which of the deployed contracts. */
export const managed = {
  arena: 'SelfPlayArena',
  stakeManager: 'StakeManager',
  systemPause: 'SystemPause',
  thermostat: 'Thermostat',
  feePool: 'FeePool',
  engineTargets: 'EngineTargets',
  pauseGuard: 'PauseGuard',
  jobRegistry: 'PausableModule',
  arbitratorCommittee: 'PausableModule',
  roleBook: 'AccessControl',
} as const;

export type Managed = keyof typeof managed;

const kinds = loadKinds();

export function kindOf(name: Managed): Kind {
  const kind = kinds.get(managed[name]);
  if (kind === undefined) throw new Error(name);
  return kind;
}

export type KindWorld = ContractWorld & {
  restore(): Promise<void>;
  call(from: Address, to: Address, data: Hex): Promise<{ data: Hex; ok: boolean }>;
  /** Sends, and throws when it reverts. */
  transact(from: Address, to: Address, data: Hex): Promise<Log[]>;
  /** Canonical values by path, of everything that can be read without members. */
  readAll(name: Managed): Promise<Map<string, Scalar>>;
  /** SystemPause acts as owner of its modules. */
  giveModulesToSystemPause(): Promise<void>;
};

/** SIDE EFFECTS: a child process, until `stop`. */
export async function startKindWorld(): Promise<KindWorld> {
  const world = await startContractWorld();
  const restore = await world.snapshot();

  async function call(from: Address, to: Address, data: Hex): Promise<{ data: Hex; ok: boolean }> {
    const body = { jsonrpc: '2.0', id: 1, method: 'eth_call', params: [{ from, to, data }, 'latest'] };
    const response = await fetch(world.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    const answer = (await response.json()) as { result?: Hex; error?: { data?: Hex } };
    return answer.error === undefined ? { ok: true, data: answer.result ?? '0x' } : { ok: false, data: answer.error.data ?? '0x' };
  }

  async function transact(from: Address, to: Address, data: Hex): Promise<Log[]> {
    const receipt = await world.mined({ from, to, data, gas: '0x989680' });
    if (receipt.status !== '0x1') throw new Error(`${data} to ${to} reverted`);
    return receipt.logs;
  }

  async function readAll(name: Managed): Promise<Map<string, Scalar>> {
    const kind = kindOf(name);
    const values = new Map<string, Scalar>();
    for (const path of staticPaths(kind)) {
      const found = fieldAt(kind, path);
      if (found === null || (found.field.shape !== 'value' && found.field.shape !== 'keyed')) continue;
      const data = encodeGetter(kind, found.field, found.key === undefined ? {} : { key: found.key });
      values.set(path, decodeGetter(kind, found.field, (await call(world.accounts.stranger.address, world.addresses[name], data)).data));
    }
    return values;
  }

  async function giveModulesToSystemPause(): Promise<void> {
    const modules = [
      'jobRegistry',
      'stakeManager',
      'validationModule',
      'disputeModule',
      'platformRegistry',
      'feePool',
      'reputationEngine',
      'arbitratorCommittee',
    ] as const;
    for (const on of modules) await world.send({ from: world.accounts.owner.address, on, call: 'transferOwnership', args: [world.addresses.systemPause] });
  }

  return { ...world, restore, call, transact, readAll, giveModulesToSystemPause };
}
