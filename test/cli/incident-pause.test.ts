// mooring incident pause as an operator meets it at three in the morning.
import { encryptKeystoreJson } from 'ethers/wallet';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { callsIn, codesIn, type Desk, parsePlan, type Said, steady } from '../support/cli.ts';
import { environmentName, type FieldWorld, folder, startFieldWorld } from '../support/field-world.ts';
import { startRpcProxy } from '../support/rpc-proxy.ts';

const settings = `${folder}/environment.yaml`;
const policy = `${folder}/policy.yaml`;

let world: FieldWorld;
let desk: Desk;

beforeAll(async () => {
  world = await startFieldWorld({ variant: 'governed' });
});
afterAll(() => world.stop());
beforeEach(() => {
  desk = world.desk();
  sign('orchestrator-a', 'owner', 'guardian');
  give('guardian');
});
afterEach(async () => {
  desk.remove();
  await world.reset();
});

/** Declares signers in this order. */
function sign(...names: string[]): void {
  const list = names.map((name) => `  ${name}: { key: { env: ${variable(name)} } }\n`).join('');
  desk.write(settings, desk.read(settings).replace(/signers:\n(?: .*\n)+/, `signers:\n${list}`));
}

/** Puts only the keys of these at hand. */
function give(...names: string[]): void {
  for (const key of Object.keys(desk.env)) delete desk.env[key];
  const { accounts } = world.deployment;
  const byName = { guardian: accounts.guardian, owner: accounts.owner, 'orchestrator-a': accounts.orchestratorA };
  for (const name of names) desk.env[variable(name)] = byName[name as keyof typeof byName].privateKey;
}

function variable(name: string): string {
  return `${name.toUpperCase().replaceAll('-', '_')}_KEY`;
}

function pause(more = ''): Promise<Said> {
  return desk.run(`incident pause --env ${environmentName} ${more}`);
}

type Json = { signer: string; run: string | null; rows: { contract: string; state: string }[]; unreadable: string[] };

async function json(more = ''): Promise<Json & { exit: number }> {
  const { exit, stdout } = await pause(`${more} --format json`);
  return { exit, ...(JSON.parse(stdout) as Json) };
}

const states = ({ rows }: Json): string[] => [...new Set(rows.map(({ state }) => state))];
const isPaused = (on: 'arena' | 'stakeManager' | 'jobRegistry'): Promise<unknown> => world.read({ on, call: 'paused' });
const sent = (): number => world.proxy.count('eth_sendRawTransaction');

describe('everything', () => {
  test('is paused, and said; again, nothing is left to do', async () => {
    const first = await pause();
    expect([first.exit, await isPaused('arena'), await isPaused('jobRegistry')]).toEqual([0, true, true]);
    await expect(steady(first.stdout)).toMatchFileSnapshot('../golden/cli/incident-pause.txt');
    const again = await pause();
    expect([again.exit, sent()]).toEqual([0, 1]);
    await expect(steady(again.stdout)).toMatchFileSnapshot('../golden/cli/incident-pause-again.txt');
  });

  test('holds: no plan takes it back, since its record is none of git’s', async () => {
    await pause('--components arena');
    const plan = parsePlan((await desk.run(`plan --env ${environmentName} --format json`)).stdout);
    expect([codesIn(plan.findings), callsIn(plan)]).toEqual([['warning STICKY_REDUCTION'], []]);
  });

  test('as far as the key may; the rest is named, with who can', async () => {
    give('orchestrator-a');
    const { exit, stdout } = await pause('--components arena,stake-manager');
    expect([exit, sent()]).toEqual([1, 0]);
    await expect(steady(stdout)).toMatchFileSnapshot('../golden/cli/incident-pause-impossible.txt');
  });

  test('needs no git, however the journal is shared', async () => {
    desk.write(settings, `${desk.read(settings)}journal: { remote: origin, branch: mooring-journal }\n`);
    expect(states(await json())).toEqual(['paused']);
  });

  test('goes through with half of the RPC down, and one without its key', async () => {
    const dead = await startRpcProxy(world.url, { before: () => 'hang' });
    const { rpc } = parse(desk.read(settings)) as { rpc: string[] };
    const all = ['http://127.0.0.1:1', dead.url, ...rpc, 'https://node.example.org/${RPC_KEY}'];
    desk.write(settings, desk.read(settings).replace(/rpc: .*/, `rpc: ${JSON.stringify(all)}`));
    expect(await json()).toMatchObject({ exit: 0 });
    await dead.stop();
  });
});

