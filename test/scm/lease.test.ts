import { renameSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { keepAlive } from '../../src/scm/heartbeat.ts';
import { type Lease, type LeaseOptions, leaseRef, takeLease } from '../../src/scm/lease.ts';
import { compareAndSwap } from '../../src/scm/swap.ts';
import { type Child, startChild } from './child.ts';
import { addressOf, openMachine } from './open-store.ts';
import { commitOf, makeRemote, type Remote } from './remote.ts';

const deadAfterMs = 4_000;
const pollMs = 1_000;
let remote: Remote;
let children: Child[];
/** The waiter's clock: nothing moves it but its own waiting. */
let time: number;

beforeEach(() => {
  remote = makeRemote();
  children = [];
  time = 0;
});
afterEach(async () => {
  await Promise.all(children.map((child) => child.end()));
  remote.remove();
});

function options(more: Partial<LeaseOptions> = {}): LeaseOptions {
  return {
    chainId: 1n,
    signers: [addressOf(1)],
    holder: 'a machine',
    deadAfterMs,
    pollMs,
    patienceMs: 100_000,
    clock: () => time,
    now: () => 1_700_000_000_000,
    sleep: async (ms) => {
      time += ms;
    },
    ...more,
  };
}

async function take(name: string, more: Partial<LeaseOptions> = {}): Promise<Lease> {
  return takeLease(await remote.mirror(name), options(more));
}

function refs(): string[] {
  return remote.git('for-each-ref', '--format=%(refname)').split('\n').filter(Boolean);
}

describe('a lease', () => {
  test('is a ref for its chain and signer, gone when it is released', async () => {
    const lease = await take('a');
    expect(refs()).toEqual([leaseRef(1n, addressOf(1))]);
    expect(leaseRef(1n, addressOf(1))).toBe('refs/mooring/leases/1/0x7e5f4552091a69125d5dfcb7b8c2659029395bdf');
    expect(lease.takenOver).toBe(false);
    await lease.release();
    expect(refs()).toEqual([]);
    await (await take('b')).release();
  });

  test('of another chain or signer is another', async () => {
    await take('a');
    const others = [await take('b', { chainId: 2n }), await take('c', { signers: [addressOf(2)] })];
    expect(others.map((lease) => lease.takenOver)).toEqual([false, false]);
    expect(time).toBe(0);
  });

  test('is waited for in a queue, and taken when its holder is done', async () => {
    const first = await take('a');
    const waited: string[][] = [];
    const second = await take('b', {
      onWait: (busy) => void waited.push([...busy]),
      sleep: async (ms) => {
        time += ms;
        if (time === 3 * pollMs) await first.release();
      },
    });
    expect(waited).toEqual([[leaseRef(1n, addressOf(1))]]);
    expect([time, second.takenOver]).toEqual([3 * pollMs, false]);
  });

  test('of a holder whose heart beats is never taken, however long the wait', async () => {
    const first = await take('a');
    const impatient = take('b', {
      patienceMs: 4 * deadAfterMs,
      // One beat just before the waiter would take it for dead.
      sleep: async (ms) => {
        time += ms;
        if (time % (deadAfterMs - pollMs) === 0) await first.renew();
      },
    });
    await expect(impatient).rejects.toMatchObject({ code: 'LEASE_BUSY' });
    expect(await first.isHeld()).toBe(true);
  });

  test('of a holder without heartbeat is taken over after N seconds of the waiter, who then knows', async () => {
    const dead = await take('a');
    const lease = await take('b');
    expect([time, lease.takenOver]).toEqual([deadAfterMs, true]);
    expect(await dead.isHeld()).toBe(false);
    await expect(dead.renew()).rejects.toMatchObject({ code: 'LEASE_LOST' });
    await dead.release();
    expect(await lease.isHeld()).toBe(true);
  });

  test('that was lost lets nothing else move', async () => {
    const git = await remote.mirror('a');
    const dead = await takeLease(git, options());
    await take('b');
    const ref = 'refs/heads/mooring/journal';
    await expect(dead.renew([{ ref, old: null, next: await commitOf(git, 'late') }])).rejects.toMatchObject({ code: 'LEASE_LOST' });
    expect(refs()).not.toContain(ref);
  });

  test('that is held moves others along, and stays held when those were elsewhere', async () => {
    const git = await remote.mirror('a');
    const lease = await takeLease(git, options());
    const ref = 'refs/heads/mooring/journal';
    const [one, two] = [await commitOf(git, '1'), await commitOf(git, '2')];
    const before = [...lease.tokens().values()];
    expect(await lease.renew([{ ref, old: null, next: one }])).toEqual({ outcome: 'won' });
    expect([...lease.tokens().values()]).not.toEqual(before);
    expect(await lease.renew([{ ref, old: null, next: two }])).toEqual({ outcome: 'lost', moved: [ref] });
    expect(await lease.renew([{ ref, old: one, next: two }])).toEqual({ outcome: 'won' });
  });

  test('of several signers is taken together or not at all', async () => {
    const other = await take('a', { signers: [addressOf(2)] });
    const both = await take('b', {
      signers: [addressOf(1), addressOf(2)],
      sleep: async (ms) => {
        time += ms;
        expect(refs()).toEqual([leaseRef(1n, addressOf(2))]);
        if (time === 2 * pollMs) await other.release();
      },
    });
    expect([...both.tokens().keys()].sort()).toEqual([leaseRef(1n, addressOf(1)), leaseRef(1n, addressOf(2))].sort());
    await both.release();
    expect(refs()).toEqual([]);
  });

  test('taken by two at once goes to one', async () => {
    const both = await Promise.allSettled(['a', 'b'].map((name) => take(name, { patienceMs: 0 })));
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  /** The remote takes the push, dies, and is away when it is asked. */
  async function beatWithoutAnswer(lease: Lease): Promise<void> {
    remote.hook('post-receive', `mv "${remote.url}" "${remote.url}.away"; kill -9 $PPID`);
    await expect(lease.renew()).rejects.toMatchObject({ code: 'GIT_REMOTE' });
    renameSync(`${remote.url}.away`, remote.url);
    remote.hook('post-receive', '');
  }

  test('whose heartbeat took place though its answer was lost is gone when it is released', async () => {
    const lease = await take('a');
    await beatWithoutAnswer(lease);
    expect(refs()).toHaveLength(1);
    await lease.release();
    expect(refs()).toEqual([]);
    await expect(lease.renew()).rejects.toMatchObject({ code: 'LEASE_LOST' });
  });

  test('whose heartbeat took place though its answer was lost is still held', async () => {
    const git = await remote.mirror('a');
    const lease = await takeLease(git, options());
    const ref = leaseRef(1n, addressOf(1));
    await beatWithoutAnswer(lease);
    const moved = remote.git('rev-parse', ref);
    expect([...lease.tokens().values()]).not.toContain(moved);
    expect(await lease.renew()).toEqual({ outcome: 'lost', moved: [ref] });
    expect([...lease.tokens().values()]).toEqual([moved]);
    expect(await lease.renew()).toEqual({ outcome: 'won' });
  });

  test('is refused with words where the remote does not take such refs', async () => {
    remote.hook('pre-receive', 'exit 1');
    await expect(take('a')).rejects.toMatchObject({ code: 'GIT_REMOTE', message: expect.stringContaining('pre-receive') });
  });
});

describe('the heartbeat', () => {
  test('moves the ref by itself, survives a lost remote, and ends when the lease is lost', async () => {
    const git = await remote.mirror('a');
    const lease = await takeLease(git, options());
    const ref = leaseRef(1n, addressOf(1));
    const troubles: string[] = [];
    const expected = new Map(['GIT_REMOTE', 'LEASE_LOST'].map((code) => [code, Promise.withResolvers<void>()]));
    const first = lease.tokens().get(ref) ?? null;
    const heartbeat = keepAlive(lease, {
      everyMs: 20,
      onTrouble: ({ code }) => {
        troubles.push(code);
        expected.get(code)?.resolve();
      },
    });
    renameSync(remote.url, `${remote.url}.away`);
    await expected.get('GIT_REMOTE')?.promise;
    renameSync(`${remote.url}.away`, remote.url);
    // Only a beat moves the ref.
    while (remote.git('rev-parse', ref) === first) await lease.isHeld();
    const thief = await remote.mirror('b');
    await stealUntilDone(thief, ref);
    await expected.get('LEASE_LOST')?.promise;
    await heartbeat.stop();
    expect(troubles.at(-1)).toBe('LEASE_LOST');
  });

  async function stealUntilDone(thief: Awaited<ReturnType<Remote['mirror']>>, ref: string): Promise<void> {
    for (;;) {
      const stolen = await compareAndSwap(thief, [{ ref, old: remote.git('rev-parse', ref), next: await commitOf(thief, 'stolen') }]);
      if (stolen.outcome === 'won') return;
    }
  }
});

describe('a holder in a process of its own', () => {
  async function holder(): Promise<Child> {
    const child = startChild('applier.ts', remote.folder, remote.url, 'holder', '1');
    children.push(child);
    expect(await child.line()).toBe('held');
    return child;
  }
  const successor = () => openMachine({ folder: remote.folder, url: remote.url, name: 'successor', lease: options({ chainId: 31337n }) });

  test('that is stopped loses it, and can record nothing when it wakes up', async () => {
    const child = await holder();
    child.say('append aa');
    expect(await child.line()).toBe('done');
    child.process.kill('SIGSTOP');
    const { store } = await successor();
    const lock = await store.lock();
    expect(store.lease()?.takenOver).toBe(true);
    expect((await store.read()).map(({ run, type }) => `${run} ${type}`)).toEqual(['aa run-started', 'aa signed']);
    child.process.kill('SIGCONT');
    child.say('check');
    expect(await child.line()).toBe('lost');
    child.say('append bb');
    expect(await child.line()).toBe('LEASE_LOST');
    expect((await store.read()).map(({ run }) => run)).toEqual(['aa', 'aa']);
    await lock.release();
  });

  test('that is killed is replaced, and what it recorded is there without its raw bytes', async () => {
    const child = await holder();
    child.say('append aa');
    expect(await child.line()).toBe('done');
    await child.end('SIGKILL');
    const { store } = await successor();
    const lock = await store.lock();
    expect(await store.read()).toMatchObject([{ run: 'aa' }, { run: 'aa', transactions: [{ hash: '0xaa', raw: '0x', unsigned: { nonce: 4 } }] }]);
    await lock.release();
  });
});
