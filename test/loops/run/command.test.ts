// `mooring run` and `mooring thermostat watch` as commands: on a real chain, git and GitHub, with a Prometheus of the test's own.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { usePrWorld } from '../../pr/use-pr-world.ts';
import { steady } from '../../support/cli.ts';
import { quickSettings, settingsFile } from '../watch/thermostat-stage.ts';

const scene = usePrWorld((files) => {
  files[settingsFile] = `${quickSettings()}prometheus: { url: "http://\${PROMETHEUS_HOST}", query: roi, maxAgeSeconds: off }\nintervalSeconds: 1\n`;
});

let prometheus: Server;
/** ROI, and how many times it was asked. */
let metric: { roi: number; asked: number };
beforeEach(async () => {
  metric = { roi: 1.2, asked: 0 };
  prometheus = createServer(async (request, response) => {
    let form = '';
    for await (const piece of request.setEncoding('utf8')) form += piece;
    const isTime = form.startsWith('query=timestamp');
    if (!isTime) metric.asked += 1;
    const at = Date.now() / 1000 + metric.asked * 1e-3;
    const value = [at, String(isTime ? at : metric.roi)];
    response.end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result: [{ metric: {}, value }] } }));
  });
  prometheus.listen(0, '127.0.0.1');
  await once(prometheus, 'listening');
  scene.ci.env['PROMETHEUS_HOST'] = `127.0.0.1:${(prometheus.address() as AddressInfo).port}`;
  scene.ci.env['SENTINEL_SECRET'] = 'a secret of the test, long enough';
});
afterEach(async () => {
  prometheus.closeAllConnections();
  prometheus.close();
  await once(prometheus, 'close');
});

const pulls = async () => (await scene.github.pulls()).map(({ branch }) => branch);

test('a dry run shows settings, each sample and why; it proposes and remembers nothing', async () => {
  scene.github.resetLog();
  const said = await scene.ci.mooring('thermostat watch --env field --dry-run --interval 0.01 --iterations 3 --target-roi 2.5');
  expect(said.exit, said.stderr).toBe(0);
  expect(said.stdout).toMatch(/targetRoi +2\.5 +--target-roi/);
  expect(said.stdout).toMatch(/roiWindow +3 +desired-state\/field\/loops\/thermostat\.yaml:3/);
  expect(said.stdout).toMatch(/raise: the mean is below the band\n +→ wideningAlpha 0\.5 → 0\.55/);
  expect(scene.github.writes()).toEqual([]);
  expect(await pulls()).toEqual([]);
});

test('settings of the command line stand against declared ones: refused, or proposed', async () => {
  const refused = await scene.ci.mooring('thermostat watch --env field --target-roi 2.5');
  expect([refused.exit, steady(refused.stderr)]).toEqual([64, expect.stringContaining('--propose')]);
  const proposed = await scene.ci.mooring('thermostat watch --env field --target-roi 2.5 --window 6 --propose');
  expect(proposed.exit, proposed.stdout + proposed.stderr).toBe(0);
  const [branch] = await pulls();
  expect(scene.read('contracts/engine-targets.yaml', branch)).toMatch(/targetRoi: 2\.5\b/);
  expect(scene.read('loops/thermostat.yaml', branch)).toMatch(/roiWindow: 6\b/);
  expect(await scene.ci.mooring('thermostat watch --env field --propose')).toMatchObject({ exit: 64 });
});

test('watch opens the pull request, and gives its lease back when it ends', async () => {
  const said = await scene.ci.mooring('thermostat watch --env field --interval 0.01 --iterations 3');
  expect(said.exit, said.stderr).toBe(0);
  expect(await pulls()).toEqual(['mooring/thermostat/field/roi']);
  expect(scene.github.remote.git('for-each-ref', 'refs/mooring/leases')).toBe('');
});

test('a source that is down fails the turn, and says so', async () => {
  scene.ci.env['PROMETHEUS_HOST'] = '127.0.0.1:9';
  const said = await scene.ci.mooring('thermostat watch --env field --interval 0.01 --iterations 1');
  expect([said.exit, said.stderr]).toEqual([5, expect.stringContaining('METRICS_UNAVAILABLE')]);
});

test('run: all three loops, ready and measured while they run, stopped in order', async () => {
  const stop = new AbortController();
  const port = Promise.withResolvers<number>();
  const lines: string[] = [];
  const stderr = (text: string): void => {
    for (const line of text.split('\n').filter(Boolean)) {
      lines.push(line);
      const found = (JSON.parse(line) as { port?: number }).port;
      if (found !== undefined) port.resolve(found);
    }
  };
  const running = scene.ci.mooring('run --env field --health 127.0.0.1:0 --listen 127.0.0.1:0 --drift-interval 1', { stop: stop.signal, stderr });
  running.then(({ exit }) => port.reject(new Error(`it ended with ${exit}: ${lines.join('\n')}`)), port.reject);
  const url = `http://127.0.0.1:${await port.promise}`;
  const ready = async (): Promise<boolean> => (await fetch(`${url}/readyz`)).ok;
  while (!(await ready())) await new Promise((resolve) => setImmediate(resolve));
  const metrics = await (await fetch(`${url}/metrics`)).text();
  expect(metrics).toMatch(/mooring_leader 1/);
  for (const loop of ['thermostat', 'sentinel', 'drift']) expect(metrics).toContain(`mooring_turns_total{loop="${loop}",result="done"}`);
  expect(scene.github.remote.git('for-each-ref', '--format=%(refname)', 'refs/mooring/leases').split('\n')).toHaveLength(3);
  stop.abort();
  expect(await running).toMatchObject({ exit: 0 });
  expect(lines.at(-1)).toContain('"msg":"stopped"');
  expect(scene.github.remote.git('for-each-ref', 'refs/mooring/leases')).toBe('');
  expect(lines.join('\n')).not.toContain('a secret of the test');
});

test('run without a machine of its own: what loops remember is on a branch, and the next run goes on from it', async () => {
  const line = 'run --env field --loops thermostat,sentinel --no-listen --iterations 1 --state-branch mooring/loops --health 127.0.0.1:0';
  for (let turn = 1; turn <= 3; turn++) {
    const machine = scene.machine();
    Object.assign(machine.env, scene.ci.env);
    const said = await machine.mooring(line);
    expect(said.exit, said.stderr).toBe(0);
  }
  expect(await pulls()).toEqual(['mooring/thermostat/field/roi']);
  expect(scene.github.remote.git('ls-tree', '-r', '--name-only', 'mooring/loops')).toContain('field/thermostat/watch.json');
});

test('a machine whose memory is older than the branch’s goes on from the branch', async () => {
  const line = 'run --env field --loops thermostat --iterations 1 --state-branch mooring/loops --health 127.0.0.1:0';
  const [one, two] = [scene.machine(), scene.machine()];
  for (const machine of [one, two]) Object.assign(machine.env, scene.ci.env);
  for (const machine of [one, two, one]) expect((await machine.mooring(line)).exit).toBe(0);
  const points = (JSON.parse(scene.github.remote.git('show', 'mooring/loops:field/thermostat/watch.json').slice(65)) as { points: unknown[] }).points;
  expect(points).toHaveLength(3);
});
