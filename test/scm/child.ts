// A script run as a process of its own: lines out, lines in, and an end that is waited for.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export type Child = {
  process: ChildProcess;
  /** The next line that it says. Fails when it has ended. */
  line(): Promise<string>;
  say(line: string): void;
  end(signal?: NodeJS.Signals): Promise<void>;
};

/** SIDE EFFECTS: a process, until `end`. */
export function startChild(script: string, ...args: string[]): Child {
  const child = spawn(process.execPath, [join(import.meta.dirname, script), ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const exited = once(child, 'exit');
  return {
    process: child,
    async line() {
      const next = await lines.next();
      if (next.done) throw new Error(`${script} ended without a word`);
      return next.value;
    },
    say: (line) => void child.stdin.write(`${line}\n`),
    async end(signal = 'SIGKILL') {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      // A stopped process gets no signal but this one.
      child.kill('SIGCONT');
      await exited;
    },
  };
}
