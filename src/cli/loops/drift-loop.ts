// `pr drift` as a loop: one environment compared again and again, its issue kept up to date.
import type { DriftReport } from '../../types.ts';
import type { Context, Options } from '../command.ts';
import { driftBranch } from '../pr/drift-branch.ts';
import { openRepository } from '../pr/repository.ts';
import type { Loop, Meters } from './loop.ts';

export type DriftLoopOptions = {
  environment: string;
  /** Milliseconds. */
  every: number;
  meters: Meters;
  /** What a turn found, in lines for people. */
  tell(lines: readonly string[]): void;
};

/** SIDE EFFECTS of its turns: asks the chain; the remote, GitHub. */
export function driftLoop(context: Context, options: Options, { environment, every, meters, tell }: DriftLoopOptions): Loop {
  return {
    name: 'drift',
    every,
    async turn() {
      const repository = await openRepository(context, options);
      const { report, lines } = await driftBranch(repository, environment);
      measure(report, meters);
      tell(lines);
    },
    close: async () => {},
  };
}

function measure({ items, block }: DriftReport, meters: Meters): void {
  const count = (...wanted: DriftReport['items'][number]['status'][]): number => items.filter(({ status }) => wanted.includes(status)).length;
  meters.set('drifted_changes', count('drifted', 'emergency'));
  meters.set('pending_changes', count('pending'));
  meters.set('unknown_fields', count('unknown'));
  meters.set('head_block', Number(block.number));
}
