// A plan with one of everything that people must be able to read.

import type { Lexicon } from '../../src/render/lexicon.ts';
import type { Change, FieldValue, Plan, Step } from '../../src/types.ts';

export const arena = '0x5FbDB2315678afecb367f032d93F642f64180aa3';
export const stakeManager = '0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512';
export const owner = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';
export const newOrchestrator = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';
export const oldOrchestrator = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC';

export const lexicon: Lexicon = {
  names: new Map([
    [owner, 'treasury-safe'],
    [newOrchestrator, 'orchestrator-b'],
    [oldOrchestrator, 'orchestrator-a'],
  ]),
  tokens: new Map([['AGIALPHA', 18]]),
  explorer: 'https://explorer.example/tx/',
  colour: false,
  verbose: false,
};

function scalar(value: bigint | boolean | string): FieldValue {
  return { type: 'scalar', value };
}

function arenaChange(change: Pick<Change, 'field' | 'from' | 'to' | 'unit' | 'risk'> & Partial<Change>): Change {
  const member = change.member === undefined ? '' : `[${change.member}]`;
  return { id: `arena.${change.field}${member}`, contract: 'arena', kind: 'SelfPlayArena', address: arena, action: 'set', ...change };
}

export const changes: readonly Change[] = [
  arenaChange({ field: 'teacherRewardSplitBps', from: scalar(5000n), to: scalar(6000n), unit: 'bps', risk: 'ambiguous' }),
  arenaChange({ field: 'orchestrators', action: 'add', member: newOrchestrator, from: null, to: scalar(true), unit: 'none', risk: 'increase' }),
  arenaChange({ field: 'orchestrators', action: 'remove', member: oldOrchestrator, from: scalar(true), to: null, unit: 'none', risk: 'reduce' }),
  {
    id: 'stake-manager.minStake',
    contract: 'stake-manager',
    kind: 'StakeManager',
    address: stakeManager,
    field: 'minStake',
    action: 'set',
    from: scalar(100n * 10n ** 18n),
    to: scalar(150n * 10n ** 18n),
    unit: 'token',
    risk: 'reduce',
  },
];

function step(part: Pick<Step, 'id' | 'target' | 'call' | 'covers' | 'group' | 'risk'> & Partial<Step>): Step {
  return {
    to: part.target,
    data: '0x',
    value: 0n,
    corrects: [],
    carries: [],
    route: { via: 'direct', signer: owner },
    precondition: [],
    postcondition: [],
    emits: [],
    ...part,
  };
}

const steps: readonly Step[] = [
  step({
    id: 's1',
    target: stakeManager,
    call: { contract: 'stake-manager', function: 'setMinStake', args: [{ name: 'min', type: 'uint256', value: 150n * 10n ** 18n }] },
    covers: ['stake-manager.minStake'],
    group: 0,
    risk: 'reduce',
    route: { via: 'relay', signer: owner, relay: '0x9fE46736679d2D9a65F0992F2272dE9f3c7fa6e0', relayName: 'system-pause' },
  }),
  step({
    id: 's2',
    target: arena,
    call: {
      contract: 'arena',
      function: 'setRewardSplits',
      args: [
        { name: 'teacher', type: 'uint16', value: 6000n },
        { name: 'student', type: 'uint16', value: 2000n },
        { name: 'validator', type: 'uint16', value: 2000n },
      ],
    },
    covers: ['arena.teacherRewardSplitBps'],
    carries: ['arena.studentRewardSplitBps', 'arena.validatorRewardSplitBps'],
    group: 1,
    risk: 'ambiguous',
  }),
  step({
    id: 's3',
    target: arena,
    call: {
      contract: 'arena',
      function: 'setOrchestrator',
      args: [
        { name: 'orchestrator', type: 'address', value: newOrchestrator },
        { name: 'allowed', type: 'bool', value: true },
      ],
    },
    covers: [`arena.orchestrators[${newOrchestrator}]`],
    group: 2,
    risk: 'increase',
  }),
];

const block = { number: 19_000_000n, hash: `0x${'ab'.repeat(32)}`, timestamp: 1_790_000_000n };

export const samplePlan: Plan = {
  version: 1,
  environment: 'local',
  chainId: 31337n,
  block,
  digest: '3f9a'.repeat(16),
  changes,
  steps,
  findings: [
    {
      code: 'OWNED_ELSEWHERE',
      severity: 'warning',
      contract: 'stake-manager',
      field: 'minStake',
      message: 'auto-tuning is on, so anyone can call checkpointStake() and move it again',
      fix: 'turn autoStakeTuning off, or declare a range with within',
    },
  ],
  unmanaged: [{ contract: 'arena', field: 'feePool', value: scalar(owner), unit: 'none', reason: 'not declared' }],
  sideEffects: [
    {
      contract: 'stake-manager',
      field: 'validatorSlashRewardPct',
      from: scalar(1000n),
      to: scalar(2000n),
      unit: 'percentOrBps',
      step: 's1',
      managed: false,
      corrected: false,
    },
  ],
  reductions: [],
  approvals: [{ count: 2, teams: ['treasury'] }],
  edits: [],
  policyVersion: '00'.repeat(32),
  declared: 41,
  simulation: {
    status: 'proven',
    method: 'simulateV1',
    block,
    feePerGas: 2_000_000_000n,
    steps: steps.map((one, index) => ({ step: one.id, ok: true, gas: 50_000n + BigInt(index) * 1_234n, events: [] })),
    reread: 96,
    declared: 41,
    asDeclared: 41,
    sideEffects: [],
  },
};
