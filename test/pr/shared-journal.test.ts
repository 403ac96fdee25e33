// A local apply with the shared journal: the same lease, the same record, readable from any clone.
import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { EditOperation } from '../../src/desired/edit/edit.ts';
import { openClone } from '../../src/scm/git.ts';
import { takeLease } from '../../src/scm/lease.ts';
import { runIn } from '../scm/remote.ts';
import { folder } from '../support/field-world.ts';
import { policy, spec } from './pr-world.ts';
import { usePrWorld } from './use-pr-world.ts';

const open = policy.replace(/approvals:[\s\S]*requireProof/, 'approvals: { reduce: 0, increase: 0, ambiguous: 0 }\nrequireProof');
const scene = usePrWorld((files) => {
  files[`${folder}/policy.yaml`] = open;
});

/** Pushes an edit, and applies it by digest from a clone of its own. */
async function applyByHand(...operations: EditOperation[]): Promise<void> {
  scene.github.push('main', scene.edited('arena', ...operations));
  const machine = scene.machine();
  const planned = await machine.mooring('plan --env field --format json');
  const { digest } = JSON.parse(planned.stdout) as { digest: string };
  const said = await machine.mooring(`apply --env field --digest ${digest}`);
  expect(said.exit, said.stdout + said.stderr).toBe(0);
  rmSync(machine.root, { recursive: true, force: true });
}

test('status reads a run from a clone that has never seen it', async () => {
  await applyByHand(spec('committeeSize', '4'));
  const status = await scene.machine().mooring('status --env field');
  expect(status.stdout).toContain('1 run, 1 receipt');
  expect(status.stdout).toContain('arena.setCommitteeParameters');
});

test('what one clone has reduced is no emergency to another', async () => {
  await applyByHand({ path: ['spec', 'orchestrators'], remove: 'orchestrator-a' });
  scene.github.push('main', scene.edited('arena', { path: ['spec', 'orchestrators'], add: 'orchestrator-a' }));
  const planned = await scene.machine().mooring('plan --env field --format json');
  const { changes, findings } = JSON.parse(planned.stdout) as { changes: { action: string }[]; findings: { code: string }[] };
  expect(changes.map(({ action }) => action)).toEqual(['add']);
  expect(findings.map(({ code }) => code)).not.toContain('STICKY_REDUCTION');
});

test('pr apply takes a local run for what it is: the pull request has nothing left to send', async () => {
  const number = await scene.propose({ branch: 'committee', files: scene.edited('arena', spec('committeeSize', '4')) });
  await scene.plan();
  await scene.github.merge(number, { as: 'bob' });
  const machine = scene.machine();
  const { digest } = JSON.parse((await machine.mooring('plan --env field --format json')).stdout) as { digest: string };
  await machine.mooring(`apply --env field --digest ${digest}`);
  await scene.apply();
  expect(await scene.sent()).toBe(1);
  expect(await scene.github.labels(number)).not.toContain('mooring: failed');
  await scene.settled();
});

test('a local apply queues behind whoever holds the lease', async () => {
  const machine = scene.machine();
  const git = await openClone({ folder: machine.root });
  const owner = scene.field.addresses['owner'] ?? '';
  const lease = await takeLease(git, {
    chainId: 31_337n,
    signers: [owner],
    holder: 'a test',
    deadAfterMs: 60_000,
    pollMs: 100,
    patienceMs: 1_000,
    now: Date.now,
  });
  scene.github.push('main', scene.edited('arena', spec('committeeSize', '4')));
  runIn(machine.root, 'pull', '-q', 'origin', 'main');
  const { digest } = JSON.parse((await machine.mooring('plan --env field --format json')).stdout) as { digest: string };
  const refused = await machine.mooring(`apply --env field --digest ${digest} --lease-wait 1`);
  expect(refused.exit).toBe(1);
  expect(refused.stderr).toContain('another apply is at work');
  expect(refused.stderr).toContain('LEASE_BUSY');
  expect(await scene.sent()).toBe(0);
  const waiting = machine.mooring(`apply --env field --digest ${digest} --lease-wait 60 --lease-timeout 8`);
  await lease.release();
  expect((await waiting).exit).toBe(0);
  expect(await scene.sent()).toBe(1);
});

test('raw bytes stay on the machine that signed them', async () => {
  await applyByHand(spec('committeeSize', '4'));
  const sent = scene.field.proxy.exchanges.flatMap(({ calls }) => calls).find(({ method }) => method === 'eth_sendRawTransaction');
  const raw = String(sent?.params[0]).slice(2);
  expect(raw.length).toBeGreaterThan(100);
  expect(scene.github.remote.git('log', '-p', '--all', '--format=%B').includes(raw)).toBe(false);
});

test('a clone that has fetched and not pulled is warned of, on plan, drift, apply and rotate; one that is up to date is not', async () => {
  const machine = scene.machine();
  scene.github.push('main', scene.edited('arena', spec('committeeSize', '4')));
  const lines = ['plan --env field', 'drift --env field', `apply --env field --digest ${'0'.repeat(64)}`];
  lines.push('rotate --env field --role orchestrators --old orchestrator-a --new orchestrator-c --check');
  const warned = async (): Promise<boolean[]> => {
    const said: boolean[] = [];
    for (const line of lines) said.push((await machine.mooring(line)).stderr.includes('1 commit behind origin/main'));
    return said;
  };
  expect(await warned()).toEqual([false, false, false, false]);
  runIn(machine.root, 'fetch', '-q', 'origin');
  expect(await warned()).toEqual([true, true, true, true]);
  runIn(machine.root, 'pull', '-q', 'origin', 'main');
  expect(await warned()).toEqual([false, false, false, false]);
});
