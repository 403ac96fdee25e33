// Which files an environment's folder has, and what each is. Reads names and bytes; knows no content.
import { MooringError } from '../errors.ts';
import { nearestName } from '../kinds/fields.ts';
import type { OwnKind } from '../kinds/load-kinds.ts';
import type { Finding } from '../types.ts';
import type { FileSource } from './file-source.ts';
import { fileLimit, parseYaml } from './parse-yaml.ts';
import { isName } from './read-addresses.ts';
import { isDigest } from './read-approval.ts';
import { isIncidentId } from './read-resume.ts';
import type { YamlFile } from './yaml-tree.ts';

/** Parsed files: null where a file is there but can't be used, undefined where there is none. */
export type EnvironmentFiles = {
  folder: string;
  environment: YamlFile | null;
  policy: YamlFile | null | undefined;
  addresses: YamlFile | null | undefined;
  lifts: YamlFile | null | undefined;
  ignores: YamlFile | null | undefined;
  contracts: readonly NamedFile[];
  /** By digest; in its order. */
  approvals: readonly NamedFile[];
  /** By id; in its order. */
  acts: readonly NamedFile[];
  /** Resumes, by the incident's id. */
  incidents: readonly NamedFile[];
  kinds: readonly OwnKind[];
};

/** `name`: without its ending. */
type NamedFile = { name: string; file: YamlFile };

type Folder = { source: FileSource; folder: string; findings: Finding[] };

const single: ReadonlySet<string> = new Set(['environment.yaml', 'policy.yaml', 'addresses.yaml', 'lifts.yaml', 'ignores.yaml']);
/** A folder that other parts of Mooring read. */
const reserved: ReadonlySet<string> = new Set(['loops']);
/** Folders of files, and what those may be called. */
const listed = {
  contracts: { isStem: isName, stems: 'use letters, digits, - and _', fewer: 'split the environment' },
  kinds: { isStem: isName, stems: 'use letters, digits, - and _', fewer: 'split the environment' },
  approvals: { isStem: isDigest, stems: "use the plan's digest: 64 digits from 0-9 and a-f", fewer: 'delete those of plans that were applied long ago' },
  acts: { isStem: isName, stems: 'use letters, digits, - and _', fewer: 'split the environment' },
  incidents: {
    isStem: isIncidentId,
    stems: "use the incident's id, as in 2026-01-31-oracle-fault",
    fewer: 'delete those of incidents that were closed long ago',
  },
} as const;
type Listed = keyof typeof listed;
const manyFiles = 5_000;
const kindLimit = 8 * 1024 * 1024;

/**
 * Reads an environment's folder, `<directory>/<environment>`. Throws MooringError ENVIRONMENT_NOT_FOUND.
 * SIDE EFFECTS: reads through the source; adds to `findings`.
 */
export function readEnvironmentFiles({
  source,
  directory,
  environment,
  findings,
}: {
  source: FileSource;
  directory: string;
  environment: string;
  findings: Finding[];
}): EnvironmentFiles {
  const folder = `${directory}/${environment}`;
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(environment) || source.kindOf(folder) !== 'directory') throw notFound({ source, directory, environment });
  const context: Folder = { source, folder, findings };
  checkNames(context);
  const optional = (name: string) => (source.kindOf(`${folder}/${name}`) === 'missing' ? undefined : readFile(context, name));
  return {
    folder,
    environment: readFile(context, 'environment.yaml'),
    policy: optional('policy.yaml'),
    addresses: optional('addresses.yaml'),
    lifts: optional('lifts.yaml'),
    ignores: optional('ignores.yaml'),
    contracts: readFolder(context, 'contracts'),
    approvals: readFolder(context, 'approvals'),
    acts: readFolder(context, 'acts'),
    incidents: readFolder(context, 'incidents'),
    kinds: namesIn(context, 'kinds').flatMap((name) => readKindFile(context, name) ?? []),
  };
}

