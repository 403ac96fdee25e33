// ROI over time as an SVG: readings, the window's mean, the band, and where the values were moved. Pure; no script, no link.
import { formatTime } from '../format.ts';

/** Times in seconds since the epoch. `mean` is null until the window is full. */
export type ChartPoint = { at: number; roi: number; mean: number | null };
export type ChartMove = { at: number; text: string };

export type RoiChart = {
  title: string;
  points: readonly ChartPoint[];
  band: { lower: number; upper: number };
  target: number;
  /** Changes that took effect. */
  moves: readonly ChartMove[];
};

const size = { width: 760, height: 300, left: 56, right: 16, top: 34, bottom: 46 };

type Scale = { x(at: number): number; y(roi: number): number; low: number; high: number; first: number; last: number };

/** The same input makes the same text, to the byte. */
export function roiChart(chart: RoiChart): string {
  const scale = scaleOf(chart);
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" width="${size.width}" height="${size.height}" role="img" font-family="system-ui, sans-serif" font-size="12">`,
    `<title>${escaped(chart.title)}</title>`,
    `<rect width="${size.width}" height="${size.height}" fill="#ffffff"/>`,
    text({ x: size.left, y: 20, anchor: 'start', fill: '#1f2328', bold: true }, chart.title),
    ...bandShapes(chart, scale),
    ...axes(scale),
    ...moveLines(chart, scale),
    line(
      chart.points.map(({ at, roi }) => [scale.x(at), scale.y(roi)]),
      { stroke: '#8c959f', width: 1 },
    ),
    ...chart.points.map(({ at, roi }) => `<circle cx="${n(scale.x(at))}" cy="${n(scale.y(roi))}" r="2" fill="#6e7781"/>`),
    ...means(chart).map((run) => meanShape(run, scale)),
    ...legend(),
    '</svg>',
  ];
  return `${lines.filter((one) => one !== '').join('\n')}\n`;
}

function scaleOf({ points, band, target, moves }: RoiChart): Scale {
  const values = [band.lower, band.upper, target, ...points.flatMap(({ roi, mean }) => [roi, ...(mean === null ? [] : [mean])])].filter(Number.isFinite);
  const times = [...points.map(({ at }) => at), ...moves.map(({ at }) => at)];
  const [least, most] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
  const room = (most - least || Math.abs(most) || 1) * 0.08;
  const [low, high] = [least - room, most + room];
  const [first, last] = times.length === 0 ? [0, 1] : [times.reduce((a, b) => Math.min(a, b)), times.reduce((a, b) => Math.max(a, b))];
  const [wide, tall] = [size.width - size.left - size.right, size.height - size.top - size.bottom];
  return {
    ...{ low, high, first, last },
    x: (at) => size.left + (last === first ? wide / 2 : ((at - first) / (last - first)) * wide),
    y: (roi) => size.top + tall - ((Math.max(low, Math.min(high, roi)) - low) / (high - low)) * tall,
  };
}

function bandShapes({ band, target }: RoiChart, { y }: Scale): string[] {
  const [left, right] = [size.left, size.width - size.right];
  return [
    `<rect x="${left}" y="${n(y(band.upper))}" width="${right - left}" height="${n(y(band.lower) - y(band.upper))}" fill="#dafbe1"/>`,
    `<line x1="${left}" x2="${right}" y1="${n(y(target))}" y2="${n(y(target))}" stroke="#1a7f37" stroke-dasharray="4 3"/>`,
  ];
}

function axes({ low, high, first, last, y }: Scale): string[] {
  const levels = [0, 1, 2, 3, 4].map((step) => low + ((high - low) * step) / 4);
  const bottom = size.height - size.bottom;
  return [
    ...levels.map(
      (level) => `<line x1="${size.left}" x2="${size.width - size.right}" y1="${n(y(level))}" y2="${n(y(level))}" stroke="#d0d7de" stroke-width="0.5"/>`,
    ),
    ...levels.map((level) => text({ x: size.left - 6, y: y(level) + 4, anchor: 'end', fill: '#57606a' }, Number(level.toPrecision(3)).toString())),
    text({ x: size.left, y: bottom + 16, anchor: 'start', fill: '#57606a' }, timeText(first)),
    text({ x: size.width - size.right, y: bottom + 16, anchor: 'end', fill: '#57606a' }, timeText(last)),
  ];
}

function moveLines({ moves }: RoiChart, { x }: Scale): string[] {
  return moves.map(
    ({ at, text: what }) =>
      `<g><title>${escaped(what)}</title><line x1="${n(x(at))}" x2="${n(x(at))}" y1="${size.top}" y2="${size.height - size.bottom}" stroke="#bf3989" stroke-width="1.5"/></g>`,
  );
}

/** Runs of points that have a mean: a hole stays one. */
function means({ points }: RoiChart): { at: number; mean: number }[][] {
  const runs: { at: number; mean: number }[][] = [[]];
  for (const { at, mean } of points) {
    if (mean === null) runs.push([]);
    else runs.at(-1)?.push({ at, mean });
  }
  return runs.filter((run) => run.length > 0);
}

/** One alone is a dot. */
function meanShape(run: readonly { at: number; mean: number }[], { x, y }: Scale): string {
  const [first, ...more] = run;
  if (first !== undefined && more.length === 0) return `<circle cx="${n(x(first.at))}" cy="${n(y(first.mean))}" r="3.5" fill="#0969da"/>`;
  return line(
    run.map(({ at, mean }) => [x(at), y(mean)]),
    { stroke: '#0969da', width: 2 },
  );
}

function legend(): string[] {
  const entries = [
    ['#6e7781', 'ROI'],
    ['#0969da', 'mean of the window'],
    ['#1a7f37', 'target and band'],
    ['#bf3989', 'values moved'],
  ] as const;
  const y = size.height - 10;
  return entries.flatMap(([fill, words], i) => {
    const x = size.left + i * 160;
    return [`<rect x="${x}" y="${y - 9}" width="10" height="10" fill="${fill}"/>`, text({ x: x + 15, y, anchor: 'start', fill: '#1f2328' }, words)];
  });
}

function line(points: readonly (readonly [number, number])[], { stroke, width }: { stroke: string; width: number }): string {
  if (points.length < 2) return '';
  return `<polyline fill="none" stroke="${stroke}" stroke-width="${width}" points="${points.map(([x, y]) => `${n(x)},${n(y)}`).join(' ')}"/>`;
}

type Placed = { x: number; y: number; anchor: 'start' | 'end'; fill: string; bold?: true };

function text({ x, y, anchor, fill, bold }: Placed, words: string): string {
  return `<text x="${n(x)}" y="${n(y)}" text-anchor="${anchor}" fill="${fill}"${bold === true ? ' font-weight="600"' : ''}>${escaped(words)}</text>`;
}

function timeText(at: number): string {
  return formatTime(BigInt(Math.floor(at)));
}

function n(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function escaped(words: string): string {
  return words.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`).replace(/[\p{Cc}]/gu, ' ');
}
