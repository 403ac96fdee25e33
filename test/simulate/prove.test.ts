// Plans on our contracts, proved on real chains.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect } from '../../src/live/rpc.ts';
import { prove } from '../../src/simulate/prove.ts';
import type { ChainReader, Plan, ProofMethod } from '../../src/types.ts';
import { startRpcProxy } from '../support/rpc-proxy.ts';
import { codesOf, type Edits, type ProofWorld, preparePlan, proveEdits, type RawCall, rawStep, startProofWorld } from './proof-world.ts';
import { members, scalar } from './states.ts';

const all: readonly ProofMethod[] = ['simulateV1', 'runner', 'fork'];
const token = 10n ** 18n;
const errors = (plan: Plan) => codesOf(plan).filter((code) => code.startsWith('error'));
const stepErrors = (plan: Plan) => ('steps' in plan.simulation ? plan.simulation.steps.map((step) => step.error) : null);

describe('one key owns everything', () => {
  let world: ProofWorld;
  beforeAll(async () => {
    world = await startProofWorld();
  });
  afterAll(() => world.stop());

  /** Steps that nobody planned, as a plan of no changes. */
  async function run(calls: readonly RawCall[], method: ProofMethod, edits: Edits = {}): Promise<Plan> {
    return proveEdits(world, edits, { steps: calls.map(rawStep), methods: [method] });
  }

  test.each(all)('%s: a plan over several contracts', async (method) => {
    const { orchestratorA, orchestratorC } = world.deployment.accounts;
    const edits = {
      arena: {
        teacherRewardSplitBps: scalar(6000n),
        studentRewardSplitBps: scalar(2500n),
        validatorRewardSplitBps: scalar(1500n),
        orchestrators: members(orchestratorA.address, orchestratorC.address),
      },
      stakeManager: { feePct: scalar(7n), minStake: scalar(9n * token), 'roleMinimumStake.agent': scalar(3n * token) },
    };
    const plan = await proveEdits(world, edits, { methods: [method] });
    expect(codesOf(plan)).toEqual([]);
    if (plan.simulation.status !== 'proven') throw new Error(plan.simulation.status);
    expect(plan.simulation.reread).toBe(plan.simulation.declared);
    expect(plan.simulation.asDeclared).toBe(plan.declared);
    expect(plan.simulation.steps.map((step) => step.step)).toEqual(plan.steps.map((step) => step.id));
    expect(plan.simulation.feePerGas).toBeGreaterThan(0n);
  });

  test.each(all)('%s: a role temperature set and unset, which only an event tells from an equal one', async (method) => {
    const first = { thermostat: { 'roleTemperature.agent': scalar(token) } };
    expect(codesOf(await proveEdits(world, first, { methods: [method] }))).toEqual([]);
    const { owner } = world.deployment.accounts;
    const { thermostat } = world.deployment.addresses;
    const set = { from: owner.address, to: thermostat, contract: 'thermostat', call: 'setRoleTemperature(uint8 role, int256 temperature)', args: [1n, token] };
    const unset = { ...set, call: 'unsetRoleTemperature(uint8 role)', args: [1n] };
    const both = await run([set, unset], method);
    expect(both.simulation).toMatchObject({ status: 'proven', sideEffects: [] });
    const one = await run([set], method);
    expect(one.simulation).toMatchObject({
      status: 'failed',
      sideEffects: [{ field: 'roleTemperature.validator', from: { type: 'unset' }, to: scalar(token) }],
    });
  });

  test.each(all)('%s: a function that the contract does not have', async (method) => {
    const { systemPause } = world.deployment.addresses;
    const plan = await run([{ from: world.deployment.accounts.owner.address, to: systemPause, contract: 'systemPause', call: 'pause()' }], method);
    expect(errors(plan)).toEqual(['error PROOF_REVERT systemPause']);
    expect(stepErrors(plan)?.[0]).toMatch(/^reverted without a reason/);
  });

  test.each(all)('%s: what a dry run that only prints calls OK', async (method) => {
    const { accounts, addresses } = world.deployment;
    const [owner, stranger] = [accounts.owner.address, accounts.stranger.address];
    const plan = await run(
      [
        { from: owner, to: addresses.arena, contract: 'arena', call: 'setRewardSplits(uint16,uint16,uint16)', args: [6000n, 10000n, 10000n] },
        { from: stranger, to: addresses.stakeManager, contract: 'stakeManager', call: 'setMinStake(uint256)', args: [1n] },
        { from: owner, to: addresses.stakeManager, contract: 'stakeManager', call: 'setFeePct(uint256)', args: [90n] },
        { from: owner, to: addresses.thermostat, contract: 'thermostat', call: 'setSystemTemperature(int256)', args: [100n * token] },
        { from: stranger, to: addresses.arena, contract: 'arena', call: 'setTargetSuccessRateBps(uint256)', args: [1n] },
        { from: owner, to: addresses.arena, contract: 'arena', call: 'unpause()' },
        // The one that works is run although those before it fail.
        { from: owner, to: addresses.arena, contract: 'arena', call: 'pause()' },
        { from: accounts.orchestratorA.address, to: addresses.arena, contract: 'arena', call: 'closeRound(uint256)', args: [0n] },
      ],
      method,
    );
    expect(stepErrors(plan)).toEqual([
      'InvalidSplit()',
      'NotGovernance()',
      'InvalidPercentage()',
      'Error("temp")',
      `OwnableUnauthorizedAccount(${stranger})`,
      'ExpectedPause()',
      undefined,
      'EnforcedPause()',
    ]);
    expect(errors(plan)).toContain('error PROOF_SIDE_EFFECT arena paused');
  });

  test.each(all)('%s: a slash by a caller whom the StakeManager does not accept', async (method) => {
    const { accounts, addresses } = world.deployment;
    const slash = {
      to: addresses.stakeManager,
      contract: 'stakeManager',
      call: 'slash(address,uint256,address)',
      args: [accounts.validator.address, 1n, accounts.treasury.address],
    };
    const plan = await run(
      [
        { ...slash, from: accounts.stranger.address },
        { ...slash, from: addresses.arena },
      ],
      method,
    );
    expect(stepErrors(plan)).toEqual(['Unauthorized()', 'InsufficientStake()']);
  });

  test.each(all)('%s: a percentage that drags another along, foreseen and put back, or shown', async (method) => {
    const edit = { stakeManager: { validatorRewardPct: scalar(12n) } };
    const plan = await proveEdits(world, edit, { methods: [method] });
    expect(plan.steps.map((step) => step.call.function)).toEqual(['setValidatorRewardPct', 'setSlashPercents']);
    expect(errors(plan)).toEqual([]);
    expect(plan.simulation).toMatchObject({ status: 'proven', sideEffects: [{ field: 'validatorSlashRewardPct', corrected: true }] });
    const free = await proveEdits(world, { stakeManager: { ...edit.stakeManager, validatorSlashRewardPct: null } }, { methods: [method] });
    expect(free.simulation).toMatchObject({ status: 'proven', sideEffects: [{ field: 'validatorSlashRewardPct', managed: false, corrected: false }] });
  });

  test('a side effect that the kind does not know of is seen all the same', async () => {
    const manager = world.kinds.get('StakeManager');
    if (manager === undefined) throw new Error('no StakeManager');
    const blind = new Map(world.kinds).set('StakeManager', { ...manager, setters: manager.setters.map((setter) => ({ ...setter, effects: [] })) });
    const plan = await proveEdits({ ...world, kinds: blind }, { stakeManager: { validatorRewardPct: scalar(12n), minStake: scalar(9n * token) } });
    expect(errors(plan)).toEqual(['error PROOF_SIDE_EFFECT stakeManager validatorSlashRewardPct']);
    expect(plan.simulation).toMatchObject({ status: 'failed', sideEffects: [{ step: 'stakeManager.setValidatorRewardPct', managed: true }] });
  });

  test.each(all)('%s: a caller without money for gas', async (method) => {
    const { stranger, owner } = world.deployment.accounts;
    const { arena } = world.deployment.addresses;
    const poor = `0x${'5'.repeat(40)}`;
    const steps = [
      { from: owner.address, to: arena, contract: 'arena', call: 'transferOwnership(address)', args: [poor] },
      { from: poor, to: arena, contract: 'arena', call: 'transferOwnership(address)', args: [stranger.address] },
    ];
    const plan = await run(steps, method, { arena: { owner: scalar(stranger.address) } });
    expect(errors(plan)).toEqual(['error CALLER_WITHOUT_GAS_MONEY']);
    const finding = plan.findings.find((one) => one.code === 'CALLER_WITHOUT_GAS_MONEY');
    expect(finding?.message).toMatch(new RegExp(`${poor}.* 0 wei`));
    expect(stepErrors(plan)).toEqual([undefined, undefined]);
  });

  test('a change without a step is missing, unless the plan says itself that it waits', async () => {
    const edits = { arena: { committeeSize: scalar(5n) }, stakeManager: { feePct: scalar(6n) } };
    const { plan, ...rest } = await preparePlan(world, edits);
    const cut = { ...plan, steps: plan.steps.filter((step) => step.call.contract === 'arena') };
    const proveIt = (one: Plan) => prove({ ...rest, plan: one, kinds: world.kinds, chain: world.chain });
    expect(errors(await proveIt(cut))).toEqual(['error PROOF_CHANGE_MISSING stakeManager feePct']);
    const sticky = { code: 'STICKY_REDUCTION', severity: 'warning', message: '', changes: ['stakeManager.feePct'] } as const;
    expect((await proveIt({ ...cut, findings: [sticky] })).simulation.status).toBe('proven');
  });

  test('one HTTP request for steps and readings, and one for money', async () => {
    const proxy = await startRpcProxy(world.url);
    const chain = connect({ urls: [proxy.url] });
    const prepared = await preparePlan({ ...world, chain }, { stakeManager: { feePct: scalar(6n) }, arena: { committeeSize: scalar(5n) } });
    proxy.reset();
    const plan = await prove({ ...prepared, kinds: world.kinds, chain });
    expect(plan.simulation).toMatchObject({ status: 'proven', method: 'simulateV1' });
    expect(proxy.exchanges).toHaveLength(2);
    chain.close();
    await proxy.stop();
  });

  test('a plan without steps needs no proof, and none is tried', async () => {
    const prepared = await preparePlan(world, {});
    const chain = new Proxy({} as ChainReader, {});
    expect((await prove({ ...prepared, kinds: world.kinds, chain })).simulation).toEqual({ status: 'not needed' });
  });
});

