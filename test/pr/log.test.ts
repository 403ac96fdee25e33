// mooring log: what was done to an environment, by whom, why, with which pull request, receipt and baseline.
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { sinceOf } from '../../src/cli/operations.ts';
import type { OperationEntry, OperationsView } from '../../src/render/operations-text.ts';
import { steady } from '../support/cli.ts';
import { folder } from '../support/field-world.ts';
import { policy, spec, splits } from './pr-world.ts';
import { usePrWorld } from './use-pr-world.ts';

const scene = usePrWorld();

async function merged(branch: string, files: Record<string, string>, title: string): Promise<number> {
  const number = await scene.propose({ branch, files, title });
  await scene.plan();
  for (const as of ['alice', 'carol'] as const) await scene.github.review(number, { as, event: 'APPROVE' });
  await scene.plan();
  expect(await scene.approved(number), title).toBe(true);
  await scene.github.merge(number, { as: 'bob' });
  await scene.apply();
  return number;
}

async function view(more = ''): Promise<OperationsView> {
  const said = await scene.ci.mooring(`log --env field --format json ${more}`);
  expect(said.exit, said.stderr).toBe(0);
  return JSON.parse(said.stdout) as OperationsView;
}

function sample(at: number, roi: number): string {
  return `${JSON.stringify({ timestamp: at, roi })}\n`;
}

test('every adjustment: merged and sent, merged and nothing sent, revoked and paused at once; with receipts and ROI on both sides', async () => {
  const reports = join(scene.ci.root, 'reports');
  mkdirSync(reports, { recursive: true });
  const now = Math.floor(Date.now() / 1000);
  writeFileSync(join(reports, 'roi-baseline.ndjson'), [sample(now - 120, 1), sample(now - 60, 2)].join(''));

  const first = await merged('more', scene.edited('arena', ...splits), 'More for teachers');
  const relaxed = await merged('policy', { [`${folder}/policy.yaml`]: `${policy}# reviewed\n`.replace('minPausers: 1', 'minPausers: 2') }, 'Two pausers');
  const widening = scene.edited('engine-targets', spec('wideningAlpha', '0.6'));
  const engine = await merged('engine', widening, 'Widen');
  const noted = { file: 'reports/roi-baseline.ndjson', sha256: 'ab'.repeat(32), samples: 2 };
  const line = { type: 'rebalanced', at: new Date(Date.now() + 1_000).toISOString(), engine: 'engine-targets', baseline: noted };
  const operations = join(scene.ci.root, '.mooring/field/operations.ndjson');
  appendFileSync(operations, `${JSON.stringify({ ...line, changes: [{ field: 'wideningAlpha', from: 0.5, to: 0.6 }] })}\n`);
  appendFileSync(operations, `${JSON.stringify({ ...line, changes: [{ field: 'thompsonPrior', from: 1, to: 2 }] })}\n{"type":"rebal`);
  const words = [
    'rotate',
    '--env',
    'field',
    '--role',
    'orchestrators',
    '--old',
    'orchestrator-a',
    '--new',
    'orchestrator-c',
    '--compromised',
    '--reason',
    'leaked, see pull request #1, \u001b[31mnow',
  ];
  expect((await scene.ci.mooring(words)).exit).toBe(0);
  expect((await scene.ci.mooring('incident pause --env field --components arena')).exit).toBe(0);
  appendFileSync(join(reports, 'roi-baseline.ndjson'), sample(now + 3_600, 5));

  const { entries, notes } = await view();
  const short = entries.map(({ type, pull, why, outcome, receipt, transactions }) => [type, pull?.number ?? null, why, outcome, receipt, transactions.length]);
  // The tests' GitHub has a clock of its own, which runs ahead.
  expect(short.sort()).toEqual([
    ['apply', first, 'More for teachers', 'done', true, 1],
    ['apply', engine, 'Widen', 'done', true, 1],
    ['edit', relaxed, 'Two pausers', null, false, 0],
    ['pause', null, null, 'done', false, 1],
    ['rebalancing', null, null, null, false, 0],
    ['revocation', null, 'leaked, see pull request #1, \u001b[31mnow', 'done', true, 1],
  ]);
  const [apply, widened] = entries.filter(({ type }) => type === 'apply') as [OperationEntry, OperationEntry];
  expect(entries.map(({ at }) => at)).toEqual(entries.map(({ at }) => at).sort((x, y) => x - y));
  expect([apply.who, apply.changes.length, apply.pull?.url]).toEqual([
    expect.stringContaining('approved by alice'),
    2,
    expect.stringContaining(`/pull/${first}`),
  ]);
  expect(apply.before).toEqual({ samples: 2, mean: 1.5 });
  expect([apply.noted, widened.noted]).toEqual([null, noted]);
  expect(entries.at(-1)?.after).toEqual({ samples: 1, mean: 5 });
  expect(notes).toEqual([expect.stringContaining('line 3')]);
  const { stdout } = await scene.ci.mooring('log --env field');
  const text = steady(stdout).replace(/[^ ]*operations\.ndjson/, '<file>');
  await expect(text.split('\n\n').slice(0, 3).join('\n\n')).toMatchFileSnapshot('../golden/cli/log.txt');
  expect([text.includes('\u001b'), text.includes('see pull request #1,  [31mnow')]).toEqual([false, true]);
  const csv = await scene.ci.mooring('log --env field --format csv');
  expect(csv.stdout.trimEnd().split('\r\n')).toHaveLength(entries.length + 1);
  expect(csv.stdout).toContain('More for teachers');

  const later = await view(`--since ${new Date(entries[2]?.at ?? 0).toISOString()}`);
  expect(later.entries).toEqual(entries.slice(2));
  const bare = await view('--no-github');
  expect(bare.notes[0]).toContain('GitHub was not asked');
  expect(bare.entries.map(({ type }) => type)).not.toContain('edit');
  expect(bare.entries[0]).toMatchObject({ pull: { number: first, url: null } });
});

