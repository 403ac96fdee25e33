// Limits of the policy before a change that don't hold afterwards for every contract that they held for, by its name of then. Pure.
import { patternPaths } from '../kinds/fields.ts';
import type { ContractState, Edit, FieldLimit } from '../types.ts';
import { matchesPattern } from '../values.ts';
import { type EditsInput, edit, sourceOf } from './edit.ts';

/**
 * The change itself is still judged by both names (policy.ts), the next one only by the new. So a contract that was renamed,
 * became of another kind or is no longer managed is told with each limit that this takes from it.
 */
export function lapsedLimits(input: EditsInput): Edit[] {
  const { before, after } = input;
  if (before === null || after === null) return [];
  const limits = new Map([...before.policy.limits].reverse().map((limit) => [placeOf(limit), limit]));
  return [...limits.values()].flatMap((limit) => lapsedLimit(input, limit, { before: before.state.contracts, after: after.state.contracts }));
}

/** A limit that is read as several (for a field's other names) stands in one place, its own pattern first. */
function placeOf({ match, source }: FieldLimit): string {
  return source === undefined ? match : `${source.line}:${source.column}`;
}

type Contracts = { before: readonly ContractState[]; after: readonly ContractState[] };

function lapsedLimit(input: EditsInput, limit: FieldLimit, { before, after }: Contracts): Edit[] {
  const lost = before.flatMap((old) => {
    const now = after.find(({ address }) => address === old.address);
    const held = now === undefined ? new Set() : limited(input, limit, now);
    return [...limited(input, limit, old)].some((path) => !held.has(path)) ? [{ old, now }] : [];
  });
  if (lost.length === 0) return [];
  const names = lost.flatMap(({ now }) => now?.name ?? []);
  return [
    edit({
      subject: `policy.yaml: limit ${limit.match}`,
      what: 'no longer holds for what it held for',
      from: lost.map(({ old }) => old.name).join(', '),
      to: names.length === 0 ? null : names.join(', '),
      risk: 'ambiguous',
      ...sourceOf(limit),
    }),
  ];
}

/** Paths of a contract that a limit is about, by the contract's name or its kind's. */
function limited({ kinds }: EditsInput, { match }: FieldLimit, { name, kind: kindName }: ContractState): Set<string> {
  const kind = kinds.get(kindName);
  if (kind === undefined) return new Set();
  return new Set(patternPaths(kind).filter((path) => [name, ...kind.lineage].some((owner) => matchesPattern(match, `${owner}.${path}`))));
}
