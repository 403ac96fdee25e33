// Writes desired-state/local by importing a fresh embedded chain. `--check` writes nothing and fails where a file differs.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main, processContext } from '../src/cli/main.ts';
import { startEmbeddedChain } from './embedded-chain.ts';
import { environmentFiles } from './environment-files.ts';
import { managedContracts } from './managed-contracts.ts';

const project = join(import.meta.dirname, '..');
const target = join(project, 'desired-state', 'local');
/** Where `npm run chain` listens. */
const localRpc = 'http://127.0.0.1:8545';

async function generate(root: string): Promise<string> {
  const folder = join(root, 'desired-state', 'local');
  const chain = await startEmbeddedChain();
  try {
    mkdirSync(folder, { recursive: true });
    symlinkSync(join(project, 'schemas'), join(root, 'schemas'));
    const write = (rpc: string): void => {
      for (const [file, text] of environmentFiles({ deployment: chain.deployment, rpc })) writeFileSync(join(folder, file), text);
    };
    write(chain.url);
    for (const { name, kind, address, fromBlock } of managedContracts(chain.deployment))
      await importOne(root, ['--kind', kind, '--address', address, '--name', name, '--from-block', String(fromBlock)]);
    write(localRpc);
  } finally {
    await chain.stop();
  }
  return folder;
}

async function importOne(root: string, options: readonly string[]): Promise<void> {
  const exit = await main(['import', '--env', 'local', ...options], { ...processContext(), cwd: root, stdout: () => {} });
  if (exit !== 0) throw new Error(`import ${options.join(' ')} ended with ${exit}`);
}

function filesOf(folder: string): Map<string, string> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(names.map((entry) => [join(entry.parentPath, entry.name).slice(folder.length + 1), readFileSync(join(entry.parentPath, entry.name), 'utf8')]));
}

const root = mkdtempSync(join(tmpdir(), 'mooring-local-'));
try {
  const made = filesOf(await generate(root));
  if (process.argv.includes('--check')) {
    const there = filesOf(target);
    const stale = [...new Set([...made.keys(), ...there.keys()])].filter((name) => made.get(name) !== there.get(name));
    if (stale.length > 0) {
      console.error(`desired-state/local differs from what a fresh chain has: ${stale.join(', ')}; run npm run local and commit`);
      process.exitCode = 1;
    } else console.log(`desired-state/local: ${made.size} files as on a fresh chain`);
  } else {
    rmSync(target, { recursive: true, force: true });
    cpSync(join(root, 'desired-state', 'local'), target, { recursive: true });
    console.log(`wrote ${made.size} files to desired-state/local`);
  }
} finally {
  rmSync(root, { recursive: true, force: true });
}
