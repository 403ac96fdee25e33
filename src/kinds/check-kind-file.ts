// Whether parsed data has the form of a kind file: ajv's verdict in words, with places. Pure.
import { expandGroups } from './expand-groups.ts';
import { nearestName } from './fields.ts';
import type { KindPath, Reporter } from './kind-document.ts';
import type { KindFile } from './kind-file.ts';
import { keys, type SchemaFault, validate } from './kind-schema-check.mjs';

/** The data as a kind file, or null and a report of KIND_SHAPE for each breach. */
export function checkKindFile(data: unknown, reporter: Reporter): KindFile | null {
  if (validate(withNumbers(data))) return expandGroups(data as KindFile, reporter);
  for (const fault of distinct(validate.errors ?? [])) {
    const path = pathOf(fault);
    const { message, fix } = inWords(fault, path);
    reporter.report('KIND_SHAPE', path, message, fix);
  }
  return null;
}

/** ajv knows no bigint; precision doesn't matter for the form. Parts without any are not copied. */
function withNumbers(data: unknown): unknown {
  if (typeof data === 'bigint') return Number(data);
  if (typeof data !== 'object' || data === null) return data;
  const original = data as Record<string, unknown>;
  let copy: Record<string, unknown> | null = null;
  for (const key of Object.keys(original)) {
    const value = original[key];
    const converted = withNumbers(value);
    if (converted === value) continue;
    copy ??= (Array.isArray(data) ? [...data] : { ...original }) as Record<string, unknown>;
    copy[key] = converted;
  }
  return copy ?? data;
}

/** Without what only follows from another fault: branches of a choice, and the choice of an if. */
function distinct(faults: readonly SchemaFault[]): SchemaFault[] {
  const choices = faults.filter((fault) => fault.keyword === 'oneOf').map((fault) => `${fault.instancePath} `);
  const seen = new Set<string>();
  return faults.filter((fault) => {
    if (fault.keyword === 'if' || fault.keyword === 'propertyNames') return false;
    if (fault.schemaPath.includes('/oneOf/') && choices.includes(`${fault.instancePath} `)) return false;
    const key = JSON.stringify([fault.instancePath, fault.keyword, fault.params]);
    return !seen.has(key) && seen.add(key) !== undefined;
  });
}

function pathOf(fault: SchemaFault): KindPath {
  const path = fault.instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  const extra = fault.params['additionalProperty'] ?? fault.propertyName;
  return typeof extra === 'string' ? [...path, extra] : path;
}

function inWords({ keyword, params }: SchemaFault, path: KindPath): { message: string; fix: string } {
  const what = path.length === 0 ? 'The file' : path.join('.');
  if (keyword === 'additionalProperties') return unknownKey(path);
  if (keyword === 'required') return { message: `${what} lacks ${params['missingProperty']}.`, fix: `Add ${params['missingProperty']}.` };
  if (keyword === 'enum') return { message: `${what} is not one of the words for it.`, fix: `Use ${(params['allowedValues'] as unknown[]).join(', ')}.` };
  if (keyword === 'const') return { message: `${what} is not ${params['allowedValue']}.`, fix: `Write ${params['allowedValue']}.` };
  if (keyword === 'type') return { message: `${what} is not ${[params['type']].flat().join(' or ')}.`, fix: 'Give a value of that form.' };
  if (keyword === 'pattern') return { message: `${what} is not of its form.`, fix: `It must match ${params['pattern']}.` };
  if (keyword === 'oneOf') return { message: `${what} must say exactly one thing.`, fix: choiceFor(path) };
  if (keyword === 'dependencies')
    return { message: `${what} has ${params['property']} without ${params['deps']}.`, fix: `Add ${params['deps']}, or remove ${params['property']}.` };
  if (keyword === 'not') return { message: `${what} is of several forms at once.`, fix: 'Use one of keys, members, entries, over.' };
  return { message: `${what} breaks ${keyword} ${params['limit'] ?? ''}.`, fix: 'See schemas/kind.schema.json.' };
}

function unknownKey(path: KindPath): { message: string; fix: string } {
  const key = String(path.at(-1));
  const [part] = path;
  const known = path.length === 3 && (part === 'fields' || part === 'setters' || part === 'rules') ? keys[part] : path.length === 1 ? keys.kind : [];
  const near = nearestName(key, known);
  return { message: `There is no key ${key} here.`, fix: near === null ? 'Remove it.' : `Perhaps ${near}.` };
}

function choiceFor(path: KindPath): string {
  if (path[0] === 'setters') return 'One of sets, setsKey, unsetsKey, toggles, adds, removes, upserts, removesEntry, assigns.';
  return path[0] === 'rules' ? 'One of sum, order, between, notEqual, distinct, memberOf, count, answers, linked.' : 'One of value, constant.';
}
