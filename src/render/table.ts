// Rows of cells as aligned lines. Pure.
import { stripVTControlCharacters } from 'node:util';

/** Pads each column to its widest cell; two spaces between columns, `indent` before each line. */
export function table(rows: readonly (readonly string[])[], indent = '  '): string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) => rows.reduce((widest, row) => Math.max(widest, width(row[column] ?? '')), 0));
  return rows.map((row) => (indent + row.map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - width(cell))).join('  ')).trimEnd());
}

function width(cell: string): number {
  return [...stripVTControlCharacters(cell)].length;
}
