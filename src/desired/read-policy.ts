// policy.yaml: who approves what, limits, freezes, invariants. Limits are read in the units of the fields that they match.
import { createHash } from 'node:crypto';
import type { Approvals, FreezeWindow, Policy, Risk } from '../types.ts';
import { canonicalJson } from '../values.ts';
import { toData, type YamlData } from './edit/yaml-data.ts';
import { readInvariants } from './read-invariants.ts';
import { type PolicyContext, readLimits } from './read-limits.ts';
import { defaultLoops, readLoops } from './read-loops-policy.ts';
import { readBoolean, readChoice, readDocument, readList, readMap, readText, readTextAt, readTime, readWhole } from './read-node.ts';
import { locate, type Reading, report, type YamlNode } from './yaml-tree.ts';

const risks = ['reduce', 'increase', 'ambiguous'] as const;

/** What holds where policy.yaml says nothing: strict for production, open for everything else. */
export function defaultPolicy(production: boolean): Policy {
  const count = (strict: number): Approvals => ({ count: production ? strict : 0, teams: [] });
  const policy = {
    approvals: { reduce: count(0), increase: count(1), ambiguous: count(2) },
    paths: [],
    limits: [],
    freezes: [],
    invariants: [],
    requireProof: production,
    minPausers: 1,
    loops: defaultLoops,
  };
  return withVersion(policy, null);
}

/** `version` covers what the file says and the defaults beside it; not how it is written, nor which fields its patterns match today. */
function withVersion(policy: Omit<Policy, 'version'>, written: YamlData): Policy {
  const { approvals, requireProof, minPausers } = policy;
  const version = createHash('sha256').update(canonicalJson({ written, approvals, requireProof, minPausers })).digest('hex');
  return { ...policy, version };
}

/** SIDE EFFECTS: adds to the reading's findings. */
export function readPolicy(reading: Reading, context: PolicyContext & { production: boolean; signers: readonly string[] }): Policy {
  const defaults = defaultPolicy(context.production);
  const fields = readDocument(reading, 'Policy', {
    what: 'the policy',
    required: [],
    optional: ['approvals', 'paths', 'limits', 'freezes', 'invariants', 'requireProof', 'minPausers', 'loops'],
  });
  if (fields === null) return defaults;
  const get = <T>(key: string, read: (node: YamlNode) => T | null): T | undefined => {
    const node = fields.get(key)?.value;
    return node === undefined ? undefined : (read(node) ?? undefined);
  };
  const policy = {
    approvals: get('approvals', (node) => readApprovalsByRisk(reading, node, defaults.approvals)) ?? defaults.approvals,
    paths: get('paths', (node) => readPaths(reading, node)) ?? [],
    limits: get('limits', (node) => readLimits(reading, node, context)) ?? [],
    freezes: get('freezes', (node) => readFreezes(reading, node)) ?? [],
    invariants: get('invariants', (node) => readInvariants(reading, node, context)) ?? [],
    requireProof: get('requireProof', (node) => readBoolean(reading, node)) ?? defaults.requireProof,
    minPausers: Number(get('minPausers', (node) => readWhole(reading, node, { min: 0n, max: 1_000n })) ?? defaults.minPausers),
    loops: get('loops', (node) => readLoops(reading, node, context)) ?? defaultLoops,
  };
  return withVersion(policy, toData(reading.file.root));
}

function readApprovalsByRisk(reading: Reading, node: YamlNode, defaults: Policy['approvals']): Policy['approvals'] {
  const fields = readMap(reading, node, { what: 'approvals', required: [], optional: risks });
  const of = (risk: Risk): Approvals => {
    const value = fields?.get(risk)?.value;
    return (value === undefined ? null : readApprovals(reading, value)) ?? defaults[risk];
  };
  return { reduce: of('reduce'), increase: of('increase'), ambiguous: of('ambiguous') };
}

/** A number, or `{ count, teams }`. */
function readApprovals(reading: Reading, node: YamlNode): Approvals | null {
  const limits = { min: 0n, max: 50n };
  if (node.type === 'text') {
    const count = readWhole(reading, node, limits);
    return count === null ? null : { count: Number(count), teams: [] };
  }
  const fields = readMap(reading, node, { what: 'approvals', required: ['count'], optional: ['teams'] });
  const countNode = fields?.get('count')?.value;
  const teams = fields?.get('teams')?.value;
  const count = countNode === undefined ? null : readWhole(reading, countNode, limits);
  return count === null ? null : { count: Number(count), teams: teams === undefined ? [] : readTeams(reading, teams) };
}

function readTeams(reading: Reading, node: YamlNode): string[] {
  return readList(reading, node, 'teams').flatMap((item) => readText(reading, item, "a team's name", 100) ?? []);
}

function readPaths(reading: Reading, node: YamlNode): Policy['paths'] {
  return readList(reading, node, 'paths').flatMap((item) => {
    const fields = readMap(reading, item, { what: 'a path', required: ['match', 'approvals'] });
    const match = readTextAt(reading, fields, { key: 'match' });
    const approvalsNode = fields?.get('approvals')?.value;
    const approvals = approvalsNode === undefined ? null : readApprovals(reading, approvalsNode);
    return match === null || approvals === null ? [] : [{ match, approvals }];
  });
}

function readFreezes(reading: Reading, node: YamlNode): FreezeWindow[] {
  return readList(reading, node, 'freezes').flatMap((item) => readFreeze(reading, item) ?? []);
}

function readFreeze(reading: Reading, node: YamlNode): FreezeWindow | null {
  const fields = readMap(reading, node, { what: 'a freeze', required: ['from', 'to', 'reason'], optional: ['allow'] });
  if (fields === null) return null;
  const from = readTime(reading, fields.get('from')?.value);
  const to = readTime(reading, fields.get('to')?.value);
  const reason = readTextAt(reading, fields, { key: 'reason' });
  const allowNode = fields.get('allow')?.value;
  const allow = allowNode === undefined ? [] : readList(reading, allowNode, 'risks').flatMap((item) => readChoice(reading, item, risks) ?? []);
  if (from === null || to === null || reason === null) return null;
  if (from < to) return { from, to, allow, reason, source: locate(reading.file, node.start) };
  report(reading, { code: 'RANGE_INVERTED', at: fields.get('to')?.value ?? node, message: 'the freeze ends before it begins', fix: 'swap from and to' });
  return null;
}
