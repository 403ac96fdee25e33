// A clone that has fetched and not pulled says what git said once: plans from it would put old things back.
import { MooringError } from '../../errors.ts';
import { type Context, flag, type Options } from '../command.ts';
import { upstreamOf } from './head-commit.ts';

/** By what was fetched last; a clone that can't tell is not warned of. SIDE EFFECTS: prints. */
export async function warnIfBehind({ root }: { root: string }, context: Context, options: Options): Promise<void> {
  const upstream = upstreamOf(root);
  if (upstream === null || flag(options, 'quiet')) return;
  const behind = await commitsBehind(root, upstream);
  if (behind > 0)
    context.stderr(
      `warning: this clone is ${behind} ${behind === 1 ? 'commit' : 'commits'} behind ${upstream.replace('refs/remotes/', '')}: what is called git here is old. git pull, and run it again.\n`,
    );
}

async function commitsBehind(folder: string, upstream: string): Promise<number> {
  try {
    // Loaded when needed: most clones are where origin is, and start without git.
    const { local } = await import('../../scm/git.ts');
    const { output } = await local({ folder }, ['rev-list', '--count', `HEAD..${upstream}`]);
    return Number(output.toString('utf8').trim());
  } catch (error) {
    if (!(error instanceof MooringError)) throw error;
    return 0;
  }
}
