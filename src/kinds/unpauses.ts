// Which changes let something run again. Pure.
import type { Change } from '../types.ts';
import type { Kinds } from './kind.ts';

/** Whether a change lets something run that a flag had stopped. */
export function unpauses({ kind, field: path, risk, to }: Change, kinds: Kinds): boolean {
  const field = kinds.get(kind)?.fields.get(path);
  if (field === undefined || (field.role !== 'pause' && field.shape !== 'aggregate')) return false;
  return risk === 'increase' || (risk === 'ambiguous' && to?.type === 'scalar' && to.value === false);
}
