// The files of a new environment and of its repository, as text. Pure, but for reading the templates that the package ships.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MooringError } from '../../errors.ts';
import type { Answers } from './answers.ts';

/** By path from the repository's root. `chainId` as the RPC says it. */
export function environmentFilesOf(answers: Answers, chainId: bigint): Map<string, string> {
  const folder = `desired-state/${answers.environment}`;
  return new Map([
    [`${folder}/environment.yaml`, environmentYaml(answers, chainId)],
    [`${folder}/addresses.yaml`, addressesYaml(answers)],
    [`${folder}/policy.yaml`, policyYaml(answers)],
  ]);
}

function environmentYaml({ rpc, token, signer }: Answers, chainId: bigint): string {
  return [
    'apiVersion: mooring/v1',
    'kind: Environment',
    `chainId: ${chainId}`,
    '# ${VARIABLE} stands for an environment variable: a secret never gets into this file. Production wants a second RPC.',
    `rpc: [${JSON.stringify(rpc)}]`,
    'confirmations: 1',
    token === null ? 'tokens: {}' : `tokens: { ${token.symbol}: ${token.decimals} }`,
    '# Runs are recorded on a branch that all machines share; pull requests are applied from it.',
    'journal: { remote: origin }',
    ...(signer === null
      ? ['# signers:', '#   owner: { key: { env: MOORING_OWNER_KEY } }  # a name of the address book, and the variable with its key']
      : ['signers:', `  ${signer.name}: { key: { env: ${signer.variable} } }`]),
    '',
  ].join('\n');
}

function addressesYaml({ signer }: Answers): string {
  const own = signer === null ? ['addresses: {}'] : ['addresses:', `  ${signer.name}: "${signer.address}"`];
  return ['# Names for addresses; a contract’s name is its file’s.', 'apiVersion: mooring/v1', 'kind: AddressBook', ...own, ''].join('\n');
}

function policyYaml({ team }: Answers): string {
  const slug = team?.split('/')[1];
  const approvals = (count: number): string => (slug === undefined ? String(count) : `{ count: ${count}, teams: [${slug}] }`);
  return [
    'apiVersion: mooring/v1',
    'kind: Policy',
    'approvals:',
    '  # What lowers risk (a pause, a revocation, a lowered cap) needs nobody.',
    '  reduce: 0',
    `  increase: ${approvals(1)}`,
    '  # Ownership, upgrades, configuration, and whatever has no direction.',
    `  ambiguous: ${approvals(2)}`,
    'requireProof: true',
    'minPausers: 1',
    '',
  ].join('\n');
}

/** Workflows, the composite action, the pinned tool, guardrails, CODEOWNERS. Throws FILE_MISSING where the package is not complete. */
export function repositoryFiles({ team, branch, environment }: Answers): Map<string, string> {
  const templates = templateFolder();
  const read = (path: string): string => readFileSync(join(templates, path), 'utf8');
  const workflows = readdirSync(join(templates, 'workflows')).map((name) => [`.github/workflows/${name}`, read(`workflows/${name}`)] as const);
  return new Map<string, string>([
    ...workflows.map(
      ([path, content]) => [path, content.replace('branches: [main]', `branches: [${branch}]`).replace('--env mainnet', `--env ${environment}`)] as const,
    ),
    ['.github/actions/mooring/action.yml', read('actions/mooring/action.yml')],
    ['.github/mooring/package.json', read('tool/package.json')],
    ['ci/guardrails.sh', read('../guardrails.sh')],
    ...(team === null ? [] : [['.github/CODEOWNERS', read('CODEOWNERS').replaceAll('@OWNER/TEAM', `@${team}`)] as const]),
  ]);
}

/** Beside dist/ in a package, two folders above in a clone. */
function templateFolder(): string {
  const found = ['../ci/github/', '../../ci/github/', '../../../ci/github/']
    .map((up) => fileURLToPath(new URL(up, import.meta.url)))
    .find((folder) => existsSync(join(folder, 'workflows')));
  if (found === undefined)
    throw new MooringError('FILE_MISSING', 'the workflow templates are missing from this installation', { fix: 'install Mooring again' });
  return found;
}
