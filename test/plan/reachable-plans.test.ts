// Whatever an owner can bring about by calls of their own, a plan brings about, too: no state is refused without need.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildPlan } from '../../src/plan/build-plan.ts';
import type { FieldValue } from '../../src/types.ts';
import { sameValue } from '../../src/values.ts';
import { addressOf, type PlaceName, people, places, planWorld, type Shorthand, token, type Values, zero } from '../support/plan-world.ts';
import { call } from './contract-simulators.ts';
import { type RandomWorld, randomWorlds } from './random-worlds.ts';
import { type Chain, Revert, type Stake, type Thermostat } from './simulated-contracts.ts';
import { readSimulated } from './simulated-world.ts';

const runs = process.env['MOORING_FULL'] === '1' ? 20_000 : 2_000;

const percent = fc.constantFrom(0n, 5n, 10n, 30n, 50n, 90n, 100n);
const amount = fc.integer({ min: 1, max: 6 }).map((n) => BigInt(n) * token);
const limit = fc.oneof(amount, fc.constant(0n));
const share = fc.constantFrom(0n, 1000n, 5000n);
const treasury = fc.constantFrom(people.treasury, people['new-treasury']);
const somebody = fc.constantFrom(people.alice, people.bob, people.guardian);
const nft = fc.integer({ min: 401, max: 404 }).map(addressOf);
const role = fc.constantFrom(0n, 1n);

const stakeCalls = {
  setFeePct: [percent],
  setBurnPct: [percent],
  setValidatorRewardPct: [percent],
  setSlashPercents: [percent, percent, percent, percent, percent],
  setMinStake: [amount],
  setMaxStakePerAddress: [limit],
  setStakeRecommendations: [amount, limit],
  setTreasury: [fc.oneof(treasury, fc.constant(zero))],
  setTreasuryAllowlist: [treasury, fc.boolean()],
  setMaxAGITypes: [fc.constantFrom(0n, 1n, 2n, 3n)],
  addAGIType: [nft, fc.constantFrom(100n, 150n)],
  removeAGIType: [nft],
  setPauser: [somebody],
  pause: [],
  unpause: [],
};
const arenaCalls = {
  setRewards: [amount, amount, amount],
  setRewardSplits: [share, share, share],
  setFeePool: [fc.constantFrom(places['fee-pool'], places['new-fee-pool'])],
  setOrchestrator: [somebody, fc.boolean()],
  transferOwnership: [fc.constant(people['other-owner'])],
};
const poolCalls = { setRewarder: [fc.constant(places.arena), fc.boolean()], setTreasury: [treasury], setTreasuryAllowlist: [treasury, fc.boolean()] };
const thermostatCalls = {
  setTemperatureBounds: [amount, amount],
  setSystemTemperature: [amount],
  setRoleTemperature: [role, amount],
  unsetRoleTemperature: [role],
  setIntegralBounds: [limit, amount],
};

type Deed = { name: PlaceName; fn: string; args: readonly unknown[] };
const callsOf = (name: PlaceName, calls: Readonly<Record<string, readonly fc.Arbitrary<unknown>[]>>): fc.Arbitrary<Deed>[] =>
  Object.entries(calls).map(([fn, args]) => fc.tuple(...args).map((drawn) => ({ name, fn, args: drawn })));
const deed = fc.oneof(
  ...callsOf('stake', stakeCalls),
  ...callsOf('arena', arenaCalls),
  ...callsOf('fee-pool', poolCalls),
  ...callsOf('new-fee-pool', poolCalls),
  ...callsOf('thermostat', thermostatCalls),
);

test('what an owner can do call by call, a plan does', { timeout: 1_800_000 }, () => {
  const seen = { reached: 0 };
  fc.assert(
    fc.property(randomWorlds, fc.array(deed, { minLength: 1, maxLength: 12 }), fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }), (world, deeds, also) => {
      const start = startOf(world.chain);
      const end = walk(start, deeds);
      if (!isWanted(end)) return;
      seen.reached += 1;
      const declared = declaredOf(world, { start, end, also });
      const facts = Object.fromEntries([...world.input.live.facts].map(([key, value]) => [key, value]));
      const plan = buildPlan(planWorld({ live: valuesOf(world, start), desired: declared, facts }));
      expect(plan.findings.filter((finding) => finding.severity === 'error')).toEqual([]);
    }),
    { numRuns: runs },
  );
  expect(seen.reached).toBeGreaterThan(runs / 3);
});

/** One owner of everything, in a state that nobody would object to. */
function startOf(chain: Chain): Chain {
  const owned = structuredClone(chain);
  for (const contract of owned.values()) {
    if ('owner' in contract && contract.type !== 'module') contract.owner = people.operator;
    if ('governance' in contract) contract.governance = people.operator;
    if ('allowlist' in contract) contract.treasury = [...contract.allowlist].find((account) => account !== people.operator) ?? zero;
    if (contract.type === 'stake') contract.slash = contract.slash.map((percent) => (percent > 20n ? 20n : percent));
  }
  return owned;
}

/** The state after the calls; those that revert do nothing. */
function walk(start: Chain, deeds: readonly Deed[]): Chain {
  let chain = start;
  for (const { name, fn, args } of deeds) {
    const next = structuredClone(chain);
    try {
      call(next, { from: people.operator, to: places[name], fn, args });
      chain = next;
    } catch (error) {
      if (!(error instanceof Revert)) throw error;
    }
  }
  return chain;
}

/**
 * States that can be reached, by a detour, and that nobody should declare: a treasury off its list, slash percentages above
 * 100 %, a role's temperature outside of the bounds.
 */
function isWanted(chain: Chain): boolean {
  const stake = chain.get(places.stake) as Stake;
  const thermostat = chain.get(places.thermostat) as Thermostat;
  const [low = 0n, high = 0n] = thermostat.bounds;
  if (thermostat.roles.some((own) => own !== null && (own < low || own > high))) return false;
  const bps = stake.slash.map((value) => (value <= 100n ? value * 100n : value));
  const pools = (['stake', 'fee-pool', 'new-fee-pool'] as const).map((name) => chain.get(places[name]) as Stake);
  return bps.reduce((sum, value) => sum + value, 0n) <= 10_000n && pools.every((pool) => pool.treasury === zero || pool.allowlist.has(pool.treasury));
}

function valuesOf(world: RandomWorld, chain: Chain): Record<string, Values> {
  return Object.fromEntries(
    Object.entries(world.live).map(([name, values]) => [
      name,
      Object.fromEntries(Object.entries(values).map(([path, value]) => [path, shorthand(readSimulated(chain, name, path)) ?? value])),
    ]),
  );
}

/** Everything that moved, and some of what didn't. */
function declaredOf(world: RandomWorld, { start, end, also }: { start: Chain; end: Chain; also: readonly boolean[] }): Record<string, Values> {
  const declare = (name: string, values: Values): Values =>
    Object.fromEntries(
      Object.keys(values).flatMap((path, index) => {
        const [from, to] = [readSimulated(start, name, path), readSimulated(end, name, path)];
        const value = shorthand(to);
        return from === null || to === null || value === null || (sameValue(from, to) && also[index % also.length] !== true) ? [] : [[path, value]];
      }),
    );
  return Object.fromEntries(Object.entries(world.live).map(([name, values]) => [name, name === 'system-pause' ? {} : declare(name, values)]));
}

function shorthand(value: FieldValue | null): Shorthand | null {
  if (value?.type === 'scalar') return value.value;
  return value?.type === 'members' ? value.members : value;
}
