// `npm run runbook`: docs/runbook.md, followed to the letter on an embedded chain with a real git and a stateful GitHub. Fails where
// a command of it fails.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startPrometheus } from '../test/support/prometheus.ts';
import { beginStory, mooring } from './demo-world.ts';
import { kebab } from './environment-files.ts';
import { direct, prepareArena } from './runbook/people.ts';
import { readRunbook } from './runbook/read-runbook.ts';
import { chapters, say } from './story.ts';

const file = 'docs/runbook.md';
const chapter = chapters();
const secret = 'a development secret, publicly known';

const thermostatYaml = `apiVersion: mooring/v1
kind: Thermostat
prometheus: { url: "http://\${PROMETHEUS_HOST}", query: hgm_roi }
`;
const arenaYaml = `apiVersion: mooring/v1
kind: Arena
teachers: [{ account: teacher, job: 1 }]
agents: [{ account: student, job: 1 }, { account: stranger, job: 1 }]
validators: [{ account: validator, job: 1 }, { account: guardian, job: 1 }]
`;
/** Keys of this machine's: a guardian's, which may only pause, and the orchestrators'. */
const keys = { guardian: 'GUARDIAN_KEY', orchestratorA: 'ORCHESTRATOR_A_KEY' } as const;

const acts = readRunbook(readFileSync(join(import.meta.dirname, '..', file), 'utf8'));
say('Starting a chain, a git repository, a GitHub and a source of metrics on this machine …');
const metrics = await startPrometheus();
const story = await beginStory((files) => {
  const change = (name: string, by: (text: string) => string): void =>
    void files.set(`desired-state/demo/${name}`, by(files.get(`desired-state/demo/${name}`) ?? ''));
  change('loops/thermostat.yaml', () => thermostatYaml);
  change('loops/sentinel.yaml', () => 'apiVersion: mooring/v1\nkind: Sentinel\n');
  change('loops/arena.yaml', () => arenaYaml);
  const signers = Object.entries(keys).map(([name, variable]) => `  ${kebab(name)}: { key: { env: ${variable} } }\n`);
  change('environment.yaml', (text) => text.replace('signers:\n', `signers:\n${signers.join('')}`));
  change('policy.yaml', (text) => `${text}loops: { sentinel: { pauseSigner: guardian } }\n`);
});
try {
  const { accounts } = story.chain.deployment;
  const own = Object.entries(keys).map(([name, variable]) => [variable, accounts[name as keyof typeof keys].privateKey]);
  Object.assign(story.env, { PROMETHEUS_HOST: new URL(metrics.url).host, SENTINEL_SECRET: secret }, Object.fromEntries(own), {
    ORCHESTRATOR_C_KEY: accounts.orchestratorC.privateKey,
  });
  await prepareArena({ story, metrics });
  metrics.set(() => [{ labels: { __name__: 'hgm_roi' }, value: '2.02' }]);
  for (const act of acts) {
    try {
      if (act.type === 'heading') chapter(act.text);
      else if (act.type === 'direct') await direct({ story, metrics }, act.what);
      else
        await mooring(
          story,
          act.words.map((word) => (word === 'mainnet' ? 'demo' : word)),
          { expected: act.exit },
        );
    } catch (error) {
      throw new Error(`${file}:${act.line}: ${(error as Error).message}`, { cause: error });
    }
  }
  say('\nThe runbook has been followed from its first line to its last.');
} finally {
  await metrics.stop();
  await story.stop();
}
