// mooring import: every built-in kind from a live contract, then nothing to change; what is there already is never lost.
import { Interface } from 'ethers/abi';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { artifactOf, loadArtifacts } from '../../scripts/deployment/artifacts.ts';
import type { ContractName } from '../../scripts/deployment/contract-list.ts';
import { toChecksum } from '../../src/kinds/keccak.ts';
import { kindNames } from '../../src/kinds/load-kinds.ts';
import { callsIn, codesIn, type Desk, makeDesk, type PlanFile, parsePlan, type Said, steady } from '../support/cli.ts';
import { environmentName, type FieldWorld, folder, startFieldWorld } from '../support/field-world.ts';

let world: FieldWorld;
let desk: Desk;

beforeAll(async () => {
  world = await startFieldWorld({ variant: 'governed' });
});
afterAll(() => world?.stop());
beforeEach(async () => {
  await world.reset();
  const trusted = [...world.files].filter(([file]) => !file.includes('/contracts/'));
  desk = makeDesk(new Map(trusted), world.env);
  desk.edit(`${folder}/policy.yaml`, [{ path: ['limits'], drop: true }]);
});
afterEach(() => desk?.remove());

function mooring(line: string): Promise<Said> {
  return desk.run(`${line} --env ${environmentName}`);
}

async function done(line: string): Promise<Said> {
  const said = await mooring(line);
  expect(said.exit, said.stdout + said.stderr).toBe(0);
  return said;
}

async function plan(): Promise<PlanFile> {
  return parsePlan((await mooring('plan --format json')).stdout);
}

const file = (name: string): string => `${folder}/contracts/${name}.yaml`;
const importArena = 'import --kind SelfPlayArena --address arena --name arena';

/** A live contract of each kind that is not only for extending. */
const examples: Readonly<Record<string, ContractName>> = {
  SelfPlayArena: 'arena',
  StakeManager: 'stakeManager',
  SystemPause: 'systemPause',
  PauseGuard: 'pauseGuard',
  Thermostat: 'thermostat',
  FeePool: 'feePool',
  EngineTargets: 'engineTargets',
  Ownable: 'identityRegistry',
  Pausable: 'engineTargets',
  AccessControl: 'roleBook',
  Governable: 'thermostat',
  PausableModule: 'jobRegistry',
};

test('every built-in kind has an example here', () => {
  expect(Object.keys(examples).toSorted()).toEqual(kindNames().toSorted());
});

describe.each(Object.entries(examples))('a %s', (kind, contract) => {
  test('is imported without being told where its history starts, is valid, and nothing is to change', async () => {
    const address = world.deployment.addresses[contract];
    const said = await done(`import --kind ${kind} --address ${address} --name it`);
    expect(said.stdout).toContain(`wrote ${file('it')}: ${kind} at ${address}`);
    expect(desk.read(file('it'))).toContain(`fromBlock: ${world.deployment.manifest[contract].fromBlock} `);
    await done('validate');
    const made = await plan();
    expect({ changes: made.changes, findings: codesIn(made.findings) }).toEqual({ changes: [], findings: [] });
    expect(made.declared).toBeGreaterThan(0);
    expect((await mooring('drift')).exit).toBe(0);
  });
});

test('all of a system together agree with the chain', async () => {
  const whole = world.desk();
  expect((await whole.run(`plan --env ${environmentName} --detailed-exitcode`)).exit).toBe(0);
  whole.remove();
});

describe('a file that is there', () => {
  beforeEach(() => done(importArena));

  test('gets the fields that it lacks, and keeps comments, order and values', async () => {
    const before = desk.read(file('arena'));
    const lines = before.split('\n').filter((line) => !/baseTeacherReward|orchestrator|studentReward/.test(line));
    const poor = lines
      .join('\n')
      .replace('  committeeSize: 3', '  committeeSize: 7   # seven, because I say so')
      .replace('kind: SelfPlayArena', 'kind: SelfPlayArena # mine');
    desk.write(file('arena'), poor.replace(/ {2}(teacher|validator)RewardSplitBps.*\n/g, ''));
    const said = await done(importArena);
    expect(said.stdout).toContain('added to');
    const after = desk.read(file('arena'));
    for (const kept of ['committeeSize: 7   # seven, because I say so', 'kind: SelfPlayArena # mine']) expect(after).toContain(kept);
    for (const back of ['baseTeacherReward: 100 AGIALPHA', '- orchestrator-a', 'teacherRewardSplitBps: 50%', 'studentRewardSplitBps: 30%'])
      expect(after).toContain(back);
    expect((await plan()).changes.map((change) => change.id)).toEqual(['arena.committeeSize']);
  });

  test('that lacks nothing stays as it is, to the byte', async () => {
    const before = `# mine\n${desk.read(file('arena'))}\n# also mine\n`;
    desk.write(file('arena'), before);
    await done(importArena);
    expect(desk.read(file('arena'))).toBe(before);
  });

  test('is written anew only with --force', async () => {
    const before = desk.read(file('arena'));
    desk.write(file('arena'), before.replace('committeeSize: 3', 'committeeSize: 7'));
    const said = await done(`${importArena} --force`);
    expect(said.stdout).toContain('wrote anew');
    expect(desk.read(file('arena')).replace(/adoptedAt.*/, '')).toBe(before.replace(/adoptedAt.*/, ''));
  });

  test.each([
    ['another kind', 'import --kind Pausable --address arena --name arena'],
    ['another address', 'import --kind SelfPlayArena --address engine-targets --name arena'],
    ['another contract', 'import --kind Thermostat --address thermostat --name arena'],
  ])('is not mixed up with %s of the same name', async (_, line) => {
    const before = desk.read(file('arena'));
    const { exit, stderr } = await mooring(line);
    expect(exit, stderr).not.toBe(0);
    expect(stderr).not.toContain('INTERNAL');
    expect(desk.read(file('arena'))).toBe(before);
  });

  test('that has errors is not touched', async () => {
    const broken = desk.read(file('arena')).replace('committeeSize: 3', 'committeeSize: three');
    desk.write(file('arena'), broken);
    expect((await mooring(importArena)).exit).toBe(65);
    expect(desk.read(file('arena'))).toBe(broken);
  });

  test('does not let the same contract in under a second name', async () => {
    const { exit, stderr } = await mooring('import --kind SelfPlayArena --address arena --name arena-two');
    expect(exit).toBe(65);
    expect(stderr).toContain('CONTRACT_DUPLICATE');
  });
});

