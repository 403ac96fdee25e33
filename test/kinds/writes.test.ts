import { Interface } from 'ethers/abi';
import { describe, expect, it } from 'vitest';
import type { Kind, KindSetter } from '../../src/kinds/kind.ts';
import { decodeEntries, decodeGetter, encodeGetter } from '../../src/kinds/reads.ts';
import { describeCall, encodeSetter, settersOf } from '../../src/kinds/writes.ts';
import { builtIn } from './own-kinds.ts';

const stake = builtIn('StakeManager');
const arena = builtIn('SelfPlayArena');
const thermostat = builtIn('Thermostat');
const roles = builtIn('AccessControl');
const who = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed';

function setter(kind: Kind, path: string, does: KindSetter['does']): KindSetter {
  const found = settersOf(kind, path).find((candidate) => candidate.does === does);
  if (found === undefined) throw new Error(`${path} ${does}`);
  return found;
}

function expected(signature: string, values: readonly unknown[]): string {
  return new Interface([`function ${signature}`]).encodeFunctionData(signature.split('(')[0] ?? '', values);
}

const none = new Map<string, bigint>();

describe('setters', () => {
  it('finds those that write a path, the preferred one first', () => {
    const names = (kind: Kind, path: string) => settersOf(kind, path).map((each) => each.function);
    expect(names(stake, 'minStake')).toEqual(['setMinStake', 'setStakeRecommendations']);
    expect(names(stake, 'roleMinimumStake.agent')).toEqual(['setRoleMinimum', 'setRoleMinimums']);
    expect(names(stake, 'roleMinimumStake')).toEqual(['setRoleMinimum', 'setRoleMinimums']);
    expect(names(stake, 'owner')).toEqual(['transferOwnership', 'setGovernance']);
    expect(names(arena, 'paused')).toEqual(['pause', 'unpause']);
    expect(names(arena, 'totalRounds')).toEqual([]);
    expect(names(builtIn('EngineTargets'), 'expansionsPaused')).toEqual(['pause', 'unpause']);
    expect(names(builtIn('SystemPause'), 'owner')).toEqual(['setGovernance']);
  });

  it('writes an alias like the field itself, and says that both change', () => {
    const [own] = settersOf(builtIn('SystemPause'), 'owner');
    expect(own).toMatchObject({ fields: ['owner'], arguments: [{ from: 'field', field: 'owner' }] });
    expect(own?.effects).toContainEqual({ effect: 'copy', field: 'owner', to: 'governance' });
    expect(settersOf(stake, 'governance')[0]?.effects).toContainEqual({ effect: 'copy', field: 'governance', to: 'owner' });
  });

  it('lets a pauser pause the arena, and only its owner unpause it', () => {
    expect(settersOf(arena, 'paused').map((each) => each.access)).toEqual([['owner', 'pauser'], ['owner']]);
    expect(settersOf(stake, 'paused').map((each) => each.access)).toEqual([
      ['governance', 'pauser'],
      ['governance', 'pauser'],
    ]);
  });

  it('encodes them like ethers', () => {
    const percents = new Map([
      ['employerSlashPct', 1000n],
      ['treasurySlashPct', 2000n],
      ['validatorSlashRewardPct', 3000n],
      ['operatorSlashPct', 500n],
      ['burnSlashPct', 0n],
    ]);
    const slash = encodeSetter(stake, setter(stake, 'burnSlashPct', 'set'), { values: percents });
    expect(slash.data).toBe(expected('setSlashPercents(uint16,uint16,uint16,uint16,uint16)', [10, 20, 30, 5, 0]));
    expect(slash.args[4]).toEqual({ name: 'burn', type: 'uint16', value: 0n });
    expect(encodeSetter(stake, setter(stake, 'roleMinimumStake', 'setKey'), { values: none, key: 'platform', value: 7n }).data).toBe(
      expected('setRoleMinimum(uint8,uint256)', [2, 7]),
    );
    expect(encodeSetter(thermostat, setter(thermostat, 'roleTemperature', 'unsetKey'), { values: none, key: 'employer' }).data).toBe(
      expected('unsetRoleTemperature(uint8)', [3]),
    );
    expect(encodeSetter(arena, setter(arena, 'orchestrators', 'toggleMember'), { values: none, member: who, flag: false }).data).toBe(
      expected('setOrchestrator(address,bool)', [who, false]),
    );
    expect(encodeSetter(stake, setter(stake, 'agiTypes', 'upsertEntry'), { values: none, key: who, value: 150n }).data).toBe(
      expected('addAGIType(address,uint256)', [who, 150]),
    );
    expect(encodeSetter(stake, setter(stake, 'agiTypes', 'removeEntry'), { values: none, key: who }).data).toBe(expected('removeAGIType(address)', [who]));
    expect(encodeSetter(arena, setter(arena, 'paused', 'assign'), { values: none }).data).toBe(expected('pause()', []));
    const role = `0x${'0'.repeat(64)}`;
    expect(encodeSetter(roles, setter(roles, 'roles.X', 'addMember'), { values: none, key: 'DEFAULT_ADMIN_ROLE', member: who }).data).toBe(
      expected('grantRole(bytes32,address)', [role, who]),
    );
  });

  it('refuses what is missing or does not fit', () => {
    expect(() => encodeSetter(arena, setter(arena, 'baseTeacherReward', 'set'), { values: none })).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
    const wide = new Map(['teacherRewardSplitBps', 'studentRewardSplitBps', 'validatorRewardSplitBps'].map((name) => [name, 65_536n]));
    expect(() => encodeSetter(arena, setter(arena, 'teacherRewardSplitBps', 'set'), { values: wide })).toThrow(expect.objectContaining({ code: 'ABI_ENCODE' }));
  });

  it('tells a call in words, and says nothing of what it does not know', () => {
    const { data } = encodeSetter(arena, setter(arena, 'orchestrators', 'toggleMember'), { values: none, member: who, flag: true });
    expect(describeCall(arena, 'arena', data)).toEqual({
      contract: 'arena',
      function: 'setOrchestrator',
      args: [
        { name: 'orchestrator', type: 'address', value: who },
        { name: 'allowed', type: 'bool', value: true },
      ],
    });
    expect(describeCall(arena, 'arena', '0x12345678')).toBeNull();
    expect(describeCall(arena, 'arena', data.slice(0, 20))).toBeNull();
  });
});

