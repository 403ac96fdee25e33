// Puts a kind file's named lists where it says their names. Pure.
import { nearestName } from './fields.ts';
import type { KindPath, Reporter } from './kind-document.ts';
import type { EffectFile, KindFile } from './kind-file.ts';

/** The file with every list written out. Reports KIND_FIELD for a name that isn't one of `groups`. */
export function expandGroups(file: KindFile, reporter: Reporter): KindFile {
  const expand: Expand = (list, path) => {
    if (typeof list !== 'string') return list;
    const group = new Map(Object.entries(file.groups ?? {})).get(list);
    if (group !== undefined) return group;
    const near = nearestName(list, Object.keys(file.groups ?? {}));
    reporter.report('KIND_FIELD', path, `There is no group ${list}.`, near === null ? 'Add it to groups, or write a list.' : `Perhaps ${near}.`);
    return [];
  };
  const { fields, setters, rules, relay } = file;
  return {
    ...file,
    ...(fields && {
      fields: Object.fromEntries(
        Object.entries(fields).map(([name, field]) => [name, field.over ? { ...field, over: expand(field.over, ['fields', name, 'over']) } : field]),
      ),
    }),
    ...(setters && { setters: setters.map((setter, i) => ({ ...setter, ...expandSetter(setter, ['setters', i], expand) })) }),
    ...(rules && { rules: rules.map((rule, i) => ({ ...rule, ...expandRule(rule, ['rules', i], expand) })) }),
    ...(relay && { relay: { ...relay, targets: expand(relay.targets, ['relay', 'targets']) } }),
  };
}

type Expand = (list: string[] | string, path: KindPath) => string[];
type Setter = NonNullable<KindFile['setters']>[number];
type Rule = NonNullable<KindFile['rules']>[number];

function expandSetter({ sets, effects }: Setter, path: KindPath, expand: Expand): Partial<Setter> {
  const expandEffect = (effect: EffectFile, i: number): EffectFile =>
    'spread' in effect ? { spread: { ...effect.spread, over: expand(effect.spread.over, [...path, 'effects', i, 'spread', 'over']) } } : effect;
  return { ...(sets && { sets: expand(sets, [...path, 'sets']) }), ...(effects && { effects: effects.map(expandEffect) }) };
}

function expandRule({ sum, distinct, answers }: Rule, path: KindPath, expand: Expand): Partial<Rule> {
  return {
    ...(sum && { sum: expand(sum, [...path, 'sum']) }),
    ...(distinct && { distinct: expand(distinct, [...path, 'distinct']) }),
    ...(answers && { answers: { ...answers, fields: expand(answers.fields, [...path, 'answers', 'fields']) } }),
  };
}
