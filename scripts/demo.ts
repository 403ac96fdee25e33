// `npm run demo`: the main job as a story, on the embedded chain, with the real commands. Stops everything it started.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { styleText } from 'node:util';
import { createPatch } from 'diff';
import { Interface } from 'ethers/abi';
import { main, processContext } from '../src/cli/main.ts';
import { type EditOperation, editDocument } from '../src/desired/edit/edit.ts';
import { connectSender } from './deployment/sender.ts';
import { type EmbeddedChain, startEmbeddedChain } from './embedded-chain.ts';
import { environmentFiles, keyVariable } from './environment-files.ts';
import { managedContracts } from './managed-contracts.ts';
import { chapters, colour, say } from './story.ts';

type Story = { root: string; chain: EmbeddedChain };

const chapter = chapters();

/** Runs a real command in this process, as an operator in the demo's checkout would; stops the story where it surprises. */
async function mooring(story: Story, line: string, expected: number): Promise<void> {
  say(`\n$ mooring ${line.replace(/[0-9a-f]{64}/, (digest) => `${digest.slice(0, 12)}…`)}`);
  const env = { ...process.env, [keyVariable]: story.chain.deployment.accounts.owner.privateKey };
  const context = { ...processContext(), cwd: story.root, env, ask: null, stderr: (text: string) => void process.stdout.write(text) };
  const exit = await main(line.split(' '), context);
  if (exit !== expected) throw new Error(`the demo expected exit ${expected} of "mooring ${line}", got ${exit}`);
}

function environmentFolder(story: Story): string {
  return join(story.root, 'desired-state', 'demo');
}

function writeEnvironment(story: Story): void {
  const folder = environmentFolder(story);
  mkdirSync(folder, { recursive: true });
  for (const [file, text] of environmentFiles({ deployment: story.chain.deployment, rpc: story.chain.url })) writeFileSync(join(folder, file), text);
}

/** Edits a contract's YAML as an operator would, and shows the difference. */
function edit(story: Story, contract: string, operations: readonly EditOperation[]): void {
  const file = join(environmentFolder(story), 'contracts', `${contract}.yaml`);
  const before = readFileSync(file, 'utf8');
  const after = editDocument(before, operations);
  writeFileSync(file, after);
  const lines = createPatch(`contracts/${contract}.yaml`, before, after, '', '', { context: 0 }).split('\n');
  say([`\n$ git diff contracts/${contract}.yaml`, ...lines.filter((line) => /^[+-](?![+-])/.test(line)).map(paintDiff)].join('\n'));
}

function paintDiff(line: string): string {
  return colour ? styleText(line.startsWith('+') ? 'green' : 'red', line) : line;
}

async function importAll(story: Story): Promise<void> {
  for (const { name, kind, address, fromBlock } of managedContracts(story.chain.deployment)) {
    await mooring(story, `import --env demo --kind ${kind} --address ${address} --name ${name} --from-block ${fromBlock}`, 0);
  }
}

async function byHand(story: Story, contract: 'stakeManager' | 'arena' | 'systemPause', call: { function: string; args: readonly unknown[] }): Promise<void> {
  const { deployment } = story.chain;
  const sender = await connectSender({ url: story.chain.url, privateKey: deployment.accounts.owner.privateKey });
  const data = new Interface(deployment.abis[contract]).encodeFunctionData(call.function, call.args);
  await sender.send({ to: deployment.addresses[contract], data, what: `${contract}.${call.function} by hand` });
}

async function digestOf(story: Story): Promise<string> {
  const plan: unknown = JSON.parse(readFileSync(join(story.root, 'plan.json'), 'utf8'));
  if (typeof plan !== 'object' || plan === null || !('digest' in plan) || typeof plan.digest !== 'string') throw new Error('plan.json has no digest');
  return plan.digest;
}

async function tell(story: Story): Promise<void> {
  chapter('Import: what is live becomes YAML in git');
  writeEnvironment(story);
  await importAll(story);
  await mooring(story, 'plan --env demo', 0);

  chapter('An operator changes three things');
  edit(story, 'arena', [
    { path: ['spec', 'teacherRewardSplitBps'], set: '60%' },
    { path: ['spec', 'studentRewardSplitBps'], set: '20%' },
    { path: ['spec', 'orchestrators'], add: 'orchestrator-c' },
    { path: ['spec', 'orchestrators'], remove: 'orchestrator-a' },
  ]);
  edit(story, 'stake-manager', [{ path: ['spec', 'minStake'], set: '12 AGIALPHA' }]);

  chapter('The plan: what would be sent, proven, before anything is sent');
  await mooring(story, 'plan --env demo --out plan.json', 0);

  chapter('Apply: exactly that plan, once');
  await mooring(story, `apply --env demo --digest ${await digestOf(story)}`, 0);
  say('\nA second plan is empty:');
  await mooring(story, 'plan --env demo', 0);

  chapter('Somebody changes something behind git’s back');
  await byHand(story, 'arena', { function: 'setCommitteeParameters', args: [5n, 1_000_000_000_000_000_000n] });
  say('(the arena’s committee and stake, set by hand with the owner’s key)');
  await mooring(story, 'drift --env demo', 2);

  say('\nThat is the main job. Next: README.md, or docs/walkthrough.md to follow one change through the code.');
}

const root = mkdtempSync(join(tmpdir(), 'mooring-demo-'));
say('Mooring keeps on-chain state where git says it is. Starting a chain and deploying the contracts …');
const chain = await startEmbeddedChain();
try {
  say(`Chain ${chain.deployment.chainId} runs in this process, ${Object.keys(chain.deployment.addresses).length} contracts are deployed.`);
  await tell({ root, chain });
} finally {
  await chain.stop();
  rmSync(root, { recursive: true, force: true });
}
