// A small kind of one's own to take apart: every test changes one line of it and says which error comes of it.
import { MooringError } from '../../src/errors.ts';
import type { Kind } from '../../src/kinds/kind.ts';
import { loadKinds, type OwnKind } from '../../src/kinds/load-kinds.ts';

export const vault = `apiVersion: mooring/v1
kind: Kind
name: Vault
description: Keeps money.
extends: [Ownable]
abi:
  - function cap() view returns (uint256)
  - function limit(uint8 tier) view returns (uint256)
  - function keepers(address who) view returns (bool)
  - function bonuses() view returns ((address nft, uint256 pct)[])
  - function setCap(uint256 cap)
  - function setLimit(uint8 tier, uint256 limit)
  - function setKeeper(address who, bool allowed)
  - function setBonus(address nft, uint256 pct)
  - function dropBonus(address nft)
  - event CapUpdated(uint256 cap)
  - event KeeperUpdated(address indexed who, bool allowed)
  - error InvalidCap()
foreignAbi:
  - function version() view returns (uint256)
access: [owner]
fields:
  cap:
    description: Most that it holds.
    unit: token
    risk: { up: increase, down: reduce }
    history: { event: CapUpdated, value: cap }
  limit:
    description: By tier.
    keys: { low: 0, high: 1 }
  keepers:
    description: Who may open it.
    members: { event: KeeperUpdated, member: who, flag: allowed }
  bonuses:
    description: By type.
    unit: percent
    entries: true
setters:
  - function: setCap
    sets: [cap]
    emits: [CapUpdated]
  - function: setLimit
    setsKey: limit
  - function: setKeeper
    toggles: keepers
  - function: setBonus
    upserts: bonuses
  - function: dropBonus
    removesEntry: bonuses
rules:
  - order: { lower: limit.low, upper: cap }
    revert: InvalidCap()
    message: The low limit is at most the cap.
  - answers: { fields: [owner], function: version, equals: 2 }
    message: The owner is a contract of version 2.
`;

/** The vault with `from` replaced by `to`, which must occur. */
export function vaultWith(from: string, to: string): OwnKind[] {
  if (!vault.includes(from)) throw new Error(`the vault has no ${from}`);
  return [{ file: 'desired-state/local/kinds/Vault.yaml', text: vault.replace(from, to) }];
}

/** `CODE line:column` of each finding. */
export function findingsOf(own: readonly OwnKind[], names?: readonly string[]): string[] {
  try {
    loadKinds({ own, ...(names === undefined ? {} : { names }) });
    return [];
  } catch (error) {
    if (!(error instanceof MooringError)) throw error;
    return error.findings.map((finding) => `${finding.code} ${finding.source?.line ?? '-'}:${finding.source?.column ?? '-'}`);
  }
}

export function builtIn(name: string): Kind {
  const kind = loadKinds({ names: [name] }).get(name);
  if (kind === undefined) throw new Error(`no kind ${name}`);
  return kind;
}
