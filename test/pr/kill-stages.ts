// `mooring pr apply` as a process of its own, killed at each stage with its disk lost: what goes on must go on elsewhere.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type JournalEdge, signalAt } from './appliers-world.ts';
import type { Scene } from './use-pr-world.ts';

/** Where it dies: `arm` sees to that, given how to kill it. */
export type Stage = { name: string; arm(scene: Scene, kill: () => void): void };

function atJournal(edge: Omit<JournalEdge, 'signal'>): Stage['arm'] {
  return (scene) => {
    const { url, folder } = scene.github.remote;
    const hook = (name: string, script: string): void => {
      mkdirSync(join(url, 'hooks'), { recursive: true });
      writeFileSync(join(url, 'hooks', name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    };
    signalAt({ folder, hook }, { ...edge, signal: 'KILL' }).catch(() => {});
  };
}

function atSending(when: 'before' | 'after'): Stage['arm'] {
  return (scene, kill) => {
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

function atGitHub(path: RegExp, when: 'before' | 'after'): Stage['arm'] {
  return (scene, kill) => {
    scene.github.fault = (request) => {
      if (request.method === 'GET' || !path.test(request.path)) return null;
      kill();
      return when === 'before' ? { hangUp: true } : { apply: true, after: { hangUp: true } };
    };
  };
}

export const stages: readonly Stage[] = [
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

/** Runs it until it dies where it is to. `bundle` is where the package was built. SIDE EFFECTS: the chain, GitHub, the journal. */
export async function dieAt(scene: Scene, bundle: string, { arm }: Stage): Promise<void> {
  const doomed = scene.machine();
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [join(bundle, 'main.js'), 'pr', 'apply', '--env', 'field', '--lease-timeout', '60'], {
    cwd: doomed.root,
    env: { PATH, HOME, ...doomed.env },
    stdio: 'ignore',
  });
  const ended = once(child, 'exit');
  arm(scene, () => child.kill('SIGKILL'));
  const [, signal] = (await ended) as [number | null, string | null];
  expect(signal, 'it died where it was to').toBe('SIGKILL');
  scene.field.proxy.hooks = {};
  scene.github.fault = null;
  rmSync(join(scene.github.remote.url, 'hooks/reference-transaction'), { force: true });
  doomed.remove();
}
