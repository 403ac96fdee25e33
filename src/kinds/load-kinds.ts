// The kinds room turns schemas/kinds/*.yaml and a user's own kind files into resolved kinds, and answers questions about
// them. It reads those files and nothing else: no chain, no desired state, no decisions.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MooringError } from '../errors.ts';
import type { Finding } from '../types.ts';
import { checkKindFile } from './check-kind-file.ts';
import { nearestName } from './fields.ts';
import type { Kind, Kinds } from './kind.ts';
import { parseKindDocument, type Reporter } from './kind-document.ts';
import { resolveKind } from './resolve-kind.ts';

/** A kind file of one's own: its path, for messages and for its name, and its text. */
export type OwnKind = { file: string; text: string };

type Loading = { own: ReadonlyMap<string, OwnKind>; loaded: Map<string, Kind | null>; underWay: string[]; findings: Finding[] };
/** Who asked for a kind, to say so where it doesn't exist. */
type Asked = { reporter: Reporter; index: number } | null;

/**
 * The kinds of these names (all, when `names` is absent), own ones and built-in ones; what they extend is read too, but
 * is not in the result. Throws KIND_INVALID with every finding of every file that was read.
 * SIDE EFFECTS: reads schemas/kinds/ of this package.
 */
export function loadKinds({ names, own = [] }: { names?: readonly string[]; own?: readonly OwnKind[] } = {}): Kinds {
  const loading: Loading = { own: new Map(own.map((kind) => [nameOf(kind.file), kind])), loaded: new Map(), underWay: [], findings: [] };
  const builtIn = new Set(own.length > 0 || names === undefined ? builtInNames() : []);
  own.forEach((kind, i) => {
    const name = nameOf(kind.file);
    const taken = builtIn.has(name) ? 'a built-in kind' : own.findIndex((other) => nameOf(other.file) === name) < i ? 'another kind' : null;
    if (taken !== null)
      loading.findings.push({
        code: 'KIND_DUPLICATE',
        severity: 'error',
        message: `${name} is the name of ${taken}.`,
        fix: 'Give it a name of its own.',
        source: { file: kind.file, line: 1, column: 1 },
      });
  });
  const wanted = names ?? [...builtIn, ...loading.own.keys()];
  const kinds = new Map<string, Kind>();
  for (const name of wanted) {
    const kind = load(loading, name, null);
    if (kind?.abstract === false) kinds.set(name, kind);
    else if (kind !== null && names !== undefined) complain(loading, null, 'KIND_ABSTRACT', `${name} is only for extending.`, 'Use a kind that extends it.');
  }
  if (loading.findings.length > 0)
    throw new MooringError('KIND_INVALID', loading.findings.map((finding) => finding.message).join(' '), { findings: loading.findings });
  return kinds;
}

/** Names of the kinds that there are: the built-in ones and, by their file's name, those of one's own. */
export function kindNames(own: readonly Pick<OwnKind, 'file'>[] = []): string[] {
  return [...builtInNames(), ...own.map((kind) => nameOf(kind.file))].sort();
}

function load(loading: Loading, name: string, asked: Asked): Kind | null {
  const known = loading.loaded.get(name);
  if (known !== undefined) return known;
  const circle = loading.underWay.indexOf(name);
  if (circle >= 0) {
    complain(loading, asked, 'KIND_CYCLE', `${[...loading.underWay.slice(circle), name].join(' extends ')}.`, 'Take one of them out of extends.');
    return null;
  }
  const source = sourceOf(loading, name);
  if (source === null) {
    const near = nearestName(name, kindNames([...loading.own.values()]));
    complain(
      loading,
      asked,
      'KIND_NOT_FOUND',
      `There is no kind ${name}.`,
      near === null ? `There are ${kindNames([...loading.own.values()]).join(', ')}.` : `Perhaps ${near}.`,
    );
    return null;
  }
  loading.underWay.push(name);
  const kind = build(loading, name, source);
  loading.underWay.pop();
  loading.loaded.set(name, kind);
  return kind;
}

function build(loading: Loading, name: string, source: OwnKind): Kind | null {
  const { data, reporter } = parseKindDocument(source.file, source.text);
  const file = reporter.findings.length > 0 ? null : checkKindFile(data, reporter);
  if (file !== null && file.name !== name)
    reporter.report('KIND_SHAPE', ['name'], `The kind is named ${file.name}, its file ${basename(source.file)}.`, `Name the file ${file.name}.yaml.`);
  const parents = (file?.extends ?? []).map((parent, index) => load(loading, parent, { reporter, index }));
  const complete = parents.filter((parent) => parent !== null);
  const kind = file === null || complete.length < parents.length ? null : resolveKind(file, complete, reporter);
  loading.findings.push(...reporter.findings);
  return kind;
}

function complain(loading: Loading, asked: Asked, code: 'KIND_CYCLE' | 'KIND_NOT_FOUND' | 'KIND_ABSTRACT', message: string, fix: string): void {
  if (asked === null) loading.findings.push({ code, severity: 'error', message, fix });
  else asked.reporter.report(code, ['extends', asked.index], message, fix);
}

function sourceOf(loading: Loading, name: string): OwnKind | null {
  const own = loading.own.get(name);
  if (own !== undefined) return own;
  // A kind's name from outside must not become another path.
  if (!/^[A-Za-z0-9]+$/.test(name)) return null;
  for (const file of [`${name}.yaml`, `parts/${name}.yaml`]) {
    const path = join(builtInFolder(), file);
    if (existsSync(path)) return { file: `schemas/kinds/${file}`, text: readFileSync(path, 'utf8') };
  }
  return null;
}

/** Those that contracts can be of; the abstract ones lie in parts/. */
function builtInNames(): string[] {
  return readdirSync(builtInFolder())
    .filter((file) => file.endsWith('.yaml'))
    .map(nameOf)
    .sort();
}

/** schemas/kinds of this package, seen from src/kinds/ as well as from a bundle. */
function builtInFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (let level = 0; level < 5; level += 1) {
    const candidate = join(folder, 'schemas', 'kinds');
    if (existsSync(candidate)) return candidate;
    folder = dirname(folder);
  }
  throw new MooringError('INTERNAL', 'The package has no schemas/kinds.');
}

function nameOf(file: string): string {
  return basename(file.replaceAll('\\', '/')).replace(/\.ya?ml$/, '');
}
