// A loop's file of an environment that is loaded already. Apart from loading it, so that no error in a loop's file ever
// keeps a contract from being planned or paused.
import { MooringError } from '../../errors.ts';
import type { Finding, Source } from '../../types.ts';
import type { FileSource } from '../file-source.ts';
import { sortFindings } from '../load.ts';
import { fileLimit, parseYaml } from '../parse-yaml.ts';
import type { Reading } from '../yaml-tree.ts';

/** `sources`: where each setting is written, by its path in the file; one that isn't there has its default. */
export type ReadLoop<Settings> = { settings: Settings; sources: ReadonlyMap<string, Source> };

/** `file` is null where there is none, and every setting has its default. */
export type LoadedLoop<Settings> = ReadLoop<Settings> & { file: string | null; warnings: readonly Finding[] };

export type LoopFile = { source: FileSource; environment: string; directory?: string };

type Loading<Settings> = { name: string; defaults: () => Settings; read: (reading: Reading) => ReadLoop<Settings> };

/**
 * loops/<name>.yaml. Throws MooringError INPUT_INVALID with all findings, sorted by place; FILE_NOT_REGULAR.
 * SIDE EFFECTS: reads through the source.
 */
export function loadLoop<Settings>({ source, environment, directory = 'desired-state' }: LoopFile, loading: Loading<Settings>): LoadedLoop<Settings> {
  const path = `${directory}/${environment}/loops/${loading.name}.yaml`;
  if (source.kindOf(path) === 'missing') return { settings: loading.defaults(), sources: new Map(), file: null, warnings: [] };
  const findings: Finding[] = [];
  const file = parseYaml(path, source.read(path, fileLimit + 1), findings);
  const read = file === null ? null : loading.read({ file, findings });
  const sorted = sortFindings(findings);
  const errors = sorted.filter((finding) => finding.severity === 'error').length;
  if (read === null || errors > 0)
    throw new MooringError('INPUT_INVALID', `${path} has ${errors === 1 ? '1 error' : `${errors} errors`}`, { findings: sorted });
  return { ...read, file: path, warnings: sorted };
}
