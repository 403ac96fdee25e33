// docs/desired-state.md shows one environment: it must load as it stands.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { memorySource } from '../../src/desired/file-source.ts';
import { loadDesired } from '../../src/desired/load.ts';

const text = readFileSync(new URL('../../docs/desired-state.md', import.meta.url), 'utf8');
const examples = [...text.matchAll(/```yaml\n# (\S+)\n([\s\S]*?)```/g)].map(([, name, yaml]) => [`desired-state/docs/${name}`, yaml ?? ''] as const);

test('the examples of every file are valid together', () => {
  const { desired, warnings } = loadDesired({ source: memorySource(Object.fromEntries(examples)), environment: 'docs' });
  expect(warnings).toEqual([]);
  expect(desired.state.contracts.map((contract) => contract.kind).sort()).toEqual(['SelfPlayArena', 'StakeManager', 'Thermostat']);
  expect([desired.policy.limits.length > 0, desired.lifts.length, desired.environment.signers.length]).toEqual([true, 1, 3]);
  expect(desired.state.contracts.flatMap(({ acts = [] }) => acts.map(({ marker }) => marker))).toEqual(['[docs/2026-11-26-round-12]']);
  expect([desired.ignores.length, desired.approvals.length, desired.environment.journal?.branch]).toEqual([1, 1, 'mooring/journal']);
});

test('every YAML block is one of them', () => {
  expect(examples).toHaveLength(text.split('```yaml').length - 1);
});
