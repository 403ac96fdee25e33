// The entry of the command line: finds the command, runs it, turns errors into text and exit codes.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { type Command, type Context, commandHelp, flag, type Options, parseOptions } from './command.ts';
import { commands, type Entry } from './commands.ts';

/** Runs one command line; resolves to the exit code. Never throws. */
export async function main(argv: readonly string[], context: Context = processContext()): Promise<number> {
  const [first = '--help'] = argv;
  if (first === '--version' || first === '-v') return print(context, `mooring ${version()}\n`);
  if (first === '--help' || first === '-h' || first === 'help') return print(context, generalHelp());
  let options: Options = {};
  try {
    const { entry, rest } = findCommand(argv);
    if (entry === undefined) return await unknownCommand(context, argv);
    const command = await entry.load();
    options = roughOptions(rest);
    options = await parseOptions(command.spec, rest);
    if (flag(options, 'help')) return print(context, commandHelp(command.spec));
    return await runCommand(command, context, options);
  } catch (error) {
    const { reportError } = await import('./report-error.ts');
    return reportError(error, context, options);
  }
}

function runCommand(command: Command, context: Context, options: Options): Promise<number> {
  return command.run(context, options);
}

/** Before the arguments are known to be right: does the caller want JSON? */
function roughOptions(argv: readonly string[]): Options {
  const json = argv.some((arg, index) => arg === '--format=json' || (arg === '--format' && argv[index + 1] === 'json'));
  return { format: json ? 'json' : 'text', verbose: argv.includes('--verbose') };
}

/** The longest name that the arguments begin with: `pr plan` before `pr`. */
function findCommand(argv: readonly string[]): { entry: Entry | undefined; rest: readonly string[] } {
  for (const words of [3, 2]) {
    const entry = commands.find(({ name }) => name === argv.slice(0, words).join(' '));
    if (entry !== undefined) return { entry, rest: argv.slice(words) };
  }
  return { entry: commands.find((entry) => entry.name === argv[0]), rest: argv.slice(1) };
}

async function unknownCommand(context: Context, argv: readonly string[]): Promise<number> {
  const { MooringError } = await import('../errors.ts');
  const { nearestName } = await import('../kinds/fields.ts');
  const { reportError } = await import('./report-error.ts');
  const near = nearestName(
    argv[0] ?? '',
    commands.map((entry) => entry.name),
  );
  const fix = near === null ? 'mooring --help lists the commands' : `did you mean "mooring ${near}"?`;
  return reportError(new MooringError('USAGE', `there is no command "${argv[0]}"`, { fix }), context, roughOptions(argv));
}

function generalHelp(): string {
  const width = Math.max(...commands.map((entry) => entry.name.length));
  return [
    'Mooring keeps on-chain state where git says it is.',
    '',
    'Usage: mooring COMMAND [options]     (mooring COMMAND --help tells more)',
    '       mooring --version',
    '',
    ...commands.map((entry) => `  ${entry.name.padEnd(width)}  ${entry.summary}`),
    '',
    'Exit codes: 0 done or in sync, 1 failure, 2 changes or drift found, 3 denied by policy,',
    '4 stale (not the approved plan), 5 state could not be read, 64 usage, 65 bad input.',
    '',
  ].join('\n');
}

/** The package's version; package.json lies one folder above dist/ and two above src/cli/. */
export function version(): string {
  for (const up of ['../package.json', '../../package.json']) {
    try {
      const manifest: unknown = JSON.parse(readFileSync(new URL(up, import.meta.url), 'utf8'));
      if (isManifest(manifest)) return manifest.version;
    } catch {}
  }
  return 'unknown';
}

function isManifest(value: unknown): value is { name: 'mooring'; version: string } {
  return typeof value === 'object' && value !== null && 'name' in value && value.name === 'mooring' && 'version' in value && typeof value.version === 'string';
}

function print(context: Context, output: string): number {
  context.stdout(output);
  return 0;
}

/** The real process. */
export function processContext(): Context {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', unlessClosed);
  return {
    cwd: process.cwd(),
    env: process.env,
    stdout: (output) => void process.stdout.write(output),
    stderr: (output) => void process.stderr.write(output),
    ask: process.stdin.isTTY && process.stderr.isTTY ? ask : null,
    now: Date.now,
    colour: process.stdout.isTTY === true && process.env.NO_COLOR === undefined,
  };
}

/** Whoever reads along (`| head`) may stop; what is being done goes on to its end. */
function unlessClosed(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await terminal.question(question);
  } finally {
    terminal.close();
  }
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
