// Two baselines for a terminal: lift or drawdown, how certain, and whose business it is. Pure.
import { type Lexicon, paint } from './lexicon.ts';
import { table } from './table.ts';

type Summary = { count: number; mean: number; deviation: number };
type Interval = { by: number; from: number; to: number };

export type BaselineView = {
  old: Summary & { file: string; dropped: number };
  fresh: Summary & { file: string; dropped: number };
  difference: Interval & { degrees: number | null };
  relative: Interval | null;
  certain: boolean;
  exceeded: boolean;
  /** Shares: of confidence, and that finance is told of. */
  level: number;
  threshold: number;
  /** Targets that are not the same, by field: all that each baseline had. */
  targets: readonly { field: string; old: string; fresh: string }[];
};

export function baselineText(view: BaselineView, lexicon: Lexicon): string {
  const { difference, level, old, fresh, targets } = view;
  const rows = [old, fresh].map(({ file, count, mean, deviation, dropped }) => {
    const without = dropped === 0 ? '' : `, ${dropped} not finite and left out`;
    return [file, `mean ${short(mean)}`, `deviation ${short(deviation)}`, `${count} samples${without}`];
  });
  const degrees = difference.degrees === null ? 'neither varies' : `Welch’s t, ${difference.degrees.toFixed(1)} degrees of freedom`;
  const lines = [
    ...table(rows),
    '',
    paint(lexicon, 'bold', changeText(view)),
    `  ${signed(difference.by)} ROI, ${percent(level)} confidence interval ${signed(difference.from)} to ${signed(difference.to)} (${degrees})`,
    ...(view.relative === null ? [] : [`  relative to the old mean: ${signedPercent(view.relative.from)} to ${signedPercent(view.relative.to)}`]),
    ...(targets.length === 0 ? [] : ['', 'Targets that differ:', ...table(targets.map((one) => [one.field, one.old, '→', one.fresh]))]),
    '',
    view.exceeded
      ? paint(lexicon, 'red', `Beyond ${percent(view.threshold)}: finance is to look at it.`)
      : `Within ${percent(view.threshold)}: nothing to escalate.`,
  ];
  return `${lines.join('\n')}\n`;
}

/** In one line: `Drawdown of 23.1 %, which scatter alone does not explain.` */
export function changeText({ difference, relative, certain }: Pick<BaselineView, 'difference' | 'relative' | 'certain'>): string {
  if (difference.by === 0) return 'No change.';
  const size = relative === null ? `${short(Math.abs(difference.by))} from zero` : percent(Math.abs(relative.by));
  const why = certain ? 'which scatter alone does not explain' : 'which may be scatter: the interval holds zero';
  return `${difference.by > 0 ? 'Lift' : 'Drawdown'} of ${size}, ${why}.`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(5)));
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${short(Math.abs(value))}`;
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}

function signedPercent(share: number): string {
  return `${share < 0 ? '−' : '+'}${percent(Math.abs(share))}`;
}
