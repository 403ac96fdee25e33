// `mooring pr apply` killed at each stage, its disk lost: another machine goes on, nothing is sent twice, everything is told once.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { buildPackage } from '../../scripts/build.ts';
import { id } from '../../src/kinds/keccak.ts';
import type { Log } from '../../src/types.ts';
import { type JournalEdge, signalAt } from './appliers-world.ts';
import { splits } from './pr-world.ts';
import { usePrWorld } from './use-pr-world.ts';

const bundle = join(import.meta.dirname, '../../.toolchain', `killed-${process.pid}`);
const scene = usePrWorld();
let number: number;

beforeAll(() => buildPackage(bundle));
afterAll(() => rmSync(bundle, { recursive: true, force: true }));
beforeEach(async () => {
  number = await scene.propose({ branch: 'splits', files: scene.edited('arena', ...splits) });
  await scene.ci.mooring('pr plan');
  await scene.github.review(number, { as: 'alice', event: 'APPROVE' });
  await scene.github.merge(number, { as: 'bob', method: 'squash' });
});

/** Where it dies: `arm` sees to that, given how to kill it. */
type Stage = { name: string; arm(kill: () => void): void };

function atJournal(edge: Omit<JournalEdge, 'signal'>): (kill: () => void) => void {
  return () => {
    const { url, folder } = scene.github.remote;
    const hook = (name: string, script: string): void => {
      mkdirSync(join(url, 'hooks'), { recursive: true });
      writeFileSync(join(url, 'hooks', name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    };
    signalAt({ folder, hook }, { ...edge, signal: 'KILL' }).catch(() => {});
  };
}

function atSending(when: 'before' | 'after'): (kill: () => void) => void {
  return (kill) => {
    const isSending = (method: string): boolean => method === 'eth_sendRawTransaction';
    scene.field.proxy.hooks =
      when === 'before'
        ? {
            before({ calls }) {
              if (!calls.some(({ method }) => isSending(method))) return undefined;
              kill();
              return 'drop';
            },
          }
        : {
            rewrite({ method }, answer) {
              if (isSending(method)) kill();
              return answer;
            },
          };
  };
}

function atGitHub(path: RegExp, when: 'before' | 'after'): (kill: () => void) => void {
  return (kill) => {
    scene.github.fault = (request) => {
      if (request.method === 'GET' || !path.test(request.path)) return null;
      kill();
      return when === 'before' ? { hangUp: true } : { apply: true, after: { hangUp: true } };
    };
  };
}

const stages: readonly Stage[] = [
  { name: 'before the run is recorded', arm: atJournal({ record: 'run-started', when: 'before' }) },
  { name: 'once the run is recorded', arm: atJournal({ record: 'run-started', when: 'after' }) },
  { name: 'before its transactions are recorded', arm: atJournal({ record: ': signed', when: 'before' }) },
  { name: 'once its transactions are recorded', arm: atJournal({ record: ': signed', when: 'after' }) },
  { name: 'before the node has them', arm: atSending('before') },
  { name: 'once the node has them', arm: atSending('after') },
  { name: 'once they are known to be mined', arm: atJournal({ record: ': mined', when: 'after' }) },
  { name: 'before its receipt is kept', arm: atJournal({ record: '^Receipt', when: 'before' }) },
  { name: 'once its receipt is kept', arm: atJournal({ record: '^Receipt', when: 'after' }) },
  { name: 'before it is told', arm: atGitHub(/\/comments$/, 'before') },
  { name: 'while it is told', arm: atGitHub(/\/comments$/, 'after') },
  { name: 'before the branch counts as applied', arm: atJournal({ record: '^applied', when: 'before' }) },
];

async function timesSet(): Promise<number> {
  const filter = { address: scene.field.addresses['arena'], topics: [id('RewardSplitsUpdated(uint16,uint16,uint16)')], fromBlock: '0x39', toBlock: 'latest' };
  return (await scene.field.node.ask<Log[]>('eth_getLogs', [filter])).length;
}

test.each(stages)('$name', async ({ arm }) => {
  const doomed = scene.machine();
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [join(bundle, 'main.js'), 'pr', 'apply', '--env', 'field', '--lease-timeout', '60'], {
    cwd: doomed.root,
    env: { PATH, HOME, ...doomed.env },
    stdio: 'ignore',
  });
  const ended = once(child, 'exit');
  arm(() => child.kill('SIGKILL'));
  const [, signal] = (await ended) as [number | null, string | null];
  expect(signal, 'it died where it was to').toBe('SIGKILL');
  scene.field.proxy.hooks = {};
  scene.github.fault = null;
  rmSync(join(scene.github.remote.url, 'hooks/reference-transaction'), { force: true });
  doomed.remove();

  const next = await scene.machine().mooring('pr apply --env field --lease-timeout 1');
  expect(next.exit, next.stdout + next.stderr).toBe(0);
  expect(await scene.field.read({ on: 'arena', call: 'teacherRewardSplitBps' })).toBe(6000n);
  expect(await timesSet()).toBe(1);
  expect(await scene.github.labels(number)).toContain('mooring: applied');
  expect((await scene.github.comments(number)).filter(({ body }) => body.startsWith('<!-- mooring:apply'))).toHaveLength(1);
});
