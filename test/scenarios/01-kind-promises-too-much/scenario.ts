import { type Scenario, set } from '../scenario.ts';

// Field failure 1: a kind of one's own names a function that the contract does not have.
export const scenario: Scenario = {
  says: 'fails in its proof, because the contract has no such function',
  change: { arena: [set('baseTeacherReward', '120 AGIALPHA')] },
  files: ({ files }) => ({
    'kinds/GenerousArena.yaml': `apiVersion: mooring/v1
kind: Kind
name: GenerousArena
description: An arena with a setter for the teacher's reward alone.
extends: [SelfPlayArena]
abi:
  - function setTeacherReward(uint256 reward)
setters:
  - { function: setTeacherReward, sets: [baseTeacherReward], emits: [RewardsUpdated] }
`,
    'contracts/arena.yaml': (files.get('desired-state/field/contracts/arena.yaml') ?? '')
      .replace('kind: SelfPlayArena', 'kind: GenerousArena')
      .replace('baseTeacherReward: 100', 'baseTeacherReward: 120'),
  }),
  exit: 1,
  findings: ['error PROOF_REVERT'],
  calls: ['arena.setTeacherReward'],
};
