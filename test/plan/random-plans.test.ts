// Any live state, any declared state: every prefix of the plan is valid on contracts that were written down independently,
// and what is declared is reached, or a finding says why not. 10,000 worlds; 100,000 in full form.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { describeCall } from '../../src/kinds/writes.ts';
import { buildPlan } from '../../src/plan/build-plan.ts';
import type { Plan, Step } from '../../src/types.ts';
import { sameValue, satisfies } from '../../src/values.ts';
import { kinds, places, zero } from '../support/plan-world.ts';
import { call } from './contract-simulators.ts';
import { type RandomWorld, randomWorlds } from './random-worlds.ts';
import type { Chain, Message, Pool, Stake } from './simulated-contracts.ts';
import { partsOf, pausedAt, readSimulated } from './simulated-world.ts';

const runs = process.env['MOORING_FULL'] === '1' ? 100_000 : 10_000;

test('every prefix of every plan is valid, and its end is what was declared', { timeout: 1_800_000 }, () => {
  const seen = { plans: 0, steps: 0, refused: 0, noOrder: 0 };
  fc.assert(
    fc.property(randomWorlds, (world) => {
      const plan = buildPlan(world.input);
      seen.plans += 1;
      seen.steps += plan.steps.length;
      if (errorsOf(plan).length > 0) seen.refused += 1;
      if (errorsOf(plan).some((finding) => finding.code === 'NO_VALID_ORDER')) seen.noOrder += 1;
      checkPlan(world, plan);
    }),
    { numRuns: runs },
  );
  // Were most of them refused, the property would say little.
  expect(seen.steps).toBeGreaterThan(seen.plans * 2);
  expect(seen.refused).toBeLessThan(seen.plans * 0.7);
});

/** A hundred thousand worlds of a hundred fields: too many for expect(). */
function demand(holds: boolean, what: string): void {
  if (!holds) throw new Error(`not so: ${what}`);
}

function errorsOf(plan: Plan): Plan['findings'] {
  return plan.findings.filter((finding) => finding.severity === 'error');
}

function checkPlan(world: RandomWorld, plan: Plan): void {
  const chain = structuredClone(world.chain);
  const bonds = bondsOf(chain);
  let before = textOf(chain);
  const warned = plan.findings.some((finding) => finding.code === 'RULE_WARNING');
  for (const [index, step] of plan.steps.entries()) {
    const { group } = step;
    if (index === 0 || plan.steps[index - 1]?.group !== group)
      checkHoles(
        chain,
        plan.steps.filter((other) => other.group === group),
      );
    call(chain, messageOf(step));
    const after = textOf(chain);
    demand(after !== before, `${step.id} does something`);
    before = after;
    for (const [bond, held] of bondsOf(chain)) if (bonds.get(bond) === true && !(bond === 'arena' && warned)) demand(held, `${bond} holds after ${step.id}`);
  }
  checkEnd(world, plan, chain);
  checkUntouched(world, plan, chain);
}

/** Whichever single one of a group reverts, the others still go through. */
function checkHoles(chain: Chain, group: readonly Step[]): void {
  if (group.length < 2) return;
  for (const hole of group) {
    const copy = structuredClone(chain);
    for (const step of group) if (step !== hole) call(copy, messageOf(step));
  }
}

function messageOf(step: Step): Message {
  const inner = { fn: step.call.function, args: step.call.args.map((arg) => arg.value) };
  if (step.route.via === 'direct') return { from: step.route.signer, to: step.target, ...inner };
  return { from: step.route.signer, to: step.route.relay, fn: 'executeGovernanceCall', args: [step.target, inner] };
}

/** What must not be broken on the way if it held at first: treasuries are allowlisted, the arena is paid from its pool. */
function bondsOf(chain: Chain): Map<string, boolean> {
  const treasury = (name: 'stake' | 'fee-pool' | 'new-fee-pool'): boolean => {
    const contract = chain.get(places[name]) as Stake | Pool;
    return contract.treasury === zero || contract.allowlist.has(contract.treasury);
  };
  const arena = chain.get(places.arena);
  const pool = arena?.type === 'arena' ? chain.get(arena.feePool) : undefined;
  return new Map([
    ...(['stake', 'fee-pool', 'new-fee-pool'] as const).map((name): [string, boolean] => [name, treasury(name)]),
    ['arena', pool?.type !== 'pool' || pool.rewarders.has(places.arena)],
  ]);
}

function textOf(chain: Chain): string {
  return JSON.stringify([...chain.values()], (_, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value instanceof Set ? [...value].sort() : value instanceof Map ? [...value].sort() : value,
  );
}

/** Without an error everything declared is so; with one, at least everything that the steps are about. */
function checkEnd(world: RandomWorld, plan: Plan, chain: Chain): void {
  const complete = errorsOf(plan).length === 0;
  const covered = new Set(plan.steps.flatMap((step) => step.covers));
  for (const contract of world.input.desired.state.contracts) {
    for (const { path, value } of contract.fields.values()) {
      const end = readSimulated(chain, contract.name, path);
      if (end === null || (!complete && (!covered.has(`${contract.name}.${path}`) || path === 'paused'))) continue;
      demand(satisfies(end, value), `${contract.name}.${path} ends as declared`);
    }
  }
}

/** Nothing else moves but what is listed as a side effect. */
function checkUntouched(world: RandomWorld, plan: Plan, chain: Chain): void {
  const moved = new Set([
    ...plan.changes.map((change) => `${change.contract}.${change.field}`),
    ...plan.sideEffects.filter((effect) => !effect.corrected).map((effect) => `${effect.contract}.${effect.field}`),
  ]);
  for (const contract of world.input.live.contracts) {
    for (const { path, value } of contract.fields.values()) {
      const end = readSimulated(chain, contract.name, path);
      if (end === null || moved.has(`${contract.name}.${path}`) || (contract.name === 'system-pause' && path === 'paused')) continue;
      demand(sameValue(end, value), `${contract.name}.${path} stays`);
    }
  }
  const pauses = plan.changes.some((change) => change.id === 'system-pause.paused');
  for (const target of Object.values(partsOf()))
    if (!pauses && target !== places.stake && target !== places['fee-pool'])
      demand(pausedAt(chain, target) === pausedAt(world.chain, target), `${target} stays`);
}

test('the call data says what the decoded call says', () => {
  fc.assert(
    fc.property(randomWorlds, (world) => {
      for (const step of buildPlan(world.input).steps.filter((each) => each.route.via === 'direct')) {
        const contract = world.input.live.contracts.find((each) => each.address === step.target);
        const kind = kinds.get(contract?.kind ?? 'PausableModule');
        if (kind === undefined) throw new Error('no such kind');
        expect(describeCall(kind, step.call.contract, step.data)).toEqual(step.call);
      }
    }),
    { numRuns: runs / 20 },
  );
});
