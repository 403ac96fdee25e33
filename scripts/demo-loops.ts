// `npm run demo:loops`: a day of simulated ROI in a minute, with the real commands, on an embedded chain: a dip, the pull request
// that answers it, the change on chain and the recovery; then a spent budget, the pause, and the incident's pull request.
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Interface } from 'ethers/abi';
import { type PrometheusStandIn, startPrometheus } from '../test/support/prometheus.ts';
import { beginStory, mooring, type Story, show, showChecks } from './demo-world.ts';
import { chapters, say } from './story.ts';

const chapter = chapters();
const hour = 3_600_000;
const secret = 'a development secret, publicly known';

const thermostatYaml = `apiVersion: mooring/v1
kind: Thermostat
# A demo's day is short: four hours a window, two of cooldown, a sample an hour.
roiWindow: 4
cooldownSteps: 2
intervalSeconds: 3600
prometheus: { url: "http://\${PROMETHEUS_HOST}", query: hgm_roi }
guards: { periodSeconds: off, minReadings: 1, steps: 1 }
`;
const sentinelYaml = `apiVersion: mooring/v1
kind: Sentinel
budgetCap: 1000
budgetSoftRatio: 1
monitorIntervalSeconds: 0.2
`;

/** The first commit: the loops' settings, and a key for the sentinel that may only pause. */
function withLoops(files: Map<string, string>): void {
  const change = (name: string, by: (text: string) => string): void =>
    void files.set(`desired-state/demo/${name}`, by(files.get(`desired-state/demo/${name}`) ?? ''));
  change('loops/thermostat.yaml', () => thermostatYaml);
  change('loops/sentinel.yaml', () => sentinelYaml);
  change('environment.yaml', (text) => text.replace('signers:\n', 'signers:\n  guardian: { key: { env: MOORING_GUARDIAN_KEY } }\n'));
  change('policy.yaml', (text) => `${text}loops: { sentinel: { pauseSigner: guardian } }\n`);
}

/** The engine as it might be: ROI falls at noon, and rises with wideningAlpha. */
function roiAt(hourOfDay: number, wideningAlpha: number): number {
  const demand = hourOfDay < 6 ? 2.02 : 1.58;
  const noise = [0.03, -0.02, 0.05, -0.04, 0.01][hourOfDay % 5] ?? 0;
  return Number((demand + noise + (wideningAlpha - 0.5) * 8).toFixed(3));
}

async function read({ chain }: Story, contract: 'engineTargets' | 'arena', getter: string): Promise<unknown> {
  const { abis, addresses } = chain.deployment;
  const codec = new Interface(abis[contract]);
  const call = { to: addresses[contract], data: codec.encodeFunctionData(getter) };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_call', params: [call, 'latest'] });
  const answer = (await (await fetch(chain.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })).json()) as { result: string };
  return codec.decodeFunctionResult(getter, answer.result)[0];
}

type Day = { now: number; hour: number };
/** The simulated clock, and what the engine earned in the last hour. */
type Scenery = { day: Day; metrics: PrometheusStandIn };

/** So many hours of the day, each a turn of the watch. */
async function live(story: Story, { day, metrics }: Scenery, hours: number): Promise<void> {
  say(`\n$ mooring thermostat watch --env demo     (${hours} turns, an hour each)`);
  for (let turn = 0; turn < hours; turn++) {
    day.now += hour;
    const roi = roiAt(day.hour, Number((await read(story, 'engineTargets', 'wideningAlpha')) as bigint) / 1e18);
    metrics.set([{ labels: { __name__: 'hgm_roi' }, value: String(roi) }]);
    day.hour += 1;
    // Settings are shown once; then a line for each sample.
    const stdout = (text: string): void => say(day.hour === 1 ? text.trimEnd() : (text.split('Samples:\n').at(-1) ?? '').trimEnd());
    await mooring(story, ['thermostat', 'watch', '--env', 'demo', '--iterations', '1', '--interval', '1'], {
      quiet: true,
      now: () => day.now,
      stdout: (text) => (text.includes('Settings:') && day.hour > 1 ? undefined : stdout(text)),
    });
  }
}

async function merge(story: Story, number: number): Promise<void> {
  const { github } = story;
  await github.review(number, { as: 'alice', event: 'APPROVE' });
  await mooring(story, ['pr', 'plan', '--pr', String(number)]);
  showChecks(story, (await github.pull(number)).head.sha);
  await github.merge(number, { as: 'bob', method: 'squash' });
}

