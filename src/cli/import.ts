// mooring import: a live contract as YAML, complete and in sync.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { addMissingFields, writeContract } from '../desired/edit/write-contract.ts';
import { diskSource, withFile } from '../desired/file-source.ts';
import { loadDesired } from '../desired/load.ts';
import { exitCodes, MooringError } from '../errors.ts';
import { nearestName } from '../kinds/fields.ts';
import { toChecksum } from '../kinds/keccak.ts';
import type { Kind } from '../kinds/kind.ts';
import { kindNames, loadKinds } from '../kinds/load-kinds.ts';
import { count } from '../render/lexicon.ts';
import type { Address, ContractState } from '../types.ts';
import { type Command, type Context, errorFormat, flag, type Options, text } from './command.ts';
import { type Opened, openEnvironment, ownKindFiles } from './environment/open.ts';
import { readLiveContract, unreadFields, type Wanted } from './environment/read-live-contract.ts';

export const importContract: Command = {
  spec: {
    name: 'import',
    summary: 'write the YAML of a live contract',
    description: [
      'Reads every field of a contract, member sets from its event history included, and writes desired-state/<env>/contracts/<name>.yaml',
      'with units, names and comments. Afterwards the plan for it is empty. An existing file gets the fields that it lacks;',
      'nothing in it is changed. To accept what was changed on chain, edit the file, or write it anew with --force (comments of yours go).',
    ],
    options: {
      kind: { type: 'string', value: 'KIND', description: 'the kind of contract', required: true },
      address: { type: 'string', value: 'ADDRESS', description: 'its address, or its name in the address book', required: true },
      name: { type: 'string', value: 'NAME', description: 'what it is called from now on', required: true },
      'from-block': { type: 'string', value: 'BLOCK', description: 'the block of its deployment (default: searched, needs old state)' },
      force: { type: 'boolean', description: 'write the file anew although it is there' },
      format: errorFormat,
    },
    exits: ['indeterminate', 'badInput'],
    examples: ['mooring import --env local --kind SelfPlayArena --address 0x… --name arena'],
  },
  run,
};

async function run(context: Context, options: Options): Promise<number> {
  const opened = openEnvironment(context, options);
  try {
    const wanted = readWanted(opened, options);
    const state = await readLiveContract(opened, wanted, text(options, 'from-block'));
    const file = join(opened.root, 'desired-state', opened.name, 'contracts', `${wanted.name}.yaml`);
    const outcome = writeFile(file, { opened, wanted, state, force: flag(options, 'force') });
    context.stdout(`${outcome} ${relative(opened.root, file)}: ${wanted.kind.name} at ${wanted.address}, ${fieldCount(state)} at block ${state.adoptedAt}\n`);
    return exitCodes.done;
  } finally {
    opened.close();
  }
}

function fieldCount({ fields }: ContractState): string {
  const unread = unreadFields(fields).length;
  return count(fields.size - unread, 'field') + (unread === 0 ? '' : ` (${unread} more could not be read; comments in the file say why)`);
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

type Writing = { opened: Opened; wanted: Wanted; state: ContractState; force: boolean };

/** What was done, in a word. SIDE EFFECTS: writes the file, if the desired state has no errors with it. */
function writeFile(file: string, { opened, wanted, state, force }: Writing): string {
  const { addresses, environment } = opened.desired;
  const input = { state, kind: wanted.kind, names: addresses.byAddress, tokens: environment.tokens, ...schemaFor(opened.root, file, wanted.kind) };
  const before = existsSync(file) ? readFileSync(file, 'utf8') : null;
  const content = before !== null && !force ? addMissingFields({ ...input, addresses, file: relative(opened.root, file), text: before }) : writeContract(input);
  if (content === before) return 'nothing to add to';
  checkContent(opened, relative(opened.root, file), content);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  return before === null ? 'wrote' : force ? 'wrote anew' : 'added to';
}

/** The kind's schema as seen from the file, where `mooring schema` has written one. */
function schemaFor(root: string, file: string, kind: Kind): { schema?: string } {
  const schema = join(root, 'schemas', 'contracts', `${kind.name}.schema.json`);
  return existsSync(schema) ? { schema: relative(dirname(file), schema) } : {};
}

/** What is written must load. What doesn't contradicts another file, as a second file for one address does. */
function checkContent(opened: Opened, file: string, content: string): void {
  const path = file.split(sep).join('/');
  try {
    loadDesired({ source: withFile(diskSource(opened.root), path, content), environment: opened.name });
  } catch (error) {
    if (!(error instanceof MooringError)) throw error;
    throw new MooringError(error.code, `${path} was not written: with it the desired state would have errors`, {
      findings: error.findings,
      fix: 'settle them first; their lines are those of the file that would be written',
    });
  }
}
