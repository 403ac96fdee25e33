import { drop, type Scenario, set } from '../scenario.ts';

// Field failure 6: one parameter of a group alone reverts.
export const scenario: Scenario = {
  says: 'is not even made: the three splits are declared together',
  change: { arena: [set('teacherRewardSplitBps', '60%'), ...drop('studentRewardSplitBps', 'validatorRewardSplitBps')] },
  exit: 65,
  findings: ['GROUP_INCOMPLETE'],
};
