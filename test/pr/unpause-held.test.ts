// An unpause that was approved, merged and is being applied when somebody opens an incident: it does not go out any more.
import { beforeEach, expect, test } from 'vitest';
import { folder } from '../support/field-world.ts';
import { spec } from './pr-world.ts';
import { usePrWorld } from './use-pr-world.ts';

const scene = usePrWorld((files) => {
  const settings = `${folder}/environment.yaml`;
  files[settings] = `${files[settings]}`.replace('signers:\n', 'signers:\n  guardian: { key: { env: GUARDIAN_KEY } }\n');
});

beforeEach(async () => {
  scene.ci.env['GUARDIAN_KEY'] = scene.field.deployment.accounts.guardian.privateKey;
  await merged('stop', scene.edited('arena', spec('paused', 'true')));
  expect(await isPaused()).toBe(true);
});

const isPaused = () => scene.field.read({ on: 'arena', call: 'paused' });

async function merged(branch: string, files: Record<string, string>, exit = 0): Promise<string> {
  const number = await scene.propose({ branch, files });
  await scene.plan();
  for (const as of ['alice', 'carol'] as const) await scene.github.review(number, { as, event: 'APPROVE' });
  await scene.plan();
  expect(await scene.approved(number)).toBe(true);
  await scene.github.merge(number, { as: 'bob' });
  const said = await scene.apply(exit);
  return said + (await scene.github.comments(number)).map(({ body }) => body).join('\n');
}

/** Another operator, as the first transaction is sent; with `answer` that transaction never arrives. */
function incidentAtFirstSend(answer?: 'drop'): void {
  let first: unknown = null;
  scene.field.proxy.hooks = {
    async before({ calls }) {
      const raw = calls.find(({ method }) => method === 'eth_sendRawTransaction')?.params[0];
      if (raw === undefined) return undefined;
      if (first !== null) return raw === first ? answer : undefined;
      first = raw;
      const said = await scene.machine().mooring('incident open --env field --title fault --component arena --by bob');
      expect(said.exit, said.stdout + said.stderr).toBe(0);
      return answer;
    },
  };
}

test('between two groups of its plan', async () => {
  incidentAtFirstSend();
  const told = await merged('go', scene.edited('arena', spec('committeeSize', '5'), spec('paused', 'false')), 1);
  expect([await isPaused(), await scene.field.read({ on: 'arena', call: 'committeeSize' })]).toEqual([true, 5n]);
  expect(told).toContain('the incident');
});

test('while it waits, signed: its nonce is used up', async () => {
  incidentAtFirstSend('drop');
  const told = await merged('go', scene.edited('arena', spec('paused', 'false')), 1);
  expect(await isPaused()).toBe(true);
  expect(told).toContain('the incident');
});
