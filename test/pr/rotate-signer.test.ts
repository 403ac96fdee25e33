// mooring rotate --runner-key-env: the line under signers in environment.yaml is replaced by the rotation's own pull request.
import { expect, test } from 'vitest';
import type { Said } from '../support/cli.ts';
import { folder } from '../support/field-world.ts';
import { usePrWorld } from './use-pr-world.ts';

const scene = usePrWorld((files) => {
  const settings = `${folder}/environment.yaml`;
  const own = ['guardian: { key: { env: GUARDIAN_KEY } } # of the one on duty', 'orchestrator-a: { key: { env: ORCHESTRATOR_A_KEY } }'];
  files[settings] = `${files[settings]}`.replace('signers:\n', `signers:\n${own.map((line) => `  ${line}\n`).join('')}`);
  files[`${folder}/policy.yaml`] += 'loops: { sentinel: { pauseSigner: guardian } }\n';
});

function rotate(line: string): Promise<Said> {
  return scene.ci.mooring(['rotate', '--env', 'field', '--reason', 'because', ...line.split(' ')]);
}

const orchestrators = '--role orchestrators --old orchestrator-a --new orchestrator-c';
const runnerKey = '--runner-key-env ORCHESTRATOR_C_KEY';

async function mergeApproved(): Promise<string> {
  const [pull, ...others] = await scene.github.pulls();
  if (pull === undefined) throw new Error('no pull request is open');
  expect(others).toEqual([]);
  await scene.plan();
  for (const as of ['alice', 'carol'] as const) await scene.github.review(pull.number, { as, event: 'APPROVE' });
  await scene.plan();
  expect(await scene.approved(pull.number)).toBe(true);
  const comments = (await scene.github.comments(pull.number)).map(({ body }) => body).join('\n');
  await scene.github.merge(pull.number, { as: 'bob' });
  await scene.apply();
  return comments;
}

function changed(said: Said): string[] {
  return said.stdout.split('\n').filter((line) => /^[+-](?![+-]{2})/.test(line));
}

const added = '+  orchestrator-c: { key: { env: ORCHESTRATOR_C_KEY } }';
const dropped = '-  orchestrator-a: { key: { env: ORCHESTRATOR_A_KEY } }';

test('is reviewed, merged and applied as one change, and then found done', async () => {
  const said = await rotate(`${orchestrators} --compromised ${runnerKey}`);
  expect(said.exit, said.stdout + said.stderr).toBe(0);
  expect(changed(said)).toEqual(expect.arrayContaining([added, dropped]));
  const comments = await mergeApproved();
  expect(comments).toContain('environment.yaml: signers.orchestrator-c');
  const settings = scene.read('environment.yaml');
  expect([settings.includes(added.slice(1)), settings.includes('orchestrator-a'), settings.includes('# of the one on duty')]).toEqual([true, false, true]);
  expect(await scene.field.read({ on: 'arena', call: 'orchestrators', args: ['orchestrator-c'] })).toBe(true);
  const fresh = scene.machine();
  const check = await fresh.mooring(`rotate --env field ${orchestrators} --check`);
  expect(check.exit, check.stdout + check.stderr).toBe(0);
});

test('can be asked for later, when only that line is left', async () => {
  expect((await rotate(orchestrators)).exit).toBe(0);
  await mergeApproved();
  expect((await rotate(`${orchestrators}`)).stderr).toContain('ROLE_NOT_HELD');
  const said = await rotate(`${orchestrators} ${runnerKey}`);
  expect(said.exit, said.stdout + said.stderr).toBe(0);
  expect(changed(said)).toEqual([dropped, added].sort().reverse());
});

test('keeps the line of an account that may do something else, and says what', async () => {
  await scene.field.byHand({ on: 'arena', call: 'setPauser', args: ['orchestrator-a'] });
  const said = await rotate(`${orchestrators} ${runnerKey} --dry-run`);
  expect(changed(said)).toContain(added);
  expect(changed(said)).not.toContain(dropped);
  expect(said.stdout).toContain('that account also holds arena.pauser');
});

