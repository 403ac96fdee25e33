// The managed contracts in a few lines each, after their documented behaviour and not after the kinds: an oracle for plans.
import type { Address } from '../../src/types.ts';
import {
  type Arena,
  argumentsOf,
  type Chain,
  demand,
  govern,
  type Message,
  type Module,
  type Pool,
  Revert,
  type Setters,
  type Stake,
  type SystemPause,
  setPaused,
  setterOf,
  sumOf,
  type Thermostat,
  toggle,
  zero,
} from './simulated-contracts.ts';

/** Calls a contract of the chain. Throws Revert; what it did until then stays, so work on a copy. */
export function call(chain: Chain, message: Message): void {
  const contract = chain.get(message.to);
  if (contract === undefined) throw new Revert(`no contract at ${message.to}`);
  if (contract.type === 'arena') callArena(contract, message);
  else if (contract.type === 'stake') callStake(contract, message);
  else if (contract.type === 'pool') callPool(contract, message);
  else if (contract.type === 'thermostat') callThermostat(contract, message);
  else if (contract.type === 'module') callModule(contract, message);
  else callSystemPause(chain, contract, message);
}

const arenaSetters: Setters<Arena> = {
  setRewards(arena, { numbers }) {
    demand(
      numbers.every((value) => value > 0n),
      'ZeroValue()',
    );
    arena.rewards = numbers;
  },
  setCommitteeParameters(arena, { numbers }) {
    demand(
      numbers.every((value) => value > 0n),
      'ZeroValue()',
    );
    arena.committee = numbers;
  },
  setTargetSuccessRateBps(arena, { number }) {
    demand(number >= 1n && number <= 10_000n, 'ZeroValue()');
    arena.successRate = number;
  },
  setRewardSplits(arena, { numbers }) {
    const sum = sumOf(numbers);
    demand(sum >= 1n && sum <= 10_000n, 'InvalidSplit()');
    arena.splits = numbers;
  },
  setFeePool(arena, { address }) {
    arena.feePool = address;
  },
  setPauser(arena, { address }) {
    arena.pauser = address;
  },
  setOrchestrator: (arena, { address, flag }) => toggle(arena.orchestrators, address, flag),
  transferOwnership(arena, { address }) {
    demand(address !== zero, 'OwnableInvalidOwner');
    arena.owner = address;
  },
  pause: (arena) => setPaused(arena, 'pause'),
  unpause: (arena) => setPaused(arena, 'unpause'),
};

function callArena(arena: Arena, message: Message): void {
  demand(message.from === arena.owner || (message.fn === 'pause' && message.from === arena.pauser), 'OwnableUnauthorizedAccount');
  setterOf(arenaSetters, message.fn)(arena, argumentsOf(message));
}

const stakeSetters: Setters<Stake> = {
  setFeePct: (stake, { number }) => setShare(stake, 0, number),
  setBurnPct: (stake, { number }) => setShare(stake, 1, number),
  setValidatorRewardPct: (stake, { number }) => setShare(stake, 2, number),
  setSlashPercents(stake, { numbers }) {
    const bps = numbers.map((value) => (value <= 100n ? value * 100n : value));
    demand(bps.every((value) => value % 100n === 0n) && sumOf(bps) <= 10_000n, 'InvalidPercentage()');
    stake.slash = numbers;
  },
  setMinStake(stake, { number }) {
    demand(number > 0n, 'InvalidMinStake()');
    stake.minStake = number;
  },
  setMaxStakePerAddress(stake, { number }) {
    stake.maxStake = number;
  },
  setStakeRecommendations(stake, { number, second }) {
    demand(number > 0n && (second === 0n || second >= number), 'InvalidParams()');
    [stake.minStake, stake.maxStake] = [number, second];
  },
  setRoleMinimum(stake, { number, second }) {
    stake.roleMinimums[Number(number)] = second;
  },
  setRoleMinimums(stake, { numbers }) {
    stake.roleMinimums = [...numbers];
  },
  setTreasury(stake, { address }) {
    demand(address === zero || (stake.allowlist.has(address) && address !== stake.governance), 'InvalidTreasury()');
    stake.treasury = address;
  },
  setTreasuryAllowlist: (stake, { address, flag }) => toggle(stake.allowlist, address, flag),
  setMaxAGITypes(stake, { number }) {
    demand(number <= 50n && number >= BigInt(stake.types.size), 'MaxAGITypesReached()');
    stake.maxTypes = number;
  },
  addAGIType(stake, { address, second }) {
    demand(stake.types.has(address) || BigInt(stake.types.size) < stake.maxTypes, 'MaxAGITypesReached()');
    stake.types.set(address, second);
  },
  removeAGIType: (stake, { address }) => demand(stake.types.delete(address), 'AGITypeNotFound()'),
  setPauserManager(stake, { address }) {
    stake.pauserManager = address;
  },
  setGovernance: (stake, { address }) => govern(stake, address),
  transferOwnership: (stake, { address }) => govern(stake, address),
};

