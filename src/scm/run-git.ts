// One git command through simple-git: the only file that imports it. Knows no repository, and not what git's answers mean.
import { existsSync } from 'node:fs';
import { GitPluginError, simpleGit } from 'simple-git';
import { MooringError } from '../errors.ts';
import { hideCredentials } from './hide-credentials.ts';

/** `code` is git's exit code; `errors` what it said on stderr, with every credential taken out. */
export type GitAnswer = { code: number; output: Buffer; errors: string };

export type GitCall = {
  folder: string;
  args: readonly string[];
  /** Bytes for stdin, which is closed behind them. */
  input?: Uint8Array;
  /** Bytes of stdout that are read before the command is ended. */
  maxOutput?: number;
  /** Milliseconds without a sign of life after which the command is ended. */
  silenceMs?: number;
};

type Ended = { code: number; output: Buffer; errors: string; stopped: boolean };

/** What a person's or a machine's own git settings must not change about what is read and written here. */
const settings = [
  'safe.bareRepository=all',
  'gc.auto=0',
  'maintenance.auto=false',
  'fetch.prune=false',
  'push.gpgSign=false',
  'push.followTags=false',
  'submodule.recurse=false',
  'core.quotePath=false',
];

/**
 * Runs `git <args>` in `folder`. Whatever its exit code, that is an answer; its words are for people only, since they are
 * in the language of whoever runs it. An object that was replaced locally (`git replace`) is read as it was reviewed.
 * Errors: GIT_FAILED without the folder; GIT_MISSING where git can't be run; GIT_TIMEOUT, GIT_OUTPUT where it was ended. SIDE EFFECTS: the command's.
 */
export async function runGit(call: GitCall): Promise<GitAnswer> {
  const { folder, args, input, maxOutput = 64 * 1024 * 1024, silenceMs = 60_000 } = call;
  if (!existsSync(folder)) throw new MooringError('GIT_FAILED', `${folder} is not there`);
  const stop = new AbortController();
  const ended: Ended[] = [];
  let read = 0;
  const git = simpleGit({
    baseDir: folder,
    config: settings,
    timeout: { block: silenceMs },
    abort: stop.signal,
    // Without bytes stdin is closed too: a command that reads it must not wait.
    input: () => Buffer.from(input ?? []),
    // Sees every end of a command, also good ones. No error of the library goes further: it holds the command line.
    errors(error, { exitCode, stdOut, stdErr }) {
      ended.push({ code: exitCode, output: Buffer.concat(stdOut), errors: Buffer.concat(stdErr).toString('utf8'), stopped: error instanceof GitPluginError });
      return undefined;
    },
  }).outputHandler((_command, stdout) => {
    stdout.on('data', (chunk: Buffer) => {
      read += chunk.length;
      if (read > maxOutput) stop.abort();
    });
  });
  const refused = await git.raw(['--no-replace-objects', ...args]).then(
    () => '',
    (error: unknown) => String(error),
  );
  return judge(ended[0], { command: args[0] ?? '', refused, tooMuch: read > maxOutput });
}

function judge(ended: Ended | undefined, { command, refused, tooMuch }: { command: string; refused: string; tooMuch: boolean }): GitAnswer {
  if (tooMuch) throw new MooringError('GIT_OUTPUT', `git ${command} answered with more than is read`);
  if (ended?.stopped) throw new MooringError('GIT_TIMEOUT', `git ${command} gave no sign of life for too long and was ended`);
  const errors = hideCredentials(ended?.errors ?? refused);
  if (ended !== undefined && ended.code >= 0) return { code: ended.code, output: ended.output, errors };
  throw new MooringError('GIT_MISSING', `git ${command} could not be run: ${errors.split('\n', 1)[0]}`, {
    fix: 'Install git 2.38 or newer, and see that it is on the PATH.',
  });
}
