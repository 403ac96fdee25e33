// loops/sentinel.yaml of an environment that is loaded already. Apart from loading it, so that no error in a loop's file
// ever keeps a contract from being planned or paused.
import { MooringError } from '../errors.ts';
import type { Finding } from '../types.ts';
import type { FileSource } from './file-source.ts';
import { sortFindings } from './load.ts';
import { fileLimit, parseYaml } from './parse-yaml.ts';
import { defaultSentinel, type ReadSentinel, readSentinel, type SentinelContext } from './read-sentinel.ts';

/** `file` is null where there is none, and every setting has its default. */
export type LoadedSentinel = ReadSentinel & { file: string | null; warnings: readonly Finding[] };

/**
 * The sentinel's settings, and where each is written. Throws MooringError INPUT_INVALID with all findings, sorted by place;
 * FILE_NOT_REGULAR. SIDE EFFECTS: reads through the source.
 */
export function loadSentinel({
  source,
  environment,
  directory = 'desired-state',
  ...context
}: SentinelContext & { source: FileSource; environment: string; directory?: string }): LoadedSentinel {
  const path = `${directory}/${environment}/loops/sentinel.yaml`;
  if (source.kindOf(path) === 'missing') return { settings: defaultSentinel(context), sources: new Map(), file: null, warnings: [] };
  const findings: Finding[] = [];
  const file = parseYaml(path, source.read(path, fileLimit + 1), findings);
  const read = file === null ? null : readSentinel({ file, findings }, context);
  const sorted = sortFindings(findings);
  const errors = sorted.filter((finding) => finding.severity === 'error').length;
  if (read === null || errors > 0)
    throw new MooringError('INPUT_INVALID', `${path} has ${errors === 1 ? '1 error' : `${errors} errors`}`, { findings: sorted });
  return { ...read, file: path, warnings: sorted };
}
