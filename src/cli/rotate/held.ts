// Which powers a rotation is about, and what keeps it from being one. Pure.
import { MooringError } from '../../errors.ts';
import type { AccessReport, AccessRow } from '../../render/access-text.ts';
import type { Address, Finding } from '../../types.ts';

export type Rotation = {
  /** A field's name, or what fields of several names are: owner, pauser. */
  role: string;
  from: Address;
  /** Null: nobody takes the place of a compromised one. */
  to: Address | null;
  /** Only this contract's; null: every one's. */
  contract: string | null;
};

/** One power of one account. */
export type Held = Pick<AccessRow, 'contract' | 'field' | 'account'>;

/** All that hold the role now. `mayBeNone`: that nobody is known to hold it proves nothing. Throws ROLE_UNKNOWN, LIVE_UNKNOWN where some could not be read. */
export function holdersOf({ rows, findings }: AccessReport, rotation: Rotation, { mayBeNone = false } = {}): AccessRow[] {
  const { role, contract } = rotation;
  const unread = findings.filter((finding) => mayTell(finding, rotation));
  if (unread.length > 0)
    throw new MooringError('LIVE_UNKNOWN', `who holds ${role} could not be read`, { findings: unread, fix: 'check the RPC, and run it again' });
  const found = rows.filter((row) => isOf(row, role) && (contract === null || row.contract === contract));
  if (found.length > 0 || mayBeNone) return found;
  const known = [...new Set(rows.flatMap((row) => (row.role === 'owner' || row.role === 'pauser' ? [row.role, row.field] : [row.field])))].sort();
  throw new MooringError('ROLE_UNKNOWN', `nobody holds a role "${role}"${contract === null ? '' : ` of ${contract}`}`, {
    fix: `the roles are ${known.join(', ')}`,
  });
}

export function isOf(row: Pick<AccessRow, 'field' | 'role'>, role: string): boolean {
  return row.field === role || ((role === 'owner' || role === 'pauser') && row.role === role);
}

/** Whether a finding is about what might be the role: what could not be read has none to go by. */
export function mayTell({ code, field, contract: at }: Finding, { role, contract }: Rotation): boolean {
  return code === 'LIVE_UNKNOWN' && (contract === null || at === contract) && (field === role || role === 'owner' || role === 'pauser');
}

/** What the old account holds of it. Throws ROLE_NOT_HELD. */
export function heldBy(holders: readonly AccessRow[], { role, from }: Rotation, show: (account: Address) => string): AccessRow[] {
  const held = holders.filter(({ account }) => account === from);
  if (held.length > 0) return held;
  throw new MooringError('ROLE_NOT_HELD', `${show(from)} does not hold ${role}`, {
    fix: `who does: ${[...new Set(holders.map(({ account }) => show(account)))].join(', ')}`,
  });
}

type Holding = { holders: readonly AccessRow[]; held: readonly Held[] };

/** Throws ROLE_HELD where the new account is in already. */
export function refuseBoth({ holders, held }: Holding, { from, to }: Rotation, show: (account: Address) => string): void {
  if (to === null) return;
  const both = held.filter((one) => holders.some((other) => other.account === to && placeOf(other) === placeOf(one)));
  if (both.length === 0) return;
  const places = both.map(placeOf);
  throw new MooringError('ROLE_HELD', `${show(to)} holds ${places.join(', ')} already, so there is nothing to grant`, {
    fix: `to take it from ${show(from)} alone: mooring propose revoke ${places.map((place) => `${place}=${from}`).join(' ')}`,
  });
}

export function placeOf({ contract, field }: Pick<Held, 'contract' | 'field'>): string {
  return `${contract}.${field}`;
}
