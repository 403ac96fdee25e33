// Several replicas, one leader: on real refs of a real remote.
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Leading, whileLeading } from '../../../src/cli/loops/lead.ts';
import { openLeadMemory } from '../../../src/cli/loops/lead-memory.ts';
import { noMeters } from '../../../src/cli/loops/loop.ts';
import type { Git } from '../../../src/scm/git.ts';
import { makeRemote, type Remote } from '../../scm/remote.ts';

let remote: Remote;
let machines: Git[];
beforeEach(async () => {
  remote = makeRemote();
  machines = await Promise.all(['one', 'two'].map((name) => remote.mirror(name)));
});
afterEach(() => remote.remove());

type Replica = { led: Promise<void>; leads: Promise<AbortSignal>; waits: Promise<string>; end(): void; stop(): void };

/** A replica whose work lasts until it is ended. */
function replica(git: Git | undefined, more: Partial<Leading> = {}): Replica {
  const [leads, waits, work] = [Promise.withResolvers<AbortSignal>(), Promise.withResolvers<string>(), Promise.withResolvers<void>()];
  const stop = new AbortController();
  const pace = { heartbeatMs: 40, deadAfterMs: 60_000, pollMs: 20 };
  const shared = { chainId: 1n, environment: 'field', loops: ['thermostat'] as const, meters: noMeters, now: Date.now, evenAlone: false, pace };
  if (git === undefined) throw new Error('there is no such machine');
  const led = whileLeading({ ...shared, git, signal: stop.signal, log: waits.resolve, ...more }, (signal) => {
    leads.resolve(signal);
    signal.addEventListener('abort', () => work.resolve());
    return work.promise;
  });
  return { led, leads: leads.promise, waits: waits.promise, end: work.resolve, stop: () => stop.abort() };
}

test('the second stands by until the first is done, and then leads', async () => {
  const first = replica(machines[0]);
  await first.leads;
  const second = replica(machines[1]);
  expect(await second.waits).toContain('standing by');
  first.end();
  await first.led;
  await second.leads;
  second.end();
  await second.led;
});

test('loops of other names or environments don’t wait for it', async () => {
  const first = replica(machines[0]);
  const second = replica(machines[1], { environment: 'other' });
  await Promise.all([first.leads, second.leads]);
  first.end();
  second.end();
  await Promise.all([first.led, second.led]);
});

test('a leader that is taken for dead is told, stops its work, and stands by', async () => {
  const first = replica(machines[0], { pace: { heartbeatMs: 40, deadAfterMs: 60_000, pollMs: 20 } });
  const signal = await first.leads;
  // As it is for somebody whose clock says that nothing has moved for long: the ref is taken over.
  const ref = remote.git('for-each-ref', '--format=%(refname)', 'refs/mooring/leases').trim();
  const other = remote.git('commit-tree', '-m', 'another', remote.git('mktree').trim()).trim();
  remote.git('update-ref', ref, other);
  await new Promise<void>((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve())));
  first.stop();
  await first.led;
  expect(remote.git('rev-parse', ref).trim()).toBe(other);
});

test('one that was killed is followed at once by the next process of its checkout, and by no other', async () => {
  const folder = join(remote.folder, 'state');
  const before = await openLeadMemory(folder, ['thermostat']);
  const dead = replica(machines[0], { memory: before.memory, pace: { heartbeatMs: 60_000, deadAfterMs: 60_000, pollMs: 20 } });
  await dead.leads;
  // Alive, it is no dead one: a second process in the same checkout knows nothing.
  const beside = await openLeadMemory(folder, ['thermostat']);
  expect(beside.memory.abandoned().size).toBe(0);
  // As after a kill -9: the lock of a dead process counts for nothing, and the lease stays on the remote.
  before.release();
  const elsewhere = replica(machines[1]);
  expect(await elsewhere.waits).toContain('standing by');
  const after = await openLeadMemory(folder, ['thermostat']);
  const next = replica(machines[0], { memory: after.memory });
  await next.leads;
  elsewhere.stop();
  next.end();
  dead.stop();
  dead.end();
  await Promise.all([elsewhere.led, next.led, dead.led]);
  after.release();
});

test('told to stop, it waits no longer', async () => {
  const first = replica(machines[0]);
  await first.leads;
  const second = replica(machines[1]);
  await second.waits;
  second.stop();
  await second.led;
  first.end();
  await first.led;
});

test('without a remote, what must not wait goes on alone; everything else stands by', async () => {
  renameSync(remote.url, `${remote.folder}/away`);
  const alone = replica(machines[0], { evenAlone: true });
  await alone.leads;
  const other = replica(machines[1]);
  expect(await other.waits).toContain('standing by');
  alone.end();
  other.stop();
  await Promise.all([alone.led, other.led]);
});

test('alone, it takes the lead as soon as the remote answers again, and its work is begun anew with it', async () => {
  renameSync(remote.url, `${remote.folder}/away`);
  const signals: { leased: boolean; signal: AbortSignal }[] = [];
  const begun = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const end = Promise.withResolvers<void>();
  const pace = { heartbeatMs: 40, deadAfterMs: 100, pollMs: 20 };
  const shared = { chainId: 1n, environment: 'field', loops: ['sentinel'] as const, meters: noMeters, now: Date.now, log: () => {}, pace };
  const git = machines[0] as Git;
  const led = whileLeading({ ...shared, git, signal: new AbortController().signal, evenAlone: true }, async (signal, leased) => {
    signals.push({ leased, signal });
    begun[signals.length - 1]?.resolve();
    await Promise.race([end.promise, new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))]);
  });
  await begun[0]?.promise;
  renameSync(`${remote.folder}/away`, remote.url);
  await begun[1]?.promise;
  expect(signals.map(({ leased }) => leased)).toEqual([false, true]);
  end.resolve();
  await led;
  expect(remote.git('for-each-ref', 'refs/mooring/leases')).toBe('');
});

test('alone, it stands by as soon as the remote says that another leads', async () => {
  const other = replica(machines[1]);
  await other.leads;
  renameSync(remote.url, `${remote.folder}/away`);
  const alone = replica(machines[0], { evenAlone: true, pace: { heartbeatMs: 40, deadAfterMs: 100, pollMs: 20 } });
  const signal = await alone.leads;
  renameSync(`${remote.folder}/away`, remote.url);
  await new Promise<void>((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve())));
  alone.stop();
  other.end();
  await Promise.all([alone.led, other.led]);
});
