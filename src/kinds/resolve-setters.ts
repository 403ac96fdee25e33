// The setters and the relay of a kind file → their resolved shape, arguments checked against the ABI. Pure.
import type { Scalar } from '../types.ts';
import { fieldAt, nearestName } from './fields.ts';
import type { Kind, KindEffect, KindField, KindPausesOthers, KindRelay, KindSetter, KindSlashes, SetterArgument } from './kind.ts';
import type { KindPath, Reporter } from './kind-document.ts';
import type { ArgumentFile, EffectFile, KindFile, SetterFile } from './kind-file.ts';

export type SetterContext = { kind: Pick<Kind, 'fields' | 'functions' | 'events'>; reporter: Reporter };

type Does = KindSetter['does'];
type Verb = {
  does: Does;
  fields: readonly string[];
  arguments: readonly SetterArgument[];
  path: KindPath;
  shapes: readonly KindField['shape'][];
  assigns?: Scalar;
};

/** Reports KIND_FUNCTION, KIND_FIELD, KIND_EVENT, KIND_ARGUMENTS, KIND_ACCESS. */
export function resolveSetter(context: SetterContext, file: SetterFile, index: number): KindSetter {
  const path: KindPath = ['setters', index];
  const verb = verbOf(context, file, path);
  const wanted = file.arguments?.map(argumentOf) ?? verb.arguments;
  for (const field of verb.fields) checkTarget(context, field, verb);
  (file.emits ?? []).forEach((event, i) => checkName(context, context.kind.events, event, 'KIND_EVENT', [...path, 'emits', i]));
  checkSignature(context, file.function, verb, wanted, path);
  const access = file.access ?? ['default'];
  checkAccess(context, access, [...path, 'access']);
  const effects = (file.effects ?? []).map((effect, i) => resolveEffect(context, effect, [...path, 'effects', i]));
  const assigns = verb.assigns === undefined ? {} : { assigns: verb.assigns };
  return {
    function: file.function,
    does: verb.does,
    fields: verb.fields,
    arguments: wanted,
    ...assigns,
    access,
    emits: file.emits ?? [],
    preference: index,
    effects,
  };
}

export function resolveRelay(context: SetterContext, relay: NonNullable<KindFile['relay']>): KindRelay {
  const fn = checkName(context, context.kind.functions, relay.function, 'KIND_FUNCTION', ['relay', 'function'])
    ? context.kind.functions.get(relay.function)
    : undefined;
  const types = fn?.inputs.map((input) => input.type).join();
  if (fn !== undefined && types !== 'address,bytes')
    context.reporter.report('KIND_ARGUMENTS', ['relay', 'function'], `${relay.function} takes (${types}).`, 'A relay takes (address target, bytes data).');
  relay.targets.forEach((field, i) => checkField(context, field, ['relay', 'targets', i]));
  checkAccess(context, relay.access, ['relay', 'access']);
  return relay;
}

export function resolvePausesOthers(context: SetterContext, written: NonNullable<KindFile['pausesOthers']>): KindPausesOthers {
  const path = ['pausesOthers', 'function'];
  const fn = checkName(context, context.kind.functions, written.function, 'KIND_FUNCTION', path) ? context.kind.functions.get(written.function) : undefined;
  const shape = fn === undefined ? null : `(${typesOf(fn.inputs)}) and returns (${typesOf(fn.outputs)})`;
  if (shape !== null && shape !== '(address[]) and returns (uint8[])')
    context.reporter.report('KIND_ARGUMENTS', path, `${written.function} takes ${shape}.`, 'It takes (address[] targets) and returns (uint8[] outcomes).');
  checkAccess(context, written.access, ['pausesOthers', 'access']);
  return written;
}

const slashTypes = 'uint256,address,uint256,address,string';

export function resolveSlashes(context: SetterContext, written: NonNullable<KindFile['slashes']>): KindSlashes {
  const { kind, reporter } = context;
  const fnPath: KindPath = ['slashes', 'function'];
  const eventPath: KindPath = ['slashes', 'event'];
  const fn = checkName(context, kind.functions, written.function, 'KIND_FUNCTION', fnPath) ? kind.functions.get(written.function) : undefined;
  const event = checkName(context, kind.events, written.event, 'KIND_EVENT', eventPath) ? kind.events.get(written.event) : undefined;
  const right = '(uint256 round, address validator, uint256 amount, address recipient, string reason)';
  if (fn !== undefined && typesOf(fn.inputs) !== slashTypes)
    reporter.report('KIND_ARGUMENTS', fnPath, `${written.function} takes (${typesOf(fn.inputs)}).`, `It takes ${right}.`);
  if (event !== undefined && (typesOf(event.inputs) !== slashTypes || event.inputs[4]?.indexed === true))
    reporter.report('KIND_ARGUMENTS', eventPath, `${written.event} has (${typesOf(event.inputs)}).`, `It has ${right}, and the reason is not indexed.`);
  checkAccess(context, written.access, ['slashes', 'access']);
  if (written.via !== undefined) checkField(context, written.via, ['slashes', 'via']);
  return written;
}

function typesOf(parameters: readonly { type: string }[]): string {
  return parameters.map(({ type }) => type).join();
}

const single: readonly (readonly [
  Exclude<keyof SetterFile, 'function' | 'sets' | 'assigns' | 'arguments' | 'access' | 'emits' | 'effects'>,
  Does,
  readonly SetterArgument['from'][],
  readonly KindField['shape'][],
])[] = [
  ['setsKey', 'setKey', ['key', 'value'], ['keyed']],
  ['unsetsKey', 'unsetKey', ['key'], ['keyed']],
  ['toggles', 'toggleMember', ['member', 'flag'], ['members', 'keyedMembers']],
  ['adds', 'addMember', ['member'], ['members', 'keyedMembers']],
  ['removes', 'removeMember', ['member'], ['members', 'keyedMembers']],
  ['upserts', 'upsertEntry', ['key', 'value'], ['entries']],
  ['removesEntry', 'removeEntry', ['key'], ['entries']],
];

