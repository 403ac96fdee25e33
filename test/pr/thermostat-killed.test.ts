// `mooring thermostat watch` killed at each of its writes: whoever comes after goes on, with one proposal and no sample counted twice.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readMemory } from '../../src/cli/thermostat/watch-memory.ts';
import { quickSettings, settingsFile } from '../loops/watch/thermostat-stage.ts';
import { type PrometheusStandIn, startPrometheus } from '../support/prometheus.ts';
import { usePrWorld } from './use-pr-world.ts';

const scene = usePrWorld((files) => {
  files[settingsFile] = `${quickSettings()}prometheus: { url: "http://\${PROMETHEUS_HOST}", query: hgm_roi }\n`;
});
const program = join(import.meta.dirname, '../../bin/mooring.mjs');

let prometheus: PrometheusStandIn;
/** Seconds since the epoch; every reading has one of its own. */
let taken: number;
beforeEach(async () => {
  prometheus = await startPrometheus();
  taken = Math.floor(Date.now() / 1000) - 60;
  scene.ci.env['PROMETHEUS_HOST'] = new URL(prometheus.url).host;
});
afterEach(() => prometheus.stop());

function reading(): void {
  taken += 1;
  prometheus.set([{ labels: { __name__: 'hgm_roi' }, value: '1.2', at: taken }]);
}

function begin() {
  const { PATH = '', HOME = '' } = process.env;
  const args = [program, 'thermostat', 'watch', '--env', 'field', '--iterations', '1', '--interval', '1'];
  const child = spawn(process.execPath, args, { cwd: scene.ci.root, env: { PATH, HOME, ...scene.ci.env }, stdio: 'ignore' });
  return { child, ended: once(child, 'exit') as Promise<[number | null, string | null]> };
}

/** A turn in this process, as whoever comes after. */
async function turn(): Promise<void> {
  const said = await scene.ci.mooring('thermostat watch --env field --iterations 1 --interval 1');
  expect(said.exit, said.stdout + said.stderr).toBe(0);
}

type Stage = { name: string; arm(kill: () => void): void };

function atGitHub(path: RegExp, when: 'before' | 'after'): Stage['arm'] {
  return (kill) => {
    scene.github.fault = (request) => {
      if (request.method === 'GET' || !path.test(request.path)) return null;
      kill();
      return when === 'before' ? { hangUp: true } : { apply: true, after: { hangUp: true } };
    };
  };
}

const stages: readonly Stage[] = [
  { name: 'before the pull request is opened', arm: atGitHub(/\/pulls$/, 'before') },
  { name: 'once it is opened', arm: atGitHub(/\/pulls$/, 'after') },
  { name: 'before it has its label', arm: atGitHub(/\/labels$/, 'before') },
  { name: 'once it has its label', arm: atGitHub(/\/labels$/, 'after') },
];

test.each(stages)('$name', async ({ arm }) => {
  for (let filled = 0; filled < 2; filled++) {
    reading();
    await turn();
  }
  reading();
  const { child, ended } = begin();
  arm(() => child.kill('SIGKILL'));
  expect((await ended)[1], 'it died where it was to').toBe('SIGKILL');
  scene.github.fault = null;
  // Its lease is left behind, as by any machine that died.
  for (const ref of scene.github.remote.git('for-each-ref', '--format=%(refname)', 'refs/mooring/leases').split('\n').filter(Boolean))
    scene.github.remote.git('update-ref', '-d', ref);
  const before = readMemory(join(scene.ci.root, '.mooring/field/thermostat'));
  expect(before?.points).toHaveLength(3);
  reading();
  await turn();
  expect(await scene.github.pulls()).toHaveLength(1);
  const [pull] = await scene.github.pulls();
  expect(await scene.github.labels(pull?.number ?? 0)).toEqual(['thermostat']);
  const after = readMemory(join(scene.ci.root, '.mooring/field/thermostat'));
  expect(after?.points.map(({ at }) => at)).toEqual([taken - 3, taken - 2, taken - 1, taken]);
  expect(after?.pending).toBeNull();
  expect(after?.state.open?.rule).toBe('dip');
});
