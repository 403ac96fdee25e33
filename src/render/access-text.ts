// Who holds which power, for a terminal and for a spreadsheet. Pure.
import { formatTime } from '../format.ts';
import type { Address, BlockRef, Finding, Hex } from '../types.ts';
import { csv } from './csv.ts';
import { findingLines } from './finding-text.ts';
import { count, groupDigits, type Lexicon, paint, shortHex, showAddress } from './lexicon.ts';
import { table } from './table.ts';

export type AccessRow = {
  contract: string;
  address: Address;
  field: string;
  /** `role`: may call something by itself. `member`: of a set that gives no call, a treasury's allowlist. */
  role: 'owner' | 'pauser' | 'role' | 'member';
  account: Address;
  /** In the address book. */
  name: string | null;
  /** Null: unknown. `created`: it came with a contract's creation. */
  since: { block: bigint; timestamp: bigint; transaction: Hex; created: boolean } | null;
  grantedBy: { address: Address; name: string | null } | null;
  /** The run of ours that granted it. */
  run: string | null;
  /** Null: unknown. */
  lastUsed: { block: bigint; timestamp: bigint | null; transaction: Hex; contract: string } | null;
  /** Why. */
  unknown: { since?: string; lastUsed?: string };
};

export type AccessReport = { environment: string; chainId: bigint; block: BlockRef; rows: readonly AccessRow[]; findings: readonly Finding[] };

export function accessText({ environment, chainId, block, rows, findings }: AccessReport, lexicon: Lexicon): string {
  const accounts = new Set(rows.map(({ account }) => account)).size;
  const lines = [
    paint(lexicon, 'bold', `${environment}: ${count(accounts, 'account')} hold ${count(rows.length, 'power')}`),
    paint(lexicon, 'dim', `chain ${chainId} · block ${groupDigits(block.number)} ${shortHex(block.hash)}`),
  ];
  for (const [contract, held] of Map.groupBy(rows, (row) => row.contract)) {
    lines.push('', paint(lexicon, 'bold', contract), ...table(held.map((row) => cells(row, lexicon))));
    if (lexicon.verbose) lines.push(...held.flatMap((row) => details(row)));
  }
  if (findings.length > 0) lines.push('', paint(lexicon, 'bold', 'Findings:'), ...findings.flatMap((finding) => findingLines(finding, lexicon)));
  return `${lines.join('\n')}\n`;
}

/** The same of some, with their contracts. */
export function accessLines(rows: readonly AccessRow[], lexicon: Lexicon): string[] {
  return table(rows.map((row) => [row.contract, ...cells(row, lexicon)]));
}

function cells(row: AccessRow, lexicon: Lexicon): string[] {
  const { since, grantedBy, lastUsed } = row;
  const who = grantedBy === null ? '' : ` by ${grantedBy.name ?? grantedBy.address}`;
  const run = row.run === null ? '' : `, run ${row.run}`;
  return [
    row.field,
    row.role,
    showAddress(lexicon, row.account),
    since === null ? 'since: unknown' : `since ${formatTime(since.timestamp)}${since.created ? ', its creation,' : ''}${who}${run}`,
    lastUsed === null ? 'last used: unknown' : `last used ${timeText(lastUsed)} on ${lastUsed.contract}`,
  ];
}

function timeText({ timestamp, block }: { timestamp: bigint | null; block: bigint }): string {
  return timestamp === null ? `in block ${groupDigits(block)}` : formatTime(timestamp);
}

function details({ field, account, since, lastUsed, unknown }: AccessRow): string[] {
  const parts = [
    since === null ? `since: ${unknown.since ?? 'unknown'}` : `granted in ${since.transaction}, block ${groupDigits(since.block)}`,
    lastUsed === null ? `last used: ${unknown.lastUsed ?? 'unknown'}` : `last used in ${lastUsed.transaction}`,
  ];
  return parts.map((part) => `    ${field} ${account}: ${part}`);
}

const columns: readonly (readonly [string, (row: AccessRow) => string])[] = [
  ['contract', (row) => row.contract],
  ['contract_address', (row) => row.address],
  ['field', (row) => row.field],
  ['role', (row) => row.role],
  ['account', (row) => row.account],
  ['name', (row) => row.name ?? ''],
  ['since', (row) => (row.since === null ? 'unknown' : formatTime(row.since.timestamp))],
  ['since_block', (row) => String(row.since?.block ?? 'unknown')],
  ['since_transaction', (row) => row.since?.transaction ?? 'unknown'],
  ['granted_by', (row) => row.grantedBy?.address ?? 'unknown'],
  ['granted_by_name', (row) => row.grantedBy?.name ?? ''],
  ['run', (row) => row.run ?? ''],
  ['last_used', (row) => (row.lastUsed === null ? 'unknown' : timeText(row.lastUsed))],
  ['last_used_transaction', (row) => row.lastUsed?.transaction ?? 'unknown'],
  ['last_used_on', (row) => row.lastUsed?.contract ?? ''],
];

/** One line for each power, under a line of names. */
export function accessCsv({ rows }: AccessReport): string {
  return csv([columns.map(([name]) => name), ...rows.map((row) => columns.map(([, cell]) => cell(row)))]);
}
