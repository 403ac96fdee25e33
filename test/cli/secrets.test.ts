// A canary key, a passphrase and an RPC token are in nothing that a command prints or leaves behind, whatever goes wrong.
import { createHash } from 'node:crypto';
import { computeAddress } from 'ethers/transaction';
import { encryptKeystoreJson } from 'ethers/wallet';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Desk, Said } from '../support/cli.ts';
import { parsePlan } from '../support/cli.ts';
import { environmentName, type FieldWorld, folder, startFieldWorld } from '../support/field-world.ts';

const key = `0x${createHash('sha256').update('canary key').digest('hex')}`;
const token = 'cAnArY-token_7f3ac17be5d2';
const password = 'cAnArY passphrase';
const operator = computeAddress(key);

/** Every way in which a secret could be written down. */
const forms: readonly string[] = [
  ...[key.slice(2), BigInt(key).toString(), Buffer.from(key.slice(2), 'hex').toString('base64'), Buffer.from(key).toString('base64')],
  ...[token, encodeURIComponent(token), Buffer.from(token).toString('base64')],
  ...[password, encodeURIComponent(password), Buffer.from(password).toString('base64')],
].map((form) => form.toLowerCase());

let world: FieldWorld;
let desk: Desk;
/** All that the commands of a test have said. */
let heard: string;

beforeAll(async () => {
  world = await startFieldWorld({ variant: 'key' });
});
afterAll(() => world?.stop());
beforeEach(async () => {
  await world.reset();
  await world.node.ask('anvil_setBalance', [operator, '0x8ac7230489e80000']);
  await world.byHand({ on: 'arena', call: 'transferOwnership', args: [operator] });
  desk = world.desk();
  heard = '';
  Object.assign(desk.env, { MOORING_OWNER_KEY: undefined, OPERATOR_KEY: key, RPC_TOKEN: token });
  desk.edit(`${folder}/addresses.yaml`, [{ path: ['addresses', 'operator'], set: operator }]);
  desk.edit(`${folder}/environment.yaml`, [
    { path: ['rpc'], set: [`${world.proxy.url}/v3/\${RPC_TOKEN}?apikey=\${RPC_TOKEN}`] },
    { path: ['signers'], set: new Map([['operator', new Map([['key', new Map([['env', 'OPERATOR_KEY']])]])]]) },
  ]);
  desk.edit(`${folder}/contracts/arena.yaml`, [
    { path: ['spec', 'owner'], set: 'operator' },
    { path: ['spec', 'baseTeacherReward'], set: '120 AGIALPHA' },
    { path: ['spec', 'orchestrators'], add: 'orchestrator-c' },
  ]);
});
afterEach(() => {
  // What a test put there itself is told apart by its name.
  const left = desk.files('.').filter((file) => !file.includes('canary'));
  const everything = `${heard}\n${left.map((file) => `${file}\n${desk.read(file)}`).join('\n')}`.toLowerCase();
  const shown = forms.filter((form) => everything.includes(form));
  desk.remove();
  expect(shown).toEqual([]);
});

async function mooring(line: string): Promise<Said> {
  const said = await desk.run(`${line} --env ${environmentName}`);
  heard += said.stdout + said.stderr;
  return said;
}

async function digest(): Promise<string> {
  const { stdout, stderr } = await mooring('plan --format json --out plan.json');
  if (stdout === '') throw new Error(stderr);
  return parsePlan(stdout).digest;
}

const useKeystore = async (passphrase: string): Promise<void> => {
  desk.write('canary-keystore.json', await encryptKeystoreJson({ address: operator, privateKey: key }, password, { scrypt: { N: 1024 } }));
  desk.env['PHRASE'] = passphrase;
  const reference = new Map([
    ['keystore', 'canary-keystore.json'],
    ['passphraseEnv', 'PHRASE'],
  ]);
  desk.edit(`${folder}/environment.yaml`, [{ path: ['signers', 'operator'], set: new Map([['key', reference]]) }]);
};

describe('when all goes well', () => {
  test('from import to status, with all that can be said', async () => {
    for (const format of ['text', 'json', 'markdown']) expect((await mooring(`plan --verbose --format ${format}`)).exit).toBe(0);
    const applied = await mooring(`apply --verbose --digest ${await digest()}`);
    expect(applied.exit, applied.stderr).toBe(0);
    expect(applied.stderr).toContain('"level"');
    for (const line of ['status --verbose', 'status --format json', 'drift --verbose', 'drift --format json', 'validate --format json'])
      expect((await mooring(line)).exit).toBe(0);
    expect((await mooring('import --kind Ownable --address identity-registry --name identities')).exit).toBe(0);
    expect(desk.files('.mooring').some((file) => desk.read(file).includes('"raw"'))).toBe(true);
  });

  test('with a keystore', async () => {
    await useKeystore(password);
    const applied = await mooring(`apply --verbose --format json --digest ${await digest()}`);
    expect(applied.exit, applied.stdout + applied.stderr).toBe(0);
  });

  test('as a process of its own', async () => {
    const approved = await digest();
    const said = await desk.spawn(`apply --env ${environmentName} --verbose --digest ${approved}`).said;
    heard += said.stdout + said.stderr;
    expect(said.exit, said.stderr).toBe(0);
  });
});

