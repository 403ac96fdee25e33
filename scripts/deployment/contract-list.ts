// Which contracts are deployed, in what order and with what arguments. The order decides the addresses: add at the end.
import type { Address } from '../../src/types.ts';

/** 18 decimals. */
export const one: bigint = 10n ** 18n;

/** Names under which deployed contracts are known. */
export type ContractName =
  | 'token'
  | 'identityRegistry'
  | 'jobRegistry'
  | 'stakeManager'
  | 'validationModule'
  | 'disputeModule'
  | 'platformRegistry'
  | 'feePool'
  | 'reputationEngine'
  | 'arbitratorCommittee'
  | 'systemPause'
  | 'thermostat'
  | 'arena'
  | 'engineTargets'
  | 'pauseGuard'
  | 'agentNft'
  | 'scholarNft'
  | 'roleBook'
  | 'multicall3';

export type Addresses = Readonly<Record<ContractName, Address>>;

/** `kind` is the Solidity contract's name, and Mooring's kind where there is one. */
export type ContractEntry = { name: ContractName; kind: string; args: (at: Addresses, owner: Address) => readonly unknown[] };

/** The eight modules, in the order in which SystemPause takes them. */
export const moduleNames = [
  'jobRegistry',
  'stakeManager',
  'validationModule',
  'disputeModule',
  'platformRegistry',
  'feePool',
  'reputationEngine',
  'arbitratorCommittee',
] as const satisfies readonly ContractName[];

const arenaParameters = [100n * one, 50n * one, 20n * one, 3n, 5n * one, 6000n] as const;
const engineTargets = [2n * one, one / 10n, (15n * one) / 100n, one / 2n, one, one] as const;

export const contractList: readonly ContractEntry[] = [
  { name: 'token', kind: 'AGIALPHAToken', args: (_, owner) => [owner] },
  { name: 'identityRegistry', kind: 'IdentityRegistry', args: (_, owner) => [owner] },
  { name: 'jobRegistry', kind: 'JobRegistry', args: (_, owner) => [owner] },
  { name: 'stakeManager', kind: 'StakeManager', args: (at, owner) => [owner, at.token, 10n * one] },
  { name: 'validationModule', kind: 'ValidationModule', args: (_, owner) => [owner] },
  { name: 'disputeModule', kind: 'DisputeModule', args: (at, owner) => [owner, at.stakeManager] },
  { name: 'platformRegistry', kind: 'PlatformRegistry', args: (_, owner) => [owner] },
  { name: 'feePool', kind: 'FeePool', args: (at, owner) => [owner, at.token, at.stakeManager, 1n] },
  { name: 'reputationEngine', kind: 'ReputationEngine', args: (_, owner) => [owner] },
  { name: 'arbitratorCommittee', kind: 'ArbitratorCommittee', args: (_, owner) => [owner] },
  { name: 'systemPause', kind: 'SystemPause', args: (at, owner) => [owner, moduleNames.map((name) => at[name])] },
  { name: 'thermostat', kind: 'Thermostat', args: (_, owner) => [owner, one, one / 2n, 3n * one] },
  {
    name: 'arena',
    kind: 'SelfPlayArena',
    args: (at, owner) => [owner, [at.identityRegistry, at.jobRegistry, at.stakeManager, at.feePool], arenaParameters],
  },
  { name: 'engineTargets', kind: 'EngineTargets', args: (_, owner) => [owner, engineTargets] },
  { name: 'pauseGuard', kind: 'PauseGuard', args: (_, owner) => [owner] },
  { name: 'agentNft', kind: 'AgentNft', args: (_, owner) => ['AGI Agent', 'AGENT', owner] },
  { name: 'scholarNft', kind: 'AgentNft', args: (_, owner) => ['AGI Scholar', 'SCHOLAR', owner] },
  { name: 'roleBook', kind: 'RoleBook', args: (_, owner) => [owner] },
  { name: 'multicall3', kind: 'Multicall3', args: () => [] },
];
