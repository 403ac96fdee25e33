// Compiles one of our contracts with the lockfile's compiler, for tests that compare committed code with its source.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import config from '../../hardhat.config.ts';

const root = dirname(dirname(import.meta.dirname));
const require = createRequire(import.meta.url);

type Output = {
  errors?: readonly { severity: string; formattedMessage: string }[];
  contracts?: Readonly<
    Record<string, Readonly<Record<string, { abi: readonly unknown[]; evm: { bytecode: { object: string }; deployedBytecode: { object: string } } }>>>
  >;
};

export type Compiled = { abi: readonly unknown[]; creation: string; runtime: string };

/** Compiles `name` out of a source file below the repository's root, or out of `text` where given, with hardhat.config.ts's settings. */
export function compileContract(file: string, name: string, text?: string): Compiled {
  const solc = require('solc') as { compile(input: string, callbacks: object): string };
  const { settings } = config.solidity as { settings: object };
  const input = {
    language: 'Solidity',
    sources: { [file]: { content: text ?? readFileSync(join(root, file), 'utf8') } },
    settings: { ...settings, outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object'] } } },
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: readImport })) as Output;
  const errors = (output.errors ?? []).filter((error) => error.severity === 'error');
  if (errors.length > 0) throw new Error(errors.map((error) => error.formattedMessage).join('\n'));
  const found = output.contracts?.[file]?.[name];
  if (found === undefined) throw new Error(`${file} has no contract ${name}`);
  return { abi: found.abi, creation: `0x${found.evm.bytecode.object}`, runtime: `0x${found.evm.deployedBytecode.object}` };
}

function readImport(path: string): { contents: string } {
  const file = path.startsWith('@') ? join(root, 'node_modules', path) : join(root, path);
  return { contents: readFileSync(file, 'utf8') };
}
