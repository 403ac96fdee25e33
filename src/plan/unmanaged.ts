// What the chain holds and git doesn't manage, so that nothing is silently ignored. Pure.
import { fieldAt } from '../kinds/fields.ts';
import type { KindField } from '../kinds/kind.ts';
import type { FieldState, Unmanaged } from '../types.ts';
import type { Scope, Target } from './scope.ts';

/**
 * Live fields that no file declares, those under `observe`, and keys that are left out of a field of which others are
 * declared. Not listed: readings that no setter writes, and other names of a declared field.
 */
export function unmanagedOf(scope: Scope): Unmanaged[] {
  return [...scope.byName.values()].flatMap(ofTarget);
}

function ofTarget(target: Target): Unmanaged[] {
  const { desired, live, kind } = target;
  if (desired === null) return [];
  const declaredFields = declaredNames(target);
  const found: Unmanaged[] = [];
  for (const state of live.fields.values()) {
    const observed = desired.observe.has(state.path);
    if (desired.fields.has(state.path) && !observed) continue;
    const field = fieldAt(kind, state.path)?.field;
    if (field === undefined) continue;
    if (!observed && (!field.writable || field.aliasOf !== undefined || (declaredFields.has(field.name) && state.path === field.name))) continue;
    found.push({
      contract: target.name,
      field: state.path,
      value: state.value,
      unit: field.unit,
      reason: reasonOf({ observed, state, field, declaredFields }),
    });
  }
  return found;
}

/** Names of declared fields; of a declared alias also what it is another name of. */
function declaredNames(target: Target): ReadonlySet<string> {
  const names = new Set<string>();
  for (const path of target.desired?.fields.keys() ?? []) {
    const field = fieldAt(target.kind, path)?.field;
    names.add(field?.name ?? path);
    if (field?.aliasOf !== undefined) names.add(field.aliasOf);
  }
  return names;
}

type ReasonInput = { observed: boolean; state: FieldState; field: KindField; declaredFields: ReadonlySet<string> };

function reasonOf({ observed, state, field, declaredFields }: ReasonInput): Unmanaged['reason'] {
  if (observed) return 'observed';
  return state.path !== field.name && declaredFields.has(field.name) ? 'undeclared key' : 'not declared';
}