describe('components', () => {
  test('only those; by name, flag or address', async () => {
    const { addresses } = world.deployment;
    const said = await json(`--components arena,engine-targets.expansionsPaused,${addresses.jobRegistry} --kind PausableModule`);
    expect(said).toMatchObject({ exit: 0, rows: [{ contract: 'arena' }, { contract: 'engine-targets' }, { contract: 'job-registry' }] });
    expect([states(said), await isPaused('stakeManager')]).toEqual([['paused'], false]);
  });

  test.each([
    ['arean,stake-manager', /did you mean "arena"/],
    ['arena.owner', /no flag of arena/],
    ['pause-guard', /can not be paused/],
    ['job-registry', /add --kind/],
    ['job-registry --kind PausableModul', /PausableModule/],
    [',', /USAGE/],
    ['arena,,stake-manager', /USAGE/],
    ['arena,', /USAGE/],
  ])('%s is refused before anything is sent', async (words, expected) => {
    expect(await pause(`--components ${words}`)).toMatchObject({ exit: 64, stderr: expect.stringMatching(expected) });
    expect(sent()).toBe(0);
  });

  test('a list without anything in it is refused: it must not look like a pause', async () => {
    expect(await desk.run(['incident', 'pause', '--env', environmentName, '--components', ''])).toMatchObject({
      exit: 64,
      stderr: expect.stringContaining('USAGE'),
    });
    expect(sent()).toBe(0);
  });

  test('a broken file of another contract does not stop it', async () => {
    desk.write(`${folder}/contracts/thermostat.yaml`, 'nonsense: [');
    desk.write(`${folder}/kinds/Odd.yaml`, 'nonsense: [');
    desk.write(policy, 'nonsense: [');
    expect(await json('--components arena,stake-manager')).toMatchObject({ exit: 0, unreadable: [] });
  });

  test('nor does a broken value of its own; and a file that says nothing is named, with the way round it', async () => {
    const file = `${folder}/contracts/stake-manager.yaml`;
    desk.write(file, desk.read(file).replace('feePct: 5%', 'feePct: many'));
    desk.write(`${folder}/contracts/arena.yaml`, 'nonsense: [');
    const said = await pause('--components arena,stake-manager');
    expect([said.exit, await isPaused('stakeManager'), await isPaused('arena')]).toEqual([1, true, false]);
    expect(said.stdout).toMatch(/arena +NOT PAUSED .*contracts\/arena\.yaml/);
    expect(await json(`--components ${world.deployment.addresses.arena} --kind SelfPlayArena`)).toMatchObject({ exit: 0 });
  });

  test('nor does a broken kind; whose kind that is, is named', async () => {
    desk.write(`${folder}/kinds/Odd.yaml`, 'nonsense: [');
    const file = `${folder}/contracts/arena.yaml`;
    desk.write(file, desk.read(file).replace('kind: SelfPlayArena', 'kind: Odd'));
    expect(await json()).toMatchObject({ exit: 1, unreadable: [{ name: 'arena' }] });
    expect([await isPaused('stakeManager'), await isPaused('arena')]).toEqual([true, false]);
    expect(await json('--components arena --kind SelfPlayArena')).toMatchObject({ exit: 0, unreadable: [] });
  });
});

