// What came of a pause, for a terminal at three in the morning: each contract in a line, then what is left to do. Pure.
import type { MayPause, PauseReport, PauseRow } from '../types.ts';
import { count, type Lexicon, nameAddresses, paint, showAddress } from './lexicon.ts';
import { table } from './table.ts';

export type PauseView = {
  environment: string;
  chainId: bigint;
  report: PauseReport;
  /** Contracts that can't be paused because of their files, and what to do instead. */
  unreadable: readonly { name: string; why: string; instead: string }[];
  /** `drill` and `dry-run` have sent nothing. */
  mode: 'pause' | 'dry-run' | 'drill';
  /** Of what was only tried out: whether the signer's key is at hand. */
  key: KeyFacts | null;
  /** Whether an incident can open a pull request. */
  hasRepository: boolean;
};

export type KeyFacts = { variable: string; state: 'unset' } | { variable: string; state: 'fits' } | { variable: string; state: 'wrong'; why: string };

const failed = { pause: 'NOT PAUSED', 'dry-run': 'CAN NOT BE PAUSED', drill: 'CAN NOT BE PAUSED' } as const;

export function pauseText(view: PauseView, lexicon: Lexicon): string {
  const { report, unreadable, environment, chainId, mode } = view;
  const rows = onceEach(report.rows);
  const title = { pause: 'Break-glass', 'dry-run': 'Break-glass, nothing sent', drill: 'Drill of break-glass, nothing sent' }[mode];
  const lines = [
    `${title}: ${environment} (chain ${chainId}), as ${showAddress(lexicon, report.signer)}`,
    '',
    ...table([
      ...rows.flatMap((row) => rowCells(row, mode, lexicon)),
      ...unreadable.flatMap(({ name, why, instead }) => [
        [name, paint(lexicon, 'red', failed[mode]), why],
        ['', 'instead', instead],
      ]),
    ]),
    '',
    summary(rows, view),
    ...keyLines(view, lexicon),
  ];
  return `${[...lines, ...nextSteps(view, rows)].join('\n')}\n`;
}

/** An aggregate's part that was asked for by itself as well is shown once. */
export function onceEach(rows: readonly PauseRow[]): PauseRow[] {
  return rows.filter((row) => {
    const first = rows.find((other) => keyOf(other) === keyOf(row) && other.part === null) ?? rows.find((other) => keyOf(other) === keyOf(row));
    return first === row;
  });
}

function keyOf({ address, part, state }: PauseRow): string {
  // What couldn't even be found has its aggregate's address.
  return state === 'impossible' && part !== null ? `${address} ${part}` : address;
}

function rowCells(row: PauseRow, mode: PauseView['mode'], lexicon: Lexicon): string[][] {
  const { contract } = row;
  const link = (hash: string): string => `${lexicon.explorer ?? ''}${hash}`;
  switch (row.state) {
    case 'paused':
      return [[contract, paint(lexicon, 'green', 'paused'), `${link(row.transaction)}${earlier(row)}`]];
    case 'already':
      return [[contract, paint(lexicon, 'green', 'paused already'), earlier(row).trimStart()]];
    case 'ready':
      return [[contract, paint(lexicon, 'green', 'can be paused'), row.through === null ? '' : `through ${showAddress(lexicon, row.through)}`]];
    case 'sent':
      return [
        [contract, paint(lexicon, 'yellow', 'sent, not seen yet'), `${link(row.transaction)}${row.note === null ? '' : ` (${row.note})`}${earlier(row)}`],
      ];
    case 'impossible':
      return [[contract, paint(lexicon, 'red', failed[mode]), `${nameAddresses(row.why, lexicon)}${earlier(row)}`], ...whoCanCells(row.whoCan, lexicon)];
  }
}

function earlier({ since }: PauseRow): string {
  return since === null ? '' : ` (asked for at ${new Date(since).toISOString().replace(/\.\d+Z$/, 'Z')}, by a command that did not see it through)`;
}

function whoCanCells(whoCan: readonly MayPause[], lexicon: Lexicon): string[][] {
  return whoCan.map(({ address, as, through }, i) => {
    const way = through === null ? '' : `, through ${showAddress(lexicon, through)}`;
    return ['', i === 0 ? 'who can' : '', `${showAddress(lexicon, address)}, as ${as}${way}`];
  });
}

function summary(rows: readonly PauseRow[], { unreadable, mode }: PauseView): string {
  const of = (state: PauseRow['state']): number => rows.filter((row) => row.state === state).length;
  const parts: [number, string][] = [
    [of('paused'), 'paused now'],
    [of('already'), 'paused already'],
    [of('ready'), 'can be paused'],
    [of('sent'), 'sent and not seen yet'],
    [of('impossible') + unreadable.length, failed[mode]],
  ];
  return `${count(rows.length + unreadable.length, 'contract')}: ${parts.flatMap(([amount, words]) => (amount === 0 ? [] : [`${amount} ${words}`])).join(', ')}.`;
}

/** A rehearsal needs an address only: what it says of the key is said apart. */
function keyLines({ key, report }: PauseView, lexicon: Lexicon): string[] {
  if (key === null) return [];
  const { variable } = key;
  const from = `Tried out from the address of ${showAddress(lexicon, report.signer)}`;
  switch (key.state) {
    case 'fits':
      return [`${from}; ${variable} holds its key.`];
    case 'unset':
      return [`${from}; whether anybody has its key was not looked at, as ${variable} is not set here.`];
    case 'wrong':
      return [paint(lexicon, 'red', `${from}, but with what ${variable} holds here nothing can be paused: ${key.why}.`)];
  }
}

function nextSteps({ mode, environment, report, hasRepository }: PauseView, rows: readonly PauseRow[]): string[] {
  if (mode !== 'pause') return [];
  const isOurs = rows.some(({ state }) => state === 'paused');
  const again = rows.some(({ state }) => state === 'sent') ? ['Run the same command again: it sees the sent ones through, and signs nothing twice.'] : [];
  const written =
    report.run === null || !isOurs
      ? []
      : [
          `No plan takes this back: the pause holds until a person lifts it. Put it on record${hasRepository ? '; the pull request that writes it into git is opened, too' : ''}:`,
          `  mooring incident open --env ${environment} --title "…"`,
          ...(hasRepository ? [] : ['To have it written into git as well, set GITHUB_REPOSITORY first (or later: mooring incident sync).']),
        ];
  return [...again, ...written];
}
