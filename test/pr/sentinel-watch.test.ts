// The sentinel at work on a real chain, a real git and a stateful GitHub: a spent budget becomes a pause and a pull request.
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Context } from '../../src/cli/command.ts';
import { noMeters } from '../../src/cli/loops/loop.ts';
import { openSentinelLoop, type SentinelLoop } from '../../src/cli/sentinel/open-loop.ts';
import { openSentinel } from '../../src/cli/sentinel/open-sentinel.ts';
import { openKeyPauses } from '../../src/cli/sentinel/pause-by-key.ts';
import { proposalPorts } from '../../src/cli/sentinel-watch.ts';
import { openFileStore } from '../../src/journal/file-store.ts';
import { openOutbox } from '../../src/loops/alerts/outbox-file.ts';
import type { JournalStore } from '../../src/types.ts';
import { operator, targets } from '../apply/pause-world.ts';
import { folder } from '../support/field-world.ts';
import { usePrWorld } from './use-pr-world.ts';

const secret = 'correct horse battery staple';
const settings = `apiVersion: mooring/v1
kind: Sentinel
budgetCap: 100
budgetSoftRatio: 1
roiGracePeriod: 1
monitorIntervalSeconds: 0.2
`;
const scene = usePrWorld((files) => {
  files[`${folder}/loops/sentinel.yaml`] = settings;
  files[`${folder}/environment.yaml`] = `${files[`${folder}/environment.yaml`]}`.replace(
    'signers:\n',
    'signers:\n  guardian: { key: { env: GUARDIAN_KEY } }\n',
  );
  files[`${folder}/policy.yaml`] += 'loops: { sentinel: { pauseSigner: guardian } }\n';
});

let log: string[];
let loop: SentinelLoop | null;
let closers: (() => void)[];

beforeEach(() => {
  [log, loop, closers] = [[], null, []];
  scene.ci.env['GUARDIAN_KEY'] = scene.field.deployment.accounts.guardian.privateKey;
});
afterEach(async () => {
  await loop?.close();
  for (const close of closers) close();
});

type Opening = { file?: string; chain?: boolean; withKey?: boolean };

async function open({ file, chain = false, withKey = true }: Opening = {}): Promise<SentinelLoop> {
  const context: Context = { cwd: scene.ci.root, env: scene.ci.env, stdout: () => {}, stderr: () => {}, ask: null, now: Date.now, colour: false };
  const options = { env: 'field', quiet: true };
  const sentinel = openSentinel(context, options);
  const say = (message: string): void => void log.push(message);
  const key = withKey ? await openKeyPauses(context, sentinel.declared, say) : null;
  if (key !== null) closers.push(key.close);
  const shared = { context, options, sentinel, log: say, meters: noMeters, file: file ?? null, chain };
  loop = await openSentinelLoop({
    ...shared,
    listen: { host: '127.0.0.1', port: 0, secret },
    pause: key?.pause ?? null,
    ...proposalPorts(context, options, sentinel),
  });
  return loop;
}

async function post(events: readonly object[], key = 'k'): Promise<number> {
  const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json', 'idempotency-key': key };
  return (await fetch(`${loop?.url}/v1/events`, { method: 'POST', headers, body: JSON.stringify(events) })).status;
}

/** Reasons of what waits to be sent. */
const alerts = (): string[] =>
  openOutbox(join(scene.ci.root, '.mooring/field/sentinel'), () => {})
    .state()
    .notifications.map(({ reason }) => reason);
const turn = () => (loop as SentinelLoop).turn(new AbortController().signal);
const isPaused = async (on: 'arena' | 'engineTargets') => scene.field.read({ on, call: 'paused' });
/** Ends the loop, which sees everything through that was begun. */
async function finish(): Promise<void> {
  await loop?.close();
  loop = null;
}

