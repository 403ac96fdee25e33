// Emergency reductions stay: a change that would reverse one is withheld until a human lifts exactly that one. Pure.
import type { Code } from '../errors.ts';
import { fieldAt } from '../kinds/fields.ts';
import type { Kind } from '../kinds/kind.ts';
import type { Address, Change, Finding, Lift, Reduction } from '../types.ts';
import type { Scope } from './scope.ts';
import { type Cell, fieldCell, memberCell, partAddresses, storedPath } from './world.ts';

export type StickyInput = {
  scope: Scope;
  changes: readonly Change[];
  reductions: readonly Reduction[];
  /** Ids of changes whose history could not be read. */
  unknownReductions: readonly string[];
  lifts: readonly Lift[];
  /** Names by checksummed address, for findings. */
  names: ReadonlyMap<Address, string>;
  /** Reads the live world. */
  read: (cell: string) => Cell | undefined;
};

export type Sticky = {
  /** What may still be planned. */
  changes: Change[];
  findings: Finding[];
  /** Cells that no step may move, whatever it is called for. */
  withheld: ReadonlySet<string>;
  /** Reductions that git didn't make, lifted or not. */
  standing: Reduction[];
};

/** STICKY_REDUCTION (a warning: the rest of the plan goes on) and STICKY_UNKNOWN (an error). */
export function withholdSticky(input: StickyInput): Sticky {
  const standing = input.reductions.filter((reduction) => !reduction.known);
  const context = {
    ...input,
    unlifted: standing.filter((reduction) => !isLifted(input.scope, reduction, input.lifts)),
    unknown: new Set(input.unknownReductions),
  };
  const changes: Change[] = [];
  const findings: Finding[] = [];
  const withheld = new Set<string>();
  for (const change of input.changes) {
    const verdict = judge(context, change);
    findings.push(...verdict.findings);
    for (const cell of verdict.withheld) withheld.add(cell);
    if (verdict.goesOn) changes.push(change);
  }
  return { changes, findings, withheld, standing };
}

type Context = StickyInput & { unlifted: readonly Reduction[]; unknown: ReadonlySet<string> };
type Verdict = { goesOn: boolean; withheld: readonly string[]; findings: readonly Finding[] };

function judge(context: Context, change: Change): Verdict {
  const free = { goesOn: true, withheld: [], findings: [] };
  if (change.risk !== 'increase') return free;
  const own = cellOf(context.scope, change);
  const cells = own === null ? [] : [own];
  if (context.unknown.has(change.id)) return { goesOn: false, withheld: cells, findings: [unreadable(context.scope, change)] };
  const against = context.unlifted.map((reduction) => ({ reduction, cell: cellOf(context.scope, reduction) }));
  const whole = against.find(({ cell }) => cell !== null && cell === own);
  if (whole !== undefined) return { goesOn: false, withheld: cells, findings: [standsAgainst(context, change, whole.reduction)] };
  // An aggregate that can't come true as long as one of its parts is held: what it would do to the others is left to them.
  const parts = partCells(context, change);
  const held = new Map(against.flatMap(({ reduction, cell }) => (cell !== null && parts.has(cell) ? [[cell, reduction] as const] : [])));
  return { goesOn: held.size === 0, withheld: [...held.keys()], findings: [...held.values()].map((reduction) => standsAgainst(context, change, reduction)) };
}

function partCells(context: Context, change: Change): ReadonlySet<string> {
  const target = context.scope.byName.get(change.contract);
  const field = target?.kind.fields.get(change.field);
  if (target === undefined || field?.shape !== 'aggregate') return new Set();
  return new Set(partAddresses(context.read, target, field).map((address) => fieldCell(address, field.getter)));
}

/** A lift covers one reduction by one transaction, under any of its names: a later one of the same field has another. */
function isLifted(scope: Scope, reduction: Reduction, lifts: readonly Lift[]): boolean {
  const cell = cellOf(scope, reduction);
  return lifts.some((lift) => cell !== null && cellOf(scope, lift) === cell && lift.transaction.toLowerCase() === reduction.transaction.toLowerCase());
}

/** A reduction of an aggregate names the part, by its address, as member. */
function cellOf(scope: Scope, place: { contract: string; field: string; member?: string }): string | null {
  const target = scope.byName.get(place.contract);
  if (target === undefined) return null;
  const field = target.kind.fields.get(place.field);
  if (field?.shape === 'aggregate') return place.member === undefined ? fieldCell(target.address, field.name) : fieldCell(place.member, field.getter);
  const path = storedPath(target.kind, place.field);
  return place.member === undefined ? fieldCell(target.address, path) : memberCell(target.address, path, place.member);
}

function standsAgainst({ names }: Context, change: Change, reduction: Reduction): Finding {
  const name = (address: Address): string => names.get(address) ?? address;
  const what =
    reduction.member === undefined ? `${reduction.contract}.${reduction.field}` : `${name(reduction.member)} in ${reduction.contract}.${reduction.field}`;
  const entry = `contract: ${reduction.contract}, field: ${reduction.field},${reduction.member === undefined ? '' : ` member: "${reduction.member}",`} transaction: "${reduction.transaction}"`;
  return {
    code: 'STICKY_REDUCTION' satisfies Code,
    severity: 'warning',
    message: `${name(reduction.sender)} reduced the risk of ${what} in block ${reduction.block}, outside of git. It stays as it is.`,
    fix: `To keep it, write the live value into YAML. To reverse it, add to lifts.yaml: { ${entry}, reason: …, by: … }`,
    contract: change.contract,
    field: change.field,
    changes: [change.id],
    ...(change.source === undefined ? {} : { source: change.source }),
  };
}

function unreadable(scope: Scope, change: Change): Finding {
  const target = scope.byName.get(change.contract);
  const hasHistory = target === undefined || recorded(target.kind, change.field);
  return {
    code: 'STICKY_UNKNOWN' satisfies Code,
    severity: 'error',
    message: hasHistory
      ? `Whether ${change.id} was reduced in an emergency could not be read from the chain's history, so it is not raised.`
      : `The kind names no event of ${change.field}, so whether it was reduced in an emergency can't be known, and it is not raised.`,
    fix: hasHistory
      ? 'Run again with an RPC that keeps the history of this contract.'
      : 'Name the event under history in the kind, or declare the risk as ambiguous there.',
    contract: change.contract,
    field: change.field,
    changes: [change.id],
    ...(change.source === undefined ? {} : { source: change.source }),
  };
}

function recorded(kind: Kind, path: string): boolean {
  const field = fieldAt(kind, path)?.field;
  return field === undefined || field.shape === 'members' || field.shape === 'keyedMembers' || field.history.length > 0;
}
