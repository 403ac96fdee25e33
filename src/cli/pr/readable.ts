// A change judged by the last state of the branch that can be read: a branch that was broken once doesn't stay so.
import { MooringError } from '../../errors.ts';
import { firstParents } from '../../scm/first-parents.ts';
import { firstParentOf } from '../../scm/git.ts';
import { type Change, readChange } from './change.ts';
import type { Repository } from './repository.ts';
import { isBroken, loadSides, type Sides } from './sides.ts';

export type Span = {
  environment: string;
  from: string;
  to: string;
  /** Where given: a result that can't be read is judged together with the commits that mended it, up to this one. */
  head?: string;
  /** What leads from `from` to `to`, where it was read already. */
  known?: Change;
};

export type Read = { change: Change; sides: Sides };

/** How far back a readable state is looked for. */
const farthest = 200;

/**
 * Both sides of what leads from `from` to `to`. Where the configuration at `from` can't be read, that of the last first
 * parent before it which can: what came between shows as part of the change, and is approved with it or not at all.
 * Throws INPUT_INVALID where there is none. SIDE EFFECTS: reads git.
 */
export async function readSides(repository: Pick<Repository, 'git'>, span: Span): Promise<Read> {
  const read = await readBackwards(repository, span);
  if (span.head === undefined || !isBroken(read.sides)) return read;
  const { environment, from } = span;
  for (const { id } of await firstParents(repository.git, { after: span.to, to: span.head })) {
    const mended = await readBackwards(repository, { environment, from, to: id });
    if (!isBroken(mended.sides)) return mended;
  }
  return read;
}

async function readBackwards({ git }: Pick<Repository, 'git'>, { environment, from, to, known }: Span): Promise<Read> {
  let broken: MooringError | null = null;
  let before: string | null = from;
  for (let tried = 0; before !== null && tried < farthest; tried++) {
    try {
      const change = before === from && known !== undefined ? known : await readChange({ git }, before, to);
      return { change, sides: loadSides({ environment, ...change }) };
    } catch (error) {
      if (!(error instanceof MooringError) || error.code !== 'INPUT_INVALID') throw error;
      broken ??= error;
      before = await firstParentOf(git, before);
    }
  }
  throw broken ?? new MooringError('GIT_OBJECT_MISSING', `nothing before ${from.slice(0, 12)} can be read`);
}
