import { EventFragment, FunctionFragment, Interface } from 'ethers/abi';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Artifacts, artifactOf, loadArtifacts } from '../../scripts/deployment/artifacts.ts';
import { fieldAt } from '../../src/kinds/fields.ts';
import type { AbiParameter, Kind } from '../../src/kinds/kind.ts';
import { kindNames, loadKinds } from '../../src/kinds/load-kinds.ts';
import { contractsOf, tables } from './contract-tables.ts';

const kinds = loadKinds();
let artifacts: Artifacts;

beforeAll(async () => {
  artifacts = await loadArtifacts();
});

function abiOf(contract: string): Interface {
  return new Interface(artifactOf(artifacts, contract).abi);
}

const types = (parameters: readonly AbiParameter[]) => parameters.map((parameter) => parameter.type).join();
const shape = (parameters: readonly { baseType?: string; type: string }[]) =>
  parameters.map((parameter) => (parameter.type.startsWith('tuple') ? parameter.type.replace(/\(.*\)/, '') : parameter.type)).join();

describe.each(kindNames().map((name) => [name]))('%s', (name) => {
  const kind = kinds.get(name) as Kind;

  it('names only what its contracts have, as they have it', () => {
    const contracts = contractsOf[name] ?? [];
    expect(contracts.length).toBeGreaterThan(0);
    for (const contract of contracts) {
      const abi = abiOf(contract);
      for (const fn of kind.functions.values()) {
        const real = abi.getFunction(fn.signature);
        expect([contract, fn.signature, real?.selector, shape(real?.outputs ?? []), real?.constant]).toEqual([
          contract,
          fn.signature,
          fn.selector,
          types(fn.outputs),
          fn.view,
        ]);
      }
      for (const event of kind.events.values()) {
        const real = abi.getEvent(event.signature);
        expect([contract, event.signature, real?.topicHash]).toEqual([contract, event.signature, event.topic]);
        expect([event.name, real?.inputs.map((input) => [input.name, input.indexed ?? false])]).toEqual([
          event.name,
          event.inputs.map((input) => [input.name, input.indexed]),
        ]);
      }
      for (const error of kind.errors)
        expect([contract, error.signature, abi.getError(error.signature)?.selector]).toEqual([contract, error.signature, error.selector]);
    }
  });

  it('says of every field what it is, which way it leans and where it shows', () => {
    for (const field of kind.fields.values()) {
      expect([field.name, field.description.length > 20]).toEqual([field.name, true]);
      const shows = field.history.length > 0 || field.shape === 'members' || field.shape === 'keyedMembers' || field.shape === 'aggregate';
      expect([field.name, shows]).toEqual([field.name, field.writable]);
    }
  });

  it('knows who may call each setter', () => {
    for (const setter of kind.setters) {
      expect([setter.function, setter.access.length > 0, setter.access.includes('default')]).toEqual([setter.function, true, false]);
      for (const who of setter.access) expect(fieldAt(kind, who)?.field.type).toBe('address');
    }
  });
});

describe.each(Object.entries(tables))('every row of %s', (name, table) => {
  const kind = kinds.get(name) as Kind;
  it.each(Object.entries(table))('%s', (signature, paths) => {
    const setters = kind.setters.filter((setter) => kind.functions.get(setter.function)?.signature === signature);
    expect(setters.flatMap((setter) => setter.fields).sort()).toEqual([...paths].sort());
    for (const path of paths) expect(fieldAt(kind, path)?.field.writable).toBe(true);
  });
  it('and nothing of it missing', () => {
    const known = new Set(Object.values(table).flatMap((paths) => paths.map((path) => path.split('.')[0])));
    const beyond = [...kind.fields.values()].filter((field) => field.writable && !known.has(field.name)).map((field) => field.name);
    expect(beyond).toEqual(name === 'SelfPlayArena' ? ['pauser'] : []);
  });
});

it('agrees with ethers on how an ABI reads', () => {
  for (const kind of kinds.values()) {
    for (const fn of kind.functions.values()) expect(FunctionFragment.from(`function ${fn.signature}`).selector).toBe(fn.selector);
    for (const event of kind.events.values()) expect(EventFragment.from(`event ${event.signature}`).topicHash).toBe(event.topic);
  }
});

it('asks other contracts only what the modules answer', () => {
  for (const kind of kinds.values()) for (const fn of kind.foreign.values()) expect(abiOf('JobRegistry').getFunction(fn.signature)?.selector).toBe(fn.selector);
});

describe('the traps of contracts.md', () => {
  const effects = (kind: string, fn: string) => kinds.get(kind)?.setters.find((setter) => setter.function === fn)?.effects;
  const field = (kind: string, name: string) => kinds.get(kind)?.fields.get(name);

  it('are told', () => {
    expect(effects('StakeManager', 'setValidatorRewardPct')).toEqual([{ effect: 'copy', field: 'validatorRewardPct', to: 'validatorSlashRewardPct' }]);
    expect(effects('Thermostat', 'setTemperatureBounds')).toEqual([{ effect: 'clamp', to: 'systemTemperature', low: 'minTemp', high: 'maxTemp' }]);
    expect(effects('SystemPause', 'setGlobalPauser')).toMatchObject([{ effect: 'spread', field: 'pauser', from: 'activePauser' }]);
    expect(effects('SystemPause', 'pauseAll')).toMatchObject([{ effect: 'spread', field: 'paused', from: 'paused' }]);
    expect(field('SystemPause', 'paused')).toMatchObject({ shape: 'aggregate', over: { length: 8 } });
    expect(field('Thermostat', 'systemTemperature')).toMatchObject({ ownedElsewhere: true });
    expect(field('StakeManager', 'minStake')).toMatchObject({ ownedElsewhere: 'autoStakeTuning' });
    expect(field('StakeManager', 'stakeTuneWindow')).toMatchObject({ zeroMeans: 'keep' });
    expect(field('StakeManager', 'roleMinimumStake')).toMatchObject({ zeroMeans: 'inherit', inherits: 'minStake' });
    expect(field('StakeManager', 'maxStakePerAddress')).toMatchObject({ zeroMeans: 'off' });
    expect(field('Thermostat', 'roleTemperature')).toMatchObject({ unset: { event: 'RoleTemperatureUpdated', unsetValue: 0n } });
    expect(field('SelfPlayArena', 'pauser')).toMatchObject({ optional: true });
    expect(kinds.get('SystemPause')?.relay).toMatchObject({ function: 'executeGovernanceCall', targets: { length: 8 }, access: ['governance'] });
    expect(kinds.get('SystemPause')?.functions.has('pause')).toBe(false);
    expect([...kinds.values()].filter((kind) => kind.pausesOthers).map((kind) => [kind.name, kind.pausesOthers])).toEqual([
      ['PauseGuard', { function: 'pause', access: ['guardians'] }],
    ]);
  });

  it('know what acts call, and who may', () => {
    expect([...kinds.values()].filter((kind) => kind.slashes).map((kind) => [kind.name, kind.slashes])).toEqual([
      ['SelfPlayArena', { function: 'reportValidatorMisconduct', event: 'ValidatorMisconduct', access: ['owner', 'orchestrators'], via: 'stakeManager' }],
    ]);
  });

  it('know which setters of the arena emit ParametersUpdated', () => {
    const emitting = kinds
      .get('SelfPlayArena')
      ?.setters.filter((setter) => setter.emits.includes('ParametersUpdated'))
      .map((setter) => setter.function);
    expect(emitting).toEqual(['setRewards', 'setCommitteeParameters', 'setTargetSuccessRateBps', 'setRewardSplits', 'setFeePool']);
  });
});
