// Compiles contracts/ into artifacts/, offline, and only when something it depends on has changed.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { acquireLock } from './lock.mjs';

const root = join(import.meta.dirname, '..');

/**
 * Makes `artifacts/` fit `contracts/`. Returns true where it had to compile.
 * SIDE EFFECTS: writes artifacts/ and cache/; waits for another process that is compiling.
 */
export async function compile(): Promise<boolean> {
  if (isFresh()) return false;
  const lock = await acquireLock(join(root, '.toolchain/compile-lock'));
  try {
    if (isFresh()) return false;
    const inputs = inputsHash();
    rmSync(stampFile(), { force: true });
    await runCompiler();
    mkdirSync(join(root, 'artifacts'), { recursive: true });
    writeFileSync(stampFile(), inputs);
    return true;
  } finally {
    lock.release();
  }
}

async function runCompiler(): Promise<void> {
  const [{ createHardhatRuntimeEnvironment }, { default: config }] = await Promise.all([import('hardhat/hre'), import('../hardhat.config.ts')]);
  const hre = await createHardhatRuntimeEnvironment(config, { config: join(root, 'hardhat.config.ts') }, root);
  await hre.tasks.getTask('build').run({ quiet: true });
}

function stampFile(): string {
  return join(root, 'artifacts/.inputs');
}

function isFresh(): boolean {
  return existsSync(stampFile()) && readFileSync(stampFile(), 'utf8') === inputsHash();
}

/** Hash over everything that the artifacts depend on: sources, settings, compiler and library version. */
function inputsHash(): string {
  const hash = createHash('sha256');
  const sources = readdirSync(join(root, 'contracts'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const packages = ['solc', '@openzeppelin/contracts', 'hardhat'].map((name) => join(root, 'node_modules', name, 'package.json'));
  for (const file of [...sources, join(root, 'hardhat.config.ts'), ...packages]) {
    hash
      .update(`${relative(root, file)}\0`)
      .update(readFileSync(file))
      .update('\0');
  }
  return hash.digest('hex');
}

if (import.meta.main) {
  const started = performance.now();
  const compiled = await compile();
  if (compiled) console.error(`contracts compiled in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}
