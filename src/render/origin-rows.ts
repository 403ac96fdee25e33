// Things with their values and where each comes from, for a terminal. Pure.
import { type Lexicon, paint } from './lexicon.ts';
import { table } from './table.ts';

/** One thing with its value and its origin, in words. */
export type OriginRow = { name: string; value: string; from: string };

/** An empty line, a title, and a line for each. */
export function originSection(title: string, rows: readonly OriginRow[], lexicon: Lexicon): string[] {
  return ['', paint(lexicon, 'bold', title), ...table(rows.map(({ name, value, from }) => [name, value, paint(lexicon, 'dim', from)]))];
}
