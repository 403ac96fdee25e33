// The trusted files of a development environment: which chain, who is who, who must approve.
import type { Deployment } from './deployment/deploy.ts';
import { contractNames, type ManagedContract } from './managed-contracts.ts';

/** Variable from which `mooring apply` takes the key of the owner on a development chain. */
export const keyVariable = 'MOORING_OWNER_KEY';

/** Name of an account in the address book: `orchestrator-a` for `orchestratorA`. */
export function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** environment.yaml, addresses.yaml and policy.yaml, by path within the environment's folder. */
export function environmentFiles({ deployment, rpc }: { deployment: Deployment; rpc: string }): ReadonlyMap<string, string> {
  return new Map([
    ['environment.yaml', environmentYaml(deployment, rpc)],
    ['addresses.yaml', addressesYaml(deployment)],
    ['policy.yaml', policyYaml()],
  ]);
}

function environmentYaml(deployment: Deployment, rpc: string): string {
  return `# yaml-language-server: $schema=../../schemas/environment.schema.json
apiVersion: mooring/v1
kind: Environment
chainId: ${deployment.chainId}
rpc: ["${rpc}"]
confirmations: 1
tokens: { AGIALPHA: 18 }
signers:
  # A development key, publicly known. Never give it money on a real chain.
  owner: { key: { env: ${keyVariable} } }
`;
}

function addressesYaml(deployment: Deployment): string {
  const accounts = Object.entries(deployment.accounts).map(([name, { address }]) => `  ${kebab(name)}: "${address}"`);
  const contracts = Object.entries(deployment.addresses).map(([name, address]) => `  ${contractNames[name as ManagedContract] ?? kebab(name)}: "${address}"`);
  return `# yaml-language-server: $schema=../../schemas/addresses.schema.json
apiVersion: mooring/v1
kind: AddressBook
addresses:
  # people and machines
${accounts.join('\n')}
  # contracts
${contracts.join('\n')}
`;
}

function policyYaml(): string {
  return `# yaml-language-server: $schema=../../schemas/policy.schema.json
apiVersion: mooring/v1
kind: Policy
# A development chain: whoever runs the command may apply. Production asks for approvals here.
approvals: { reduce: 0, increase: 0, ambiguous: 0 }
requireProof: true
minPausers: 1
limits:
  # A split may move by at most 20 percentage points in one plan.
  - { match: "SelfPlayArena.*RewardSplitBps", maxStep: 20% }
  # Ownership of the treasury's contracts is not changed by Mooring.
  - { match: "system-pause.owner", frozen: true }
`;
}
