// The rules of a kind file → their resolved shape. Pure.
import type { Kind, KindRule } from './kind.ts';
import type { KindPath, Reporter } from './kind-document.ts';
import type { RuleFile } from './kind-file.ts';
import { checkField } from './resolve-setters.ts';

export type RuleContext = { kind: Pick<Kind, 'fields' | 'functions' | 'foreign' | 'errors' | 'setters'>; reporter: Reporter };

/** One rule, or one for each field where it lists several. Reports KIND_FIELD, KIND_FUNCTION, KIND_ERROR. */
export function resolveRule(context: RuleContext, file: RuleFile, index: number): KindRule[] {
  const path: KindPath = ['rules', index];
  const rules = bodiesOf(file);
  for (const field of rules.flatMap(fieldsOf)) checkField(context, field, path);
  checkNames(context, file, path);
  const setters = file.setters === undefined ? {} : { setters: file.setters };
  const revert = file.revert === undefined ? {} : { revert: file.revert };
  return rules.map((rule) => ({ ...rule, ...setters, ...revert, message: file.message, severity: file.severity ?? 'error' }));
}

type Body = KindRule extends infer Rule ? (Rule extends { rule: string } ? Omit<Rule, 'setters' | 'revert' | 'message' | 'severity'> : never) : never;

function bodiesOf(file: RuleFile): Body[] {
  const { order, notEqual, memberOf, answers, linked } = file;
  if (file.sum) return [sumOf(file, file.sum)];
  if (order) return [{ rule: 'order', strict: false, zeroIsOff: false, ...order }];
  if (file.between) return [{ rule: 'between', ...file.between }];
  if (notEqual) return [{ rule: 'notEqual', zeroPasses: false, ...notEqual }];
  if (file.distinct) return pairsOf(file.distinct).map(([field, other]) => ({ rule: 'notEqual', zeroPasses: false, field, other }));
  if (memberOf) return [{ rule: 'memberOf', zeroPasses: false, ...memberOf }];
  if (file.count) return [{ rule: 'count', ...file.count }];
  const { fields = [], ...wanted } = answers ?? { function: '', equals: false };
  if (answers) return fields.map((field) => ({ rule: 'answers', zeroPasses: false, field, ...wanted }));
  return linked ? [{ rule: 'linked', ...linked }] : [];
}

function pairsOf(fields: readonly string[]): [string, string][] {
  return fields.flatMap((field, i) => fields.slice(i + 1).map((other): [string, string] => [field, other]));
}

function sumOf({ min, max, group }: RuleFile, fields: readonly string[]): Body {
  return { rule: 'sum', fields, ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }), group: group ?? false };
}

/** Fields of this contract that the rule speaks of. */
export function fieldsOf(rule: Body): string[] {
  if (rule.rule === 'sum') return [...rule.fields];
  if (rule.rule === 'order') return [rule.lower, rule.upper];
  if (rule.rule === 'between') return [rule.field, rule.low, rule.high];
  if (rule.rule === 'notEqual') return [rule.field, rule.other];
  if (rule.rule === 'memberOf') return [rule.field, rule.set];
  if (rule.rule === 'count') return typeof rule.max === 'string' ? [rule.of, rule.max] : [rule.of];
  return rule.rule === 'answers' ? [rule.field] : [rule.via];
}

function checkNames({ kind, reporter }: RuleContext, file: RuleFile, path: KindPath): void {
  const asked = file.answers?.function;
  if (asked !== undefined && !kind.foreign.has(asked)) reporter.report('KIND_FUNCTION', path, `foreignAbi has no function ${asked}.`, 'Add it to foreignAbi.');
  (file.setters ?? []).forEach((name, i) => {
    if (!kind.setters.some((setter) => setter.function === name))
      reporter.report('KIND_FUNCTION', [...path, 'setters', i], `There is no setter ${name}.`, 'Name the function of one of the setters.');
  });
  const error = /^([A-Za-z_$][\w$]*)\(/.exec(file.revert ?? '')?.[1];
  if (error !== undefined && error !== 'Error' && !kind.errors.some((known) => known.name === error))
    reporter.report('KIND_ERROR', [...path, 'revert'], `abi has no error ${error}.`, 'Add it to abi.');
}
