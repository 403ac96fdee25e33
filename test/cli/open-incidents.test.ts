// What a plan learns of incidents from a real git: none where there is nowhere to ask, and never none where it can't be told.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { incidentBranch, writeIncident } from '../../src/cli/incident/incident-branch.ts';
import { readOpenIncidents } from '../../src/cli/incident/read-open-incidents.ts';
import { openClone } from '../../src/scm/git.ts';
import type { Environment, IncidentRecord } from '../../src/types.ts';
import { runIn } from '../scm/remote.ts';
import { people, planWorld } from '../support/plan-world.ts';

const record: IncidentRecord = {
  ...{ id: '2026-11-26-a', title: 'A', components: [{ name: 'arena', address: people.alice }], by: 'alice', at: 1_795_000_000n, issue: null, closed: null },
};
const none = { open: [], unreadable: [] };
let root: string;
let clone: string;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'mooring-incidents-')));
  clone = join(root, 'clone');
  for (const folder of ['bare', 'clone']) mkdirSync(join(root, folder));
  runIn(join(root, 'bare'), 'init', '-q', '--bare', '--initial-branch=main');
  runIn(clone, 'init', '-q', '--initial-branch=main');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function environment(journal: Environment['journal'] = null): Environment {
  return { ...planWorld({}).desired.environment, journal };
}

const ask = (journal: Environment['journal'] = null, folder = clone) => readOpenIncidents({ root: folder, environment: environment(journal) });
const addRemote = (name = 'origin') => runIn(clone, 'remote', 'add', name, join(root, 'bare'));

async function write(one: IncidentRecord): Promise<void> {
  const git = await openClone({ folder: clone });
  await writeIncident(git, { environment: 'local', id: one.id, message: 'x', at: 1_795_000_000_000, act: () => ({ record: one, entries: [] }) });
}

test('there is none without a clone, a remote or a branch', async () => {
  expect(await ask(null, root)).toEqual(none);
  expect(await ask()).toEqual(none);
  addRemote();
  expect(await ask()).toEqual(none);
});

test('open ones are told, closed ones and other environments’ aren’t', async () => {
  addRemote();
  await write(record);
  await write({ ...record, id: '2026-11-26-b', closed: { by: 'bob', at: 1_795_000_001n, left: null } });
  expect(await ask()).toEqual({ open: [{ id: record.id, title: 'A', components: record.components }], unreadable: [] });
  expect(await readOpenIncidents({ root: clone, environment: { ...environment(), name: 'other' } })).toEqual(none);
});

test('a branch that was set back, or taken away, is not none for who has seen it', async () => {
  addRemote();
  await write(record);
  const first = runIn(join(root, 'bare'), 'rev-parse', incidentBranch).trim();
  await write({ ...record, id: '2026-11-26-b' });
  expect((await ask()).open).toHaveLength(2);
  runIn(join(root, 'bare'), 'update-ref', `refs/heads/${incidentBranch}`, first);
  expect(await ask()).toMatchObject({ open: [], unreadable: [{ id: null, why: expect.stringContaining('lead back') }] });
  runIn(join(root, 'bare'), 'update-ref', '-d', `refs/heads/${incidentBranch}`);
  expect(await ask()).toMatchObject({ open: [], unreadable: [{ id: null }] });
});

test('they lie where the journal does', async () => {
  addRemote('elsewhere');
  addRemote();
  await write(record);
  runIn(clone, 'remote', 'remove', 'origin');
  expect((await ask({ remote: 'elsewhere', branch: 'mooring/journal' })).open).toHaveLength(1);
});

test('a remote that is away, and a record that says nothing, are not none', async () => {
  addRemote();
  await write(record);
  const work = join(root, 'work');
  runIn(root, 'clone', '-q', '--branch', incidentBranch, join(root, 'bare'), work);
  writeFileSync(join(work, `incidents/local/${record.id}/incident.yaml`), 'kind: Nothing\n');
  runIn(work, '-c', 'user.name=x', '-c', 'user.email=x@example.org', 'commit', '-qam', 'x');
  runIn(work, 'push', '-q', 'origin', incidentBranch);
  expect(await ask()).toMatchObject({ open: [], unreadable: [{ id: record.id }] });
  rmSync(join(root, 'bare'), { recursive: true });
  expect(await ask()).toMatchObject({ open: [], unreadable: [{ id: null }] });
});

test.each([
  ['a broken configuration', () => writeFileSync(join(clone, '.git/config'), '[core\n')],
  ['a clone that git takes for none', () => rmSync(join(clone, '.git/HEAD'))],
  ['another name of the remote', () => runIn(clone, 'remote', 'rename', 'origin', 'upstream')],
])('%s is not none, in a folder below neither', async (_, damage) => {
  addRemote();
  await write(record);
  const below = join(clone, 'below');
  mkdirSync(below);
  damage();
  for (const folder of [clone, below]) expect(await ask(null, folder)).toMatchObject({ open: [], unreadable: [{ id: null }] });
});

test('two writers lose nothing of each other', async () => {
  addRemote();
  await write(record);
  const git = await openClone({ folder: clone });
  const line = (text: string) => ({ at: '2026-11-26T00:00:00.000Z', what: 'paused' as const, by: 'x', text });
  const add = (text: string) =>
    writeIncident(git, { environment: 'local', id: record.id, message: 'x', at: 0, act: () => ({ record, entries: [line(text)] }) });
  await Promise.all(['a', 'b', 'c'].map(add));
  const kept = await writeIncident(git, { environment: 'local', id: record.id, message: 'x', at: 0, act: () => null });
  expect(kept.timeline.map(({ text }) => text).sort()).toEqual(['a', 'b', 'c']);
});
