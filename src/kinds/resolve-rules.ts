// The rules of a kind file → their resolved shape. Pure.
import type { Kind, KindRule } from './kind.ts';
import type { KindPath, Reporter } from './kind-document.ts';
import type { RuleFile } from './kind-file.ts';
import { checkField } from './resolve-setters.ts';

export type RuleContext = { kind: Pick<Kind, 'fields' | 'functions' | 'foreign' | 'errors' | 'setters'>; reporter: Reporter };

/** Reports KIND_FIELD, KIND_FUNCTION, KIND_ERROR. */
export function resolveRule(context: RuleContext, file: RuleFile, index: number): KindRule {
  const path: KindPath = ['rules', index];
  const rule = bodyOf(file);
  for (const field of fieldsOf(rule)) checkField(context, field, path);
  checkNames(context, file, rule, path);
  const setters = file.setters === undefined ? {} : { setters: file.setters };
  const revert = file.revert === undefined ? {} : { revert: file.revert };
  return { ...rule, ...setters, ...revert, message: file.message, severity: file.severity ?? 'error' };
}

type Body = KindRule extends infer Rule ? (Rule extends { rule: string } ? Omit<Rule, 'setters' | 'revert' | 'message' | 'severity'> : never) : never;

function bodyOf(file: RuleFile): Body {
  const { sum, order, between, notEqual, memberOf, count, answers, linked } = file;
  if (sum)
    return {
      rule: 'sum',
      fields: sum,
      ...(file.min === undefined ? {} : { min: file.min }),
      ...(file.max === undefined ? {} : { max: file.max }),
      group: file.group ?? false,
    };
  if (order) return { rule: 'order', lower: order.lower, upper: order.upper, strict: order.strict ?? false, zeroIsOff: order.zeroIsOff ?? false };
  if (between) return { rule: 'between', ...between };
  if (notEqual) return { rule: 'notEqual', field: notEqual.field, other: notEqual.other, zeroPasses: notEqual.zeroPasses ?? false };
  if (memberOf) return { rule: 'memberOf', field: memberOf.field, set: memberOf.set, zeroPasses: memberOf.zeroPasses ?? false };
  if (count) return { rule: 'count', ...count };
  if (answers) return { rule: 'answers', field: answers.field, function: answers.function, equals: answers.equals, zeroPasses: answers.zeroPasses ?? false };
  return { rule: 'linked', via: linked?.via ?? '', set: linked?.set ?? '' };
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

function checkNames({ kind, reporter }: RuleContext, file: RuleFile, rule: Body, path: KindPath): void {
  if (rule.rule === 'answers' && !kind.foreign.has(rule.function))
    reporter.report('KIND_FUNCTION', path, `foreignAbi has no function ${rule.function}.`, 'Add it to foreignAbi.');
  (file.setters ?? []).forEach((name, i) => {
    if (!kind.setters.some((setter) => setter.function === name))
      reporter.report('KIND_FUNCTION', [...path, 'setters', i], `There is no setter ${name}.`, 'Name the function of one of the setters.');
  });
  const error = /^([A-Za-z_$][\w$]*)\(/.exec(file.revert ?? '')?.[1];
  if (error !== undefined && !kind.errors.some((known) => known.name === error))
    reporter.report('KIND_ERROR', [...path, 'revert'], `abi has no error ${error}.`, 'Add it to abi.');
}
