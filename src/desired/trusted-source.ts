// Files of a change that is judged by what was before it: configuration from one source, everything else from another. Pure.
import type { FileSource } from './file-source.ts';

const trusted = /^[^/]+\/[^/]+\/(?:environment\.yaml|policy\.yaml|kinds(?:\/.*)?)$/;

/**
 * Environment, policy and kinds as `base` has them, all else as `change` has it: nobody relaxes a policy and uses it in one
 * step. Paths are those below the folder of all environments, whose name may not have a slash.
 */
export function trustedSource(base: FileSource, change: FileSource): FileSource {
  const of = (path: string): FileSource => (trusted.test(path) ? base : change);
  return {
    kindOf(path) {
      const own = of(path).kindOf(path);
      // A folder may be left with nothing but its configuration.
      return own === 'missing' && base.kindOf(path) === 'directory' && !trusted.test(path) ? 'directory' : own;
    },
    list: (directory) => (trusted.test(`${directory}/`) || trusted.test(directory) ? base.list(directory) : merged(base, change, directory)),
    read: (path, limit) => of(path).read(path, limit),
  };
}

/** Names of a folder that both may have: each from whom it is read of. */
function merged(base: FileSource, change: FileSource, directory: string): string[] {
  const own = change.list(directory).filter((name) => !trusted.test(`${directory}/${name}`));
  const configuration = base.list(directory).filter((name) => trusted.test(`${directory}/${name}`));
  return [...new Set([...own, ...configuration])].sort();
}
