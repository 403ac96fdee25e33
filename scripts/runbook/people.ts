// What the runbook's test does for the people in it, and what it looks at: `<!-- runbook: … -->`.
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Interface } from 'ethers/abi';
import type { PrometheusStandIn } from '../../test/support/prometheus.ts';
import { mooring, type Story } from '../demo-world.ts';
import { connectSender } from '../deployment/sender.ts';
import { say } from '../story.ts';

type Contract = keyof Story['chain']['deployment']['addresses'];
type Account = keyof Story['chain']['deployment']['accounts'];

export type Stage = {
  story: Story;
  metrics: PrometheusStandIn;
  /** What variables hold that somebody sets: an operator those that the runbook exports, CI all of them. */
  vault: Readonly<Record<string, string>>;
};

/** Does what a directive says; throws where it is unknown or does not hold. */
export async function direct(stage: Stage, what: string): Promise<void> {
  const [verb = '', ...rest] = what.split(' ');
  const act = verbs[verb];
  if (act === undefined) throw new Error(`there is no directive "${verb}"`);
  await act(stage, rest.join(' '));
}

const verbs: Readonly<Record<string, (stage: Stage, rest: string) => Promise<void>>> = {
  merge: mergeAll,
  roi: async ({ metrics }, rest) => metrics.set(() => [{ labels: { __name__: 'hgm_roi' }, value: rest }]),
  hand: byHand,
  check,
  write: async ({ story }, rest) => write(story.root, rest),
  pulls: async ({ story }, rest) => {
    const { length } = await story.github.pulls('open');
    if (length !== Number(rest)) throw new Error(`${length} pull requests are open, not ${rest}`);
  },
};

/** Every open pull request: planned, approved by one of each team, planned again, merged, applied. */
async function mergeAll({ story, vault }: Stage): Promise<void> {
  const { github } = story;
  const ci = { quiet: true, env: { ...story.env, ...vault } } as const;
  for (const { number, title } of (await github.pulls('open')).toSorted((a, b) => a.number - b.number)) {
    say(`\n(alice and carol review #${number} "${title}"; bob merges it; CI applies it)`);
    await mooring(story, ['pr', 'plan', '--pr', String(number)], ci);
    for (const as of ['alice', 'carol'] as const) await github.review(number, { as, event: 'APPROVE' });
    await mooring(story, ['pr', 'plan', '--pr', String(number)], ci);
    await github.merge(number, { as: 'bob', method: 'squash' });
  }
  await mooring(story, ['pr', 'apply', '--env', 'demo'], ci);
  await story.pull();
}

/** A job, and validators with stake: what rounds need. SIDE EFFECTS: the chain. */
export async function prepareArena(stage: Pick<Stage, 'story'>): Promise<void> {
  const stake = String(100n * 10n ** 18n);
  const calls = [`jobRegistry.createJob(0x${'22'.repeat(32)}) as stranger`];
  for (const name of ['validator', 'guardian', 'lockManager'])
    calls.push(`token.transfer(${name}, ${stake})`, `token.approve(stakeManager, ${stake}) as ${name}`, `stakeManager.depositStake(1, ${stake}) as ${name}`);
  for (const call of calls) await byHand(stage, call, true);
}

/** `arena.setOrchestrator(stranger, true) as owner`: accounts and contracts by name, numbers, true and false. */
async function byHand({ story }: Pick<Stage, 'story'>, rest: string, quiet = false): Promise<void> {
  const [, contract, name, args = '', as = 'owner'] = /^(\w+)\.(\w+)\((.*)\)(?: as (\w+))?$/.exec(rest) ?? [];
  if (contract === undefined || name === undefined) throw new Error(`"${rest}" is not contract.function(…) as account`);
  const { deployment, url } = story.chain;
  const sender = await connectSender({ url, privateKey: deployment.accounts[as as Account].privateKey });
  const values = args === '' ? [] : args.split(',').map((arg) => argument(story, arg.trim()));
  const data = new Interface(deployment.abis[contract as Contract]).encodeFunctionData(name, values);
  await sender.send({ to: deployment.addresses[contract as Contract], data, what: `${rest} by hand` });
  if (!quiet) say(`\n(somebody calls ${rest})`);
}

function argument({ chain: { deployment } }: Story, text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true';
  if (text.startsWith('['))
    return text
      .slice(1, -1)
      .split(' ')
      .map((one) => argument({ chain: { deployment } } as Story, one));
  return addressOf(deployment, text) ?? text;
}

function addressOf({ accounts, addresses }: Story['chain']['deployment'], name: string): string | undefined {
  return Object.hasOwn(accounts, name) ? accounts[name as Account].address : addresses[name as Contract];
}

/** `arena.paused() = true`, `arena.orchestrators(stranger) = false`. */
async function check({ story }: Stage, rest: string): Promise<void> {
  const [, contract, getter, args = '', wanted] = /^(\w+)\.(\w+)\((.*)\) = (.*)$/.exec(rest) ?? [];
  if (contract === undefined || getter === undefined) throw new Error(`"${rest}" is not contract.getter(…) = value`);
  const codec = new Interface(story.chain.deployment.abis[contract as Contract]);
  const values = args === '' ? [] : args.split(',').map((arg) => argument(story, arg.trim()));
  const call = { to: story.chain.deployment.addresses[contract as Contract], data: codec.encodeFunctionData(getter, values) };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_call', params: [call, 'latest'] });
  const answer = (await (await fetch(story.chain.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })).json()) as { result: string };
  const found = String(codec.decodeFunctionResult(getter, answer.result)[0]);
  if (found !== wanted) throw new Error(`${rest}: it is ${found}`);
}

/** `path text`: a line added to a file below the clone. */
function write(root: string, rest: string): void {
  const [path = '', ...text] = rest.split(' ');
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  if (text.length === 0) writeFileSync(file, '');
  else appendFileSync(file, `${text.join(' ')}\n`);
}
