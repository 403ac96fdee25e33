// Bundles the command line into dist/: a small entry, and a chunk for each command that is loaded when it is called.
// The libraries are bundled too, so that an installed package starts fast and brings nothing else with it.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { acquireLock } from './lock.mjs';

const root = join(import.meta.dirname, '..');

/**
 * Builds `dist/` (or `target`), which appears whole or not at all. Returns the size of all its JavaScript in bytes.
 * SIDE EFFECTS: replaces that folder.
 */
export async function buildPackage(target: string = join(root, 'dist')): Promise<number> {
  const lock = await acquireLock(join(root, '.toolchain/build-lock'));
  try {
    const draft = `${target}.draft`;
    rmSync(draft, { recursive: true, force: true });
    const metafile = await bundle(draft);
    const inputs = Object.keys(metafile.inputs);
    writeFileSync(
      join(draft, 'inputs.json'),
      JSON.stringify(Object.fromEntries(['package-lock.json', ...inputs.filter(isOurs)].map((file) => [file, identity(file)]))),
    );
    writeFileSync(join(draft, 'third-party.txt'), licences(inputs));
    rmSync(target, { recursive: true, force: true });
    renameSync(draft, target);
    return Object.values(metafile.outputs).reduce((sum, output) => sum + output.bytes, 0);
  } finally {
    lock.release();
  }
}

async function bundle(outdir: string): Promise<Metafile> {
  mkdirSync(outdir, { recursive: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { main: 'src/cli/main.ts' },
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
    // Used where it is installed, never demanded.
    external: ['hardhat', 'hardhat/*'],
    // Bundled CommonJS packages ask for Node's own modules by `require`.
    banner: { js: "import{createRequire as $require}from'node:module';const require=$require(import.meta.url);" },
  });
  return metafile;
}

function isOurs(file: string): boolean {
  return !file.includes('node_modules/');
}

/** What tells a changed file from an unchanged one without reading it. */
function identity(file: string): [time: number, size: number] {
  const { mtimeMs, size } = statSync(join(root, file));
  return [mtimeMs, size];
}

/** The licence texts of every bundled package. */
function licences(inputs: readonly string[]): string {
  const folders = new Set(inputs.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? []));
  return [...folders].sort().map(licence).join('\n');
}

function licence(folder: string): string {
  const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as { name: string; version: string; license?: string };
  const file = readdirSync(join(root, folder)).find((name) => /^(licen[cs]e|copying)/i.test(name));
  const text = file === undefined ? `${manifest.license ?? 'licence unknown'} (no text in the package)` : readFileSync(join(root, folder, file), 'utf8').trim();
  return `${'='.repeat(80)}\n${manifest.name} ${manifest.version}\n\n${text}\n`;
}

if (import.meta.main) {
  const started = performance.now();
  const bytes = await buildPackage();
  console.error(`dist/ built in ${(performance.now() - started).toFixed(0)} ms, ${(bytes / 1024).toFixed(0)} KiB`);
}
