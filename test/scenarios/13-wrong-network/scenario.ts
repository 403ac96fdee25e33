import { type Scenario, set } from '../scenario.ts';

// Field failure 13: commands run against another chain without a word.
export const scenario: Scenario = {
  says: 'stops: the RPC serves another chain than the environment declares',
  change: { arena: [set('baseTeacherReward', '120 AGIALPHA')] },
  files: ({ files }) => ({ 'environment.yaml': (files.get('desired-state/field/environment.yaml') ?? '').replace('chainId: 31337', 'chainId: 1') }),
  exit: 65,
  findings: ['CHAIN_ID_MISMATCH'],
};