describe('getters', () => {
  const answer = (type: string, value: unknown) => new Interface([`function f() view returns (${type})`]).encodeFunctionResult('f', [value]);
  const field = (kind: Kind, name: string) => {
    const found = kind.fields.get(name);
    if (found === undefined) throw new Error(name);
    return found;
  };

  it('asks as the contract wants it, and gives canonical answers', () => {
    expect(encodeGetter(stake, field(stake, 'feePct'))).toBe(expected('feePct()', []));
    expect(encodeGetter(stake, field(stake, 'roleMinimumStake'), { key: 'validator' })).toBe(expected('roleMinimumStake(uint8)', [1]));
    expect(encodeGetter(arena, field(arena, 'orchestrators'), { member: who })).toBe(expected('orchestrators(address)', [who]));
    expect(encodeGetter(roles, field(roles, 'roles'), { key: 'DEFAULT_ADMIN_ROLE', member: who })).toBe(
      expected('hasRole(bytes32,address)', [`0x${'0'.repeat(64)}`, who]),
    );
    expect(encodeGetter(builtIn('SystemPause'), field(builtIn('SystemPause'), 'paused'))).toBe(expected('paused()', []));
    expect(decodeGetter(stake, field(stake, 'burnSlashPct'), answer('uint256', 60))).toBe(6000n);
    expect(decodeGetter(arena, field(arena, 'orchestrators'), answer('bool', true))).toBe(true);
    expect(decodeEntries(stake, field(stake, 'agiTypes') as never, answer('tuple(address,uint256)[]', [[who, 150]]))).toEqual(new Map([[who, 150n]]));
    expect(() => decodeGetter(stake, field(stake, 'feePct'), '0x')).toThrow(expect.objectContaining({ code: 'ABI_DECODE' }));
  });
});
