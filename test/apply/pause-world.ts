// Break-glass on our contracts: a key, a journal of its own, and nodes to ask, for tests of pauseNow.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { managedContracts } from '../../scripts/managed-contracts.ts';
import { pauseNow, rehearsePause } from '../../src/apply/pause/pause-now.ts';
import type { PauseOptions } from '../../src/apply/pause/session.ts';
import type { PauseReport, PauseTarget } from '../../src/apply/pause/types.ts';
import { signerFromEnv } from '../../src/apply/signer.ts';
import { openFileStore } from '../../src/journal/file-store.ts';
import { loadKinds } from '../../src/kinds/load-kinds.ts';
import { connect } from '../../src/live/rpc.ts';
import type { Address, ChainReader, Hex } from '../../src/types.ts';
import type { FieldWorld } from '../support/field-world.ts';

export const kinds = loadKinds();

export type Operator = {
  address: Address;
  folder: string;
  pause(targets: readonly PauseTarget[], more?: Partial<PauseOptions>): Promise<PauseReport>;
  rehearse(targets: readonly PauseTarget[]): Promise<PauseReport>;
  close(): void;
};

type Account = { address: Address; privateKey: Hex };

/** Somebody with a key, at a machine that has paused nothing yet. SIDE EFFECTS: a temporary folder, until `close`. */
export function operator(world: FieldWorld, account: Account, urls: readonly string[] = [world.proxy.url]): Operator {
  const folder = mkdtempSync(join(tmpdir(), 'mooring-pause-'));
  const opened: ChainReader[] = [];
  const options = (): Omit<PauseOptions, 'targets'> => {
    const chains = urls.map((url) => connect({ urls: [url], retries: 0, timeoutMs: 4_000, requestsPerSecond: 100_000 }));
    opened.push(...chains);
    return {
      chains,
      environment: { name: 'field', chainId: 31337n, confirmations: 1, maxFeePerGas: null },
      signer: signerFromEnv({ variable: 'KEY', address: account.address, env: { KEY: account.privateKey } }),
      journal: openFileStore(folder),
      kinds,
      contracts: managedContracts(world.deployment),
      names: new Map(Object.entries(world.addresses).map(([name, address]) => [address, name])),
      log: () => {},
      now: Date.now,
    };
  };
  return {
    address: account.address,
    folder,
    pause: (targets, more = {}) => pauseNow({ ...options(), targets, ...more }),
    rehearse: (targets) => rehearsePause({ ...options(), targets, signer: account.address }),
    close() {
      for (const chain of opened) chain.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What to pause: `arena`, `system-pause`, `engine-targets.expansionsPaused`. */
export function targets(world: FieldWorld, ...names: readonly string[]): PauseTarget[] {
  return names.map((written) => {
    const [name = '', field = 'paused'] = written.split('.');
    const found = managedContracts(world.deployment).find((contract) => contract.name === name);
    if (found === undefined) throw new Error(`no contract ${name}`);
    return { contract: name, kind: found.kind, address: found.address, field, value: true };
  });
}

/** `arena paused`, `job-registry impossible`: what a report says, shortly. */
export function said({ rows }: PauseReport): string[] {
  return rows.map(({ contract, state }) => `${contract} ${state}`);
}