function notFound({ source, directory, environment }: { source: FileSource; directory: string; environment: string }): MooringError {
  const names = source.list(directory).filter((name) => source.kindOf(`${directory}/${name}`) === 'directory');
  const near = nearestName(environment, names);
  const fix = near !== null ? `use ${near}` : names.length === 0 ? `create ${directory}/<name>/environment.yaml` : `use one of ${names.join(', ')}`;
  return new MooringError('ENVIRONMENT_NOT_FOUND', `${directory} has no environment ${JSON.stringify(environment)}`, { fix });
}

function add({ findings, folder }: Folder, name: string, problem: Pick<Finding, 'code' | 'message' | 'fix'> & { severity?: Finding['severity'] }): void {
  findings.push({ severity: 'error', ...problem, source: { file: `${folder}/${name}`, line: 1, column: 1 } });
}

/** Text for people and tools, which may lie anywhere. */
function tolerated(name: string): boolean {
  return name.startsWith('.') || name.endsWith('.md') || name === 'CODEOWNERS';
}

function checkNames(context: Folder): void {
  for (const name of context.source.list(context.folder)) {
    if (single.has(name) || reserved.has(name) || tolerated(name) || Object.hasOwn(listed, name)) continue;
    const near = nearestName(name, [...single, ...Object.keys(listed), ...reserved]);
    add(context, name, {
      code: 'FILE_UNKNOWN',
      severity: 'warning',
      message: `${name} has no meaning here and is not read`,
      fix: near === null ? 'move or delete it' : `rename it to ${near}`,
    });
  }
}

/** Usable names of `.yaml` files in a folder. */
function namesIn(context: Folder, folder: Listed): string[] {
  const type = context.source.kindOf(`${context.folder}/${folder}`);
  if (type === 'file' || type === 'other')
    add(context, folder, { code: 'FILE_NOT_REGULAR', message: `${folder} is not a directory`, fix: 'make it a directory' });
  const names = context.source.list(`${context.folder}/${folder}`).filter((name) => !tolerated(name));
  if (names.length > manyFiles) {
    add(context, folder, { code: 'FILE_TOO_MANY', message: `${folder} has ${names.length} files, more than ${manyFiles}`, fix: listed[folder].fewer });
    return [];
  }
  return names.filter((name) => usableName(context, folder, name));
}

function usableName(context: Folder, folder: Listed, name: string): boolean {
  const stem = name.slice(0, -'.yaml'.length);
  if (name.endsWith('.yaml') && listed[folder].isStem(stem)) return true;
  if (/\.yaml$|\.yml$/.test(name)) {
    const fix = name.endsWith('.yml') ? `rename it to ${name.replace(/yml$/, 'yaml')}` : listed[folder].stems;
    add(context, `${folder}/${name}`, { code: 'FILE_NAME', message: `${JSON.stringify(name)} can't be the name of a file in ${folder}`, fix });
  } else {
    add(context, `${folder}/${name}`, {
      code: 'FILE_UNKNOWN',
      severity: 'warning',
      message: `${JSON.stringify(name)} has no meaning here and is not read`,
      fix: 'move or delete it',
    });
  }
  return false;
}

function readFolder(context: Folder, folder: Listed): NamedFile[] {
  return namesIn(context, folder).flatMap((name) => {
    const file = readFile(context, `${folder}/${name}`);
    return file === null ? [] : [{ name: name.slice(0, -'.yaml'.length), file }];
  });
}

function readFile(context: Folder, name: string): YamlFile | null {
  const bytes = readBytes(context, name, fileLimit + 1);
  return bytes === null ? null : parseYaml(`${context.folder}/${name}`, bytes, context.findings);
}

function readKindFile(context: Folder, name: string): OwnKind | null {
  const bytes = readBytes(context, `kinds/${name}`, kindLimit);
  return bytes === null ? null : { file: `${context.folder}/kinds/${name}`, text: new TextDecoder().decode(bytes) };
}

function readBytes({ source, folder, findings }: Folder, name: string, limit: number): Uint8Array | null {
  try {
    return source.read(`${folder}/${name}`, limit);
  } catch (error) {
    if (!(error instanceof MooringError)) throw error;
    const { code, message, fix } = error;
    findings.push({
      code,
      severity: 'error',
      message,
      ...(fix === undefined ? {} : { fix }),
      source: error.source ?? { file: `${folder}/${name}`, line: 1, column: 1 },
    });
    return null;
  }
}
