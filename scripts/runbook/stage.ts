// What the runbook is followed on: an environment `demo` with loops, keys that may do little, and an arena in which rounds can be run.
import { computeAddress } from 'ethers/transaction';
import { startPrometheus } from '../../test/support/prometheus.ts';
import { beginStory, type Story } from '../demo-world.ts';
import { rpc } from '../deployment/sender.ts';
import { kebab, keyVariable } from '../environment-files.ts';
import { prepareArena, type Stage } from './people.ts';

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

/** A development key, publicly known: of whoever owns everything after the owner's own key has leaked. */
const spareKey = `0x${'5e'.repeat(32)}`;

/** SIDE EFFECTS: servers and a folder, until `stop`. */
export async function setStage(): Promise<Stage & { stop(): Promise<void> }> {
  const metrics = await startPrometheus();
  const story = await beginStory(withLoops);
  const { accounts } = story.chain.deployment;
  const vault = {
    ...taken(story, ['MOORING_APP_ID', 'MOORING_APP_KEY', 'GITHUB_REPOSITORY']),
    PROMETHEUS_HOST: new URL(metrics.url).host,
    SENTINEL_SECRET: secret,
    [keyVariable]: accounts.owner.privateKey,
    GUARDIAN_KEY: accounts.guardian.privateKey,
    ORCHESTRATOR_A_KEY: accounts.orchestratorA.privateKey,
    ORCHESTRATOR_C_KEY: accounts.orchestratorC.privateKey,
    NEW_OWNER_KEY: spareKey,
  };
  await rpc(story.chain.url, 'hardhat_setBalance', [computeAddress(spareKey), '0x8ac7230489e80000']);
  for (const name of Object.keys(vault)) delete story.env[name];
  await prepareArena({ story });
  metrics.set(() => [{ labels: { __name__: 'hgm_roi' }, value: '2.02' }]);
  async function stop(): Promise<void> {
    await metrics.stop();
    await story.stop();
  }
  return { story, metrics, vault, stop };
}

function taken({ env }: Story, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, env[name] ?? '']));
}

function withLoops(files: Map<string, string>): void {
  const change = (name: string, by: (text: string) => string): void =>
    void files.set(`desired-state/demo/${name}`, by(files.get(`desired-state/demo/${name}`) ?? ''));
  change('loops/thermostat.yaml', () => thermostatYaml);
  change('loops/sentinel.yaml', () => 'apiVersion: mooring/v1\nkind: Sentinel\n');
  change('loops/arena.yaml', () => arenaYaml);
  const signers = Object.entries(keys).map(([name, variable]) => `  ${kebab(name)}: { key: { env: ${variable} } }\n`);
  change('environment.yaml', (text) => text.replace('signers:\n', `signers:\n${signers.join('')}`));
  change('addresses.yaml', (text) => `${text}  spare-owner: "${computeAddress(spareKey)}"\n`);
  change('policy.yaml', (text) => `${text}loops: { sentinel: { pauseSigner: guardian } }\n`);
}
