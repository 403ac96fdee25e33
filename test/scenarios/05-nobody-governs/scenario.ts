import { type Scenario, set } from '../scenario.ts';

// Field failure 5: NotGovernance(). StakeManager belongs to SystemPause, which nobody declared.
export const scenario: Scenario = {
  says: 'says who may call, and that no signer of the environment may',
  variants: ['governed'],
  change: { 'stake-manager': [set('minStake', '12 AGIALPHA')] },
  files: () => ({ 'contracts/system-pause.yaml': null }),
  exit: 1,
  findings: ['error ROUTE_UNREACHABLE', 'warning LIMIT_UNMATCHED'],
  calls: [],
};
