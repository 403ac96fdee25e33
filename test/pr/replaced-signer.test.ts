// A signer of environment.yaml is replaced: the shared journal stays readable, and what was applied is known.
import { Wallet } from 'ethers/wallet';
import { beforeEach, expect, test } from 'vitest';
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

/** As whoever clones the repository sees it. */
async function status(): Promise<{ exit: number; text: string }> {
  const { exit, stdout, stderr } = await scene.machine().mooring('status --env field');
  return { exit, text: stdout + stderr };
}

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
  await journalCommit(scene.github, mark(before), scene.field.deployment.accounts.owner.privateKey);
  expect(await status()).toEqual({ exit: 1, text: expect.stringContaining('JOURNAL_CORRUPT') });
});

test('a commit that was never the branch’s head gives nobody a say', async () => {
  await applyOne('4');
  const text = scene.github.remote.git('show', `main:${settings}`);
  const rogue = `  rogue: { address: "${new Wallet(strangersKey).address}", key: { env: ROGUE_KEY } }\n`;
  scene.github.push('rogue', { [settings]: text.replace('signers:\n', `signers:\n${rogue}`) });
  change(replaced);
  await journalCommit(scene.github, mark(scene.head('rogue')), strangersKey);
  expect(await status()).toEqual({ exit: 1, text: expect.stringContaining('JOURNAL_CORRUPT') });
});
