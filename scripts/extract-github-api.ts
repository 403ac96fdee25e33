// Cuts the part of GitHub's published REST description that the product may use down to test/support/github/api.json,
// against which the GitHub of our tests checks every request. Run after adding a route below:
//   node scripts/extract-github-api.ts PATH
// PATH is the dereferenced description: generated/api.github.com.deref.json of the npm package @octokit/openapi (no
// dependency: it has 400 MB; `npm pack @octokit/openapi` brings it).
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

type Schema = { readonly [key: string]: unknown };
type Parameter = { in: string; name: string; required?: boolean; schema: Schema };
type Operation = { parameters?: Parameter[]; requestBody?: { required?: boolean; content: Record<string, { schema: Schema }> } };
type Description = { paths: Record<string, Record<string, Operation>> };
type Route = { method: string; path: string; query: Record<string, Schema>; body: Schema | null; bodyRequired: boolean };

const target = join(import.meta.dirname, '..', 'test', 'support', 'github', 'api.json');
const repo = '/repos/{owner}/{repo}';

const wanted: Readonly<Record<string, readonly string[]>> = {
  [repo]: ['get'],
  [`${repo}/installation`]: ['get'],
  [`${repo}/pulls`]: ['get', 'post'],
  [`${repo}/pulls/{pull_number}`]: ['get', 'patch'],
  [`${repo}/pulls/{pull_number}/merge`]: ['put'],
  [`${repo}/pulls/{pull_number}/files`]: ['get'],
  [`${repo}/pulls/{pull_number}/reviews`]: ['get', 'post'],
  [`${repo}/pulls/{pull_number}/reviews/{review_id}/dismissals`]: ['put'],
  [`${repo}/pulls/{pull_number}/requested_reviewers`]: ['get', 'post', 'delete'],
  [`${repo}/issues`]: ['get', 'post'],
  [`${repo}/issues/{issue_number}`]: ['get', 'patch'],
  [`${repo}/issues/{issue_number}/comments`]: ['get', 'post'],
  [`${repo}/issues/comments/{comment_id}`]: ['get', 'patch', 'delete'],
  [`${repo}/issues/{issue_number}/labels`]: ['get', 'post', 'put', 'delete'],
  [`${repo}/issues/{issue_number}/labels/{name}`]: ['delete'],
  [`${repo}/labels`]: ['get', 'post'],
  [`${repo}/labels/{name}`]: ['get'],
  [`${repo}/check-runs`]: ['post'],
  [`${repo}/check-runs/{check_run_id}`]: ['get', 'patch'],
  [`${repo}/check-runs/{check_run_id}/annotations`]: ['get'],
  [`${repo}/commits/{ref}`]: ['get'],
  [`${repo}/commits/{ref}/check-runs`]: ['get'],
  [`${repo}/branches/{branch}`]: ['get'],
  [`${repo}/branches/{branch}/protection`]: ['get', 'put'],
  [`${repo}/rules/branches/{branch}`]: ['get'],
  [`${repo}/git/ref/{ref}`]: ['get'],
  [`${repo}/collaborators/{username}/permission`]: ['get'],
  '/orgs/{org}/teams': ['get'],
  '/orgs/{org}/teams/{team_slug}': ['get'],
  '/orgs/{org}/teams/{team_slug}/members': ['get'],
  '/orgs/{org}/teams/{team_slug}/memberships/{username}': ['get'],
  '/user': ['get'],
  '/users/{username}': ['get'],
  '/app': ['get'],
  '/app/installations': ['get'],
  '/app/installations/{installation_id}/access_tokens': ['post'],
};

const prose = new Set(['description', 'title', 'example', 'examples', 'default', 'deprecated', 'externalDocs']);

/** Without prose; with objects closed where the description leaves them open only by silence, so that a wrong name is found. */
function compact(schema: unknown, asMap = false): unknown {
  if (Array.isArray(schema)) return schema.map((part) => compact(part));
  if (schema === null || typeof schema !== 'object') return schema;
  const kept = Object.entries(schema).filter(([key, value]) => asMap || !(isProse(key) || (key === 'additionalProperties' && value === true)));
  const entries = kept.map(([key, value]) => [key, key === 'enum' || key === 'required' ? value : compact(value, key === 'properties' && !asMap)]);
  return asMap ? Object.fromEntries(entries) : orNull(closed(Object.fromEntries(entries)));
}

/** OpenAPI 3.0 says `nullable` where JSON schema lists a type. */
function orNull({ nullable, ...schema }: Schema): Schema {
  if (nullable !== true) return schema;
  const enumerated = Array.isArray(schema['enum']) ? { enum: [...new Set([...(schema['enum'] as unknown[]), null])] } : {};
  return 'type' in schema ? { ...schema, type: [schema['type'], 'null'], ...enumerated } : { anyOf: [schema, { type: 'null' }] };
}

function isProse(key: string): boolean {
  return prose.has(key) || key.startsWith('x-');
}

function closed(schema: Schema): Schema {
  const composed = ['oneOf', 'anyOf', 'allOf'].some((key) => key in schema);
  if (composed || !('properties' in schema) || 'additionalProperties' in schema || !('type' in schema)) return schema;
  return { ...schema, additionalProperties: false };
}

function routeOf(description: Description, method: string, path: string): Route {
  const operation = description.paths[path]?.[method];
  if (!operation) throw new Error(`the description has no ${method.toUpperCase()} ${path}`);
  const query = (operation.parameters ?? []).filter((parameter) => parameter.in === 'query');
  const schema = operation.requestBody?.content['application/json']?.schema;
  return {
    method: method.toUpperCase(),
    path,
    query: Object.fromEntries(query.map(({ name, schema: value }) => [name, compact(value) as Schema])),
    body: schema ? bodyOf(schema) : null,
    bodyRequired: operation.requestBody?.required === true,
  };
}

/** A composed body's own properties and those of its branches are counted together. */
function bodyOf(schema: Schema): Schema {
  const body = compact(schema) as Schema;
  if (!('properties' in body)) return body;
  const { additionalProperties: _closed, ...open } = body;
  return { ...open, unevaluatedProperties: false };
}

/** SIDE EFFECTS: writes api.json. */
function extract(path: string): void {
  const description = JSON.parse(readFileSync(path, 'utf8')) as Description;
  const routes = Object.entries(wanted).flatMap(([route, methods]) => methods.map((method) => routeOf(description, method, route)));
  writeFileSync(target, `${JSON.stringify(routes, null, 2)}\n`);
  const biome = join(import.meta.dirname, '..', 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
  execFileSync(process.execPath, [biome, 'format', '--write', target], { stdio: 'inherit' });
}

const path = process.argv[2];
if (path === undefined) throw new Error('usage: node scripts/extract-github-api.ts PATH_TO_DESCRIPTION');
extract(path);
