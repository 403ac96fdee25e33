import { add, remove, type Scenario, set } from '../scenario.ts';

// Field failure 10: a treasury is set before it is on the allowlist, or the old one leaves the list while it is in use.
export const scenario: Scenario = {
  says: 'allows the new treasury, moves to it, and only then takes the old one off the list',
  variants: ['key', 'governed'],
  change: {
    'stake-manager': [set('treasury', 'teacher'), add('treasuryAllowlist', 'teacher'), remove('treasuryAllowlist', 'treasury')],
    'fee-pool': [set('treasury', 'teacher'), add('treasuryAllowlist', 'teacher'), remove('treasuryAllowlist', 'treasury')],
  },
  exit: 0,
  calls: ['fee-pool', 'stake-manager'].flatMap((on) => ['setTreasuryAllowlist', 'setTreasury', 'setTreasuryAllowlist'].map((call) => `${on}.${call}`)),
};