describe('when the RPC', () => {
  const answers: readonly [what: string, hook: () => void][] = [
    ['turns us away and repeats the URL', () => (world.proxy.hooks.before = ({ path }) => ({ status: 403, body: `no access for ${path}, key ${token}` }))],
    [
      'answers every call with an error that repeats the URL',
      () =>
        (world.proxy.hooks.rewrite = (call) => ({
          jsonrpc: '2.0',
          id: call.id,
          error: { code: -32001, message: `${token} may not do that`, data: { url: `/v3/${token}`, key: token } },
        })),
    ],
    [
      'refuses what is sent and repeats it all',
      () =>
        (world.proxy.hooks.rewrite = (call, answer) =>
          call.method === 'eth_sendRawTransaction'
            ? { jsonrpc: '2.0', id: call.id, error: { code: -32000, message: `insufficient funds, ${token}` } }
            : answer),
    ],
    ['is another chain', () => (world.proxy.hooks.rewrite = (call, answer) => (call.method === 'eth_chainId' ? { ...answer, result: '0x1' } : answer))],
  ];

  test.each(answers)('%s', async (_, hook) => {
    const approved = await digest();
    hook();
    for (const line of ['plan', 'drift', 'import --kind Ownable --address identity-registry --name identities']) {
      await mooring(`${line} --verbose`);
      await mooring(`${line} --format json`);
    }
    if (world.proxy.hooks.rewrite?.({ id: 1, method: 'eth_sendRawTransaction', params: [] }, { id: 1 })?.error?.message.startsWith('insufficient') === true)
      return;
    expect((await mooring(`apply --verbose --digest ${approved}`)).exit).not.toBe(0);
  });

  test('is a URL that can not be', async () => {
    desk.edit(`${folder}/environment.yaml`, [{ path: ['rpc'], set: ['${RPC_TOKEN}'] }]);
    for (const line of ['plan', 'plan --format json']) expect((await mooring(line)).exit).not.toBe(0);
    desk.env['RPC_TOKEN'] = `ftp://${token}@host/`;
    for (const line of ['plan', 'plan --format json --verbose']) expect((await mooring(line)).exit).not.toBe(0);
  });
});

describe('when the key', () => {
  test.each([
    ['is a digit short', key.slice(0, -1)],
    ['is in quotes', `"${key}"`],
    ['has a note behind it', `${key} # operator`],
    ['is not one on the curve', `0x${'f'.repeat(64)}`],
  ])('%s', async (_, text) => {
    const approved = await digest();
    desk.env['OPERATOR_KEY'] = text;
    for (const more of ['--verbose', '--format json']) {
      const { exit } = await mooring(`apply --digest ${approved} ${more}`);
      expect(exit).toBe(65);
    }
  });

  test('is another one’s', async () => {
    const approved = await digest();
    desk.edit(`${folder}/environment.yaml`, [{ path: ['signers'], set: new Map([['guardian', new Map([['key', new Map([['env', 'OPERATOR_KEY']])]])]]) }]);
    const { exit, stderr } = await mooring(`apply --digest ${approved} --verbose`);
    expect(exit).toBe(65);
    expect(stderr).toContain('SIGNER_MISMATCH');
  });

  test('is in a keystore, and the passphrase is wrong', async () => {
    const approved = await digest();
    await useKeystore(`${password}!`);
    for (const more of ['--verbose', '--format json']) {
      const { exit, stdout, stderr } = await mooring(`apply --digest ${approved} ${more}`);
      expect(exit).toBe(65);
      expect(stdout + stderr).toContain('SIGNER_KEY_INVALID');
    }
  });

  test('is in a keystore that is none, or that is not there', async () => {
    const approved = await digest();
    await useKeystore(password);
    desk.write('canary-keystore.json', `{"crypto": "${key}"}`);
    expect((await mooring(`apply --digest ${approved} --verbose`)).exit).toBe(65);
    desk.delete('canary-keystore.json');
    expect((await mooring(`apply --digest ${approved} --verbose`)).exit).toBe(65);
  });
});

describe('when somebody writes a secret into a file, no command repeats it', () => {
  test.each([
    ['a key as a signer', () => desk.edit(`${folder}/environment.yaml`, [{ path: ['signers', 'operator', 'key'], set: key }])],
    ['a key as a variable', () => desk.edit(`${folder}/environment.yaml`, [{ path: ['signers', 'operator', 'key', 'env'], set: key.slice(2) }])],
    ['a key in place of an address', () => desk.edit(`${folder}/addresses.yaml`, [{ path: ['addresses', 'operator'], set: key }])],
    ['a key in place of an owner', () => desk.edit(`${folder}/contracts/arena.yaml`, [{ path: ['spec', 'owner'], set: key }])],
    ['a key in place of a member, without 0x', () => desk.edit(`${folder}/contracts/arena.yaml`, [{ path: ['spec', 'orchestrators'], add: key.slice(2) }])],
    ['a password in a URL', () => desk.edit(`${folder}/environment.yaml`, [{ path: ['rpc'], set: [`https://user:${token}@rpc.example/`] }])],
  ])('%s', async (_, write) => {
    write();
    for (const line of ['validate', 'validate --format json', 'plan', 'plan --format json --verbose', 'status']) expect((await mooring(line)).exit).not.toBe(0);
    // The mistake itself stays in the file.
    for (const file of ['environment', 'addresses', 'contracts/arena']) desk.delete(`${folder}/${file}.yaml`);
  });
});
