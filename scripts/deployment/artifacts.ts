// ABI and bytecode of our contracts, as scripts/compile.ts leaves them in artifacts/.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { JsonFragment } from 'ethers/abi';
import { compile } from '../compile.ts';

/** JSON ABI and 0x-prefixed code of one contract. */
export type Artifact = { abi: readonly JsonFragment[]; bytecode: string; deployedBytecode: string };

/** By contract name. */
export type Artifacts = ReadonlyMap<string, Artifact>;

const folder = join(import.meta.dirname, '..', '..', 'artifacts', 'contracts');

/**
 * All our contracts.
 *
 * SIDE EFFECTS: compiles first when a source has changed since the last time (some seconds); see compile.ts.
 */
export async function loadArtifacts(): Promise<Artifacts> {
  await compile();
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.json'));
  return new Map(files.map((file) => [basename(file, '.json'), JSON.parse(readFileSync(join(folder, file), 'utf8')) as Artifact]));
}

/** One contract's artifact. Throws when there is none of that name. */
export function artifactOf(artifacts: Artifacts, name: string): Artifact {
  const found = artifacts.get(name);
  if (!found) throw new Error(`no contract is called ${name}`);
  return found;
}
