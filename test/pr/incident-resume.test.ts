// An open incident holds its contracts paused on a real chain, through plan, merge and apply, until its resume is approved.
import { beforeEach, describe, expect, test } from 'vitest';
import { incidentBranch } from '../../src/cli/incident/incident-branch.ts';
import { runIn } from '../scm/remote.ts';
import { codesIn, parsePlan } from '../support/cli.ts';
import { folder } from '../support/field-world.ts';
import { spec } from './pr-world.ts';
import { usePrWorld } from './use-pr-world.ts';

const scene = usePrWorld((files) => {
  const settings = `${folder}/environment.yaml`;
  files[settings] = `${files[settings]}`.replace('signers:\n', 'signers:\n  guardian: { key: { env: GUARDIAN_KEY } }\n');
});
const id = `${new Date().toISOString().slice(0, 10)}-oracle-fault`;

beforeEach(async () => {
  scene.ci.env['GUARDIAN_KEY'] = scene.field.deployment.accounts.guardian.privateKey;
  await scene.field.byHand({ on: 'jobRegistry', call: 'createJob', args: [`0x${'33'.repeat(32)}`], from: 'stranger' });
  await scene.field.byHand({ on: 'arena', call: 'startRound', args: [1n, 1n, 'teacher', 'teacher', []], from: 'orchestrator-a' });
  await good('incident pause --env field --components arena --signer guardian');
  await good('incident open --env field --title oracle-fault --component arena --by alice');
});

async function good(line: string): Promise<string> {
  const said = await scene.ci.mooring(line);
  expect(said.exit, said.stdout + said.stderr).toBe(0);
  return said.stdout;
}

const isPaused = () => scene.field.read({ on: 'arena', call: 'paused' });
const comments = async (number: number): Promise<string> => (await scene.github.comments(number)).map(({ body }) => body).join('\n');
const numberOf = async (title: string): Promise<number> => (await scene.github.pulls()).find((pull) => pull.title.startsWith(title))?.number ?? 0;
const resume = () => good(`incident resume --env field --root-cause stale-price --by alice`);

async function mergeApproved(number: number): Promise<void> {
  await scene.plan();
  for (const as of ['alice', 'carol'] as const) await scene.github.review(number, { as, event: 'APPROVE' });
  await scene.plan();
  await scene.github.merge(number, { as: 'bob' });
}

describe('while an incident is open', () => {
  test('an unpause with its lift is red, merged and approved it still waits, and the resume lets it through', async () => {
    await good('propose unpause arena --env field --reason back');
    const number = await numberOf('Unpause arena');
    await mergeApproved(number);
    expect(await comments(number)).toContain('INCIDENT_OPEN');
    await scene.apply(3);
    expect([await isPaused(), await scene.sent()]).toEqual([true, 1]);
    runIn(scene.ci.root, 'pull', '-q');
    const local = await scene.ci.mooring('plan --env field --format json');
    const { digest, findings } = parsePlan(local.stdout);
    expect([local.exit, codesIn(findings)]).toEqual([3, expect.arrayContaining(['error INCIDENT_OPEN'])]);
    expect((await scene.ci.mooring(`apply --env field --digest ${digest}`)).exit).toBe(3);
    expect([await isPaused(), await scene.sent()]).toEqual([true, 1]);
    await resume();
    const asked = await numberOf('Resume arena');
    expect(scene.github.remote.git('diff', '--name-only', 'main', (await scene.github.pull(asked)).head.ref)).toBe(`${folder}/incidents/${id}.yaml`);
    await mergeApproved(asked);
    expect(await scene.approved(asked)).toBe(true);
    await scene.ci.mooring('pr apply --env field');
    expect(await isPaused()).toBe(false);
  });

  test('a change of something else goes out, and so does a pause', async () => {
    const other = await scene.propose({ branch: 'other', files: scene.edited('engine-targets', spec('paused', 'true')) });
    await mergeApproved(other);
    await scene.apply();
    expect([await isPaused(), await scene.field.read({ on: 'engineTargets', call: 'paused' })]).toEqual([true, true]);
  });

  test('a record that can’t be read blocks the unpause, and nothing else', async () => {
    scene.github.push(incidentBranch, { [`incidents/field/${id}/incident.yaml`]: 'closed\n' });
    await good('propose unpause arena --env field --reason back');
    const number = await numberOf('Unpause arena');
    const other = await scene.propose({ branch: 'other', files: scene.edited('engine-targets', spec('paused', 'true')) });
    await scene.plan();
    expect(await comments(number)).toContain('INCIDENT_UNKNOWN');
    expect(await comments(other)).not.toContain('INCIDENT_');
  });
});

describe('the resume', () => {
  test('unpauses with lifts, answers the checklist by what it saw, and takes the approval of what raises risk', async () => {
    const said = await resume();
    expect(said).toMatch(/✓ roles: all \d+ declared roles are live/);
    expect(said).toMatch(/✓ first round: arena: a round starts, by orchestrator-[ab]/);
    const number = await numberOf('Resume arena');
    const { body, head } = await scene.github.pull(number);
    expect(body?.match(/- \[x\]/g)).toHaveLength(4);
    expect(body).toMatch(/Root cause\*\*: stale-price/);
    expect(scene.read(`incidents/${id}.yaml`, head.ref)).toContain('rootCause: "stale-price"');
    expect(scene.read('lifts.yaml', head.ref)).toContain('contract: arena');
    await scene.plan();
    expect(await scene.approved(number)).toBe(false);
    expect((await scene.github.requestedReviewers(number)).teams).toEqual(['treasury']);
    expect(await comments(number)).toContain(`incident ${id}`);
    await mergeApproved(number);
    await scene.apply();
    expect(await isPaused()).toBe(false);
    await scene.settled();
    const again = await good('incident open --env field --title oracle-fault --component arena --by alice');
    expect(again).toContain(`Incident ${id}-2 (field): oracle-fault`);
    expect(await good('incident open --env field --title oracle-fault --component arena')).toContain(`Open already: incident ${id}-2`);
  });

  test('does not tick what is not as it is declared, nor a round that would fail', async () => {
    await scene.field.byHand({ on: 'arena', call: 'setOrchestrator', args: ['guardian', true] });
    await scene.field.byHand({ on: 'arena', call: 'setTargetSuccessRateBps', args: [7000n] });
    await scene.field.byHand({ on: 'identityRegistry', call: 'setOpen', args: [false] });
    await scene.field.byHand({ on: 'identityRegistry', call: 'setAllowed', args: ['teacher', false] });
    const said = await resume();
    expect(said).toMatch(/✗ roles: live and declared roles differ: arena\.orchestrators\[/);
    expect(said).toMatch(/✗ parameters: live and declared parameters differ: arena\.targetSuccessRateBps/);
    expect(said).toMatch(/✗ first round: arena: orchestrator-[ab] can't start a round: InvalidAgent/);
    const { body } = await scene.github.pull(await numberOf('Resume arena'));
    expect(body?.match(/- \[ \]/g)).toHaveLength(3);
  });

  test('that says the same again writes nothing, and a dry run nothing at all', async () => {
    const dry = await scene.ci.mooring('incident resume --env field --root-cause x --dry-run');
    expect(dry.stdout).toContain('✓ roles');
    expect(await numberOf('Resume arena')).toBe(0);
    await resume();
    scene.github.resetLog();
    const refs = scene.github.remote.git('for-each-ref');
    await resume();
    expect([scene.github.writes(), scene.github.remote.git('for-each-ref')]).toEqual([[], refs]);
  });
});
