// `node scripts/with-node.mjs <script> [arguments]`: makes the checkout ready (see toolchain.mjs), then runs the script
// with the right Node, its exit code and its signals. Plain JavaScript: this is where Node 20 comes in.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cleanEnvironment, prepare, run, say } from './toolchain.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

try {
  const node = await prepare({ root });
  const outcome = await run(node, process.argv.slice(2), { cwd: root, env: cleanEnvironment(process.env, node) });
  if (typeof outcome === 'number') process.exitCode = outcome;
  else process.kill(process.pid, outcome);
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
