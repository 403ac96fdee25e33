// Checks requests against GitHub's published description (api.json, made by scripts/extract-github-api.ts): the route,
// the names and values of query parameters, the body.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2019, type ErrorObject, type ValidateFunction } from 'ajv/dist/2019.js';
import type { Incoming } from './exchange.ts';

type Schema = { readonly [key: string]: unknown };
type Described = { method: string; path: string; query: Readonly<Record<string, Schema>>; body: Schema | null; bodyRequired: boolean };
type Route = Omit<Described, 'query'> & { pattern: RegExp; names: readonly string[]; query: Schema };

export type Match = { route: string; params: Record<string, string>; problems(request: Incoming): string[] };

/** Parts of a path that may hold slashes of their own. */
const manySegments = new Set(['ref', 'branch']);

/** Returns what finds a request's route; null for one that GitHub doesn't have, or that api.json leaves out. */
export function readContract(): (method: string, path: string) => Match | null {
  const described = JSON.parse(readFileSync(join(import.meta.dirname, 'api.json'), 'utf8')) as Described[];
  const routes = described.map(compile).toSorted((a, b) => literals(b.path) - literals(a.path));
  const check = makeChecks();
  return (method, path) => {
    for (const route of routes) {
      const found = route.method === method ? route.pattern.exec(path) : null;
      if (found) return { route: `${method} ${route.path}`, params: paramsOf(route, found), problems: (request) => problemsOf(route, request, check) };
    }
    return null;
  };
}

function compile(route: Described): Route {
  const names = [...route.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
  const pattern = route.path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => (manySegments.has(name) ? '(.+)' : '([^/]+)'));
  const query = { type: 'object', properties: route.query, additionalProperties: false };
  return { ...route, names, pattern: new RegExp(`^${pattern}$`), query };
}

/** Where two templates match, the one with more words of its own is meant. */
function literals(path: string): number {
  return path.split('/').filter((part) => part !== '' && !part.startsWith('{')).length;
}

function paramsOf(route: Route, found: RegExpExecArray): Record<string, string> {
  return Object.fromEntries(route.names.map((name, index) => [name, decodeURIComponent(found[index + 1] ?? '')]));
}

type Check = (kind: 'query' | 'body', schema: Schema, value: unknown) => string[];

/** Compiles a schema when it is first needed: a test uses a few of them. */
function makeChecks(): Check {
  const common = { strict: false, allErrors: true, formats: { 'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/ } } as const;
  const makers = { query: new Ajv2019({ ...common, coerceTypes: true, logger: false }), body: new Ajv2019({ ...common, logger: false }) };
  const compiled = new Map<Schema, ValidateFunction>();
  return (kind, schema, value) => {
    const validate = compiled.get(schema) ?? makers[kind].compile(schema);
    compiled.set(schema, validate);
    return validate(value) ? [] : (validate.errors ?? []).map((error) => `${kind}${wordsOf(error)}`);
  };
}

function wordsOf(error: ErrorObject): string {
  const names = ['additionalProperty', 'unevaluatedProperty'].map((key) => error.params[key] as unknown).filter((name) => name !== undefined);
  return `${error.instancePath} ${error.message ?? 'is wrong'}${names.map((name) => ` (${String(name)})`).join('')}`;
}

function problemsOf(route: Route, request: Incoming, check: Check): string[] {
  const query = check('query', route.query, Object.fromEntries(request.query));
  if (request.body === undefined) return route.bodyRequired ? [...query, 'body is missing'] : query;
  if (route.body === null) return [...query, 'body is not expected'];
  return [...query, ...check('body', route.body, request.body)];
}
