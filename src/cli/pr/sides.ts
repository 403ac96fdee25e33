// One environment before and after a change, read from git under the configuration that was there before. Runs nothing of it.
import type { FileSource } from '../../desired/file-source.ts';
import { flattenFiles } from '../../desired/flat-files.ts';
import { type Loaded, loadDesired } from '../../desired/load.ts';
import { defaultPolicy } from '../../desired/read-policy.ts';
import { trustedSource } from '../../desired/trusted-source.ts';
import { MooringError } from '../../errors.ts';
import type { Flat } from '../../plan/setting-edits.ts';
import type { Finding, Source } from '../../types.ts';
import type { Change } from './change.ts';

export type Sides = {
  environment: string;
  /** Null where the environment isn't there. */
  before: Loaded | null;
  after: Loaded | null;
  settings: { before: Flat; after: Flat };
  /** What is wrong with the files after the change, its own configuration included. Then `after` may be null. */
  findings: readonly Finding[];
  /** False: nothing that could change the chain was touched, so that no chain needs to be asked. */
  touchesChain: boolean;
};

/** Whether the files after the change have errors: then nothing can be planned. */
export function isBroken({ findings }: Pick<Sides, 'findings'>): boolean {
  return findings.some(({ severity }) => severity === 'error');
}

export type ChangeFiles = Change & { environment: string };

/** SIDE EFFECTS: reads through the sources. Throws INPUT_INVALID where the base's own configuration can't be read. */
export function loadSides({ environment, before: base, after: change, files, tooling }: ChangeFiles): Sides {
  const place = `desired-state/${environment}`;
  const isThere = (source: FileSource): boolean => source.kindOf(`${place}/environment.yaml`) !== 'missing';
  const before = isThere(base) ? loadBefore(base, environment) : null;
  const loaded = isThere(change) ? loadAfter({ base, change, environment, before }) : { after: null, findings: [] };
  return {
    environment,
    before,
    ...loaded,
    settings: {
      before: withTooling(flattenFiles({ source: base, environment }), tooling, 'before'),
      after: withTooling(flattenFiles({ source: change, environment }), tooling, 'after'),
    },
    touchesChain: before !== null && files.some((file) => movesChain.test(file.slice(place.length + 1))),
  };
}

/** Files of the tooling count as configuration of every environment, each as one setting. */
function withTooling(flat: Flat, tooling: Change['tooling'], side: 'before' | 'after'): Flat {
  const files = tooling.flatMap(({ path, [side]: blob }): [string, ReadonlyMap<string, { text: string; source: Source }>][] =>
    blob === null ? [] : [[path, new Map([['', { text: `blob ${blob}`, source: { file: path, line: 1, column: 1 } }]])]],
  );
  return new Map([...flat, ...files]);
}

const movesChain = /^(?:contracts\/|addresses\.yaml$|lifts\.yaml$|approvals\/|acts\/|incidents\/)/;

/** A contract or an act of the base that can't be read declares nothing: whatever the change says of it is its own then. */
function loadBefore(base: FileSource, environment: string): Loaded {
  try {
    return loadDesired({ source: base, environment });
  } catch (error) {
    const broken = error instanceof MooringError ? brokenContracts(error.findings, environment) : new Set<string>();
    if (broken.size === 0) throw error;
    return loadDesired({ source: withoutFiles(base, broken), environment });
  }
}

function brokenContracts(findings: readonly Finding[], environment: string): Set<string> {
  const files = findings.filter((finding) => finding.severity === 'error').flatMap((finding) => finding.source?.file ?? []);
  return new Set(files.filter((file) => /^(?:contracts|acts)\//.test(file.slice(`desired-state/${environment}/`.length))));
}

function withoutFiles(source: FileSource, hidden: ReadonlySet<string>): FileSource {
  return {
    kindOf: (path) => (hidden.has(path) ? 'missing' : source.kindOf(path)),
    list: (directory) => source.list(directory).filter((name) => !hidden.has(`${directory}/${name}`)),
    read: (path, limit) => source.read(path, limit),
  };
}

type After = Pick<Sides, 'after' | 'findings'>;

type Loading = { base: FileSource; change: FileSource; environment: string; before: Loaded | null };

function loadAfter({ base, change, environment, before }: Loading): After {
  // The configuration that it brings must be readable too, or the next change could not be planned.
  const own = tryToLoad(change, environment);
  // A new environment has no configuration that was there before: it is judged as strictly as production.
  if (before === null) return own.after === null ? own : { ...own, after: { ...own.after, desired: { ...own.after.desired, policy: defaultPolicy(true) } } };
  const judged = tryToLoad(trustedSource(base, change), environment, before);
  return { after: judged.after, findings: distinct([...judged.findings, ...own.findings]) };
}

function tryToLoad(source: FileSource, environment: string, before: Loaded | null = null): After {
  try {
    const loaded = loadDesired({ source, environment, ...(before === null ? {} : { before }) });
    return { after: loaded, findings: [] };
  } catch (error) {
    if (!(error instanceof MooringError)) throw error;
    const { code, message, fix } = error;
    const findings = error.findings.length > 0 ? error.findings : [{ code, severity: 'error' as const, message, ...(fix === undefined ? {} : { fix }) }];
    return { after: null, findings };
  }
}

function distinct(findings: readonly Finding[]): Finding[] {
  const key = ({ code, message, source }: Finding): string => `${code} ${message} ${source?.file}:${source?.line}:${source?.column}`;
  return [...new Map(findings.map((finding) => [key(finding), finding])).values()];
}
