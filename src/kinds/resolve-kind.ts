// A kind file and the kinds that it extends → one resolved kind. Pure.
import type { Kind, KindField, KindSetter } from './kind.ts';
import type { Reporter } from './kind-document.ts';
import type { KindFile } from './kind-file.ts';
import { resolveAbi } from './resolve-abi.ts';
import { resolveField } from './resolve-fields.ts';
import { resolveRule } from './resolve-rules.ts';
import { checkField, resolveRelay, resolveSetter, type SetterContext } from './resolve-setters.ts';

/** Everything wrong goes to the reporter; what comes back then is incomplete. `parents` are in the order of `extends`. */
export function resolveKind(file: KindFile, parents: readonly Kind[], reporter: Reporter): Kind {
  const abi = resolveAbi(file, parents, reporter);
  const fields = mergeFields(file, parents, abi, reporter);
  const context: SetterContext = { kind: { ...abi, fields }, reporter, access: file.access };
  checkReferences(file, context);
  const setters = mergeSetters(file, parents, context);
  const relay = file.relay === undefined ? parents.find((parent) => parent.relay !== undefined)?.relay : resolveRelay(context, file.relay);
  const partial = { ...abi, fields: settleWritable(fields, setters), setters };
  const own = (file.rules ?? []).map((rule, i) => resolveRule({ kind: partial, reporter }, rule, i));
  return {
    name: file.name,
    description: file.description,
    lineage: [file.name, ...new Set(parents.flatMap((parent) => parent.lineage))],
    ...partial,
    rules: [...new Set([...own, ...parents.flatMap((parent) => parent.rules)])],
    ...(relay === undefined ? {} : { relay }),
    otherFunctions: uncovered({ ...partial, ...(relay === undefined ? {} : { relay }) }),
  };
}

function mergeFields(file: KindFile, parents: readonly Kind[], abi: ReturnType<typeof resolveAbi>, reporter: Reporter): Map<string, KindField> {
  const fields = new Map(parents.flatMap((parent) => [...parent.fields]));
  for (const [name, written] of Object.entries(file.fields ?? {})) {
    const field = resolveField(abi, reporter, name, written);
    if (field !== null) fields.set(name, field);
  }
  return fields;
}

/** Own ones first; an inherited one is dropped where the kind says the same function again. */
function mergeSetters(file: KindFile, parents: readonly Kind[], context: SetterContext): KindSetter[] {
  const own = (file.setters ?? []).map((setter, i) => resolveSetter(context, setter, i));
  const said = new Set(own.map((setter) => setter.function));
  own.forEach((setter, i) => {
    if (own.findIndex((other) => other.function === setter.function) < i)
      context.reporter.report('KIND_DUPLICATE', ['setters', i], `${setter.function} is described twice.`, 'Remove one of them.');
  });
  const inherited = new Map(parents.flatMap((parent) => parent.setters).map((setter) => [setter.function, setter]));
  return [...own, ...[...inherited.values()].filter((setter) => !said.has(setter.function))].map((setter, preference) => ({ ...setter, preference }));
}

/** References among fields, which need all of them to be known. */
function checkReferences(file: KindFile, context: SetterContext): void {
  for (const [name, field] of Object.entries(file.fields ?? {})) {
    const path = ['fields', name];
    if (field.aliasOf !== undefined) checkField(context, field.aliasOf, [...path, 'aliasOf']);
    if (field.inherits !== undefined) checkField(context, field.inherits, [...path, 'inherits']);
    if (typeof field.ownedElsewhere === 'string') checkField(context, field.ownedElsewhere, [...path, 'ownedElsewhere']);
    (field.over ?? []).forEach((part, i) => checkField(context, part, [...path, 'over', i]));
  }
}

function settleWritable(fields: ReadonlyMap<string, KindField>, setters: readonly KindSetter[]): Map<string, KindField> {
  const written = new Set(setters.flatMap((setter) => setter.fields.map((path) => path.split('.')[0])));
  return new Map([...fields].map(([name, field]) => [name, { ...field, writable: written.has(name) }]));
}

function uncovered(kind: Pick<Kind, 'functions' | 'setters' | 'relay'>): string[] {
  const covered = new Set([...kind.setters.map((setter) => setter.function), kind.relay?.function]);
  return [...kind.functions].filter(([key, fn]) => !fn.view && !covered.has(key)).map(([key]) => key);
}
