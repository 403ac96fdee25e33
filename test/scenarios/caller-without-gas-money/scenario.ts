import { type Scenario, set } from '../scenario.ts';

export const scenario: Scenario = {
  says: 'says that the caller can not pay',
  prepare: ({ node, addresses }) => node.ask('anvil_setBalance', [addresses.owner, '0x9184e72a000']),
  change: { arena: [set('baseTeacherReward', '120 AGIALPHA')] },
  exit: 1,
  findings: ['error CALLER_WITHOUT_GAS_MONEY'],
  calls: ['arena.setRewards'],
};
