// Who holds which power over an environment's contracts, since when and by whom: live values, joined with their history.

import { MooringError } from '../../errors.ts';
import { reduceJournal } from '../../journal/reduce.ts';
import { fieldAt } from '../../kinds/fields.ts';
import type { KindField } from '../../kinds/kind.ts';
import { findGrants, type Grant } from '../../live/grants.ts';
import { findLastUses, type LastUse } from '../../live/last-uses.ts';
import { snapshot } from '../../live/snapshot.ts';
import type { AccessReport, AccessRow } from '../../render/access-text.ts';
import type { Address, Change, ContractState, FieldState, Finding, Hex, State } from '../../types.ts';
import { aggregateParts } from '../environment/aggregate-parts.ts';
import { contractRefs } from '../environment/contract-refs.ts';
import type { Opened } from '../environment/open.ts';
import { roleNames } from '../environment/role-names.ts';
import { observe, sources } from '../environment/walk.ts';

/** One account that holds one power. `id` is that of the change that stands for it. */
type Assignment = { id: string; contract: ContractState; path: string; role: AccessRow['role']; account: Address; isSet: boolean };

/** Throws what reading live values throws. What can't be told besides is a note of its row, or a finding. SIDE EFFECTS: keeps event scans. */
export async function reviewAccess(opened: Opened): Promise<AccessReport> {
  const live = await liveState(opened);
  const assignments = live.contracts.flatMap((contract) => assignmentsOf(contract, opened));
  const accounts = [...new Set(assignments.map(({ account }) => account))];
  const { chain, cursors, kinds } = sources(opened);
  const query = { chain, kinds, state: live, ...(cursors === undefined ? {} : { cursors }) };
  const [grants, uses, runs] = await Promise.all([
    orWhy(findGrants({ ...query, changes: assignments.map(changeOf) })),
    orWhy(findLastUses({ ...query, accounts })),
    orWhy(runsByTransaction(opened)),
  ]);
  const rows = assignments.map((one) =>
    rowOf(one, {
      opened,
      grant: 'why' in grants ? { unknown: grants.why } : grants.get(one.id),
      use: 'why' in uses ? { unknown: uses.why } : uses.get(one.account),
      runs: 'why' in runs ? new Map() : runs,
    }),
  );
  const { environment, chainId, block } = live;
  const untold = [
    ...('why' in grants ? [historyUntold('since when, and by whom', grants.why)] : []),
    ...('why' in uses ? [historyUntold('when each account was last used', uses.why)] : []),
    ...('why' in runs ? [runsUntold(runs.why)] : []),
  ];
  return { environment, chainId, block, rows, findings: [...unnamed(rows), ...unread(live, opened), ...untold] };
}

/** Also what aggregates cover without a file, and roles that no file names. */
async function liveState(opened: Opened): Promise<State & { block: NonNullable<State['block']> }> {
  const { desired, kinds } = opened;
  const { contracts } = desired.state;
  const refs = contractRefs(desired.state, kinds).map((ref) => {
    const kind = kinds.get(ref.kind);
    return kind === undefined ? ref : { ...ref, keys: roleNames({ kind, address: ref.address, contracts }) };
  });
  const live = await observe(opened, refs);
  const block = live.block as NonNullable<State['block']>;
  const parts = aggregateParts(live, kinds, live.contracts);
  if (parts.length === 0) return { ...live, block };
  const more = await snapshot({ ...sources(opened), environment: desired.environment, contracts: parts, block });
  return { ...live, block, contracts: [...live.contracts, ...more.contracts] };
}

function assignmentsOf(contract: ContractState, { kinds }: Opened): Assignment[] {
  const kind = kinds.get(contract.kind);
  if (kind === undefined) return [];
  return [...contract.fields.values()].flatMap((state) => {
    const field = fieldAt(kind, state.path)?.field;
    const role = field === undefined ? null : roleOf(field);
    return role === null ? [] : holdersOf(contract, state, role);
  });
}

/** Null for what gives nobody a power. */
export function roleOf({ role, shape, aliasOf, type }: KindField): AccessRow['role'] | null {
  if (aliasOf !== undefined || role === 'pause') return null;
  if (shape === 'members' || shape === 'keyedMembers') return role === undefined ? 'member' : role === 'access' ? 'role' : role;
  if (type !== 'address' || role === undefined) return null;
  return role === 'access' ? 'role' : role;
}

