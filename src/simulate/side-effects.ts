// Fields that moved although no change is about them: foreseen ones, corrected ones, surprises; and their findings. Pure.
import type { Code } from '../errors.ts';
import { type FormatOptions, formatValue } from '../format.ts';
import type { FieldValue, Finding, Plan, SideEffect } from '../types.ts';
import { type Moved, placeOf } from './compare.ts';

/** `stepOf`: id of the step that moved a field, by `contract.field`. `format`: how values are written in findings. */
type Input = { plan: Plan; moved: readonly Moved[]; stepOf: ReadonlyMap<string, string>; format?: FormatOptions };

/**
 * What the simulation saw, and those that the plan foresaw and puts back. PROOF_SIDE_EFFECT: an error for a managed
 * field, since git and chain would differ at the end; a warning for another that the plan doesn't show already.
 */
export function sideEffectsOf({ plan, moved, stepOf, format = {} }: Input): { sideEffects: SideEffect[]; findings: Finding[] } {
  const foreseen = new Map(plan.sideEffects.map((effect) => [placeOf(effect), effect]));
  const seen = new Set(moved.map(placeOf));
  const left = moved.map((one): SideEffect => {
    const step = foreseen.get(placeOf(one))?.step ?? stepOf.get(placeOf(one)) ?? plan.steps.at(-1)?.id ?? '';
    return { ...one, step, corrected: false };
  });
  const corrected = plan.sideEffects.filter((effect) => effect.corrected && !seen.has(placeOf(effect)));
  const findings = left.filter((effect) => effect.managed || !foreseen.has(placeOf(effect))).map((effect) => sideEffectFinding(effect, format));
  return { sideEffects: [...left, ...corrected], findings };
}

function sideEffectFinding(effect: SideEffect, format: FormatOptions): Finding {
  const inWords = (value: FieldValue): string => formatValue(value, { ...format, unit: effect.unit });
  return {
    code: 'PROOF_SIDE_EFFECT' satisfies Code,
    severity: effect.managed ? 'error' : 'warning',
    message: `${effect.step} also changes ${placeOf(effect)} from ${inWords(effect.from)} to ${inWords(effect.to)}.`,
    fix: effect.managed ? 'Declare the value that is meant, or leave out the change that causes it.' : 'Declare the field in YAML if it should be kept.',
    contract: effect.contract,
    field: effect.field,
  };
}
