// A plan as JSON, for programs: the whole of it, in the shape that schemas/plan.schema.json publishes. Pure.
import type { Plan } from '../types.ts';
import { toJson } from '../values.ts';

/**
 * Plain data for `JSON.stringify`. Integers are decimal strings in the smallest unit, maps are objects; addresses are
 * checksummed. Nothing is left out, so that a plan file says all that was shown.
 */
export function planJson(plan: Plan): Record<string, unknown> {
  return toJson(plan) as Record<string, unknown>;
}