function holdersOf(contract: ContractState, { path, value }: FieldState, role: AccessRow['role']): Assignment[] {
  const place = `${contract.name}.${path}`;
  if (value.type === 'members') return value.members.map((account) => ({ id: `${place}[${account}]`, contract, path, role, account, isSet: true }));
  if (value.type !== 'scalar' || typeof value.value !== 'string' || /^0x0*$/.test(value.value)) return [];
  return [{ id: place, contract, path, role, account: value.value, isSet: false }];
}

/** History is asked for by changes: this one would take the power away. */
function changeOf({ id, contract, path, account, isSet }: Assignment): Change {
  const { name, kind, address } = contract;
  const from = { type: 'scalar', value: isSet ? true : account } as const;
  const common = { id, contract: name, kind, address, field: path, from, to: null, unit: 'none', risk: 'ambiguous' } as const;
  return isSet ? { ...common, member: account, action: 'remove' } : { ...common, action: 'set' };
}

type Untold = { why: string };

/** Who holds what must be told where history, git or its journal is away, or is none that can be believed: an account may have to go at once. */
async function orWhy<T extends ReadonlyMap<string, unknown>>(asked: Promise<T>): Promise<T | Untold> {
  try {
    return await asked;
  } catch (error) {
    if (!(error instanceof MooringError)) throw error;
    return { why: `${error.code}: ${error.message}` };
  }
}

async function runsByTransaction({ journal }: Opened): Promise<ReadonlyMap<Hex, string>> {
  const { runs } = reduceJournal(await journal.read());
  return new Map(runs.flatMap(({ run, nonces }) => nonces.flatMap(({ transactions }) => transactions.map(({ hash }) => [hash, run] as const))));
}

function historyUntold(what: string, why: string): Finding {
  return { code: 'HISTORY_UNREAD', severity: 'warning', message: `Of who holds what, ${what} is not told: ${why}`, fix: 'Check the RPC, and run it again.' };
}

function runsUntold(why: string): Finding {
  return {
    code: 'JOURNAL_UNREAD',
    severity: 'warning',
    message: `Which of it Mooring's own runs did is not told: ${why}`,
    fix: 'mooring status tells more of the journal.',
  };
}

type Joined = { opened: Opened; grant: Grant | undefined; use: LastUse | undefined; runs: ReadonlyMap<Hex, string> };

function rowOf({ contract, path, role, account }: Assignment, { opened, grant, use, runs }: Joined): AccessRow {
  const { byAddress } = opened.desired.addresses;
  const given = grant === undefined || 'unknown' in grant ? null : grant;
  const used = use === undefined || 'unknown' in use ? null : use;
  return {
    contract: contract.name,
    address: contract.address,
    field: path,
    role,
    account,
    name: byAddress.get(account) ?? null,
    since: given === null ? null : { block: given.block, timestamp: given.timestamp, transaction: given.transaction, created: given.created },
    grantedBy: given === null ? null : { address: given.sender, name: byAddress.get(given.sender) ?? null },
    run: given === null ? null : (runs.get(given.transaction) ?? null),
    lastUsed: used,
    unknown: {
      ...(grant !== undefined && 'unknown' in grant ? { since: grant.unknown } : {}),
      ...(use !== undefined && 'unknown' in use ? { lastUsed: use.unknown } : {}),
    },
  };
}

function unnamed(rows: readonly AccessRow[]): Finding[] {
  const strangers = Map.groupBy(
    rows.filter(({ name }) => name === null),
    ({ account }) => account,
  );
  return [...strangers].map(([account, held]) => ({
    code: 'ACCOUNT_UNNAMED',
    severity: 'warning',
    message: `${account} holds ${held.map(({ contract, field }) => `${contract}.${field}`).join(', ')}, and the address book has no name for it.`,
    fix: 'Give it a name in addresses.yaml, or take the power away.',
  }));
}

/** Who might hold a power could not be read: nobody is not the answer. */
function unread(live: State, { kinds }: Opened): Finding[] {
  return live.contracts.flatMap((contract) => {
    const kind = kinds.get(contract.kind);
    return [...contract.fields.values()].flatMap(({ path, value }): Finding[] => {
      const field = kind === undefined ? undefined : fieldAt(kind, path)?.field;
      if (value.type !== 'unknown' || field === undefined || roleOf(field) === null) return [];
      const message = `Who holds ${contract.name}.${path} could not be read: ${value.reason}.`;
      return [{ code: 'LIVE_UNKNOWN', severity: 'error', message, fix: 'Check the RPC, and run it again.', contract: contract.name, field: path }];
    });
  });
}