function verbOf(context: SetterContext, file: SetterFile, path: KindPath): Verb {
  if (file.sets !== undefined)
    return {
      does: 'set',
      fields: file.sets,
      arguments: file.sets.map((field) => ({ from: 'field', field })),
      path: [...path, 'sets'],
      shapes: ['value', 'keyed'],
    };
  for (const [verb, does, from, shapes] of single) {
    const field = file[verb];
    if (field === undefined) continue;
    const keyed = context.kind.fields.get(field)?.shape === 'keyedMembers' ? [{ from: 'key' } as const] : [];
    return { does, fields: [field], arguments: [...keyed, ...from.map((each) => ({ from: each }) as SetterArgument)], path: [...path, verb], shapes };
  }
  const [field, assigns] = Object.entries(file.assigns ?? {})[0] ?? ['', false];
  return { does: 'assign', fields: [field], arguments: [], assigns, path: [...path, 'assigns'], shapes: ['value', 'aggregate'] };
}

function argumentOf(argument: ArgumentFile): SetterArgument {
  if (typeof argument === 'string') return { from: argument };
  return 'field' in argument ? { from: 'field', field: argument.field } : { from: 'constant', value: argument.constant };
}

function checkTarget(context: SetterContext, path: string, verb: Verb): void {
  const field = checkField(context, path, verb.path);
  if (field === null || verb.shapes.includes(field.shape)) return;
  context.reporter.report(
    'KIND_FIELD',
    verb.path,
    `${path} is of another form (${field.shape}) than this verb writes.`,
    'Use sets for values, setsKey for keyed fields, toggles, adds and removes for sets, upserts for entries.',
  );
}

/** Whether each argument's value is of the family that the function takes. */
function checkSignature(context: SetterContext, name: string, verb: Verb, wanted: readonly SetterArgument[], path: KindPath): void {
  if (!checkName(context, context.kind.functions, name, 'KIND_FUNCTION', [...path, 'function'])) return;
  const inputs = context.kind.functions.get(name)?.inputs ?? [];
  const target = fieldAt(context.kind, verb.fields[0] ?? '')?.field;
  const types = wanted.map((argument) => argumentType(context, argument, target, path));
  const fits = types.length === inputs.length && types.every((type, i) => type === null || family(type) === family(inputs[i]?.type ?? ''));
  if (fits) return;
  const expected = types.map((type) => type ?? 'any').join(', ');
  context.reporter.report(
    'KIND_ARGUMENTS',
    path,
    `${name} takes (${inputs.map((input) => input.type).join(', ')}), and would be given (${expected}).`,
    'List the fields in the order of its arguments, or say arguments.',
  );
}

function argumentType(context: SetterContext, argument: SetterArgument, target: KindField | undefined, path: KindPath): string | null {
  if (argument.from === 'constant' || target === undefined) return null;
  if (argument.from === 'field') return checkField(context, argument.field, [...path, 'arguments'])?.type ?? null;
  if (argument.from === 'member') return 'address';
  if (argument.from === 'flag') return 'bool';
  if (argument.from === 'value') return target.type;
  return target.shape === 'keyed' || target.shape === 'entries' ? target.keyType : target.shape === 'keyedMembers' ? 'bytes32' : null;
}

/** Widths of integers may differ between getter and setter; everything else is the same type. */
function family(type: string): string {
  return type.replace(/^(u?int)[0-9]+$/, '$1');
}

function resolveEffect(context: SetterContext, effect: EffectFile, path: KindPath): KindEffect {
  if ('copy' in effect) {
    for (const field of [effect.copy.field, effect.copy.to]) checkField(context, field, path);
    return { effect: 'copy', ...effect.copy };
  }
  if ('clamp' in effect) {
    const { field, low, high } = effect.clamp;
    for (const each of [field, low, high]) checkField(context, each, path);
    return { effect: 'clamp', to: field, low, high };
  }
  for (const field of [...effect.spread.over, effect.spread.from]) checkField(context, field, path);
  return { effect: 'spread', ...effect.spread };
}

export function checkAccess(context: SetterContext, access: readonly string[], path: KindPath): void {
  access.forEach((who, i) => {
    if (who !== 'anyone' && who !== 'default') checkField(context, who, [...path, i]);
  });
}

export function checkField({ kind, reporter }: Pick<SetterContext, 'reporter'> & { kind: Pick<Kind, 'fields'> }, path: string, at: KindPath): KindField | null {
  const found = fieldAt(kind, path);
  if (found !== null) return found.field;
  const near = nearestName(path, kind.fields.keys());
  reporter.report('KIND_FIELD', at, `There is no field ${path}.`, near === null ? 'Add it to fields.' : `Perhaps ${near}.`);
  return null;
}

function checkName(
  { reporter }: SetterContext,
  known: ReadonlyMap<string, unknown>,
  name: string,
  code: 'KIND_FUNCTION' | 'KIND_EVENT',
  at: KindPath,
): boolean {
  if (known.has(name)) return true;
  const names = [...known.keys()];
  const same = names.filter((candidate) => candidate.startsWith(`${name}(`));
  const near = same.length > 0 ? same.join(' or ') : nearestName(name, names);
  reporter.report(code, at, `abi has no ${code === 'KIND_EVENT' ? 'event' : 'function'} ${name}.`, near === null ? 'Add it to abi.' : `Perhaps ${near}.`);
  return false;
}
