// Writes desired-state/local by importing a fresh embedded chain. `--check` writes nothing and fails where a file differs.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { startEmbeddedChain } from './embedded-chain.ts';
import { environmentFiles } from './environment-files.ts';
import { importedFiles } from './imported-files.ts';

const project = join(import.meta.dirname, '..');
const target = join(project, 'desired-state', 'local');
/** Where `npm run chain` listens. */
const localRpc = 'http://127.0.0.1:8545';

async function generate(): Promise<Map<string, string>> {
  const chain = await startEmbeddedChain();
  try {
    const files = await importedFiles(chain, 'local', { schemas: true });
    for (const [file, text] of environmentFiles({ deployment: chain.deployment, rpc: localRpc })) files.set(`desired-state/local/${file}`, text);
    return new Map([...files].map(([path, text]) => [path.slice('desired-state/local/'.length), text]));
  } finally {
    await chain.stop();
  }
}

function filesOf(folder: string): Map<string, string> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(names.map((entry) => [join(entry.parentPath, entry.name).slice(folder.length + 1), readFileSync(join(entry.parentPath, entry.name), 'utf8')]));
}

const made = await generate();
if (process.argv.includes('--check')) {
  const there = filesOf(target);
  const stale = [...new Set([...made.keys(), ...there.keys()])].filter((name) => made.get(name) !== there.get(name));
  if (stale.length > 0) {
    console.error(`desired-state/local differs from what a fresh chain has: ${stale.join(', ')}; run npm run local and commit`);
    process.exitCode = 1;
  } else console.log(`desired-state/local: ${made.size} files as on a fresh chain`);
} else {
  rmSync(target, { recursive: true, force: true });
  for (const [name, text] of made) {
    mkdirSync(dirname(join(target, name)), { recursive: true });
    writeFileSync(join(target, name), text);
  }
  console.log(`wrote ${made.size} files to desired-state/local`);
}
