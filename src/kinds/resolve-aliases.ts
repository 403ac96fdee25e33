// Two names of one thing (`owner` and `governance`): each gets the other's setters, and what one writes shows in both. Pure.
import type { Kind, KindEffect, KindField, KindSetter } from './kind.ts';

/** The setters with those that only an alias lacks, and with a `copy` effect wherever one of two names is written. */
export function resolveAliases(fields: Kind['fields'], setters: readonly KindSetter[]): KindSetter[] {
  const aliases = [...fields.values()].flatMap((field) => (field.aliasOf === undefined ? [] : [{ alias: field, target: field.aliasOf }]));
  if (aliases.length === 0) return [...setters];
  const all = [...setters];
  for (const { alias, target } of aliases) {
    if (!all.some((setter) => setter.fields.includes(alias.name)))
      all.push(...setters.filter((setter) => setter.fields.includes(target)).map((setter) => renamed(setter, target, alias)));
  }
  return all.map((setter) => aliases.reduce((each, { alias, target }) => copying(copying(each, target, alias.name), alias.name, target), setter));
}

function renamed(setter: KindSetter, target: string, alias: KindField): KindSetter {
  const rename = (field: string) => (field === target ? alias.name : field);
  const wanted = setter.arguments.map((argument) => (argument.from === 'field' ? { ...argument, field: rename(argument.field) } : argument));
  return { ...setter, fields: setter.fields.map(rename), arguments: wanted };
}

function copying(setter: KindSetter, from: string, to: string): KindSetter {
  const wanted: KindEffect = { effect: 'copy', field: from, to };
  const known = setter.effects.some((effect) => effect.effect === 'copy' && effect.field === from && effect.to === to);
  return !setter.fields.includes(from) || known ? setter : { ...setter, effects: [...setter.effects, wanted] };
}