describe('a broken file of all', () => {
  const book = `${folder}/addresses.yaml`;
  const guardian = (): string => world.addresses['guardian'] ?? '';

  test.each([
    ['no YAML', (text: string) => `${text}nonsense: [\n`],
    ['a name twice', (text: string) => `${text}${text.split('\n').findLast((line) => /0x/.test(line))}\n`],
  ])('the address book (%s): it pauses, by the names that can be made out', async (_name, spoil) => {
    desk.write(book, spoil(desk.read(book)));
    give();
    expect(await json('--drill --signer guardian')).toMatchObject({ exit: 0, signer: guardian() });
    give('guardian');
    expect(await json()).toMatchObject({ exit: 0, signer: guardian() });
    expect([await isPaused('arena'), await isPaused('stakeManager')]).toEqual([true, true]);
  });

  test.each([
    ['is gone from it', (text: string) => text.replace(/^ +guardian: .*\n/m, '')],
    [
      'stands for two',
      (text: string) =>
        text.replace(/^( +)guardian: .*\n/m, (line, indent) => `<<<<<<< ours\n${line}=======\n${indent}guardian: "0x${'12'.repeat(20)}"\n>>>>>>> theirs\n`),
    ],
  ])('a signer whose name %s is whoever the key at hand belongs to', async (_name, spoil) => {
    desk.write(book, spoil(desk.read(book)));
    desk.write(policy, `${desk.read(policy)}loops: { sentinel: { pauseSigner: guardian } }\n`);
    give('guardian', 'owner');
    expect(await json('--components arena')).toMatchObject({ exit: 0, signer: guardian() });
    expect(await isPaused('arena')).toBe(true);
    for (const key of ['', 'nonsense']) {
      give();
      desk.env['GUARDIAN_KEY'] = key;
      expect(await pause('--signer guardian')).toMatchObject({ exit: 64, stderr: expect.stringMatching(/SIGNER_MISSING[\s\S]*GUARDIAN_KEY/) });
    }
  });

  test('or of the keystore', async () => {
    desk.write(book, 'nonsense: [');
    const { privateKey } = world.deployment.accounts.guardian;
    desk.write('guardian.json', await encryptKeystoreJson({ address: guardian(), privateKey }, 'open', { scrypt: { N: 2, r: 1, p: 1 } }));
    desk.write(
      settings,
      desk.read(settings).replace(/signers:\n(?: .*\n)+/, 'signers:\n  guardian: { key: { keystore: guardian.json, passphraseEnv: GUARDIAN_WORD } }\n'),
    );
    give();
    desk.env['GUARDIAN_WORD'] = 'open';
    expect(await json('--components arena')).toMatchObject({ exit: 0, signer: guardian() });
  });

  test('environment.yaml: it says where a good one is', async () => {
    desk.write(settings, `<<<<<<< ours\n${desk.read(settings)}=======\n>>>>>>> theirs\n`);
    const said = await pause();
    expect(said).toMatchObject({ exit: 65, stderr: expect.stringContaining(`git show HEAD:${settings} > ${settings}`) });
    expect(said.stderr).toContain('INPUT_INVALID');
  });
});

describe('the record', () => {
  const records = `.mooring/${environmentName}/pauses`;

  test('that went bad is left as it is, and a new one begun', async () => {
    await pause('--components arena');
    const [journal = ''] = desk.files(records);
    desk.write(journal, `nonsense\n${desk.read(journal)}`);
    expect(await json('--components stake-manager')).toMatchObject({ exit: 0 });
    expect([desk.read(journal).startsWith('nonsense'), desk.files(records)]).toEqual([true, [journal.replace('/journal', '-2/journal'), journal]]);
  });

  test('that a process of another machine holds does not stop it: a new one is begun', async () => {
    const folder = `${records}/${(world.addresses['guardian'] ?? '').toLowerCase()}`;
    desk.write(`${folder}/lock/other.holder`, JSON.stringify({ pid: 1, started: '1', machine: 'elsewhere pid:[1] boot', since: 'then' }));
    expect(await pause('--components arena')).toMatchObject({ exit: 0, stderr: expect.stringContaining('lock/other.holder') });
    expect([await isPaused('arena'), desk.files(records)]).toEqual([true, [`${folder}-2/journal.jsonl`, `${folder}/lock/other.holder`]]);
  });

  test('has to have a place: without one nothing is sent', async () => {
    desk.write('.mooring', 'a file');
    expect(await pause('--components arena')).toMatchObject({ exit: 1, stderr: expect.stringContaining('JOURNAL_WRITE') });
    expect(sent()).toBe(0);
  });
});

