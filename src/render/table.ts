// Rows of cells as aligned lines. Pure.
import { stripVTControlCharacters } from 'node:util';

/** Pads each column to its widest cell; two spaces between columns, `indent` before each line. */
export function table(rows: readonly (readonly string[])[], indent = '  '): string[] {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, column) => void (widths[column] = Math.max(widths[column] ?? 0, width(cell))));
  return rows.map((row) => (indent + row.map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - width(cell))).join('  ')).trimEnd());
}

function width(cell: string): number {
  return [...stripVTControlCharacters(cell)].length;
}
