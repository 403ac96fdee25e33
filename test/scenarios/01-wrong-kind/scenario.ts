import { type Scenario, set } from '../scenario.ts';

// Field failure 1: SystemPause taken for something with pause() and paused().
export const scenario: Scenario = {
  says: 'says that the contract does not answer what its declared kind asks, before it calls anything',
  variants: ['governed'],
  change: { arena: [set('paused', 'true')] },
  files: ({ addresses, deployment }) => ({
    'contracts/system-pause.yaml': `apiVersion: mooring/v1
kind: Pausable
address: "${addresses['system-pause']}"
fromBlock: ${deployment.manifest.systemPause.fromBlock}
spec:
  paused: true
`,
  }),
  exit: 5,
  findings: ['error LIVE_UNKNOWN'],
  calls: ['arena.pause'],
};
