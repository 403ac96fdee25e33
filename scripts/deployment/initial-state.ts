// The calls that turn freshly deployed contracts into a system that works: rounds can be paid, validators slashed, and the
// guardian can pause everything and nothing else. Ends with who owns what.
import type { Address } from '../../src/types.ts';
import type { Accounts } from './accounts.ts';
import { type Addresses, type ContractName, moduleNames, one } from './contract-list.ts';

/** `key`: one key owns everything. `governed`: SystemPause owns the eight modules, and the key governs SystemPause. */
export type Variant = 'key' | 'governed';
export type Call = { on: ContractName; function: string; args: readonly unknown[] };

/** In order; sent by the owner's key, which owns everything at first. */
export function initialCalls(options: { at: Addresses; accounts: Accounts; variant: Variant }): Call[] {
  const { at, accounts, variant } = options;
  return [
    ...arenaCalls(accounts),
    ...stakeCalls(at, accounts),
    ...feePoolCalls(at, accounts),
    ...pauserCalls(at, accounts, variant),
    ...ownershipCalls(at, variant),
  ];
}

function arenaCalls(accounts: Accounts): Call[] {
  return [
    { on: 'arena', function: 'setRewardSplits', args: [5000n, 3000n, 2000n] },
    { on: 'arena', function: 'setOrchestrator', args: [accounts.orchestratorA.address, true] },
    { on: 'arena', function: 'setOrchestrator', args: [accounts.orchestratorB.address, true] },
  ];
}

function stakeCalls(at: Addresses, accounts: Accounts): Call[] {
  const week = 7n * 86_400n;
  const tuning = [10n, 20n, 10n, week, one, 100n * one, 2n * one, 0n, 1n, 1n, 0n];
  return on('stakeManager', [
    ['setModules', at.jobRegistry, at.disputeModule],
    ['setValidationModule', at.validationModule],
    ['setFeePool', at.feePool],
    ['setThermostat', at.thermostat],
    ['setFeePct', 5n],
    ['setBurnPct', 1n],
    ['setValidatorRewardPct', 10n],
    ['setSlashPercents', 10n, 50n, 20n, 10n, 10n],
    ['setMaxStakePerAddress', 1_000_000n * one],
    ['setRoleMinimum', 1n, 25n * one],
    ['setTreasuryAllowlist', accounts.treasury.address, true],
    ['setTreasury', accounts.treasury.address],
    // The arena slashes as a validator lock manager.
    ['setValidatorLockManager', at.arena, true],
    ['setValidatorLockManager', accounts.lockManager.address, true],
    ['addAGIType', at.agentNft, 150n],
    ['addAGIType', at.scholarNft, 120n],
    ['configureAutoStake', ...tuning],
  ]);
}

function feePoolCalls(at: Addresses, accounts: Accounts): Call[] {
  const money = 1_000_000n * one;
  return [
    ...on('feePool', [
      ['setTreasuryAllowlist', accounts.treasury.address, true],
      ['setTreasury', accounts.treasury.address],
      ['setRewarder', at.arena, true],
      ['setGovernance', accounts.owner.address],
    ]),
    { on: 'token', function: 'transfer', args: [at.feePool, money] },
  ];
}

/** The PauseGuard is the pauser of all that can be paused. */
function pauserCalls(at: Addresses, accounts: Accounts, variant: Variant): Call[] {
  const beside: readonly ContractName[] = ['arena', 'engineTargets'];
  const owned = variant === 'key' ? moduleNames : [];
  return [
    { on: 'pauseGuard', function: 'setGuardian', args: [accounts.guardian.address, true] },
    ...beside.map((name) => ({ on: name, function: 'setPauser', args: [at.pauseGuard] })),
    // With SystemPause as pauser manager, setGlobalPauser works here, too.
    ...owned.map((name) => ({ on: name, function: 'setPauserManager', args: [at.systemPause] })),
  ];
}

function ownershipCalls(at: Addresses, variant: Variant): Call[] {
  const governed = variant === 'governed' ? moduleNames : [];
  return [
    ...governed.map((name) => ({ on: name, function: 'transferOwnership', args: [at.systemPause] })),
    { on: 'systemPause', function: 'setGlobalPauser', args: [at.pauseGuard] },
  ];
}

function on(name: ContractName, calls: readonly (readonly [string, ...(bigint | boolean | Address)[]])[]): Call[] {
  return calls.map(([called, ...args]) => ({ on: name, function: called, args }));
}