describe('a spent budget', () => {
  test('is paused on chain at once, and put down as an incident’s pull request', async () => {
    await open({ chain: true });
    await turn();
    expect(await post([{ type: 'evaluation', cost: 120, value: 1000 }])).toBe(200);
    await finish();
    expect([await isPaused('arena'), await isPaused('engineTargets')]).toEqual([true, true]);
    const pulls = await scene.github.pulls();
    expect(pulls.map(({ title }) => title).sort()).toEqual([
      'Pause engine-targets, arena: the budget is spent',
      'Pause engine-targets: the soft part of the budget is spent',
    ]);
    const incident = pulls.find(({ title }) => title.includes('arena'));
    const number = incident?.number ?? 0;
    expect((await scene.github.labels(number)).sort()).toEqual(['emergency', 'sentinel']);
    const pull = await scene.github.pull(number);
    expect(pull.body).toMatch(/- `arena\.paused`: paused at once, in `0x[0-9a-f]{64}`/);
    expect(pull.body).toContain('cost 120.00, cap 100.00');
    expect(scene.read('contracts/arena.yaml', pull.head.ref)).toMatch(/^ {2}paused: true/m);
    expect(scene.read('contracts/engine-targets.yaml', pull.head.ref)).toMatch(/^ {2}paused: true/m);
    expect(scene.read('contracts/engine-targets.yaml', pull.head.ref)).not.toContain('expansionsPaused');
    // The watch over the chain knows its own pauses.
    await open({ chain: true });
    await turn();
    expect(alerts().filter((reason) => reason.startsWith('chain_'))).toEqual([]);
    await scene.field.byHand({ on: 'arena', call: 'setTargetSuccessRateBps', args: [7000n] });
    await turn();
    expect(alerts()).toContain('chain_parameter');
  });

  test('is acted on when the event comes, not with the next turn', async () => {
    const [paused, proposed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    scene.field.proxy.hooks = {
      before({ calls }) {
        if (calls.some(({ method }) => method === 'eth_sendRawTransaction')) paused.resolve();
        return undefined;
      },
    };
    await open();
    const said = log.push.bind(log);
    log.push = (...lines) => {
      if (lines.some((line) => /#\d+ opened/.test(line))) proposed.resolve();
      return said(...lines);
    };
    await post([{ type: 'evaluation', cost: 120, value: 1000 }]);
    await Promise.all([paused.promise, proposed.promise]);
  });

  test('without a key is a pull request alone, the same after a restart', async () => {
    await open({ withKey: false });
    await post([{ type: 'evaluation', cost: 120, value: 1000 }]);
    await finish();
    expect([await isPaused('arena'), (await scene.github.pulls()).length]).toEqual([false, 2]);
    await open({ withKey: false });
    await turn();
    await finish();
    expect(await scene.github.pulls()).toHaveLength(2);
  });

  test('that GitHub can’t be told of is paused all the same, and proposed when it can', async () => {
    const url = scene.ci.env['GITHUB_API_URL'];
    scene.ci.env['GITHUB_API_URL'] = 'http://127.0.0.1:1';
    await open();
    await post([{ type: 'evaluation', cost: 120, value: 1000 }]);
    await finish();
    expect([await isPaused('arena'), await scene.github.pulls()]).toEqual([true, []]);
    scene.ci.env['GITHUB_API_URL'] = url as string;
    await open();
    await turn();
    await finish();
    expect(await scene.github.pulls()).toHaveLength(2);
  });
});

describe('a reason that no longer holds', () => {
  test('is proposed to be cleared, with the pause that nobody merged withdrawn, and nothing is unpaused', async () => {
    await open();
    await post([{ type: 'evaluation', cost: 10, value: 1 }], 'a');
    await finish();
    expect(await isPaused('engineTargets')).toBe(true);
    const [pause] = await scene.github.pulls();
    await open();
    await post([{ type: 'evaluation', cost: 1, value: 50 }], 'b');
    await finish();
    const open2 = await scene.github.pulls();
    expect(open2.map(({ title }) => title)).toEqual(['Clear what roi_floor asked for: engine-targets']);
    const clearing = await scene.github.pull(open2[0]?.number ?? 0);
    expect(await scene.github.labels(clearing.number)).not.toContain('emergency');
    expect(scene.github.remote.git('diff', '--name-only', 'main', clearing.head.ref)).toBe(`${folder}/lifts.yaml`);
    expect((await scene.github.pull(pause?.number ?? 0)).state).toBe('closed');
    expect(await isPaused('engineTargets')).toBe(true);
  });

  test('and a pause that a human turned down is not proposed again for the same event', async () => {
    await open({ withKey: false });
    await post([{ type: 'evaluation', cost: 10, value: 1 }]);
    await finish();
    const [pull] = await scene.github.pulls();
    await scene.github.closePull(pull?.number ?? 0, 'bob');
    await open({ withKey: false });
    await turn();
    await finish();
    expect(await scene.github.pulls()).toEqual([]);
  });
});

test('what somebody’s cut-off pause with the same key has left goes out too, and is none of the sentinel’s', async () => {
  const guardian = operator(scene.field, scene.field.deployment.accounts.guardian);
  closers.push(() => guardian.close());
  const store = openFileStore(join(scene.ci.root, '.mooring/field/pauses', guardian.address.toLowerCase()));
  const append: JournalStore['append'] = async (events) => {
    await store.append(events);
    if (events.some(({ type }) => type === 'signed')) throw new Error('killed');
  };
  await expect(guardian.pause(targets(scene.field, 'stake-manager'), { journal: { ...store, append } })).rejects.toThrow('killed');
  const context: Context = { cwd: scene.ci.root, env: scene.ci.env, stdout: () => {}, stderr: () => {}, ask: null, now: Date.now, colour: false };
  const key = await openKeyPauses(context, openSentinel(context, { env: 'field', quiet: true }).declared, () => {});
  closers.push(() => key?.close());
  const { rows } = (await key?.pause([{ contract: 'arena', field: 'paused', value: true }])) ?? { rows: [] };
  expect(rows).toMatchObject([{ target: { contract: 'arena' }, state: 'paused' }]);
  expect([await isPaused('arena'), await scene.field.read({ on: 'stakeManager', call: 'paused' })]).toEqual([true, true]);
});
