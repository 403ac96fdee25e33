// mooring rotate: one account for another by pull request; a compromised one revoked at once, and not granted again by a merge.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runIn } from '../scm/remote.ts';
import type { Said } from '../support/cli.ts';
import { giveArena } from '../support/give-arena.ts';
import { usePrWorld } from './use-pr-world.ts';

const scene = usePrWorld();

function rotate(line: string, ...more: string[]): Promise<Said> {
  return scene.ci.mooring(['rotate', '--env', 'field', '--reason', 'because', ...line.split(' '), ...more]);
}

const orchestrators = '--role orchestrators --old orchestrator-a --new orchestrator-c';
const isIn = (name: string) => scene.field.read({ on: 'arena', call: 'orchestrators', args: [name] });

async function onlyPull() {
  const [pull, ...others] = await scene.github.pulls();
  if (pull === undefined) throw new Error('no pull request is open');
  expect(others).toEqual([]);
  return pull;
}

async function mergeApproved(): Promise<void> {
  const { number } = await onlyPull();
  await scene.plan();
  await scene.github.review(number, { as: 'alice', event: 'APPROVE' });
  await scene.plan();
  expect(await scene.approved(number)).toBe(true);
  await scene.github.merge(number, { as: 'bob' });
  await scene.apply();
}

function lineDiff(branch: string): string[] {
  const lines = scene.github.remote.git('diff', '-U0', 'main', branch).split('\n');
  return lines
    .filter((line) => /^[+-](?![+-]{2})/.test(line))
    .map((line) => line.replace(/^(.)\s+/, '$1'))
    .sort();
}

describe('a rotation', () => {
  test('is reviewed, proposed, merged, and then found done', async () => {
    const said = await rotate(orchestrators);
    expect(said.exit, said.stdout + said.stderr).toBe(0);
    expect(said.stdout).toMatch(/orchestrator-a .*since .* by owner/);
    // In the safe order: the new one is in before the old one is out.
    const [grant, revoke] = ['orchestrator-c, allowed: true', 'orchestrator-a, allowed: false'].map((call) => said.stdout.indexOf(call));
    expect([(grant ?? -1) > 0, (revoke ?? -1) > (grant ?? 0)]).toEqual([true, true]);
    expect(said.stdout).toContain('is not known');
    const pull = await onlyPull();
    expect(lineDiff(pull.branch)).toEqual(['+- orchestrator-c', '-- orchestrator-a']);
    expect((await rotate(`${orchestrators} --check`)).exit).toBe(2);
    await mergeApproved();
    expect([await isIn('orchestrator-a'), await isIn('orchestrator-c')]).toEqual([false, true]);
    const runner = (name: string) => rotate(`${orchestrators} --check --runner-address ${name}`);
    expect((await runner('orchestrator-c')).exit).toBe(0);
    const stale = await runner('orchestrator-a');
    expect([stale.exit, stale.stdout.includes('still signs with orchestrator-a')]).toEqual([2, true]);
    expect((await rotate(`${orchestrators} --check`)).exit).toBe(2);
  });

  test.each([
    ['who does not hold it', '--role orchestrators --old stranger --new orchestrator-c', 'ROLE_NOT_HELD'],
    ['who holds it already', '--role orchestrators --old orchestrator-a --new orchestrator-b', 'ROLE_HELD'],
    ['a role that nobody has', '--role orchestrator --old orchestrator-a --new orchestrator-c', 'ROLE_UNKNOWN'],
    ['the same account', '--role orchestrators --old orchestrator-a --new orchestrator-a', 'USAGE'],
    ['nobody', `--role orchestrators --old orchestrator-a --new 0x${'0'.repeat(40)}`, 'USAGE'],
  ])('is refused for %s', async (_what, line, code) => {
    const said = await rotate(line);
    expect(said.stderr).toContain(code);
    expect([64, 65]).toContain(said.exit);
    expect(await scene.github.pulls()).toEqual([]);
  });

  test('of a pauser reaches what gives it to the modules, too', async () => {
    const said = await rotate('--role pauser --old pause-guard --new guardian --dry-run');
    expect(said.exit, said.stdout + said.stderr).toBe(0);
    const turned = said.stdout.split('\n').filter((line) => /^\+\s.*: guardian$/.test(line));
    expect(turned.map((line) => line.replace(/^\+\s+/, '')).sort()).toEqual(['activePauser: guardian', ...Array(4).fill('pauser: guardian')]);
    expect(said.stdout).not.toContain('No file declares');
    expect(await scene.sent()).toBe(0);
  });

  test('on one contract leaves the others', async () => {
    const said = await rotate('--role owner --old owner --new stranger --contract arena --dry-run');
    const turned = said.stdout.split('\n').filter((line) => /^\+\s/.test(line));
    expect(turned).toHaveLength(1);
  });
});

