// Desired state of a chain with our contracts on it, as `mooring import` writes it: by path from the repository's root.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { main, processContext } from '../src/cli/main.ts';
import type { EmbeddedChain } from './embedded-chain.ts';
import { environmentFiles } from './environment-files.ts';
import { managedContracts } from './managed-contracts.ts';

/** SIDE EFFECTS: a temporary folder, for as long as it takes. */
export async function importedFiles(
  { deployment, url }: Pick<EmbeddedChain, 'deployment' | 'url'>,
  environment: string,
  { schemas = false }: { schemas?: boolean } = {},
): Promise<Map<string, string>> {
  const root = mkdtempSync(join(tmpdir(), 'mooring-import-'));
  try {
    // The schemas' places are written into the files, for editors.
    if (schemas) symlinkSync(join(import.meta.dirname, '../schemas'), join(root, 'schemas'));
    for (const [file, text] of environmentFiles({ deployment, rpc: url })) write(join(root, 'desired-state', environment, file), text);
    for (const { name, kind, address, fromBlock } of managedContracts(deployment)) {
      const line = ['import', '--env', environment, '--kind', kind, '--address', address, '--name', name, '--from-block', String(fromBlock)];
      const exit = await main(line, { ...processContext(), cwd: root, stdout: () => {} });
      if (exit !== 0) throw new Error(`${line.join(' ')} ended with ${exit}`);
    }
    return filesBelow(root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function filesBelow(root: string): Map<string, string> {
  const entries = readdirSync(join(root, 'desired-state'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => join(entry.parentPath, entry.name)).sort();
  return new Map(paths.map((path) => [path.slice(root.length + 1), readFileSync(path, 'utf8')]));
}