describe('SystemPause owns the modules', () => {
  let world: ProofWorld;
  beforeAll(async () => {
    world = await startProofWorld({ variant: 'governed' });
  });
  afterAll(() => world.stop());

  test.each(all)('%s: calls through a relay', async (method) => {
    const plan = await proveEdits(
      world,
      { stakeManager: { feePct: scalar(7n), treasuryAllowlist: members(), treasury: scalar(`0x${'0'.repeat(40)}`) } },
      { methods: [method] },
    );
    expect(plan.steps.every((step) => step.route.via === 'relay')).toBe(true);
    expect(errors(plan)).toEqual([]);
    expect(plan.simulation.status).toBe('proven');
  });

  test.each(all)("%s: a relay's inner error", async (method) => {
    const { accounts, addresses } = world.deployment;
    const direct = { from: accounts.owner.address, to: addresses.stakeManager, contract: 'stakeManager', call: 'setFeePct(uint256)', args: [3n] };
    const through = {
      from: accounts.owner.address,
      to: addresses.systemPause,
      contract: 'systemPause',
      call: 'executeGovernanceCall(address,bytes)',
      args: [addresses.stakeManager, rawStep({ ...direct, args: [90n] }).data],
    };
    const plan = await proveEdits(world, {}, { steps: [direct, through].map(rawStep), methods: [method] });
    expect(stepErrors(plan)).toEqual(['NotGovernance()', 'InvalidPercentage()']);
  });

  test.each(all)('%s: pauseAll changes contracts that no step addresses', async (method) => {
    const { accounts, addresses } = world.deployment;
    const pauseAll = { from: accounts.owner.address, to: addresses.systemPause, contract: 'systemPause', call: 'pauseAll()' };
    const plan = await proveEdits(world, {}, { steps: [pauseAll].map(rawStep), methods: [method] });
    expect(errors(plan).sort()).toEqual(['feePool', 'stakeManager', 'systemPause'].map((name) => `error PROOF_SIDE_EFFECT ${name} paused`));
    const paused = { paused: scalar(true) };
    const meant = await proveEdits(world, { systemPause: paused, stakeManager: paused, feePool: paused }, { methods: [method] });
    expect(meant.steps.map((step) => step.call.function)).toEqual(['pauseAll']);
    expect(errors(meant)).toEqual([]);
    expect(meant.simulation.status).toBe('proven');
  });

  test.each(all)('%s: setGlobalPauser changes the pausers of managed and of other contracts', async (method) => {
    const { guardian } = world.deployment.accounts;
    const edits = { systemPause: { activePauser: scalar(guardian.address) }, stakeManager: { pauser: null }, feePool: { pauser: null } };
    const plan = await proveEdits(world, edits, { methods: [method] });
    expect(plan.simulation.status).toBe('proven');
    const effects = plan.simulation.status === 'proven' ? plan.simulation.sideEffects.map((effect) => `${effect.contract}.${effect.field}`) : [];
    for (const name of ['stakeManager', 'feePool', 'jobRegistry', 'reputationEngine']) expect(effects).toContain(`${name}.pauser`);
  });
});