function callStake(stake: Stake, message: Message): void {
  const { from, fn } = message;
  const governs = from === stake.governance;
  if (fn === 'pause' || fn === 'unpause') {
    demand(governs || from === stake.pauser, 'Unauthorized()');
    setPaused(stake, fn);
  } else if (fn === 'setPauser') {
    demand(governs || from === stake.pauserManager, 'NotGovernanceOrPauserManager()');
    stake.pauser = argumentsOf(message).address;
  } else {
    demand(governs, 'NotGovernance()');
    setterOf(stakeSetters, fn)(stake, argumentsOf(message));
  }
}

/** The three sum to at most 100 after each call; a changed third one is copied among the slash percentages. */
function setShare(stake: Stake, index: number, value: bigint): void {
  const next = stake.shares.with(index, value);
  demand(sumOf(next) <= 100n, 'InvalidPercentage()');
  if (index === 2 && stake.shares[2] !== value) stake.slash = stake.slash.with(2, value);
  stake.shares = next;
}

function callPool(pool: Pool, { from, fn, args }: Message): void {
  const [address, flag] = args as [Address, boolean];
  const [number = 0n] = args as bigint[];
  if (callPausable(pool, { from, fn, address })) return;
  demand(from === pool.owner, 'OwnableUnauthorizedAccount');
  if (fn === 'setBurnPct') {
    demand(number <= 100n, 'InvalidPercentage()');
    pool.burnPct = number;
  } else if (fn === 'setTreasury') {
    demand(address === zero || (pool.allowlist.has(address) && address !== pool.owner), 'InvalidTreasury()');
    pool.treasury = address;
  } else if (fn === 'setTreasuryAllowlist') toggle(pool.allowlist, address, flag);
  else if (fn === 'setRewarder') toggle(pool.rewarders, address, flag);
  else ownModule(pool, fn, address);
}

function callModule(module: Module, { from, fn, args }: Message): void {
  const [address] = args as [Address];
  if (callPausable(module, { from, fn, address })) return;
  demand(from === module.owner, 'OwnableUnauthorizedAccount');
  ownModule(module, fn, address);
}

type Owned = { owner: Address; pauser: Address; pauserManager: Address; paused: boolean };

function callPausable(module: Owned, { from, fn, address }: { from: Address; fn: string; address: Address }): boolean {
  if (fn === 'pause' || fn === 'unpause') {
    demand(from === module.owner || from === module.pauser, 'NotOwnerOrPauser()');
    setPaused(module, fn);
    return true;
  }
  if (fn !== 'setPauser') return false;
  demand(from === module.owner || from === module.pauserManager, 'NotOwnerOrPauserManager()');
  module.pauser = address;
  return true;
}

function ownModule(module: Owned, fn: string, address: Address): void {
  if (fn === 'setPauserManager') module.pauserManager = address;
  else if (fn === 'transferOwnership') {
    demand(address !== zero, 'OwnableInvalidOwner');
    module.owner = address;
  } else throw new Revert(`unknown function ${fn}`);
}

function callThermostat(thermostat: Thermostat, { from, fn, args }: Message): void {
  const numbers = args as bigint[];
  const [low = 0n, high = 0n] = numbers;
  const within = (value: bigint): boolean => value > 0n && value >= (thermostat.bounds[0] ?? 0n) && value <= (thermostat.bounds[1] ?? 0n);
  demand(from === thermostat.governance, 'NotGovernance()');
  if (fn === 'setSystemTemperature') {
    demand(within(low), 'temp');
    thermostat.temperature = low;
  } else if (fn === 'setTemperatureBounds') {
    demand(low > 0n && high > low, 'bounds');
    thermostat.bounds = [low, high];
    if (thermostat.temperature < low) thermostat.temperature = low;
    if (thermostat.temperature > high) thermostat.temperature = high;
  } else if (fn === 'setIntegralBounds') {
    demand(high > low, 'integral');
    thermostat.integral = [low, high];
  } else if (fn === 'setRoleTemperature') {
    demand(within(high), 'temp');
    thermostat.roles[Number(low)] = high;
  } else if (fn === 'unsetRoleTemperature') thermostat.roles[Number(low)] = null;
  else if (fn === 'setGovernance') {
    const [address] = args as [Address];
    demand(address !== zero, 'ZeroAddress()');
    thermostat.governance = address;
  } else throw new Revert(`unknown function ${fn}`);
}

function callSystemPause(chain: Chain, pause: SystemPause, message: Message): void {
  const { from, to, fn, args } = message;
  const [address] = args as [Address];
  demand(from === pause.governance, 'NotGovernance()');
  if (fn === 'pauseAll' || fn === 'unpauseAll') for (const module of pause.modules) call(chain, { from: to, to: module, fn: fn.replace('All', ''), args: [] });
  else if (fn === 'setGlobalPauser') {
    demand(address !== zero, 'InvalidPauser');
    pause.activePauser = address;
    for (const module of pause.modules) call(chain, { from: to, to: module, fn: 'setPauser', args: [address] });
  } else if (fn === 'executeGovernanceCall') {
    demand(pause.modules.includes(address), 'UnknownGovernanceTarget');
    const [, inner] = args as [Address, Message];
    call(chain, { ...inner, from: to, to: address });
  } else if (fn === 'setGovernance') {
    demand(address !== zero, 'ZeroAddress()');
    pause.governance = address;
  } else throw new Revert(`unknown function ${fn}`);
}
