// Whose word counts in a shared journal between the merge that replaces a signer and the first record by its successor: the
// signers of the commit up to which the branch was applied last. Once that record is there, the key that went counts no more.
import type { FileSource } from '../../desired/file-source.ts';
import { environmentsIn, loadSettings } from '../../desired/load-settings.ts';
import { MooringError } from '../../errors.ts';
import { firstParents } from '../../scm/first-parents.ts';
import type { Git, ObjectId } from '../../scm/git.ts';
import { gitFileSource } from '../../scm/git-file-source.ts';
import type { SignatureRules } from '../../scm/journal-signatures.ts';
import { commitIn, markName } from '../pr/apply-state.ts';

/** Lower-case addresses of each environment's signers: environments share one branch. */
export type Writers = ReadonlyMap<string, ReadonlySet<string>>;

export function writersIn(source: FileSource): Writers {
  const environments = environmentsIn(source).flatMap((environment) => loadSettings({ source, environment }) ?? []);
  return new Map(environments.map(({ name, signers }) => [name, new Set(signers.map(({ address }) => address.toLowerCase()))]));
}

type Now = { git: Git; writers: Writers; environment: string; head: ObjectId };

/** With the keys of now. What is not on the line of `head`, or not here, has no say. */
export function formerWriters({ git, writers, environment, head }: Now): NonNullable<SignatureRules['former']> {
  return async ({ sealed, all }) => {
    const marked = [...writers.keys()].map(async (name): Promise<[string, ReadonlySet<string>]> => {
      const mark = [...sealed].reverse().find(isMarkOf(name)) ?? [...all].reverse().find(isMarkOf(name));
      const commit = mark?.content.type === 'mark' ? commitIn(mark.content.value) : null;
      const before = commit === null ? undefined : (await writersAt(git, { commit, head }))?.get(name);
      return [name, new Set([...(writers.get(name) ?? []), ...(before ?? [])])];
    });
    const then = new Map(await Promise.all(marked));
    const everybody = new Set([...then.values()].flatMap((addresses) => [...addresses]));
    return {
      trusted: (address) => everybody.has(address.toLowerCase()),
      own: (address) => then.get(environment)?.has(address.toLowerCase()) === true,
    };
  };
}

function isMarkOf(environment: string): (record: { content: { type: string; name?: string } }) => boolean {
  return ({ content }) => content.type === 'mark' && content.name === markName(environment);
}

/** A commit that was never the branch's head has been judged by nobody. */
async function writersAt(git: Git, { commit, head }: { commit: ObjectId; head: ObjectId }): Promise<Writers | null> {
  try {
    await firstParents(git, { after: commit, to: head });
    return writersIn(await gitFileSource(git, commit, { under: 'desired-state' }));
  } catch (error) {
    if (!(error instanceof MooringError)) throw error;
    return null;
  }
}
