// Generated contracts with many fields on an Anvil of their own, and a desired state that fits them.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { devAccounts } from '../scripts/deployment/accounts.ts';
import { connectSender, rpc } from '../scripts/deployment/sender.ts';
import { type Anvil, startAnvil } from '../test/support/anvil.ts';
import { type Compiled, compileContract } from '../test/support/compile.ts';

/** Fields of one contract; more fields are more contracts, as in life. */
const perContract = 100;

export type World = {
  anvil: Anvil;
  /** Holds desired-state/bench. */
  root: string;
  fields: number;
  /** Rewrites environment.yaml for another URL, e.g. a proxy's. */
  pointTo: (url: string) => void;
  /** Declares `amount` fields one higher or one lower than they are. */
  change: (amount: number, by: 1n | -1n) => void;
  stop: () => Promise<void>;
};

const names = Array.from({ length: perContract }, (_, index) => `field${String(index).padStart(3, '0')}`);
const owner = devAccounts().owner;
export const keyVariable = 'MOORING_BENCH_KEY';
export const ownerKey = owner.privateKey;

function capital(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function solidity(): string {
  const members = names.map(
    (name) =>
      `  uint256 public ${name};\n  function set${capital(name)}(uint256 value) external { require(msg.sender == owner); ${name} = value; emit ${capital(name)}Updated(value); }\n  event ${capital(name)}Updated(uint256 value);`,
  );
  const initial = names.map((name, index) => `${name} = ${index + 1};`).join(' ');
  return `// SPDX-License-Identifier: MIT\npragma solidity ^0.8.28;\ncontract BenchFields {\n  address public owner = msg.sender;\n${members.join('\n')}\n  constructor() { ${initial} }\n}\n`;
}

function kindYaml(): string {
  const abi = names.flatMap((name) => [
    `function ${name}() view returns (uint256)`,
    `function set${capital(name)}(uint256 value)`,
    `event ${capital(name)}Updated(uint256 value)`,
  ]);
  const fields = names.map(
    (name) =>
      `  ${name}: { description: A generated field., unit: count, risk: { up: increase, down: reduce }, history: { event: ${capital(name)}Updated, value: value } }`,
  );
  const setters = names.map((name) => `  - { function: set${capital(name)}, sets: [${name}], emits: [${capital(name)}Updated] }`);
  return `apiVersion: mooring/v1\nkind: Kind\nname: BenchFields\ndescription: Many fields.\nabi:\n  - function owner() view returns (address)\n${abi.map((line) => `  - ${line}`).join('\n')}\naccess: [owner]\nfields:\n  owner: { description: Who may call the setters., risk: ambiguous, role: owner }\n${fields.join('\n')}\nsetters:\n${setters.join('\n')}\n`;
}

function environmentYaml(url: string): string {
  return `apiVersion: mooring/v1\nkind: Environment\nchainId: 31337\nrpc: ["${url}"]\nsigners: { owner: { key: { env: ${keyVariable} } } }\n`;
}

function contractYaml(address: string, fromBlock: bigint, values: readonly bigint[]): string {
  return `apiVersion: mooring/v1\nkind: BenchFields\naddress: "${address}"\nfromBlock: ${fromBlock}\nspec:\n${names.map((name, index) => `  ${name}: ${values[index]}`).join('\n')}\n`;
}

/** SIDE EFFECTS: an Anvil process and a folder, until `stop`. `args` are Anvil's own. */
export async function makeWorld(fields: number, args: readonly string[] = []): Promise<World> {
  const anvil = await startAnvil({ args: ['--hardfork', 'cancun', '--code-size-limit', '100000', ...args] });
  const root = mkdtempSync(join(tmpdir(), 'mooring-bench-'));
  const folder = join(root, 'desired-state', 'bench');
  mkdirSync(join(folder, 'contracts'), { recursive: true });
  mkdirSync(join(folder, 'kinds'));
  const pointTo = (url: string): void => writeFileSync(join(folder, 'environment.yaml'), environmentYaml(url));
  pointTo(anvil.url);
  writeFileSync(join(folder, 'addresses.yaml'), `apiVersion: mooring/v1\nkind: AddressBook\naddresses: { owner: "${owner.address}" }\n`);
  writeFileSync(join(folder, 'policy.yaml'), 'apiVersion: mooring/v1\nkind: Policy\nrequireProof: false\nminPausers: 0\n');
  writeFileSync(join(folder, 'kinds', 'BenchFields.yaml'), kindYaml());
  await placeMulticall(anvil.url);
  const deployed = await deployFields(anvil.url, Math.max(1, fields / perContract));
  const used = Math.min(fields, perContract);
  const write = (changed: number, by: bigint): void => {
    deployed.forEach(({ address, block }, number) => {
      const values = names.map((_, index) => BigInt(index + 1) + (number * perContract + index < changed + 1 && number * perContract + index > 0 ? by : 0n));
      const text = contractYaml(address, block, values);
      writeFileSync(
        join(folder, 'contracts', `fields-${String(number).padStart(4, '0')}.yaml`),
        `${text
          .split('\n')
          .slice(0, 5 + used)
          .join('\n')}\n`,
      );
    });
  };
  write(0, 1n);
  const stop = async (): Promise<void> => {
    await anvil.stop();
    rmSync(root, { recursive: true, force: true });
  };
  return { anvil, root, fields, pointTo, change: write, stop };
}

let compiled: Compiled | undefined;

async function deployFields(url: string, amount: number): Promise<{ address: string; block: bigint }[]> {
  compiled ??= compileContract('contracts/BenchFields.sol', 'BenchFields', solidity());
  const sender = await connectSender({ url, privateKey: owner.privateKey });
  const deployed: { address: string; block: bigint }[] = [];
  for (let number = 0; number < amount; number++) {
    const sent = await sender.send({ data: compiled.creation, what: 'a generated contract' });
    deployed.push({ address: sent.contractAddress ?? '', block: sent.block });
  }
  const { toChecksum } = await import('../src/kinds/keccak.ts');
  return deployed.map(({ address, block }) => ({ address: toChecksum(address), block }));
}

/** As on public chains: Multicall3 at its well-known address. */
async function placeMulticall(url: string): Promise<void> {
  const { runtime } = compileContract('contracts/utils/Multicall3.sol', 'Multicall3');
  await rpc(url, 'anvil_setCode', ['0xcA11bde05977b3631167028862bE2a173976CA11', runtime]);
}
