// mooring schema: the JSON Schemas that give editors completion and inline errors.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { exitCodes, MooringError } from '../errors.ts';
import { schemaFiles } from '../kinds/json-schema.ts';
import { loadKinds } from '../kinds/load-kinds.ts';
import { count } from '../render/lexicon.ts';
import { type Command, type Context, flag, type Options, text } from './command.ts';
import { findRoot } from './environment/find-root.ts';
import { environmentNames, ownKindFiles } from './environment/open.ts';

export const schema: Command = {
  spec: {
    name: 'schema',
    summary: 'write the JSON Schemas for editors',
    description: [
      'Writes a schema for each kind, built in and of your own (desired-state/*/kinds), so that an editor completes field names',
      'and shows unit, rule and error while you type.',
    ],
    options: {
      out: { type: 'string', value: 'DIR', description: 'where to write (default: schemas/ beside desired-state/)' },
      check: { type: 'boolean', description: 'write nothing; exit 1 where a file is not what would be written' },
    },
    exits: ['badInput'],
    examples: ['mooring schema', 'mooring schema --check'],
  },
  run,
};

async function run(context: Context, options: Options): Promise<number> {
  const root = findRoot(context, options);
  const target = resolve(context.cwd, text(options, 'out') ?? join(root, 'schemas'));
  const files = schemaFiles(loadKinds({ own: ownKinds(root) }));
  if (flag(options, 'check')) return check(files, target, context);
  for (const [name, content] of files) {
    mkdirSync(dirname(join(target, name)), { recursive: true });
    writeFileSync(join(target, name), content);
  }
  context.stdout(`wrote ${count(files.size, 'schema')} to ${target}\n`);
  return exitCodes.done;
}

function check(files: ReadonlyMap<string, string>, target: string, context: Context): number {
  const stale = [...files].filter(([name, content]) => readQuietly(join(target, name)) !== content).map(([name]) => name);
  if (stale.length > 0)
    throw new MooringError('SCHEMA_OUT_OF_DATE', `out of date in ${target}: ${stale.join(', ')}`, { fix: 'run mooring schema and commit what it writes' });
  context.stdout(`${count(files.size, 'schema')} up to date\n`);
  return exitCodes.done;
}

function readQuietly(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

/** Kinds of one's own, of every environment; the same text in two environments counts once. */
function ownKinds(root: string): { file: string; text: string }[] {
  const files = environmentNames(root).flatMap((name) => ownKindFiles({ root, name }));
  return [...new Map(files.map((file) => [file.text, file])).values()];
}
