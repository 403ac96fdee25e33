// Values in messages, as people read them. Pure.
import { type FormatOptions, formatValue } from '../format.ts';
import type { FieldValue, Unit } from '../types.ts';

/** A field's value in words; null is a member or entry that isn't there. */
export type Show = (value: FieldValue | null, unit: Unit) => string;

export function showWith(options: Omit<FormatOptions, 'unit'>): Show {
  return (value, unit) => (value === null ? 'absent' : formatValue(value, { ...options, unit }));
}
