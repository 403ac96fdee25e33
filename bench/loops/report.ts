// The measurement as Markdown, and what it is to reach.
import { families } from './plants.ts';
import type { Bench, Row } from './run.ts';

export type Target = { what: string; measured: string; target: string; met: boolean };

/** What the shipped default has to reach. */
export function targetsOf({ rows, breaches, size }: Bench): Target[] {
  const [own, , ...others] = rows;
  if (own === undefined) throw new TypeError('nothing was measured');
  const best = others.reduce((least, row) => (row.error < least.error ? row : least));
  const at = (what: string, value: number, most: number, digits: number): Target => ({
    what,
    measured: value.toFixed(digits),
    target: `≤ ${most}`,
    met: value <= most,
  });
  return [
    at('mean absolute error outside the band, of doing nothing', own.error, 0.5, 3),
    {
      what: `the same, against the best rival (${best.name})`,
      measured: own.error.toFixed(3),
      target: `< ${best.error.toFixed(3)}`,
      met: own.error < best.error,
    },
    at('pull requests a day', own.proposalsPerDay, 0.15, 3),
    at('flips in 30 days, 95th percentile', own.flips95, 1, 2),
    at('step plants unsettled, share', own.unsettled, 0.05, 3),
    at('pull requests on a plant with spikes only, most', own.onSpikes, 1, 0),
    at(`bounds, cooldown or staleness broken in ${size.streams} random streams`, breaches, 0, 0),
  ];
}

export function benchText(bench: Bench): string {
  const { size } = bench;
  return [
    `Plants: ${families.length} families of ${size.plants}, ${size.days} days each; rivals tuned on one half, everything reported on the other.`,
    'Error: how far ROI lies outside the band; distance: how far it is from the target. Both are shares of what doing nothing has.',
    '',
    ...table(['controller', 'error', 'distance', 'PRs/day', 'flips/30 d (p95)', 'unsettled', 'PRs on spikes', 'tuned to'], bench.rows.map(cells)),
    '',
    'Distance by family:',
    '',
    ...table(
      ['controller', ...families],
      bench.rows.map((row) => [row.name, ...families.map((family) => (row.byFamily[family] ?? Number.NaN).toFixed(2))]),
    ),
    '',
    ...table(
      ['target', 'measured', 'wanted', ''],
      targetsOf(bench).map(({ what, measured, target, met }) => [what, measured, target, met ? 'ok' : 'MISSED']),
    ),
    '',
  ].join('\n');
}

function cells(row: Row): string[] {
  const { name, error, distance, proposalsPerDay, flips95, unsettled, onSpikes, parameters } = row;
  return [
    name,
    error.toFixed(3),
    distance.toFixed(3),
    proposalsPerDay.toFixed(3),
    flips95.toFixed(2),
    `${(unsettled * 100).toFixed(0)} %`,
    String(onSpikes),
    parameters,
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`);
}
