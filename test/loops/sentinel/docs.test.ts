// docs/sentinel.md shows settings and events: both must be valid as they stand.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { memorySource } from '../../../src/desired/file-source.ts';
import { loadSentinel } from '../../../src/desired/loops/load-sentinel.ts';
import { loadKinds } from '../../../src/kinds/load-kinds.ts';
import { mostAlerts } from '../../../src/loops/alerts/incoming.ts';
import { followedAgents } from '../../../src/loops/sentinel/failures.ts';
import { mostEvents, shortestSecret } from '../../../src/loops/sentinel/intake-request.ts';
import { parseAllEvents } from '../../../src/loops/sentinel/parse-events.ts';
import { remembered } from '../../../src/loops/sentinel/seen-ids.ts';
import type { ContractState } from '../../../src/types.ts';
import { settingsWith } from './world.ts';

const read = (name: string) => readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8');
const text = read('sentinel.md');
const blocks = (language: string) => [...text.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, body = '']) => body);

const contracts = [
  { name: 'arena', kind: 'SelfPlayArena' },
  { name: 'engine-targets', kind: 'EngineTargets' },
].map((head): ContractState => ({ ...head, address: `0x${'1'.repeat(40)}`, fromBlock: 0n, fields: new Map(), observe: new Set() }));

test('the settings are valid, and the defaults that they say they are', () => {
  const yaml = blocks('yaml').find((block) => block.includes('kind: Sentinel')) ?? '';
  const { settings, warnings } = loadSentinel({
    source: memorySource({ 'desired-state/docs/loops/sentinel.yaml': yaml }),
    environment: 'docs',
    contracts,
    kinds: loadKinds({ names: ['SelfPlayArena', 'EngineTargets'] }),
  });
  expect(warnings).toEqual([]);
  expect({ ...settings, alertChannels: [] }).toEqual({ ...settingsWith(), alertChannels: [] });
  expect(settings.alertChannels.map(({ name }) => name)).toEqual(['log', 'ops', 'pager']);
});

test('the events are valid', () => {
  const [events = ''] = blocks('json');
  expect(parseAllEvents(events, 'docs').map(({ id }) => id)).toEqual(['e-17', 'e-18']);
});

test('the limits are those of the code', () => {
  for (const number of [remembered, mostEvents, mostAlerts]) expect(text).toContain(number.toLocaleString('en'));
  expect(text).toContain(`at least ${shortestSecret} characters`);
  expect(read('decisions/sentinel.md')).toContain(`${followedAgents.toLocaleString('en')} agents`);
});
