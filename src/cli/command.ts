// cli: one file a command; the only place that wires rooms together, prints and sets exit codes. No domain logic here.
import { parseArgs } from 'node:util';
import { MooringError } from '../errors.ts';

export type OptionSpec = {
  type: 'string' | 'boolean';
  description: string;
  /** What stands for the value in the help: `FILE`. */
  value?: string;
  choices?: readonly string[];
  required?: boolean;
};

export type CommandSpec = {
  name: string;
  summary: string;
  /** Paragraphs for `--help` and the reference. */
  description: readonly string[];
  options: Readonly<Record<string, OptionSpec>>;
  /** What may stand beside the options: `CONTRACT.FIELD=VALUE`, once or more. */
  operands?: { value: string; description: string; optional?: boolean };
  /** Exit names that this command uses besides `done`, `failure`, `usage`. */
  exits: readonly string[];
  examples: readonly string[];
};

export type Options = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** Where operands are kept among the options: no option can have this name. */
const operandsKey = '';

/** What a command may touch of the outside; injected, so that tests and the demo can stand in for it. */
export type Context = {
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
  stdout: (text: string) => void;
  stderr: (text: string) => void;
  /** One line typed by a person; null where there is no terminal. */
  ask: ((question: string) => Promise<string>) | null;
  /** Milliseconds since the epoch. */
  now: () => number;
  colour: boolean;
  /** Ends a command that would go on until it is told to stop. Absent: the process's own signals do. */
  stop?: AbortSignal;
};

export type Command = { spec: CommandSpec; run: (context: Context, options: Options) => Promise<number> };

/** Options that every command takes. */
export const commonOptions: Readonly<Record<string, OptionSpec>> = {
  env: { type: 'string', value: 'NAME', description: 'the environment: a folder under desired-state/ (default: the only one)' },
  root: { type: 'string', value: 'DIR', description: 'the folder that holds desired-state/ (default: searched upwards from here)' },
  format: { type: 'string', value: 'FORMAT', choices: ['text', 'json'], description: 'text (default) or json' },
  quiet: { type: 'boolean', description: 'only the result, no progress' },
  verbose: { type: 'boolean', description: 'nothing shortened, and a log of what is done' },
  help: { type: 'boolean', description: 'this text' },
};

/** `format` of commands whose result is for people alone. */
export const errorFormat: OptionSpec = {
  type: 'string',
  value: 'FORMAT',
  choices: ['text', 'json'],
  description: 'text (default) or json, for errors; the result is text either way',
};

/** Reads a command's arguments. Throws USAGE (exit 64), naming the option that is misspelt, missing or without its value. */
export async function parseOptions(spec: CommandSpec, argv: readonly string[]): Promise<Options> {
  const specs = { ...commonOptions, ...spec.options };
  const values = await readArguments(spec, specs, argv);
  if (values.help === true) return values;
  if (spec.operands !== undefined && spec.operands.optional !== true && operands(values).length === 0) throw usage(spec, `${spec.operands.value} is missing`);
  for (const [name, option] of Object.entries(specs)) {
    const value = values[name];
    if (option.required === true && value === undefined) throw usage(spec, `--${name} is missing`);
    if (typeof value === 'string' && option.choices !== undefined && !option.choices.includes(value))
      throw usage(spec, `--${name} is one of ${option.choices.join(', ')}, not "${value}"`);
    if (value === '') throw usage(spec, `--${name} is empty`);
  }
  return values;
}

type Specs = Readonly<Record<string, OptionSpec>>;

async function readArguments(spec: CommandSpec, specs: Specs, argv: readonly string[]): Promise<Options> {
  const options = Object.fromEntries(Object.entries(specs).map(([name, option]) => [name, { type: option.type }]));
  const parsed = parseArgs({ args: [...argv], options, strict: false, allowPositionals: true, tokens: true });
  const given: string[] = [];
  for (const token of parsed.tokens) {
    if (token.kind === 'positional' && spec.operands === undefined) throw usage(spec, `"${token.value}" is not expected here`);
    if (token.kind === 'positional') given.push(token.value);
    if (token.kind !== 'option') continue;
    const known = Object.hasOwn(specs, token.name) ? specs[token.name] : undefined;
    if (known === undefined) throw await unknownOption(spec, specs, token.rawName);
    checkValue(spec, known, token);
  }
  return { ...(parsed.values as Options), [operandsKey]: given };
}

type Given = { name: string; value?: string | undefined; inlineValue?: boolean | undefined };

function checkValue(spec: CommandSpec, known: OptionSpec, { name, value, inlineValue }: Given): void {
  // `--env --format json` has forgotten a value; `--env=--x` means it.
  const isForgotten = value === undefined || (inlineValue === false && value.startsWith('--'));
  if (known.type === 'string' && isForgotten) throw usage(spec, `--${name} needs a value (${known.value ?? 'TEXT'})`);
  if (known.type === 'boolean' && value !== undefined) throw usage(spec, `--${name} takes no value`);
}

async function unknownOption(spec: CommandSpec, specs: Specs, given: string): Promise<MooringError> {
  const { nearestName } = await import('../kinds/fields.ts');
  const near = nearestName(given.replace(/^-+/, ''), Object.keys(specs));
  return usage(spec, `${given} is not an option of ${spec.name}`, near === null ? undefined : `did you mean --${near}?`);
}

function usage(spec: CommandSpec, message: string, fix = `mooring ${spec.name} --help lists the options`): MooringError {
  return new MooringError('USAGE', message, { fix });
}

/** The help text of one command. */
export function commandHelp(spec: CommandSpec): string {
  // The command's own first, also where it has its own idea of a common one.
  const rows = Object.entries({ ...spec.options, ...commonOptions, ...spec.options }).map(([name, option]) => {
    const value = option.type === 'string' ? ` ${option.value ?? 'TEXT'}` : '';
    return [`--${name}${value}`, option.description + (option.required === true ? ' (required)' : '')] as const;
  });
  const usageLine =
    spec.operands === undefined
      ? []
      : ['', `Usage: mooring ${spec.name} ${spec.operands.value}… [options]`, `  ${spec.operands.value}  ${spec.operands.description}`];
  const width = Math.max(...rows.map(([left]) => left.length));
  const lines = [
    `mooring ${spec.name}: ${spec.summary}`,
    '',
    ...spec.description,
    ...usageLine,
    '',
    'Options:',
    ...rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`),
  ];
  if (spec.examples.length > 0) lines.push('', 'Examples:', ...spec.examples.map((example) => `  ${example}`));
  return `${lines.join('\n')}\n`;
}

/** A text option's value. */
export function text(options: Options, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}

export function flag(options: Options, name: string): boolean {
  return options[name] === true;
}

/** What stands beside the options. */
export function operands(options: Options): readonly string[] {
  const value = options[operandsKey];
  return Array.isArray(value) ? value : [];
}