describe('pauses', () => {
  const settings = (): string => join(scene.ci.root, folder, 'environment.yaml');
  const good = async (line: string): Promise<void> => {
    const said = await scene.ci.mooring(line);
    expect(said.exit, said.stdout + said.stderr).toBe(0);
  };

  beforeEach(async () => {
    writeFileSync(settings(), readFileSync(settings(), 'utf8').replace('signers:\n', 'signers:\n  guardian: { key: { env: GUARDIAN_KEY } }\n'));
    scene.ci.env['GUARDIAN_KEY'] = scene.field.deployment.accounts.guardian.privateKey;
    await good('incident pause --env field --components arena --signer guardian');
  });

  test('by a key that is declared no more', async () => {
    writeFileSync(settings(), readFileSync(settings(), 'utf8').replace(/ {2}guardian: .*\n/, ''));
    expect((await view('--no-github')).entries).toMatchObject([{ type: 'pause', outcome: 'done', archived: null }]);
  });

  test('and revocations of another checkout, as it put them on record with its incident: once, and marked', async () => {
    const words = 'rotate --env field --role orchestrators --old orchestrator-a --new orchestrator-c --compromised --reason leaked';
    await good(words);
    await good('incident open --env field --title oracle-fault --component arena --by alice');
    const mine = (await view('--no-github')).entries;
    expect(mine).toMatchObject([
      { type: 'pause', archived: null },
      { type: 'revocation', archived: null },
    ]);
    for (const name of ['pauses', 'revocations']) rmSync(join(scene.ci.root, '.mooring/field', name), { recursive: true });
    const { entries, notes } = await view('--no-github');
    const id = `${new Date().toISOString().slice(0, 10)}-oracle-fault`;
    expect(entries).toMatchObject(mine.map(({ type, run, transactions }) => ({ type, run, transactions, why: 'oracle-fault', archived: id, outcome: null })));
    expect(notes).toHaveLength(1);
    const { stdout } = await scene.ci.mooring('log --env field --no-github');
    await expect(steady(stdout).replaceAll(id, 'DAY-oracle-fault')).toMatchFileSnapshot('../golden/cli/log-archived.txt');
  });

  test('that somebody else has written into that branch say nothing but what they are, and steer no terminal', async () => {
    await good('incident open --env field --title oracle-fault --component arena --by alice');
    const id = `${new Date().toISOString().slice(0, 10)}-oracle-fault`;
    const place = `incidents/field/${id}/pauses`;
    const forged = { run: '20260101T000000Z-00000000', at: '2026-01-01T00:00:00Z', signer: 'alice\u001b[2J', flags: [{ contract: 'a\u001b[31m\nb' }] };
    const odd = { ...forged, run: '1, done\n2026-01-01T00:00:00Z apply: done, run 2, receipt kept' };
    scene.github.push('mooring/incidents', {
      [`${place}/forged.json`]: JSON.stringify(forged),
      [`${place}/odd\u001b[2J.json`]: JSON.stringify(odd),
    });
    const { entries } = await view('--no-github');
    expect(entries.map(({ run }) => run)).toEqual([forged.run, expect.any(String)]);
    const { stdout } = await scene.ci.mooring('log --env field --no-github');
    expect(stdout).toContain('not verified');
    expect(stdout).not.toMatch(/\u001b|apply: done|who: alice/);
  });
});

test('an environment to which nothing was done', async () => {
  const said = await scene.ci.mooring('log --env field');
  expect([said.exit, said.stdout]).toEqual([0, 'field: nothing was adjusted\n']);
});

test('since is a day, a time, or so long ago', () => {
  const now = Date.parse('2026-03-01T00:00:00Z');
  expect(['2026-02-01', '2026-02-01T00:00:00Z', '28d', '4w', '672h'].map((given) => sinceOf(given, now))).toEqual(Array(5).fill(Date.parse('2026-02-01')));
  expect(sinceOf(undefined, now)).toBeNull();
  for (const wrong of ['yesterday', '3', '2026-02', '2026-02-01T00:00', '-3d']) expect(() => sinceOf(wrong, now)).toThrow(/no time/);
});
