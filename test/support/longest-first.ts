// The order of test files: those that take minutes begin first, so that no worker idles at the end. A fresh clone has no
// times of its own, and files are no guide by their size.
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Below test/, the longest first, as measured on two cores. What is missing here comes after them. */
export const longest: readonly string[] = [
  'pr/appliers.test.ts',
  'pr/killed.test.ts',
  'pr/merge.test.ts',
  'pr/merge-group.test.ts',
  'pr/trouble.test.ts',
  'pr/kinds-of-change.test.ts',
  'pr/drift.test.ts',
  'pr/drift-choices.test.ts',
  'pr/review.test.ts',
  'apply/crash.test.ts',
  'pr/propose.test.ts',
  'simulate/same-verdict.test.ts',
  'pr/shared-journal.test.ts',
  'scm/git-store.test.ts',
  'scm/swap.test.ts',
];

/** Files by their absolute path with forward slashes, without changing the order of others. */
export function longestFirst<T extends { moduleId: string }>(files: readonly T[]): T[] {
  const ranks = new Map(longest.map((path, i) => [path, i]));
  const rank = ({ moduleId }: T): number => ranks.get(moduleId.replace(/^.*\/test\//, '')) ?? longest.length;
  return [...files].sort((a, b) => rank(a) - rank(b));
}

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return longestFirst(await super.sort(files));
  }
}
