// A signer of environment.yaml is replaced: the shared journal stays readable, and what was applied is known.
import { join } from 'node:path';
import { Wallet } from 'ethers/wallet';
import { beforeEach, describe, expect, test } from 'vitest';
import { openClone } from '../../src/scm/git.ts';
import { takeLease } from '../../src/scm/lease.ts';
import { runIn } from '../scm/remote.ts';
import { runHere } from '../support/cli.ts';
import { folder } from '../support/field-world.ts';
import { journalCommit, strangersKey } from './forge.ts';
import { policy, spec } from './pr-world.ts';
import { usePrWorld } from './use-pr-world.ts';

const open = policy.replace(/approvals:[\s\S]*requireProof/, 'approvals: { reduce: 0, increase: 0, ambiguous: 0 }\nrequireProof');
const scene = usePrWorld((files) => {
  files[`${folder}/policy.yaml`] = open;
});
const settings = `${folder}/environment.yaml`;
const next = '  orchestrator-c: { key: { env: ORCHESTRATOR_C_KEY } }\n';

beforeEach(() => {
  scene.ci.env['ORCHESTRATOR_C_KEY'] = scene.field.deployment.accounts.orchestratorC.privateKey;
});

function change(edit: (text: string) => string): void {
  const text = scene.github.remote.git('show', `main:${settings}`);
  const after = edit(text);
  if (after === text) throw new Error('nothing is changed');
  scene.github.push('main', { [settings]: `${after.trimEnd()}\n` });
}

const withNext = (text: string): string => text.replace('signers:\n', `signers:\n${next}`);
const withoutOld = (text: string): string => text.replace(/^ {2}owner: .*\n/m, '');

async function applyOne(committee: string): Promise<void> {
  const number = await scene.propose({ branch: `size-${committee}`, files: scene.edited('arena', spec('committeeSize', committee)) });
  await scene.plan();
  await scene.github.merge(number, { as: 'bob' });
  await scene.apply();
}

const replaced = (text: string): string => withoutOld(withNext(text));
const mark = (commit: string) => ({ type: 'mark', name: 'applied/field', value: JSON.stringify({ commit, waiting: [] }) }) as const;

