// Signers of environment.yaml that may do nothing any more, and where their lines are. A key that leaked may be one of them.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AccessRow } from '../../render/access-text.ts';
import type { Address, SignerRef } from '../../types.ts';

/** An account's own powers, and those of contracts that it governs. Pure. */
export function powersOf(rows: readonly AccessRow[], account: Address): Set<AccessRow> {
  const found = new Set<AccessRow>();
  const todo = [account];
  for (const holder of todo) {
    for (const row of rows) {
      if (row.account !== holder || found.has(row)) continue;
      found.add(row);
      if (row.role !== 'member' && !todo.includes(row.address)) todo.push(row.address);
    }
  }
  return found;
}

/** `unread`: what is not known is no right that is missing: then nobody is idle. Pure. */
export function idleSigners(signers: readonly SignerRef[], { rows, unread }: { rows: readonly AccessRow[]; unread: boolean }): SignerRef[] {
  return unread ? [] : signers.filter(({ address }) => powersOf(rows, address).size === 0);
}

/** `desired-state/mainnet/environment.yaml:12`; without the number where the line is not found. SIDE EFFECTS: reads the file. */
export function placeOfSigner({ root, name }: { root: string; name: string }, ref: Pick<SignerRef, 'name'>): string {
  const file = `desired-state/${name}/environment.yaml`;
  const path = join(root, file);
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [];
  const starts = [ref.name, `"${ref.name}"`, `'${ref.name}'`].map((key) => `${key}:`);
  const at = lines.findIndex((line) => starts.some((start) => line.trimStart().startsWith(start)));
  return at < 0 ? file : `${file}:${at + 1}`;
}
