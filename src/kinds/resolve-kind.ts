// A kind file and the kinds that it extends → one resolved kind. Pure.
import type { Kind, KindField, KindRelay, KindSetter, KindSlashes } from './kind.ts';
import type { Reporter } from './kind-document.ts';
import type { KindFile } from './kind-file.ts';
import { type ResolvedAbi, resolveAbi } from './resolve-abi.ts';
import { resolveAliases } from './resolve-aliases.ts';
import { resolveField } from './resolve-fields.ts';
import { resolveRule } from './resolve-rules.ts';
import { checkAccess, checkField, resolvePausesOthers, resolveRelay, resolveSetter, resolveSlashes, type SetterContext } from './resolve-setters.ts';

/** Everything wrong goes to the reporter; what comes back then is incomplete. `parents` are in the order of `extends`. */
export function resolveKind(file: KindFile, parents: readonly Kind[], reporter: Reporter): Kind {
  const abi = resolveAbi(file, parents, reporter);
  const fields = mergeFields(file, parents, abi, reporter);
  const context: SetterContext = { kind: { ...abi, fields }, reporter };
  checkReferences(file, context);
  checkAccess(context, file.access ?? [], ['access']);
  const access = file.access ?? parents.find((parent) => parent.access.length > 0)?.access ?? [];
  const abstract = file.abstract ?? false;
  const merged = resolveAliases(fields, mergeSetters(file, parents, context));
  const setters = merged.map((setter, preference) => ({ ...setter, preference, access: abstract ? setter.access : settleAccess(setter, access, reporter) }));
  const relay = file.relay === undefined ? parents.find((parent) => parent.relay !== undefined)?.relay : resolveRelay(context, file.relay);
  const guard = file.pausesOthers === undefined ? parents.find((parent) => parent.pausesOthers)?.pausesOthers : resolvePausesOthers(context, file.pausesOthers);
  const slashes = file.slashes === undefined ? parents.find((parent) => parent.slashes)?.slashes : resolveSlashes(context, file.slashes);
  const partial = { ...abi, fields: settleWritable(fields, setters), setters };
  const own = (file.rules ?? []).flatMap((rule, i) => resolveRule({ kind: partial, reporter }, rule, i));
  return {
    name: file.name,
    description: file.description,
    lineage: [file.name, ...new Set(parents.flatMap((parent) => parent.lineage))],
    ...partial,
    rules: [...new Set([...own, ...parents.flatMap((parent) => parent.rules)])],
    ...(relay === undefined ? {} : { relay }),
    ...(guard === undefined ? {} : { pausesOthers: guard }),
    ...(slashes === undefined ? {} : { slashes: settleSlashes(slashes, access) }),
    access,
    abstract,
    otherFunctions: uncovered(abi, setters, relay),
  };
}

function mergeFields(file: KindFile, parents: readonly Kind[], abi: ResolvedAbi, reporter: Reporter): Map<string, KindField> {
  const fields = new Map(parents.flatMap((parent) => [...parent.fields]));
  for (const [name, written] of Object.entries(file.fields ?? {})) {
    const field = resolveField(abi, reporter, name, written);
    if (field === null) continue;
    checkOverride(fields.get(name), field, reporter);
    fields.set(name, field);
  }
  return fields;
}

/** A kind of one's own may say more of an inherited power, not turn round what counts as safe. */
function checkOverride(inherited: KindField | undefined, field: KindField, reporter: Reporter): void {
  if (inherited?.role === undefined) return;
  const same = inherited.role === field.role && inherited.risk.up === field.risk.up && inherited.risk.down === field.risk.down;
  if (same) return;
  const { up, down } = inherited.risk;
  reporter.report(
    'KIND_OVERRIDE',
    ['fields', field.name],
    `${field.name} is inherited as ${inherited.role} with risk up ${up}, down ${down}; that can't be changed.`,
    `Write role: ${inherited.role} and risk: { up: ${up}, down: ${down} }, or don't extend that kind.`,
  );
}

/** Own ones first; an inherited one is dropped where the kind says the same function again. */
function mergeSetters(file: KindFile, parents: readonly Kind[], context: SetterContext): KindSetter[] {
  const own = (file.setters ?? []).map((setter, i) => resolveSetter(context, setter, i));
  const said = new Set<string>();
  own.forEach((setter, i) => {
    if (said.has(setter.function)) context.reporter.report('KIND_DUPLICATE', ['setters', i], `${setter.function} is described twice.`, 'Remove one of them.');
    said.add(setter.function);
  });
  const inherited = new Map(parents.flatMap((parent) => parent.setters).map((setter) => [`${setter.function} ${setter.fields.join(' ')}`, setter]));
  return [...own, ...[...inherited.values()].filter((setter) => !said.has(setter.function))];
}

/** `default` replaced by those whom the kind's own `access` names. */
function settleAccess(setter: KindSetter, access: readonly string[], reporter: Reporter): readonly string[] {
  const settled = setter.access.includes('default') ? [...new Set([...access, ...setter.access.filter((who) => who !== 'default')])] : setter.access;
  if (settled.length === 0)
    reporter.report(
      'KIND_ACCESS',
      ['setters'],
      `${setter.function} does not say who may call it.`,
      'Add access, to the setter or to the kind: [owner], or [anyone].',
    );
  return settled;
}

/** As for setters: `default` stands for the kind's own access. */
function settleSlashes(slashes: KindSlashes, access: readonly string[]): KindSlashes {
  return { ...slashes, access: [...new Set(slashes.access.flatMap((who) => (who === 'default' ? access : [who])))] };
}

/** References among fields, which need all of them to be known. */
function checkReferences(file: KindFile, context: SetterContext): void {
  for (const [name, field] of Object.entries(file.fields ?? {})) {
    for (const key of ['aliasOf', 'inherits', 'ownedElsewhere'] as const) {
      const other = field[key];
      if (typeof other === 'string') checkField(context, other, ['fields', name, key]);
    }
    field.over?.forEach((part, i) => checkField(context, part, ['fields', name, 'over', i]));
  }
}

function settleWritable(fields: ReadonlyMap<string, KindField>, setters: readonly KindSetter[]): ReadonlyMap<string, KindField> {
  const written = new Set<string>();
  for (const setter of setters) for (const path of setter.fields) written.add(path.split('.', 1)[0] ?? path);
  const settled = new Map(fields);
  for (const [name, field] of fields) if (field.writable !== written.has(name)) settled.set(name, { ...field, writable: written.has(name) });
  return settled;
}

function uncovered(abi: ResolvedAbi, setters: readonly KindSetter[], relay: KindRelay | undefined): string[] {
  const covered = new Set([...setters.map((setter) => setter.function), relay?.function]);
  return [...abi.functions].filter(([key, fn]) => !fn.view && !covered.has(key)).map(([key]) => key);
}