async function tellDip(story: Story, scenery: Scenery): Promise<void> {
  const { github } = story;
  chapter('A quiet morning: ROI is inside its band');
  await live(story, scenery, 6);
  chapter('Then ROI falls; the mean follows, and leaves the band');
  await live(story, scenery, 4);
  const [pull] = await github.pulls('open');
  if (pull === undefined) throw new Error('the thermostat has proposed nothing');
  const { body, title } = await github.pull(pull.number);
  show(`#${pull.number} ${title}`, body ?? '');
  const [, commit, path] = /\.\.\/blob\/([0-9a-f]+)\/([^?]+)\?raw/.exec(body ?? '') ?? [];
  const chart = join(tmpdir(), 'mooring-demo-roi.svg');
  writeFileSync(chart, `${github.remote.git('show', `${commit}:${path}`)}\n`);
  say(`\nIts chart, as GitHub shows it: ${chart}`);

  chapter('CI plans it, alice of the treasury approves, it is merged, and applied');
  await mooring(story, ['pr', 'plan', '--pr', String(pull.number)]);
  await merge(story, pull.number);
  await mooring(story, ['pr', 'apply', '--env', 'demo']);
  say(`\nwideningAlpha on chain: ${Number((await read(story, 'engineTargets', 'wideningAlpha')) as bigint) / 1e18}`);

  chapter('The cooldown counts from the change on chain; then ROI is back');
  await live(story, scenery, 8);
}

async function tellBudget(story: Story): Promise<void> {
  const { github } = story;
  chapter('In the evening the engine spends its budget: the sentinel pauses with a key that can do nothing else');
  const stop = new AbortController();
  const address = Promise.withResolvers<string>();
  const stdout = (text: string): void => {
    say(text.trimEnd());
    const url = /http:\/\/[^/]+/.exec(text)?.[0];
    if (url !== undefined) address.resolve(url);
  };
  const watching = mooring(story, ['sentinel', 'watch', '--env', 'demo', '--listen', '127.0.0.1:0'], { stop: stop.signal, stdout });
  watching.catch(address.reject);
  const url = await address.promise;
  const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json', 'idempotency-key': 'demo' };
  const spent = [{ type: 'evaluation', agent: 'root/a', cost: 1_050, value: 2_200, id: 'e-1' }];
  say(`\n$ curl ${url}/v1/events -d '${JSON.stringify(spent)}'`);
  const began = performance.now();
  const { status } = await fetch(`${url}/v1/events`, { method: 'POST', headers, body: JSON.stringify(spent) });
  if (status !== 200) throw new Error(`the sentinel answered ${status}`);
  while ((await read(story, 'arena', 'paused')) !== true) await pause(20);
  say(`the arena is paused on chain, ${Math.round(performance.now() - began)} ms after the event was sent`);
  while ((await github.pulls('open')).length < 2) await pause(50);
  stop.abort();
  await watching;
  for (const { number, title } of (await github.pulls('open')).toSorted((a, b) => a.number - b.number)) {
    say(`\n#${number} ${title}   [${(await github.labels(number)).join(', ')}]`);
  }
  const incident = (await github.pulls('open')).find(({ title }) => title.includes('arena'));
  if (incident === undefined) throw new Error('the incident has no pull request');
  show(`#${incident.number} ${incident.title}`, (await github.pull(incident.number)).body ?? '');
  say('\nNothing unpauses by itself: merging this records the pause in git, and taking it back is a reviewed change.');
  say('To run the loops for good: docs/running.md.');
}

say('Starting a chain, a git repository, a GitHub and a source of metrics on this machine …');
const story = await beginStory(withLoops);
const day: Day = { now: Math.floor(Date.now() / hour) * hour - 24 * hour, hour: 0 };
const metrics = await startPrometheus();
metrics.now = () => day.now / 1000;
try {
  Object.assign(story.env, {
    PROMETHEUS_HOST: new URL(metrics.url).host,
    SENTINEL_SECRET: secret,
    MOORING_GUARDIAN_KEY: story.chain.deployment.accounts.guardian.privateKey,
  });
  await tellDip(story, { day, metrics });
  await tellBudget(story);
} finally {
  await metrics.stop();
  await story.stop();
}
