// Rows as CSV (RFC 4180), for spreadsheets. Pure.

/** Comma-separated, CRLF, quoted where need be; a cell that a spreadsheet would take for a formula gets an apostrophe before it. */
export function csv(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

function cell(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
