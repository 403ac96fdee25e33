// Sets whose history can't be read: whether the compromised account is in, its getter says. Who else is, nobody does.
import { fieldAt } from '../../kinds/fields.ts';
import { isSet, type Membership, readMembers } from '../../live/read-member.ts';
import type { AccessReport, AccessRow } from '../../render/access-text.ts';
import type { Finding } from '../../types.ts';
import { roleOf } from '../access/review.ts';
import type { Opened } from '../environment/open.ts';
import { isOf, mayTell, placeOf, type Rotation } from './held.ts';

export type Asked = {
  report: AccessReport;
  /** Sets of which only that is known: `arena.orchestrators`. */
  partly: ReadonlySet<string>;
  /** Where the account may hold it, and nothing says whether it does. */
  untold: readonly Finding[];
};

type Unread = Membership & { contract: string; role: AccessRow['role']; finding: Finding };

/** Throws RPC_*. What could not be read at all stays an error where the account holds nothing else of it. */
export async function askUnread(opened: Opened, report: AccessReport, rotation: Rotation): Promise<Asked> {
  const unread = report.findings.flatMap((finding) => unreadOf(opened, finding, rotation));
  const answers = unread.length === 0 ? [] : await readMembers(opened.chain, unread, report.block);
  const known = unread.filter((_, i) => answers[i] !== null);
  const added = unread.flatMap((one, i) => (answers[i] === true ? [rowOf(opened, one)] : []));
  const rows = [...report.rows, ...added];
  const isHolder = rows.some((row) => row.account === rotation.from && isOf(row, rotation.role) && isAsked(row.contract, rotation));
  const left = report.findings.filter((finding) => !known.some((one) => one.finding === finding));
  const untold = isHolder ? left.filter((finding) => mayTell(finding, rotation)) : [];
  return {
    report: { ...report, rows, findings: left.filter((finding) => !untold.includes(finding)) },
    partly: new Set(known.map(({ contract, path }) => placeOf({ contract, field: path }))),
    untold,
  };
}

function isAsked(contract: string | undefined, rotation: Rotation): boolean {
  return rotation.contract === null || contract === rotation.contract;
}

/** Of all roles together the one that was asked for. */
function unreadOf({ desired, kinds }: Opened, finding: Finding, rotation: Rotation): Unread[] {
  const { code, contract: name, field = '' } = finding;
  const contract = desired.state.contracts.find((one) => one.name === name);
  const kind = kinds.get(contract?.kind ?? '');
  if (code !== 'LIVE_UNKNOWN' || contract === undefined || kind === undefined || !isAsked(name, rotation)) return [];
  const path = rotation.role.startsWith(`${field}.`) ? rotation.role : field;
  const at = fieldAt(kind, path);
  const role = at === null ? null : roleOf(at.field);
  if (role === null || !isSet(kind, path) || !isOf({ field: path, role }, rotation.role)) return [];
  return [{ kind, address: contract.address, path, account: rotation.from, contract: contract.name, role, finding }];
}

function rowOf({ desired }: Opened, { contract, address, path, role, account, finding }: Unread): AccessRow {
  const name = desired.addresses.byAddress.get(account) ?? null;
  const unknown = { since: finding.message, lastUsed: finding.message };
  return { contract, address, field: path, role, account, name, since: null, grantedBy: null, run: null, lastUsed: null, unknown };
}
