// Which of the deployed contracts a development environment manages, and under which names and kinds.
import type { Deployment } from './deployment/deploy.ts';

export const contractNames = {
  arena: 'arena',
  stakeManager: 'stake-manager',
  systemPause: 'system-pause',
  thermostat: 'thermostat',
  feePool: 'fee-pool',
  engineTargets: 'engine-targets',
  pauseGuard: 'pause-guard',
  roleBook: 'role-book',
} as const;

export type ManagedContract = keyof typeof contractNames;

export type Managed = { name: string; kind: string; address: string; fromBlock: bigint };

const kinds: Readonly<Partial<Record<ManagedContract, string>>> = { roleBook: 'AccessControl' };

export function managedContracts({ manifest }: Pick<Deployment, 'manifest'>): Managed[] {
  return (Object.keys(contractNames) as ManagedContract[]).map((key) => {
    const { address, kind, fromBlock } = manifest[key];
    return { name: contractNames[key], kind: kinds[key] ?? kind, address, fromBlock };
  });
}