describe('where no way works', () => {
  let world: ProofWorld;
  beforeAll(async () => {
    world = await startProofWorld({ node: 'hardhat' });
  });
  afterAll(() => world.stop());
  const edits = { arena: { committeeSize: scalar(5n) } };

  test('the next way is taken', async () => {
    expect((await proveEdits(world, edits)).simulation).toMatchObject({ status: 'proven', method: 'runner' });
    expect((await proveEdits(world, edits, { methods: ['simulateV1', 'fork'] })).simulation).toMatchObject({ status: 'proven', method: 'fork' });
  });

  test('the plan is unproven and says why', async () => {
    const plan = await proveEdits(world, edits, { methods: ['simulateV1'] });
    expect(plan.simulation).toMatchObject({ status: 'unproven' });
    expect(plan.simulation.status === 'unproven' && plan.simulation.reason).toMatch(/eth_simulateV1/);
    expect(plan.findings).toEqual([]);
  });

  test('a node that cannot be reached ends the run', async () => {
    const prepared = await preparePlan(world, edits);
    const gone = connect({ urls: ['http://127.0.0.1:1'], retries: 0 });
    await expect(prove({ ...prepared, kinds: world.kinds, chain: gone })).rejects.toMatchObject({ code: expect.stringMatching(/^RPC_/) });
    gone.close();
  });
});
