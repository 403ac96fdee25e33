// Whoever reads along may stop (`| head`): what is being done goes on to its end, and ends as it would have.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');

test.each(['stdout', 'stderr'] as const)('a closed %s ends nothing', async (stream) => {
  const args = [join(root, 'src/cli/main.ts'), 'validate', '--env', stream === 'stdout' ? 'local' : 'nowhere', '--root', root];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const other: string[] = [];
  child[stream].destroy();
  child[stream === 'stdout' ? 'stderr' : 'stdout'].on('data', (bytes: Buffer) => other.push(bytes.toString()));
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  expect([code, signal, other.join('')]).toEqual([stream === 'stdout' ? 0 : 64, null, '']);
});
