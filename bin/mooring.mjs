#!/usr/bin/env node
// The command as it is installed: finds the code to run (the built one, or a clone's sources) and a Node that can.
// Plain JavaScript that any Node parses; loads nothing that it doesn't need, since every start pays for it.
import { existsSync, readFileSync, statSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const isClone = existsSync(join(root, 'src')) && !/[\\/]node_modules[\\/]/.test(root);

if (Number(process.versions.node.split('.')[0]) >= 24) await start();
else if (isClone) await startWithOtherNode();
else stop(`Mooring needs Node 24 or newer; this is Node ${process.versions.node}.`);

async function start() {
  // Not Node's default place: in a shared temporary folder others could plant code for us.
  nodeModule.enableCompileCache(join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'mooring/code'));
  const isBuilt = !isClone || isFresh();
  if (!isBuilt && !existsSync(join(root, 'node_modules')))
    return stop('This checkout has no dependencies yet. Run "npm run build" once: it sets everything up.');
  const code = join(root, isBuilt ? 'dist/main.js' : 'src/cli/main.ts');
  if (!existsSync(code)) return stop(`${code} is missing: this installation is not complete.`);
  const { main } = await import(pathToFileURL(code).href);
  process.exitCode = await main(process.argv.slice(2));
}

/** True where dist/ was built from the sources as they are now, by their times and sizes. */
function isFresh() {
  try {
    const inputs = JSON.parse(readFileSync(join(root, 'dist/inputs.json'), 'utf8'));
    return Object.entries(inputs).every(([file, [time, size]]) => {
      const found = statSync(join(root, file));
      return found.mtimeMs === time && found.size === size;
    });
  } catch {
    return false;
  }
}

/** In a clone, under an older Node: what `npm test` and `npm run demo` have brought along runs this as well. */
async function startWithOtherNode() {
  const { cleanEnvironment, isInstalled, readyNode, run } = await import('../scripts/toolchain.mjs');
  const node = readyNode(root, process.versions.node);
  if (node === null || !isInstalled(root))
    return stop(`Mooring needs Node 24 or newer; this is Node ${process.versions.node}. Run "npm run build" once: it brings Node 24 into this checkout.`);
  const outcome = await run(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { cwd: process.cwd(), env: cleanEnvironment(process.env, node) });
  if (typeof outcome === 'number') process.exitCode = outcome;
  else process.kill(process.pid, outcome);
}

/** @param {string} message */
function stop(message) {
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
}