describe('the signer', () => {
  const by = async (more = ''): Promise<string> => (await json(`--components arena ${more}`)).signer;
  const address = (name: string): string => world.addresses[name] ?? '';

  test('is the one that is named', async () => {
    give('guardian', 'owner');
    expect(await by('--signer owner')).toBe(address('owner'));
  });

  test('else the one of policy', async () => {
    give('guardian', 'owner');
    desk.write(policy, `${desk.read(policy)}loops: { sentinel: { pauseSigner: guardian } }\n`);
    expect(await by()).toBe(address('guardian'));
  });

  test('and another than that is told', async () => {
    give('owner');
    desk.write(policy, `${desk.read(policy)}loops: { sentinel: { pauseSigner: guardian } }\n`);
    const said = await pause('--components arena');
    expect([said.exit, said.stderr.includes('the key of guardian, whom policy.yaml names, is not at hand: this is as owner')]).toEqual([0, true]);
  });

  test('else the one at hand that can', async () => {
    give('orchestrator-a', 'guardian');
    expect(await by()).toBe(address('guardian'));
  });

  test('without any key nothing is sent, and it says which are missing', async () => {
    give();
    expect(await pause()).toMatchObject({ exit: 64, stderr: expect.stringMatching(/SIGNER_MISSING[\s\S]*GUARDIAN_KEY/) });
    expect(await pause('--signer guardain')).toMatchObject({ exit: 64, stderr: expect.stringContaining('did you mean "guardian"') });
  });
});

describe('the drill', () => {
  test('needs no key, sends nothing, and exits 2 where a pause would not work today', async () => {
    give();
    desk.write(policy, `${desk.read(policy)}loops: { sentinel: { pauseSigner: guardian } }\n`);
    const good = await pause('--drill');
    expect(good.exit).toBe(0);
    await expect(steady(good.stdout)).toMatchFileSnapshot('../golden/cli/incident-pause-drill.txt');
    await world.byHand({ on: 'arena', call: 'setPauser', args: ['orchestrator-a'] });
    const bad = await pause('--drill');
    expect([bad.exit, sent()]).toEqual([2, 0]);
    expect(bad.stdout).toMatch(/arena +CAN NOT BE PAUSED/);
    expect(await json('--dry-run')).toMatchObject({ exit: 1 });
  });
});

describe('the key of what is tried out', () => {
  test('fits, or is not here', async () => {
    expect(await json('--drill')).toMatchObject({ exit: 0, key: { variable: 'GUARDIAN_KEY', state: 'fits' } });
    give();
    expect(await json('--drill --signer guardian')).toMatchObject({ exit: 0, key: { variable: 'GUARDIAN_KEY', state: 'unset' } });
  });

  test('is another’s: a pause would not work from here, whatever the chain says; the key is not shown', async () => {
    const { privateKey } = world.deployment.accounts.orchestratorA;
    desk.env['GUARDIAN_KEY'] = privateKey;
    const drill = await pause('--drill');
    expect([drill.exit, (await pause('--dry-run')).exit, (await pause()).exit]).toEqual([2, 1, 65]);
    await expect(steady(drill.stdout)).toMatchFileSnapshot('../golden/cli/incident-pause-wrong-key.txt');
    expect(drill.stdout + drill.stderr).not.toContain(privateKey.slice(2));
  });

  test('decides who it is tried from, where policy names nobody', async () => {
    give('orchestrator-a');
    expect(await json('--drill --components arena')).toMatchObject({ exit: 2, signer: world.addresses['orchestrator-a'] });
  });
});

describe('as processes of their own', () => {
  test('killed as it sends: the next one sends the same bytes, and no other', async () => {
    const caught = Promise.withResolvers<void>();
    world.proxy.hooks = {
      before: ({ calls }) => {
        if (!calls.some(({ method }) => method === 'eth_sendRawTransaction')) return undefined;
        caught.resolve();
        return 'hang';
      },
    };
    const killed = desk.spawn(`incident pause --env ${environmentName} --components arena`);
    await caught.promise;
    killed.kill();
    expect([(await killed.said).exit, await isPaused('arena')]).toEqual([137, false]);
    const raw = (): unknown[] =>
      world.proxy.exchanges.flatMap(({ calls }) => calls.filter(({ method }) => method === 'eth_sendRawTransaction').map(({ params }) => params[0]));
    world.proxy.hooks = {};
    expect(await json('--components arena')).toMatchObject({ exit: 0, run: null });
    expect([await isPaused('arena'), new Set(raw()).size]).toEqual([true, 1]);
  });

  test('twice at once: one transaction', async () => {
    const line = `incident pause --env ${environmentName} --components arena`;
    const both = await Promise.all([desk.spawn(line).said, desk.spawn(line).said]);
    expect([both.map(({ exit }) => exit), sent()]).toEqual([[0, 0], 1]);
  });
});
