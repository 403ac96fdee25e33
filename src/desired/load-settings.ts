// environment.yaml of an environment alone: for what only asks which chain, which signers, which journal.
import type { Environment, Finding } from '../types.ts';
import type { FileSource } from './file-source.ts';
import { fileLimit, parseYaml } from './parse-yaml.ts';
import { emptyBook, readAddresses } from './read-addresses.ts';
import { readEnvironment } from './read-environment.ts';
import type { YamlFile } from './yaml-tree.ts';

/** Null where there is none, or it has errors: loading the whole environment tells them. SIDE EFFECTS: reads through the source. */
export function loadSettings({
  source,
  environment,
  directory = 'desired-state',
}: {
  source: FileSource;
  environment: string;
  directory?: string;
}): Environment | null {
  const findings: Finding[] = [];
  const parse = (name: string): YamlFile | null => {
    const path = `${directory}/${environment}/${name}`;
    return source.kindOf(path) === 'file' ? parseYaml(path, source.read(path, fileLimit + 1), findings) : null;
  };
  const addresses = parse('addresses.yaml');
  const file = parse('environment.yaml');
  const book = addresses === null ? emptyBook : readAddresses({ file: addresses, findings });
  const settings = file === null ? null : readEnvironment({ file, findings }, { name: environment, book });
  return findings.some((finding) => finding.severity === 'error') ? null : settings;
}

/** Names of the folders that have an environment.yaml, sorted. SIDE EFFECTS: reads through the source. */
export function environmentsIn(source: FileSource, directory = 'desired-state'): string[] {
  return source
    .list(directory)
    .filter((name) => source.kindOf(`${directory}/${name}/environment.yaml`) === 'file')
    .sort();
}
