// Where every proposal starts: the branch as the remote has it now, not this checkout's files.
import { loadDesired } from '../../desired/load.ts';
import { environmentsIn } from '../../desired/load-settings.ts';
import { MooringError } from '../../errors.ts';
import { completeHistory } from '../../scm/changed-files.ts';
import { defaultBranch, fetchRef, openClone } from '../../scm/git.ts';
import { gitFileSource } from '../../scm/git-file-source.ts';
import { type Context, type Options, text } from '../command.ts';
import { findRoot } from '../environment/find-root.ts';
import { openJournal } from '../environment/journal.ts';
import { type Declared, type Opened, openChain, withModuleKind } from '../environment/open.ts';
import { openRepository, type Repository } from '../pr/repository.ts';
import type { Draft } from './files.ts';
import type { Desk } from './open-proposal.ts';

export type Started = Desk & {
  words: readonly string[];
  draft: Draft;
  /** The branch's head. */
  base: string;
  /** GitHub, when it is needed: a dry run needs none. */
  repository(): Promise<Repository>;
  /** Opens the chain for what was loaded; closes it afterwards. */
  withChain<T>(loaded: Pick<Declared, 'desired' | 'kinds' | 'warnings'>, use: (opened: Opened) => Promise<T>): Promise<T>;
};

/** Throws GIT_*, ENVIRONMENT_NOT_FOUND, INPUT_INVALID. SIDE EFFECTS: fetches. */
export async function start(context: Context, options: Options, words: readonly string[]): Promise<Started> {
  const root = findRoot(context, options);
  const git = await openClone({ folder: root, remote: text(options, 'remote') ?? 'origin' });
  await completeHistory(git);
  const branch = text(options, 'branch') ?? (await defaultBranch(git));
  const base = await fetchRef(git, `refs/heads/${branch}`);
  if (base === null) throw new MooringError('GIT_OBJECT_MISSING', `${git.label} has no branch ${branch}`);
  const source = await gitFileSource(git, base, { under: 'desired-state' });
  const environment = text(options, 'env') ?? onlyOne(environmentsIn(source));
  const loaded = loadDesired({ source, environment });
  let repository: Promise<Repository> | undefined;
  return {
    ...{ context, options, root, git, words, base },
    draft: { environment, source, loaded, edited: new Map() },
    repository() {
      repository ??= openRepository(context, { ...options, branch });
      return repository;
    },
    async withChain(what, use) {
      const declared = { root, name: environment, ...what, kinds: withModuleKind(what.kinds) };
      const opened = openChain(context, declared, await openJournal(context, { ...declared, git }, null, source));
      try {
        return await use(opened);
      } finally {
        opened.close();
      }
    },
  };
}

function onlyOne(names: readonly string[]): string {
  const [name, ...others] = names;
  if (name === undefined || others.length > 0)
    throw new MooringError('USAGE', '--env is missing', {
      fix: names.length === 0 ? 'the branch has no environment yet' : `the environments are ${names.join(', ')}`,
    });
  return name;
}
