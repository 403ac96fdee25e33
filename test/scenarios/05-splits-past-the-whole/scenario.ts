import { type Scenario, set } from '../scenario.ts';

// Field failure 5: a dry run that only prints says OK where the live run reverts with InvalidSplit().
export const scenario: Scenario = {
  says: 'is not even made: the declared splits sum past 100 %',
  change: { arena: [set('teacherRewardSplitBps', '60%')] },
  exit: 65,
  findings: ['DECLARED_SUM'],
};
