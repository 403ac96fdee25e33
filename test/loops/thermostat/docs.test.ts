// docs/thermostat.md shows settings, samples and command lines: all of them must be valid as they stand.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseOptions } from '../../../src/cli/command.ts';
import { commands } from '../../../src/cli/commands.ts';
import { memorySource } from '../../../src/desired/file-source.ts';
import { loadThermostat } from '../../../src/desired/loops/load-thermostat.ts';
import { loadKinds } from '../../../src/kinds/load-kinds.ts';
import { parseSamples } from '../../../src/loops/thermostat/samples.ts';
import { settingsDefaults } from '../../../src/loops/thermostat/settings.ts';
import type { ContractState } from '../../../src/types.ts';

const read = (name: string) => readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8');
const text = read('thermostat.md');
const blocks = (language: string) => [...text.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, body = '']) => body);

const engine: ContractState = {
  ...{ name: 'engine-targets', kind: 'EngineTargets', address: `0x${'1'.repeat(40)}`, fromBlock: 0n },
  ...{ fields: new Map(), observe: new Set() },
};

test('the settings are valid, all of them are shown, and they are the defaults that they say they are', () => {
  const [yaml = ''] = blocks('yaml');
  const { settings, sources, warnings } = loadThermostat({
    source: memorySource({ 'desired-state/docs/loops/thermostat.yaml': yaml }),
    environment: 'docs',
    contracts: [engine],
    kinds: loadKinds({ names: ['EngineTargets'] }),
    tokens: new Map(),
    defaults: settingsDefaults,
  });
  expect(warnings).toEqual([]);
  const { url, ...prometheus } = settings.prometheus;
  expect(url).toContain('${PROMETHEUS_PASSWORD}');
  expect({ ...settings, engine: null, dailyCaps: {}, prometheus: { ...prometheus, url: null } }).toEqual(settingsDefaults);
  expect(Object.keys(settings.guards)).toHaveLength([...sources.keys()].filter((key) => key.startsWith('guards.') || key.endsWith('maxAgeSeconds')).length);
});

test('the samples are valid', () => {
  const [samples = ''] = blocks('json');
  expect(parseSamples('docs', Buffer.from(samples)).map(({ roi }) => roi)).toEqual([1.93, 1.9]);
});

test('the command lines are understood', async () => {
  const lines = blocks('sh')
    .flatMap((block) => block.split('\n'))
    .filter((line) => line.startsWith('mooring '));
  expect(lines.length).toBeGreaterThan(7);
  for (const line of lines) {
    const words = line
      .replace(/\s+#.*$/, '')
      .split(' ')
      .slice(1);
    const entry = commands.filter(({ name }) => name === words.slice(0, name.split(' ').length).join(' ')).at(-1);
    if (entry === undefined) throw new Error(`no command: ${line}`);
    const { spec } = await entry.load();
    await expect(parseOptions(spec, words.slice(entry.name.split(' ').length)), line).resolves.toBeDefined();
  }
});

test('what was measured has no miss, and is in the form that the bench prints', () => {
  const measured = read('decisions/loops.md');
  expect(measured.match(/\| ok \|$/gm)).toHaveLength(7);
  expect(measured).not.toContain('MISSED');
  expect(measured).toContain('| thermostat, as shipped |');
});

test('links lead somewhere', () => {
  for (const [, file = '', anchor = ''] of text.matchAll(/\]\(([\w/.-]+\.md)(?:#([\w-]+))?\)/g)) {
    const headings = [...read(file).matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replace(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    );
    expect(anchor === '' || headings.includes(anchor), `${file}#${anchor}`).toBe(true);
  }
});
