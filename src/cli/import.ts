// mooring import: a live contract as YAML, complete and in sync.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { diskSource } from '../desired/file-source.ts';
import { loadDesired } from '../desired/load.ts';
import { addMissingFields, writeContract } from '../desired/write-contract.ts';
import { exitCodes, MooringError } from '../errors.ts';
import { nearestName } from '../kinds/fields.ts';
import { toChecksum } from '../kinds/keccak.ts';
import type { Kind } from '../kinds/kind.ts';
import { kindNames, loadKinds } from '../kinds/load-kinds.ts';
import { findDeploymentBlock } from '../live/deployment-block.ts';
import type { ContractRef } from '../live/snapshot.ts';
import { count } from '../render/lexicon.ts';
import type { Address, ContractState } from '../types.ts';
import { type Command, type Context, flag, type Options, text } from './command.ts';
import { type Opened, openEnvironment, ownKindFiles } from './open.ts';
import { observe } from './walk.ts';

export const importContract: Command = {
  spec: {
    name: 'import',
    summary: 'write the YAML of a live contract',
    description: [
      'Reads every field of a contract, member sets from its event history included, and writes desired-state/<env>/contracts/<name>.yaml',
      'with units, names and comments. Afterwards the plan for it is empty. An existing file gets the fields that it lacks; nothing in it is changed.',
    ],
    options: {
      kind: { type: 'string', value: 'KIND', description: 'the kind of contract', required: true },
      address: { type: 'string', value: 'ADDRESS', description: 'its address, or its name in the address book', required: true },
      name: { type: 'string', value: 'NAME', description: 'what it is called from now on', required: true },
      'from-block': { type: 'string', value: 'BLOCK', description: 'the block of its deployment (default: searched, needs old state)' },
      force: { type: 'boolean', description: 'write the file anew although it is there' },
    },
    exits: ['indeterminate', 'badInput'],
    examples: ['mooring import --env local --kind SelfPlayArena --address 0x… --name arena'],
  },
  run,
};

type Wanted = { kind: Kind; address: Address; name: string };

async function run(context: Context, options: Options): Promise<number> {
  const opened = openEnvironment(context, options);
  try {
    const wanted = readWanted(opened, options);
    const state = await readContract(opened, wanted, text(options, 'from-block'));
    const file = join(opened.root, 'desired-state', opened.name, 'contracts', `${wanted.name}.yaml`);
    const outcome = writeFile(file, { opened, wanted, state, force: flag(options, 'force') });
    checkResult(opened, file);
    context.stdout(
      `${outcome} ${relative(opened.root, file)}: ${wanted.kind.name} at ${wanted.address}, ${count(state.fields.size, 'field')} at block ${state.adoptedAt}\n`,
    );
    return exitCodes.done;
  } finally {
    opened.close();
  }
}

function readWanted(opened: Opened, options: Options): Wanted {
  const name = text(options, 'name') ?? '';
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(name))
    throw new MooringError('USAGE', `"${name}" can't be a contract's name`, { fix: 'use letters, digits, - and _' });
  return { name, kind: readKind(opened, text(options, 'kind') ?? ''), address: readAddress(opened, text(options, 'address') ?? '') };
}

function readKind(opened: Opened, name: string): Kind {
  const own = ownKindFiles(opened);
  const names = kindNames(own);
  const kind = names.includes(name) ? loadKinds({ names: [name], own }).get(name) : undefined;
  if (kind !== undefined) return kind;
  const near = nearestName(name, names);
  throw new MooringError('KIND_NOT_FOUND', `there is no kind "${name}"`, {
    fix: near === null ? `the kinds are ${names.join(', ')}` : `did you mean "${near}"?`,
  });
}

function readAddress(opened: Opened, given: string): Address {
  const { byName } = opened.desired.addresses;
  const named = byName.get(given);
  if (named !== undefined) return named.address;
  if (/^0x[0-9a-fA-F]{40}$/.test(given)) return toChecksum(given);
  const near = nearestName(given, [...byName.keys()]);
  throw new MooringError('USAGE', `"${given}" is neither an address nor a name in the address book`, {
    fix: near === null ? 'an address has 0x and 40 hexadecimal digits' : `did you mean "${near}"?`,
  });
}

async function readContract(opened: Opened, wanted: Wanted, fromBlock: string | undefined): Promise<ContractState> {
  const { kind, address, name } = wanted;
  if (fromBlock !== undefined && !/^[0-9]{1,18}$/.test(fromBlock)) throw new MooringError('USAGE', `--from-block "${fromBlock}" is not a block number`);
  const head = await opened.chain.head(opened.desired.environment.finality);
  const from = fromBlock === undefined ? await findDeploymentBlock(opened.chain, address, head) : BigInt(fromBlock);
  const ref: ContractRef = { name, kind: kind.name, address, fromBlock: from };
  const state = await observe({ ...opened, kinds: new Map([...opened.kinds, [kind.name, kind]]) }, [ref]);
  const contract = state.contracts[0];
  if (contract === undefined || state.block === null) throw new MooringError('INTERNAL', 'the snapshot has no contract');
  if (contract.code?.hash === null)
    throw new MooringError('CODE_MISSING', `there is no code at ${address}`, { fix: 'check the address and the environment’s RPC' });
  refuseUnknown(contract);
  return { ...contract, adoptedAt: state.block.number };
}

/** A contract of which nothing can be read is of another kind; written down, it would be a file of comments. */
function refuseUnknown(contract: ContractState): void {
  const unknown = [...contract.fields.values()].filter(({ value }) => value.type === 'unknown');
  if (unknown.length < contract.fields.size) return;
  const first = unknown[0]?.value;
  throw new MooringError(
    'LIVE_UNKNOWN',
    `no field of ${contract.kind} could be read at ${contract.address}${first?.type === 'unknown' ? `: ${first.reason}` : ''}`,
    { fix: 'check that the contract is of this kind' },
  );
}

type Writing = { opened: Opened; wanted: Wanted; state: ContractState; force: boolean };

/** SIDE EFFECTS: writes the file. */
function writeFile(file: string, { opened, wanted, state, force }: Writing): string {
  const { addresses, environment } = opened.desired;
  const input = { state, kind: wanted.kind, names: addresses.byAddress, tokens: environment.tokens, ...schemaFor(opened.root, file, wanted.kind) };
  const there = existsSync(file);
  const content =
    there && !force ? addMissingFields({ ...input, addresses, file: relative(opened.root, file), text: readFileSync(file, 'utf8') }) : writeContract(input);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  return there ? (force ? 'wrote anew' : 'added to') : 'wrote';
}

/** The kind's schema as seen from the file, where `mooring schema` has written one. */
function schemaFor(root: string, file: string, kind: Kind): { schema?: string } {
  const schema = join(root, 'schemas', 'contracts', `${kind.name}.schema.json`);
  return existsSync(schema) ? { schema: relative(dirname(file), schema) } : {};
}

/** What was written must load; what doesn't is a bug, or a contract that contradicts another file. */
function checkResult(opened: Opened, file: string): void {
  try {
    loadDesired({ source: diskSource(opened.root), environment: opened.name });
  } catch (error) {
    if (!(error instanceof MooringError)) throw error;
    throw new MooringError(error.code, `${relative(opened.root, file)} was written, and the desired state has errors now`, {
      findings: error.findings,
      fix: 'settle them in the files that are named',
    });
  }
}