/** One that shares the journal, whose only signer is the guardian. */
function otherEnvironment(): Record<string, string> {
  const settings = scene.read('environment.yaml').replace(/^ {2}owner: \{.*$/m, '  guardian: { key: { env: GUARDIAN_KEY } }');
  return { 'desired-state/other/environment.yaml': settings, 'desired-state/other/addresses.yaml': scene.read('addresses.yaml') };
}

/** As whoever clones the repository sees it. */
async function status(machine = scene.machine()): Promise<{ exit: number; text: string }> {
  const { exit, stdout, stderr } = await machine.mooring('status --env field');
  return { exit, text: stdout + stderr };
}

const corrupt = { exit: 1, text: expect.stringContaining('JOURNAL_CORRUPT') };
const keyOf = (name: 'owner' | 'orchestratorC' | 'guardian'): string => scene.field.deployment.accounts[name].privateKey;

test('what was applied before is known, and the branch goes on', async () => {
  await applyOne('4');
  change(replaced);
  expect(await status()).toEqual({ exit: 0, text: expect.stringContaining('1 run, 1 receipt') });
  await scene.apply();
  await scene.field.node.ask('hardhat_setBalance', [scene.field.addresses['orchestrator-c'], '0xde0b6b3a7640000']);
  await scene.field.byHand({ on: 'arena', call: 'transferOwnership', args: ['orchestrator-c'] });
  scene.github.push('main', scene.edited('arena', spec('owner', 'orchestrator-c')));
  await applyOne('5');
  expect(await status()).toEqual({ exit: 0, text: expect.stringContaining('2 runs, 2 receipts') });
});

test('once its successor has signed, the old key’s word counts no more', async () => {
  await applyOne('4');
  const before = scene.head('main');
  change(replaced);
  await scene.apply();
  expect((await status()).exit).toBe(0);
  await journalCommit(scene.github, mark(before), keyOf('owner'));
  expect(await status()).toEqual(corrupt);
});

test('a commit that was never the branch’s head gives nobody a say', async () => {
  await applyOne('4');
  const text = scene.github.remote.git('show', `main:${settings}`);
  const rogue = `  rogue: { address: "${new Wallet(strangersKey).address}", key: { env: ROGUE_KEY } }\n`;
  scene.github.push('rogue', { [settings]: text.replace('signers:\n', `signers:\n${rogue}`) });
  change(replaced);
  await journalCommit(scene.github, mark(scene.head('rogue')), strangersKey);
  expect(await status()).toEqual(corrupt);
});

test('a key that was replaced twice over has no say while the last one is replaced', async () => {
  await applyOne('4');
  const before = scene.head('main');
  change(replaced);
  await scene.apply();
  scene.ci.env['GUARDIAN_KEY'] = keyOf('guardian');
  change((text) => text.replace(next, '  guardian: { key: { env: GUARDIAN_KEY } }\n'));
  expect(await status()).toEqual({ exit: 0, text: expect.stringContaining('1 run') });
  await journalCommit(scene.github, mark(before), keyOf('owner'));
  expect(await status()).toEqual(corrupt);
});

describe('the key that a merge replaces can’t say that this merge was dealt with', () => {
  const started = { type: 'run-started', environment: 'field', chainId: 31337n, genesis: null, steps: [], changes: [], continues: null } as const;
  const run = (commit: string) => ({ ...started, run: 'forged', at: Date.now(), digest: 'forged', approvedBy: 'nobody', commit });
  const notes = {
    mark: (commit: string) => mark(commit),
    'run-started': (commit: string) => ({ type: 'events', events: [run(commit)] }) as const,
  };

  describe.each(['the only signer', 'one of two'])('%s', (which) => {
    test.each(Object.keys(notes) as (keyof typeof notes)[])('by a %s', async (note) => {
      if (which === 'one of two') change(withNext);
      await applyOne('4');
      change(which === 'one of two' ? withoutOld : replaced);
      expect((await status()).exit).toBe(0);
      await journalCommit(scene.github, notes[note](scene.head('main')), keyOf('owner'));
      expect(await status()).toEqual(corrupt);
      expect((await scene.ci.mooring('pr apply --env field')).stderr).toContain('JOURNAL_CORRUPT');
    });
  });
});

test('a record that names a key of now, and that another has signed over, is not that key’s', async () => {
  await applyOne('4');
  change(replaced);
  await journalCommit(scene.github, mark(scene.head('main')), keyOf('owner'), scene.field.addresses['orchestrator-c']);
  await journalCommit(scene.github, { type: 'mark', name: 'applied/elsewhere', value: '{}' }, keyOf('owner'));
  expect(await status()).toEqual(corrupt);
});

describe('an apply that waits for another one begins again', () => {
  async function meanwhile(act: () => Promise<void>): Promise<void> {
    await applyOne('4');
    const git = await openClone({ folder: scene.ci.root });
    const times = { deadAfterMs: 60_000, pollMs: 50, patienceMs: 60_000, now: Date.now };
    const lease = await takeLease(git, { chainId: 31337n, signers: [scene.field.addresses['owner'] ?? ''], holder: 'another apply', ...times });
    scene.github.push('main', scene.edited('arena', spec('committeeSize', '5')));
    const queued = Promise.withResolvers<void>();
    const stderr = (text: string): void => void (text.includes('waiting for it') && queued.resolve());
    const applying = scene.ci.mooring('pr apply --env field --lease-timeout 2', { stderr });
    await queued.promise;
    await act();
    await lease.release();
    expect((await applying).exit).toBe(0);
    expect((await status()).exit).toBe(0);
  }

  test('where its signer is replaced, with the new one', async () => {
    await meanwhile(async () => change(replaced));
    const last = scene.github.remote.git('show', 'mooring/journal:record.json');
    expect(JSON.parse(last).record.by.toLowerCase()).toBe(scene.field.addresses['orchestrator-c']?.toLowerCase());
  });

  test('where another environment has come to the journal', async () => {
    await meanwhile(async () => {
      scene.github.push('main', otherEnvironment());
      await journalCommit(scene.github, { ...mark(scene.head('main')), name: 'applied/other' }, keyOf('guardian'));
    });
  });
});

test('a journal that only applies by hand have written survives it too; and so it does in a linked work tree', async () => {
  const desk = scene.machine();
  scene.github.push('main', scene.edited('arena', spec('committeeSize', '4')));
  runIn(desk.root, 'pull', '-q', 'origin', 'main');
  const { digest } = JSON.parse((await desk.mooring('plan --env field --format json')).stdout) as { digest: string };
  expect((await desk.mooring(`apply --env field --digest ${digest}`)).exit).toBe(0);
  change(replaced);
  const fresh = scene.machine();
  expect((await status(fresh)).exit).toBe(0);
  const linked = { ...fresh, root: join(fresh.root, 'linked') };
  runIn(fresh.root, 'worktree', 'add', '-q', '--detach', linked.root);
  expect((await runHere({ cwd: linked.root, env: fresh.env }, ['status', '--env', 'field'])).exit).toBe(0);
});

test('another environment that wrote last may be given up, and may then write no more', async () => {
  const files = otherEnvironment();
  await applyOne('4');
  scene.github.push('main', files);
  const others = keyOf('guardian');
  await journalCommit(scene.github, { ...mark(scene.head('main')), name: 'applied/other' }, others);
  expect(await status()).toEqual({ exit: 0, text: expect.stringContaining('1 run') });
  scene.github.push('main', Object.fromEntries(Object.keys(files).map((path) => [path, null])));
  expect(await status()).toEqual({ exit: 0, text: expect.stringContaining('1 run') });
  await applyOne('5');
  expect(await status()).toEqual({ exit: 0, text: expect.stringContaining('2 runs') });
  await journalCommit(scene.github, { type: 'mark', name: 'applied/other', value: '{}' }, others);
  expect(await status()).toEqual(corrupt);
});
