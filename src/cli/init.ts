// mooring init: a repository's first environment, from an RPC and a list of contracts to files that are ready to commit.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { exitCodes, MooringError } from '../errors.ts';
import { connect } from '../live/rpc.ts';
import { type Command, type Context, errorFormat, flag, type Options, text } from './command.ts';
import type { Answers } from './init/answers.ts';
import { expandTemplate } from './secrets/secrets.ts';

export const init: Command = {
  spec: {
    name: 'init',
    summary: 'write an environment, import its contracts, and the workflows',
    description: [
      'Asks on a terminal for what flags don’t give: chain, contracts, who signs, who approves. Writes environment, policy and address book, imports the',
      'contracts, and writes CODEOWNERS and the GitHub workflows, ready to commit. A file that is there already is left as it is.',
    ],
    operands: { value: 'NAME=KIND@ADDRESS', description: 'a contract: what it is called from now on, its kind, its address', optional: true },
    options: {
      rpc: { type: 'string', value: 'URL', description: 'the RPC, with ${VARIABLE} for its secret part; the chain’s id is asked of it' },
      signer: { type: 'string', value: 'ADDRESS', description: 'who signs; its key comes from --key-variable' },
      'key-variable': { type: 'string', value: 'NAME', description: 'the environment variable with the signer’s key (default: MOORING_OWNER_KEY)' },
      token: { type: 'string', value: 'SYMBOL:DECIMALS', description: 'the token that amounts are written in' },
      team: { type: 'string', value: 'OWNER/TEAM', description: 'the GitHub team that approves; it owns the files, too' },
      branch: { type: 'string', value: 'NAME', description: 'the branch that is applied (default: main)' },
      'no-workflows': { type: 'boolean', description: 'write no workflows and no CODEOWNERS' },
      format: errorFormat,
    },
    exits: ['indeterminate', 'badInput'],
    examples: ['mooring init', 'mooring init --env mainnet --rpc https://rpc.example/${RPC_TOKEN} --team acme/treasury arena=SelfPlayArena@0x…'],
  },
  run,
};

async function run(context: Context, options: Options): Promise<number> {
  const [{ readAnswers }, { environmentFilesOf, repositoryFiles }] = await Promise.all([import('./init/answers.ts'), import('./init/files.ts')]);
  const root = resolve(context.cwd, text(options, 'root') ?? '.');
  const answers = await readAnswers(context, options);
  const chainId = await askChain(context, answers);
  const files = new Map([...environmentFilesOf(answers, chainId), ...(flag(options, 'no-workflows') ? [] : repositoryFiles(answers))]);
  await demandLoadable(root, answers.environment, files);
  for (const [path, content] of files) context.stdout(`${writeNew(join(root, path), content) ? 'wrote' : 'left as it is:'} ${path}\n`);
  if (addLine(join(root, '.gitignore'), '.mooring/')) context.stdout('added .mooring/ to .gitignore\n');
  const exit = await importAll({ ...context, cwd: root }, answers);
  if (exit === exitCodes.done) context.stdout(nextSteps(answers, flag(options, 'no-workflows')));
  return exit;
}

/** Before anything is written: an RPC that doesn't answer is a mistake, and so is an address without a contract. */
async function askChain({ env }: Context, { rpc, contracts }: Answers): Promise<bigint> {
  const chain = connect({ urls: [expandTemplate(rpc, env)], concurrency: 1, logLimit: 10_000, logRange: 5_000_000n });
  try {
    const chainId = await chain.chainId();
    const codes = await chain.code(
      contracts.map(({ address }) => address),
      await chain.head('latest'),
    );
    const without = contracts.filter((_contract, i) => codes[i] === '0x');
    if (without.length === 0) return chainId;
    const named = without.map(({ name, address }) => `${name} (${address})`).join(', ');
    throw new MooringError('CODE_MISSING', `there is no code on chain ${chainId} at the address of ${named}`, { fix: 'check the addresses and --rpc' });
  } finally {
    chain.close();
  }
}

/** With what is there already. Throws INPUT_INVALID where the files would have errors, as with a secret in the RPC's URL. */
async function demandLoadable(root: string, environment: string, files: ReadonlyMap<string, string>): Promise<void> {
  const [{ diskSource, withFile }, { loadDesired }] = await Promise.all([import('../desired/file-source.ts'), import('../desired/load.ts')]);
  const added = [...files].filter(([path]) => path.startsWith('desired-state/') && !existsSync(join(root, path)));
  const source = added.reduce((before, [path, content]) => withFile(before, path, content), diskSource(root));
  loadDesired({ source, environment });
}

function writeNew(path: string, content: string): boolean {
  if (existsSync(path)) return false;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return true;
}

function addLine(path: string, line: string): boolean {
  const before = existsSync(path) ? readFileSync(path, 'utf8') : '';
  if (before.split(/\r?\n/).includes(line)) return false;
  writeFileSync(path, `${before === '' || before.endsWith('\n') ? before : `${before}\n`}${line}\n`);
  return true;
}

/** The first that fails ends it; those before stay, and a second run goes on. */
async function importAll(context: Context, { environment, contracts }: Answers): Promise<number> {
  const { importContract } = await import('./import.ts');
  for (const { name, kind, address } of contracts) {
    const exit = await importContract.run(context, { env: environment, name, kind, address });
    if (exit !== exitCodes.done) return exit;
  }
  return exitCodes.done;
}

function nextSteps({ environment, signer }: Answers, withoutWorkflows: boolean): string {
  const lines = [
    '',
    'Next:',
    `  · mooring plan --env ${environment}      nothing to change: the files say what is live`,
    ...(signer === null ? [`  · name the signer in desired-state/${environment}/environment.yaml`] : []),
    ...(withoutWorkflows
      ? []
      : ['  · put the Mooring package into .github/mooring/, and npm install --package-lock-only --prefix .github/mooring: this pins the tool']),
    '  · commit and push',
    ...(withoutWorkflows ? [] : ['  · set up the GitHub App, the environments and the branch protection: docs/github.md']),
    '',
  ];
  return lines.join('\n');
}
