import { expect, test } from 'vitest';
import { id } from '../../src/kinds/keccak.ts';
import type { Kind } from '../../src/kinds/kind.ts';
import { loadKinds } from '../../src/kinds/load-kinds.ts';
import { findCandidates, stateCandidates } from '../../src/live/candidates.ts';
import type { Address, FieldState, FieldValue, Hex, Log } from '../../src/types.ts';
import { addressOf } from './probe-codes.ts';

const kinds = loadKinds({ names: ['SelfPlayArena', 'AccessControl', 'Thermostat'] });
const arena = kinds.get('SelfPlayArena') as Kind;
const roles = kinds.get('AccessControl') as Kind;
const thermostat = kinds.get('Thermostat') as Kind;
const word = (value: bigint): string => value.toString(16).padStart(64, '0');
const topic = (address: Address): Hex => `0x${address.slice(2).toLowerCase().padStart(64, '0')}`;

function log(text: string, topics: readonly Hex[], data = ''): Log {
  return {
    address: addressOf(0),
    topics: [id(text), ...topics],
    data: `0x${data}`,
    blockNumber: 1n,
    blockHash: '0x',
    transactionHash: '0x',
    transactionIndex: 0,
    logIndex: 0,
  };
}

function state(fields: Readonly<Record<string, FieldValue>>): { address: Address; fields: ReadonlyMap<string, FieldState> } {
  return { address: addressOf(0), fields: new Map(Object.entries(fields).map(([path, value]) => [path, { path, value }])) };
}

test('a log that is not as the kind says makes the set unknown, not smaller', () => {
  const strange = log('OrchestratorUpdated(address,bool)', [], word(1n) + word(1n));
  const found = findCandidates({ kind: arena }, () => [strange]);
  expect([...found.unknown.keys()]).toEqual(['orchestrators']);
  expect(found.members.has('orchestrators')).toBe(false);
});

test('who left is still a candidate: the getter decides', () => {
  const logs = [
    log('OrchestratorUpdated(address,bool)', [topic(addressOf(1))], word(1n)),
    log('OrchestratorUpdated(address,bool)', [topic(addressOf(1))], word(0n)),
  ];
  expect(findCandidates({ kind: arena }, () => logs).members.get('orchestrators')).toEqual([addressOf(1)]);
});

test('after a simulation: the members of every state, and those that its logs name', () => {
  const granted = log('RoleGranted(bytes32,address,address)', [id('A_ROLE'), topic(addressOf(3)), topic(addressOf(9))]);
  const live = state({ 'roles.A_ROLE': { type: 'members', members: [addressOf(1)] } });
  const desired = state({ 'roles.A_ROLE': { type: 'members', members: [addressOf(2)] }, 'roles.B_ROLE': { type: 'members', members: [] } });
  const found = stateCandidates(
    roles,
    [live, desired],
    [granted, { ...granted, address: addressOf(5), topics: [...granted.topics.slice(0, 2), topic(addressOf(7)), topic(addressOf(9))] }],
  );
  expect(new Map([...found.members].map(([path, members]) => [path, [...members].sort()]))).toEqual(
    new Map([
      ['roles.A_ROLE', [addressOf(1), addressOf(2), addressOf(3)].sort()],
      ['roles.B_ROLE', []],
    ]),
  );
});

test('after a simulation: keys stay unset until a log sets them, and the other way round', () => {
  const live = state({
    'roleTemperature.agent': { type: 'unset' },
    'roleTemperature.validator': { type: 'unset' },
    'roleTemperature.operator': { type: 'scalar', value: 5n },
  });
  const logs = [log('RoleTemperatureUpdated(uint8,int256)', [], word(0n) + word(7n)), log('RoleTemperatureUpdated(uint8,int256)', [], word(2n) + word(0n))];
  expect([...stateCandidates(thermostat, [live], logs).unset].sort()).toEqual(['roleTemperature.operator', 'roleTemperature.validator']);
});
