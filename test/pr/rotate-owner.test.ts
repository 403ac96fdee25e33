// The owner's own key has leaked: everything that it holds goes to a spare account, in the order of docs/runbook.md, by merges alone.
import { expect, test } from 'vitest';
import { folder } from '../support/field-world.ts';
import { spec } from './pr-world.ts';
import { usePrWorld } from './use-pr-world.ts';

const scene = usePrWorld((files) => {
  const policy = `${folder}/policy.yaml`;
  files[policy] = `${files[policy]}`.replace(/^limits:\n(?: .*\n)+/m, '');
});

async function mergeAll(): Promise<void> {
  for (const { number } of await scene.github.pulls()) {
    await scene.plan();
    for (const as of ['alice', 'carol'] as const) await scene.github.review(number, { as, event: 'APPROVE' });
    await scene.plan();
    expect(await scene.approved(number)).toBe(true);
    await scene.github.merge(number, { as: 'bob' });
  }
  await scene.apply();
}

async function rotate(role: string, ...more: string[]): Promise<number> {
  const words = ['--old', 'owner', '--new', 'stranger', '--runner-key-env', 'NEW_OWNER_KEY', '--reason', 'leaked', ...more];
  const said = await scene.ci.mooring(['rotate', '--env', 'field', '--role', role, ...words]);
  expect(said.stderr).not.toContain('mooring: ');
  return said.exit;
}

async function held(): Promise<string[]> {
  const { rows } = JSON.parse((await scene.machine().mooring('access --env field --format json')).stdout) as {
    rows: { contract: string; field: string; account: string }[];
  };
  return rows.filter(({ account }) => account === scene.field.addresses['owner']).map(({ contract, field }) => `${contract}.${field}`);
}

test('the old owner holds nothing any more, signs nothing any more, and the new one goes on', async () => {
  scene.ci.env['NEW_OWNER_KEY'] = scene.field.deployment.accounts.stranger.privateKey;
  expect((await held()).length).toBeGreaterThan(2);
  for (const role of ['governance', 'roles.DEFAULT_ADMIN_ROLE']) {
    expect(await rotate(role)).toBe(0);
    await mergeAll();
  }
  expect(await rotate('owner', '--compromised')).toBe(1);
  await mergeAll();
  expect(await held()).toEqual([]);
  expect(await rotate('owner')).toBe(0);
  await mergeAll();
  const settings = scene.read('environment.yaml');
  expect([settings.includes('  stranger: { key: { env: NEW_OWNER_KEY } }'), /^ {2}owner: \{/m.test(settings)]).toEqual([true, false]);
  const number = await scene.propose({ branch: 'next', files: scene.edited('arena', spec('committeeSize', '5')) });
  await mergeAll();
  expect((await scene.github.pull(number)).state).toBe('closed');
  expect(await scene.field.read({ on: 'arena', call: 'committeeSize' })).toBe(5n);
});