describe('a compromised account', () => {
  test('is revoked at once; the pull request grants its successor; no merge grants it again without a lift', async () => {
    const dry = await rotate(`${orchestrators} --compromised --dry-run`);
    expect(dry.stdout).toContain('Would be revoked at once');
    expect([await isIn('orchestrator-a'), await scene.sent()]).toEqual([true, 0]);
    const said = await rotate(`${orchestrators} --compromised`);
    expect(said.exit, said.stdout + said.stderr).toBe(0);
    expect([await isIn('orchestrator-a'), await isIn('orchestrator-c'), await scene.sent()]).toEqual([false, false, 1]);
    const pull = await onlyPull();
    expect(lineDiff(pull.branch)).toEqual(['+- orchestrator-c', '-- orchestrator-a']);
    expect(await scene.github.labels(pull.number)).toContain('emergency');
    expect((await scene.github.pull(pull.number)).body).toMatch(/Revoked at once in 0x[0-9a-f]{64}/);
    // Before the merge git still declares it, and sends nothing for it.
    expect((await scene.ci.mooring('drift --env field')).stdout).toContain('Emergency measures');
    await mergeApproved();
    expect([await isIn('orchestrator-a'), await isIn('orchestrator-c')]).toEqual([false, true]);
    const again = await scene.ci.mooring(['propose', 'grant', 'arena.orchestrators=orchestrator-a', '--env', 'field', '--reason', 'why not', '--dry-run']);
    expect(again.stdout).toContain('STICKY_REDUCTION');
    expect(again.stdout).not.toContain('allowed: true');
  });

  test('without a key at hand is not revoked: who can is named, the pull request is there, and it ends with 1', async () => {
    const { MOORING_OWNER_KEY: _key, ...env } = scene.ci.env;
    const said = await scene.ci.mooring(['rotate', '--env', 'field', '--reason', 'because', ...orchestrators.split(' '), '--compromised'], { env });
    expect(said.exit, said.stdout + said.stderr).toBe(1);
    expect(said.stdout).toMatch(/NOT revoked: no key that may do it is at hand\.\n.*owner \(0x.*MOORING_OWNER_KEY/);
    expect([await isIn('orchestrator-a'), await scene.sent()]).toEqual([true, 0]);
    await onlyPull();
  });

  test('is revoked while GitHub is out of reach, and proposed by a further run', async () => {
    const { MOORING_APP_ID: _id, ...env } = scene.ci.env;
    const words = ['rotate', '--env', 'field', '--reason', 'because', ...orchestrators.split(' '), '--compromised'];
    const first = await scene.ci.mooring(words, { env });
    expect([first.exit, first.stderr.includes('GITHUB_CREDENTIALS'), await isIn('orchestrator-a')]).toEqual([1, true, false]);
    expect(first.stdout).toContain('Revoked; the pull request is still to be opened: run it again.');
    const second = await scene.ci.mooring(words);
    expect(second.exit, second.stdout + second.stderr).toBe(0);
    expect(second.stdout).toContain('revoked already');
    expect(await scene.sent()).toBe(1);
    expect(lineDiff((await onlyPull()).branch)).toEqual(['+- orchestrator-c', '-- orchestrator-a']);
  });

  test('is revoked although its successor is in already, or nobody is to follow: git then only takes it out', async () => {
    const said = await rotate('--role orchestrators --old orchestrator-a --new orchestrator-b --compromised');
    expect(said.exit, said.stdout + said.stderr).toBe(0);
    expect([await isIn('orchestrator-a'), await isIn('orchestrator-b'), await scene.sent()]).toEqual([false, true, 1]);
    expect(lineDiff((await onlyPull()).branch)).toEqual(['-- orchestrator-a']);
    const alone = await rotate('--role validatorLockManagers --old lock-manager --compromised --even-the-last');
    expect(alone.exit, alone.stdout + alone.stderr).toBe(0);
    expect(await scene.field.read({ on: 'stakeManager', call: 'validatorLockManagers', args: ['lock-manager'] })).toBe(false);
    expect((await scene.github.pulls()).map(({ branch }) => branch)).toHaveLength(2);
    const done = await rotate('--role orchestrators --old orchestrator-a --compromised --check --runner-address orchestrator-b');
    expect(done.exit, done.stdout + done.stderr).toBe(0);
  });

  test('that git never declared is revoked, and nothing is proposed', async () => {
    await scene.field.byHand({ on: 'arena', call: 'setOrchestrator', args: ['orchestrator-c', true] });
    const said = await rotate('--role orchestrators --old orchestrator-c --compromised');
    expect(said.exit, said.stdout + said.stderr).toBe(0);
    expect([await isIn('orchestrator-c'), said.stdout.includes('nothing to propose')]).toEqual([false, true]);
    expect(await scene.github.pulls()).toEqual([]);
  });

  test.each([
    ['that is not compromised', '--role orchestrators --old orchestrator-a'],
    ['whose role can only be handed over', '--role owner --old owner --contract arena --compromised'],
  ])('%s needs a successor', async (_what, line) => {
    const said = await rotate(line);
    expect([said.exit, said.stderr.includes('--new is missing'), await scene.sent()]).toEqual([64, true, 0]);
    expect(await scene.github.pulls()).toEqual([]);
  });

  test('who is the only one is not revoked unless that is said', async () => {
    await scene.field.byHand({ on: 'arena', call: 'setOrchestrator', args: ['orchestrator-b', false] });
    const refused = await rotate(`${orchestrators} --compromised`);
    expect([refused.exit, refused.stderr.includes('LAST_HOLDER'), await isIn('orchestrator-a')]).toEqual([3, true, true]);
    expect(await scene.github.pulls()).toEqual([]);
    const said = await rotate(`${orchestrators} --compromised --even-the-last`);
    expect([said.exit, await isIn('orchestrator-a')]).toEqual([0, false]);
  });

  test('who owns is handed over, not revoked: nothing is sent, and it says so', async () => {
    const said = await rotate('--role owner --old owner --new stranger --contract arena --compromised');
    expect(said.exit, said.stdout + said.stderr).toBe(1);
    expect(said.stdout).toContain('NOT revoked: arena.owner');
    expect(await scene.sent()).toBe(0);
    await onlyPull();
  });

  test('through the relay that governs the contract', async () => {
    const said = await rotate('--role validatorLockManagers --old lock-manager --new stranger --compromised');
    expect(said.exit, said.stdout + said.stderr).toBe(0);
    expect(await scene.field.read({ on: 'stakeManager', call: 'validatorLockManagers', args: ['lock-manager'] })).toBe(false);
    expect(await scene.sent()).toBe(1);
  });
});

describe('a compromised account goes at once', () => {
  const compromised = `${orchestrators} --compromised`;

  test('where git and its journal are away', async () => {
    runIn(scene.ci.root, 'remote', 'set-url', 'origin', join(scene.ci.root, 'nowhere.git'));
    const said = await rotate(compromised);
    expect([said.exit, await isIn('orchestrator-a')]).toEqual([1, false]);
    expect(said.stdout).toContain('Revoked at once');
  });

  test('where somebody has spoilt the journal', async () => {
    await scene.github.push('mooring/journal', { 'record.json': '{}' });
    const said = await rotate(compromised);
    expect([said.stdout.includes('Revoked at once'), await isIn('orchestrator-a')]).toEqual([true, false]);
  });

  test('where what rounds have left can not be read', async () => {
    mkdirSync(join(scene.ci.root, 'storage/orchestrator/field'), { recursive: true });
    writeFileSync(join(scene.ci.root, 'storage/orchestrator/field/runs'), 'no folder');
    const said = await rotate(compromised);
    expect([said.exit, await isIn('orchestrator-a')]).toEqual([0, false]);
    expect(said.stdout).toContain('not read: runs: ENOTDIR');
  });

  test('where another contract that may know it can not be read: it says so, and ends with 1', async () => {
    const file = join(scene.ci.root, 'desired-state/field/contracts/arena.yaml');
    const gone = readFileSync(file, 'utf8').replace(/address: .*/, `address: "0x${'7'.repeat(40)}"`);
    writeFileSync(file.replace('arena.yaml', 'gone.yaml'), gone);
    const said = await rotate(compromised);
    expect([said.exit, await isIn('orchestrator-a')], said.stdout + said.stderr).toEqual([1, false]);
    expect(said.stdout).toMatch(/NOT looked at: orchestrator-a .*may hold more\. Who holds gone\.orchestrators/);
    expect((await scene.github.pull((await onlyPull()).number)).body).toMatch(/Revoked at once in 0x/);
  });

  test('from a set that git does not declare and nobody can list: it is not declared with one member', async () => {
    const file = 'desired-state/field/contracts/arena.yaml';
    const text = readFileSync(join(scene.ci.root, file), 'utf8');
    const without = text.replace(/^ *orchestrators:.*\n(?: *- .*\n)*/m, '');
    expect(without).not.toBe(text);
    await scene.github.push('main', { [file]: without });
    writeFileSync(join(scene.ci.root, file), without);
    const error = { code: -32601, message: 'the method does not exist' };
    scene.field.proxy.hooks = { rewrite: (call, answer) => (call.method === 'eth_getLogs' ? { jsonrpc: '2.0', id: call.id, error } : answer) };
    const said = await rotate(compromised);
    expect([await isIn('orchestrator-a'), said.stdout.includes('Revoked at once')], said.stdout + said.stderr).toEqual([false, true]);
    expect(said.stdout).toContain('No file declares arena.orchestrators');
    expect(await scene.github.pulls()).toEqual([]);
  });

  test('or it says that it did not, proposes it, and ends with 1', async () => {
    let isLost = false;
    scene.field.proxy.hooks = {
      before: async ({ calls }) => {
        if (isLost || !calls.some(({ method }) => method === 'eth_sendRawTransaction')) return undefined;
        isLost = true;
        await giveArena(scene.field, 'stranger');
        return undefined;
      },
    };
    const said = await rotate(compromised);
    expect([said.exit, await isIn('orchestrator-a')], said.stdout + said.stderr).toEqual([1, true]);
    expect(said.stdout).toMatch(/\nNOT revoked: orchestrator-a \(.*\) of arena\.orchestrators\.\n/);
    expect(said.stdout).not.toContain('Revoked at once');
    expect((await scene.github.pull((await onlyPull()).number)).body).not.toMatch(/evoked at once/);
  });
});
