import { type FunctionFragment, Interface } from 'ethers/abi';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Artifacts, artifactOf, loadArtifacts } from '../../scripts/deployment/artifacts.ts';
import { events, functions } from './surface.ts';

let artifacts: Artifacts;
beforeAll(async () => {
  artifacts = await loadArtifacts();
});

describe.each(Object.keys(functions))('%s', (name) => {
  const abi = () => new Interface(artifactOf(artifacts, name).abi);

  test('has the functions', () => {
    const there = abi().fragments.filter((fragment) => fragment.type === 'function') as FunctionFragment[];
    const signatures = there.map((fragment) => `${fragment.format()}:${fragment.outputs.map((output) => output.format()).join(',')}`);
    expect(functions[name]?.filter((signature) => !signatures.includes(signature))).toEqual([]);
  });

  test('has the events', () => {
    const there: string[] = [];
    abi().forEachEvent(({ name: event, inputs }) => there.push(`${event}(${inputs.map(({ type, indexed }) => `${type}${indexed ? '*' : ''}`).join(',')})`));
    expect((events[name] ?? []).filter((signature) => !there.includes(signature))).toEqual([]);
  });
});

test('SystemPause has no pause, unpause or paused', () => {
  const names = artifactOf(artifacts, 'SystemPause').abi.map(({ name }) => name);
  expect(names.filter((name) => name === 'pause' || name === 'unpause' || name === 'paused')).toEqual([]);
});

test('FeePool has no ParametersUpdated', () => {
  expect(artifactOf(artifacts, 'FeePool').abi.map(({ name }) => name)).not.toContain('ParametersUpdated');
});
