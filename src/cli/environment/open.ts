// Opens an environment: its desired state, its kinds, its chain, its place for caches and journals.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { diskSource, type FileSource } from '../../desired/file-source.ts';
import { loadDesired } from '../../desired/load.ts';
import { trustedSource } from '../../desired/trusted-source.ts';
import { MooringError } from '../../errors.ts';
import { shownNames } from '../../format.ts';
import { nearestName } from '../../kinds/fields.ts';
import type { Kinds } from '../../kinds/kind.ts';
import { loadKinds } from '../../kinds/load-kinds.ts';
import { type ConnectOptions, connect } from '../../live/rpc.ts';
import type { Lexicon } from '../../render/lexicon.ts';
import type { ChainReader, Desired, Finding, Incidents, JournalStore } from '../../types.ts';
import { type Context, flag, type Options, text } from '../command.ts';
import { expandTemplate } from '../secrets/secrets.ts';
import { findRoot } from './find-root.ts';
import { lazyJournal } from './journal.ts';

export type Declared = { root: string; name: string; desired: Desired; kinds: Kinds; warnings: readonly Finding[] };

export type Opened = Declared & {
  chain: ChainReader;
  /** Must agree with `chain`; production environments have one. */
  second: ChainReader | null;
  /** `.mooring/<env>`: caches, and the journal that isn't shared; never committed. */
  directory: string;
  /** For reading. */
  journal: JournalStore;
  /** Open incidents as the remote has them now. Never throws for a remote that is away. SIDE EFFECTS: fetches. */
  incidents: () => Promise<Incidents>;
  close: () => void;
};

/** The environments of a root: folders of desired-state/ with an environment.yaml. */
export function environmentNames(root: string): string[] {
  const folder = join(root, 'desired-state');
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, 'environment.yaml')))
    .map((entry) => entry.name)
    .sort();
}

/** Reads one environment's desired state, offline. Throws INPUT_INVALID with every finding. */
export function openDeclared(context: Context, options: Options): Declared {
  const root = findRoot(context, options);
  const name = environmentName(root, text(options, 'env'));
  const loaded = loadDesired({ source: sourceOf(context, options, root), environment: name });
  return { root, name, ...loaded, kinds: withModuleKind(loaded.kinds) };
}

/** With `--trusted` the configuration comes from another checkout. */
function sourceOf(context: Context, options: Options, root: string): FileSource {
  const trusted = text(options, 'trusted');
  if (trusted === undefined) return diskSource(root);
  return trustedSource(diskSource(findRoot(context, { root: trusted })), diskSource(root));
}

/** An aggregate's parts need no file of their own: how to pause one by itself is then known from the general kind. */
export function withModuleKind(kinds: Kinds): Kinds {
  const aggregates = [...kinds.values()].some((kind) => [...kind.fields.values()].some((field) => field.shape === 'aggregate'));
  return aggregates ? new Map([...loadKinds({ names: ['PausableModule'] }), ...kinds]) : kinds;
}

/** `--env`, or the only environment there is. */
export function environmentName(root: string, given: string | undefined): string {
  const names = environmentNames(root);
  const only = names.length === 1 ? names[0] : undefined;
  const name = given ?? only;
  if (name === undefined)
    throw new MooringError('USAGE', '--env is missing', {
      fix: names.length === 0 ? 'desired-state/ has no folder with an environment.yaml yet' : `the environments are ${names.join(', ')}`,
    });
  if (names.includes(name)) return name;
  const near = nearestName(name, names);
  throw new MooringError('ENVIRONMENT_NOT_FOUND', `there is no environment "${name}" under desired-state/`, {
    fix: near === null ? `the environments are ${names.join(', ') || 'none yet'}` : `did you mean "${near}"?`,
  });
}

/** SIDE EFFECTS: opens connections when first used; `close` ends them. */
export function openEnvironment(context: Context, options: Options): Opened {
  const declared = openDeclared(context, options);
  return openChain(context, declared, lazyJournal(context, declared));
}

/** SIDE EFFECTS: opens connections when first used; `close` ends them. */
export function openChain(context: Context, declared: Declared, journal: JournalStore, waits: Pick<ConnectOptions, 'timeoutMs' | 'retries'> = {}): Opened {
  const { environment } = declared.desired;
  const urls = environment.rpc.map((template) => expandTemplate(template, context.env));
  const reader = (which: readonly string[]): ChainReader =>
    connect({ urls: which, concurrency: environment.concurrency, logLimit: environment.logLimit, logRange: environment.logRange, ...waits });
  const chain = reader(environment.production ? urls.slice(0, 1) : urls);
  const second = environment.production ? reader(urls.slice(1)) : null;
  const close = (): void => {
    chain.close();
    second?.close();
  };
  const incidents = async (): Promise<Incidents> => {
    const { readOpenIncidents } = await import('../incident/read-open-incidents.ts');
    return readOpenIncidents({ root: declared.root, environment });
  };
  return { ...declared, chain, second, directory: stateFolder(declared), journal, incidents, close };
}

/** `.mooring/<env>`: journal and caches. */
export function stateFolder(declared: Pick<Declared, 'root' | 'name'>): string {
  return join(declared.root, '.mooring', declared.name);
}

/** Kind files of one's own beside the desired state. */
export function ownKindFiles({ root, name }: Pick<Declared, 'root' | 'name'>): { file: string; text: string }[] {
  const folder = join('desired-state', name, 'kinds');
  if (!existsSync(join(root, folder))) return [];
  const files = readdirSync(join(root, folder)).filter((file) => file.endsWith('.yaml'));
  return files.sort().map((file) => ({ file: join(folder, file), text: readFileSync(join(root, folder, file), 'utf8') }));
}

export function lexiconOf(declared: { desired: Pick<Desired, 'environment' | 'addresses'> }, context: Context, options: Options): Lexicon {
  const { environment, addresses } = declared.desired;
  return {
    names: shownNames(addresses),
    tokens: environment.tokens,
    explorer: environment.explorer,
    colour: context.colour,
    verbose: flag(options, 'verbose'),
  };
}