test('an arena as its constructor leaves it breaks its own rule: its splits are observed, and can be declared once they fit', async () => {
  const { abi, bytecode } = artifactOf(await loadArtifacts(), 'SelfPlayArena');
  const { owner, 'identity-registry': identities, 'job-registry': jobs, 'stake-manager': stake, 'fee-pool': pool } = world.addresses;
  const numbers = [100n, 50n, 20n, 3n, 5n, 6000n];
  const { contract } = await world.node.send(null, bytecode + new Interface(abi).encodeDeploy([owner, [identities, jobs, stake, pool], numbers]).slice(2));
  await done(`import --kind SelfPlayArena --address ${toChecksum(contract ?? '')} --name fresh`);
  await expect(steady(desk.read(file('fresh')).replace(/0x[0-9a-fA-F]{40}/g, '0x<arena>'))).toMatchFileSnapshot('../golden/cli/import-constructor.yaml');
  expect((await plan()).changes).toEqual([]);
  const splits = [
    ['teacher', '60%'],
    ['student', '20%'],
    ['validator', '20%'],
  ] as const;
  desk.edit(
    file('fresh'),
    splits.flatMap(([who, share]) => [
      { path: ['observe'], remove: `${who}RewardSplitBps` },
      { path: ['spec', `${who}RewardSplitBps`], set: share },
    ]),
  );
  desk.edit(`${folder}/policy.yaml`, [
    {
      path: ['limits'],
      set: [
        new Map([
          ['match', 'SelfPlayArena.*RewardSplitBps'],
          ['maxStep', '20%'],
        ]),
      ],
    },
  ]);
  const denied = await mooring('plan');
  expect(denied.exit).toBe(3);
  expect(denied.stdout).toContain('POLICY_STEP');
  desk.edit(`${folder}/policy.yaml`, [{ path: ['limits'], drop: true }]);
  const made = await plan();
  expect(callsIn(made)).toEqual(['fresh.setRewardSplits']);
  await done(`apply --digest ${made.digest} --quiet`);
  expect((await plan()).changes).toEqual([]);
});

describe('what can not be imported', () => {
  test.each([
    ['an address without code', '--kind Ownable --address 0x000000000000000000000000000000000000dEaD --from-block 1', /CODE_MISSING/],
    ['an address without code, block unknown', '--kind Ownable --address 0x000000000000000000000000000000000000dEaD', /CODE_MISSING|DEPLOYMENT_BLOCK_UNKNOWN/],
    ['a contract of another kind', '--kind FeePool --address thermostat', /LIVE_UNKNOWN/],
    ['a contract of no known kind', '--kind SelfPlayAren --address arena', /did you mean "SelfPlayArena"/],
    ['a kind that is only for extending', '--kind Treasury --address arena', /KIND/],
    ['a name that is nearly in the book', '--kind SelfPlayArena --address arenna', /did you mean "arena"/],
    ['half an address', '--kind SelfPlayArena --address 0x12', /neither an address nor a name/],
  ])('%s', async (_, options, says) => {
    const { exit, stderr } = await mooring(`import --name it ${options}`);
    expect(exit, stderr).not.toBe(0);
    expect(stderr).toMatch(says);
    expect(stderr).not.toContain('INTERNAL');
    expect(desk.has(file('it'))).toBe(false);
  });

  test.each([['../arena'], ['a b'], ['-x'], ['.hidden'], ['ä']])('under the name %s', async (name) => {
    const { exit } = await desk.run(['import', '--env', environmentName, '--kind', 'SelfPlayArena', '--address', 'arena', `--name=${name}`]);
    expect([64, 65]).toContain(exit);
    expect(desk.files(`${folder}/contracts`)).toEqual([]);
  });
});
