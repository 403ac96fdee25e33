// An allocation of rewards for the terminal. Pure.
import { table } from './table.ts';

export type RewardsView = {
  totalReward: string | number;
  allocations: readonly { address: string; wins: number; amount: string | number }[];
  penalty: string;
  /** What was written for a Safe; null where nothing was. */
  batch: string | null;
  output: string | null;
};

export function rewardsText({ totalReward, allocations, penalty, batch, output }: RewardsView): string {
  const rows = allocations.map(({ address, wins, amount }) => [address, `${wins} ${wins === 1 ? 'win' : 'wins'}`, String(amount)]);
  const files = [...(output === null ? [] : [`written to ${output}`]), ...(batch === null ? [] : [`for the Safe’s transaction builder: ${batch}`])];
  return `${[`${totalReward} to ${allocations.length} ${allocations.length === 1 ? 'agent' : 'agents'}; ${penalty}`, ...table(rows), ...files].join('\n')}\n`;
}
