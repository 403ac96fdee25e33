// A change between two commits of the repository: its files, its environments, and the chain that one of them is about.
import type { FileSource } from '../../desired/file-source.ts';
import { environmentsIn } from '../../desired/load-settings.ts';
import { MooringError } from '../../errors.ts';
import { type ChangedBlob, changedBlobs } from '../../scm/changed-files.ts';
import { gitFileSource } from '../../scm/git-file-source.ts';
import type { Finding, JournalStore } from '../../types.ts';
import { openJournal } from '../environment/journal.ts';
import { type Opened, openChain, withModuleKind } from '../environment/open.ts';
import type { Repository } from './repository.ts';
import type { Sides } from './sides.ts';

/** Two trees of the repository: whose configuration counts, and where the change leads. */
export type Change = {
  before: FileSource;
  after: FileSource;
  /** Below desired-state/. */
  files: readonly string[];
  /** Of what plans and applies: its workflows, its version, and who must review. */
  tooling: readonly ChangedBlob[];
};

const folder = 'desired-state';

/** Whoever changes one of these decides what runs with the keys of every environment. */
const toolingPaths = ['.github/workflows', '.github/actions', '.github/mooring', '.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS'];

/** SIDE EFFECTS: reads git. `from` and `to` are commits or trees that are here. */
export async function readChange({ git }: Pick<Repository, 'git'>, from: string, to: string): Promise<Change> {
  if (from === to) {
    const source = await gitFileSource(git, from, { under: folder });
    return { before: source, after: source, files: [], tooling: [] };
  }
  const [before, after, blobs] = await Promise.all([
    gitFileSource(git, from, { under: folder }),
    gitFileSource(git, to, { under: folder }),
    changedBlobs(git, { from, to, under: [folder, ...toolingPaths] }),
  ]);
  const own = (path: string): boolean => path.startsWith(`${folder}/`);
  return { before, after, files: blobs.flatMap(({ path }) => (own(path) ? [path] : [])), tooling: blobs.filter(({ path }) => !own(path)) };
}

/** Environments on either side, and whether the change touches them. */
export function environmentsOf({ before, after, files, tooling }: Change): { name: string; touched: boolean }[] {
  const names = new Set([...environmentsIn(before), ...environmentsIn(after)]);
  const isTouched = (name: string): boolean => tooling.length > 0 || files.some((file) => file.startsWith(`${folder}/${name}/`));
  return [...names].sort().map((name) => ({ name, touched: isTouched(name) }));
}

type Opening = {
  change: Change;
  sides: Sides;
  /** One that is open already; else the one that the configuration before the change names. */
  journal?: JournalStore;
};

/** Opens the chain as the configuration before the change says; closes it afterwards. */
export async function withChain<T>(
  { context, root, git }: Pick<Repository, 'context' | 'root' | 'git'>,
  { change, sides, journal }: Opening,
  use: (opened: Opened) => Promise<T>,
): Promise<T> {
  const { after, environment: name } = sides;
  if (after === null) throw new MooringError('ENVIRONMENT_NOT_FOUND', `there is no environment "${name}" any more`);
  const declared = { root, name, ...after, kinds: withModuleKind(after.kinds) };
  const opened = openChain(context, declared, journal ?? (await openJournal(context, { ...declared, git }, null, change.before)));
  try {
    return await use(opened);
  } finally {
    opened.close();
  }
}

/** An error as findings. What isn't ours is a bug, said without its text: it may hold anything. */
export function findingsOf(error: unknown): readonly Finding[] {
  if (!(error instanceof MooringError))
    return [{ code: 'INTERNAL', severity: 'error', message: 'planning ended with an error of its own; the log of the run shows it' }];
  const { code, message, fix, source } = error;
  if (error.findings.length > 0) return error.findings;
  return [{ code, severity: 'error', message, ...(fix === undefined ? {} : { fix }), ...(source === undefined ? {} : { source }) }];
}