test('keeps the line of an owner until it has handed over', async () => {
  await scene.field.byHand({ on: 'arena', call: 'setOrchestrator', args: ['orchestrator-a', false] });
  await scene.field.byHand({ on: 'arena', call: 'transferOwnership', args: ['orchestrator-a'] });
  const said = await rotate(`--role owner --old orchestrator-a --new orchestrator-c ${runnerKey} --dry-run`);
  expect(changed(said)).toContain(added);
  expect(changed(said)).not.toContain(dropped);
  expect(said.stdout).toContain('that account alone can sign arena.owner');
});

test('keeps the line of whoever alone may change the role', async () => {
  const admin = `0x${'0'.repeat(64)}`;
  await scene.field.byHand({ on: 'roleBook', call: 'grantRole', args: [admin, 'orchestrator-a'] });
  await scene.field.byHand({ on: 'arena', call: 'setOrchestrator', args: ['orchestrator-a', false] });
  await scene.field.byHand({ on: 'roleBook', call: 'revokeRole', args: [admin, 'owner'] });
  const said = await rotate(`--role roles.DEFAULT_ADMIN_ROLE --old orchestrator-a --new orchestrator-c ${runnerKey} --dry-run`);
  expect(changed(said)).toContain(added);
  expect(changed(said)).not.toContain(dropped);
  expect(said.stdout).toContain('that account alone can sign role-book.roles.DEFAULT_ADMIN_ROLE');
});

test('keeps the line where not all that the account may do could be read', async () => {
  const stakes = scene.field.addresses['stake-manager'];
  scene.field.proxy.hooks.rewrite = ({ method, params }, { id, ...answer }) => {
    const isStakes =
      method === 'eth_getLogs' &&
      JSON.stringify(params)
        .toLowerCase()
        .includes(stakes?.toLowerCase() ?? 'none');
    return isStakes ? { jsonrpc: '2.0', id, error: { code: -32000, message: 'query returned more than 10000 results' } } : { id, ...answer };
  };
  const said = await rotate(`${orchestrators} ${runnerKey} --dry-run`);
  scene.field.proxy.hooks = {};
  expect(changed(said)).not.toContain(dropped);
  expect(said.stdout).toContain('what else that account may do could not be read');
});

test('follows into policy.yaml, which names the key that the sentinel pauses with', async () => {
  const said = await rotate('--role guardians --old guardian --new stranger --runner-key-env STRANGER_KEY --dry-run');
  expect(changed(said)).toEqual(expect.arrayContaining(['+loops: { sentinel: { pauseSigner: stranger } }', '+  stranger: { key: { env: STRANGER_KEY } }']));
  expect(said.stdout).not.toContain('No plan');
});

test('to an account that signs already takes out the old line, and gives that one its new key', async () => {
  const old = '  guardian: { key: { env: GUARDIAN_KEY } } # of the one on duty';
  const line = '--role orchestrators --old orchestrator-a --new guardian --dry-run --runner-key-env';
  expect(changed(await rotate(`${line} GUARDIAN_KEY`)).filter((one) => one.includes('key:'))).toEqual([dropped]);
  const said = await rotate(`${line} OTHER_KEY`);
  expect(changed(said).filter((one) => one.includes('key:'))).toEqual(expect.arrayContaining([`-${old}`, `+${old.replace('GUARDIAN', 'OTHER')}`, dropped]));
});

test('of an account that signs nothing is said to replace nothing', async () => {
  const said = await rotate('--role validatorLockManagers --old lock-manager --new stranger --runner-key-env STRANGER_KEY --dry-run');
  expect(said.stdout).toContain('nothing is replaced there');
  expect(changed(said).join('\n')).not.toContain('STRANGER_KEY');
});

test.each(['ab'.repeat(32), `0x${'ab'.repeat(32)}`, '$ORCHESTRATOR_C_KEY', ''])('takes a name only, and repeats nothing: %s', async (given) => {
  const said = await scene.ci.mooring(['rotate', '--env', 'field', '--reason', 'x', ...orchestrators.split(' '), '--compromised', '--runner-key-env', given]);
  expect([said.exit, said.stderr.includes('USAGE'), await scene.sent()]).toEqual([64, true, 0]);
  expect(said.stdout + said.stderr).not.toContain('ab'.repeat(32));
});

test('needs the account whose key it is', async () => {
  const said = await rotate(`--role orchestrators --old orchestrator-a --compromised ${runnerKey}`);
  expect([said.exit, said.stderr.includes('--new is missing'), await scene.sent()]).toEqual([64, true, 0]);
});
