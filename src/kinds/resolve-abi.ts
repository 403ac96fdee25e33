// The ABI lists of a kind file, merged with what it extends. Pure.
import { MooringError } from '../errors.ts';
import { parseError, parseEvent, parseFunction } from './abi.ts';
import type { AbiError, AbiEvent, AbiFunction, Kind } from './kind.ts';
import type { KindPath, Reporter } from './kind-document.ts';
import type { KindFile } from './kind-file.ts';

export type ResolvedAbi = Pick<Kind, 'functions' | 'foreign' | 'events' | 'errors'>;

type Entry<T> = { item: T; path: KindPath };
type Own = { functions: Entry<AbiFunction>[]; events: Entry<AbiEvent>[]; errors: Entry<AbiError>[]; foreign: Entry<AbiFunction>[] };

/** Everything that the kind can call, decode and explain. Reports ABI_PARSE and KIND_DUPLICATE. */
export function resolveAbi(file: KindFile, parents: readonly Kind[], reporter: Reporter): ResolvedAbi {
  const own: Own = { functions: [], events: [], errors: [], foreign: [] };
  (file.abi ?? []).forEach((text, i) => parseInto(own, text, ['abi', i], reporter));
  (file.foreignAbi ?? []).forEach((text, i) => {
    const fn = attempt(() => parseFunction(text), ['foreignAbi', i], reporter);
    if (fn !== null) own.foreign.push({ item: fn, path: ['foreignAbi', i] });
  });
  return {
    functions: merge(
      parents.map((parent) => parent.functions),
      own.functions,
      reporter,
    ),
    foreign: merge(
      parents.map((parent) => parent.foreign),
      own.foreign,
      reporter,
    ),
    events: merge(
      parents.map((parent) => parent.events),
      own.events,
      reporter,
    ),
    errors: [
      ...merge(
        parents.map((parent) => new Map(parent.errors.map((error) => [error.signature, error]))),
        own.errors,
        reporter,
      ).values(),
    ],
  };
}

function parseInto(own: Own, text: string, path: KindPath, reporter: Reporter): void {
  if (text.startsWith('function '))
    push(
      own.functions,
      attempt(() => parseFunction(text), path, reporter),
      path,
    );
  else if (text.startsWith('event '))
    push(
      own.events,
      attempt(() => parseEvent(text), path, reporter),
      path,
    );
  else
    push(
      own.errors,
      attempt(() => parseError(text), path, reporter),
      path,
    );
}

function push<T>(list: Entry<T>[], item: T | null, path: KindPath): void {
  if (item !== null) list.push({ item, path });
}

function attempt<T>(parse: () => T, path: KindPath, reporter: Reporter): T | null {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof MooringError)) throw error;
    reporter.report(error.code, path, error.message, error.fix ?? '');
    return null;
  }
}

/** By name; of several of one name those that aren't inherited under it by signature. */
function merge<T extends Named>(inherited: readonly ReadonlyMap<string, T>[], own: readonly Entry<T>[], reporter: Reporter): Map<string, T> {
  const merged = mergeInherited(inherited);
  const known = new Map([...merged].map(([key, item]) => [item.signature, key]));
  const count = Map.groupBy(own, ({ item }) => item.name);
  const seen = new Set<string>();
  for (const { item, path } of own) {
    if (seen.has(item.signature)) reporter.report('KIND_DUPLICATE', path, `${item.signature} is listed twice.`, 'Remove one of them.');
    seen.add(item.signature);
    const free = !merged.has(item.name) && count.get(item.name)?.length === 1;
    merged.set(known.get(item.signature) ?? (free ? item.name : item.signature), item);
  }
  return merged;
}

type Named = { name: string; signature: string };

function mergeInherited<T extends Named>(inherited: readonly ReadonlyMap<string, T>[]): Map<string, T> {
  const merged = new Map<string, T>();
  for (const [key, item] of inherited.flatMap((parent) => [...parent])) {
    const taken = merged.has(key) && merged.get(key)?.signature !== item.signature;
    merged.set(taken ? item.signature : key, item);
  }
  return merged;
}
