import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { one } from '../../scripts/deployment/contract-list.ts';
import { type ContractWorld, startContractWorld } from '../support/contract-world.ts';
import { createdWith, describeSetters, namesOf, type SetterCase } from './setter-cases.ts';

const addressA = '0x00000000000000000000000000000000000000AA';
const zero = '0x0000000000000000000000000000000000000000';
const temp = 'Error(temp)';
const bounds = 'Error(bounds)';
const least = -(2n ** 255n);
const most = 2n ** 255n - 1n;

// Deployed with temperature 1.0 in [0.5, 3.0].
const cases: readonly SetterCase[] = [
  {
    call: 'setSystemTemperature',
    args: [2n * one],
    becomes: [['systemTemperature', 2n * one]],
    emits: ['TemperatureUpdated'],
    accepts: [[one / 2n], [3n * one]],
    refuses: [
      [[0n], temp],
      [[-one], temp],
      [[one / 2n - 1n], temp],
      [[3n * one + 1n], temp],
    ],
  },
  {
    call: 'setTemperatureBounds',
    args: [one, 4n * one],
    becomes: [
      ['minTemp', one],
      ['maxTemp', 4n * one],
      ['systemTemperature', one],
    ],
    emits: ['TemperatureBoundsUpdated'],
    accepts: [[1n, 2n]],
    refuses: [
      [[0n, one], bounds],
      [[-1n, one], bounds],
      [[one, one], bounds],
      [[one, one - 1n], bounds],
    ],
  },
  {
    call: 'setPID',
    args: [least, 0n, most],
    becomes: [
      ['kp', least],
      ['ki', 0n],
      ['kd', most],
    ],
    emits: ['PIDUpdated'],
  },
  {
    call: 'setKPIWeights',
    args: [-1n, 0n, 3n],
    becomes: [
      ['wEmission', -1n],
      ['wBacklog', 0n],
      ['wSla', 3n],
    ],
    emits: ['KPIWeightsUpdated'],
  },
  {
    call: 'setIntegralBounds',
    args: [-5n, -4n],
    becomes: [
      ['integralMin', -5n],
      ['integralMax', -4n],
    ],
    emits: ['IntegralBoundsUpdated'],
    refuses: [
      [[1n, 1n], 'Error(integral)'],
      [[1n, 0n], 'Error(integral)'],
    ],
  },
  {
    call: 'setRoleTemperature',
    args: [3n, 2n * one],
    becomes: [
      ['getRoleTemperature', 2n * one, 3n],
      ['getRoleTemperature', one, 2n],
    ],
    emits: ['RoleTemperatureUpdated'],
    refuses: [
      [[4n, one], 'Error(role)'],
      [[0n, 0n], temp],
      [[0n, one / 2n - 1n], temp],
      [[0n, 3n * one + 1n], temp],
    ],
  },
  {
    call: 'unsetRoleTemperature',
    args: [1n],
    becomes: [['getRoleTemperature', one, 1n]],
    emits: ['RoleTemperatureUpdated'],
    refuses: [[[4n], 'Error(role)']],
  },
  {
    call: 'setGovernance',
    args: [addressA],
    becomes: [['governance', addressA]],
    emits: ['GovernanceUpdated', 'OwnershipTransferred'],
    again: 'loses power',
    refuses: [[[zero], 'ZeroAddress()']],
  },
];

let world: ContractWorld;
let goBack: () => Promise<void>;
beforeAll(async () => {
  world = await startContractWorld();
  goBack = await world.snapshot();
});
beforeEach(() => goBack());
afterAll(() => world?.stop());

describeSetters({ world: () => world, on: 'thermostat', denied: () => 'NotGovernance()', cases, pausable: false });

describe('Thermostat', () => {
  const set = (call: string, ...args: unknown[]) => ({ from: world.accounts.owner.address, on: 'thermostat' as const, call, args });
  const temperature = () => world.read('thermostat', 'systemTemperature');

  test('narrower bounds move the temperature into them, and leave the roles alone', async () => {
    await world.send(set('setRoleTemperature', 0n, 2n * one));
    expect(await namesOf(world, set('setTemperatureBounds', one / 4n, one / 2n))).toEqual(['TemperatureBoundsUpdated', 'TemperatureUpdated']);
    expect(await temperature()).toBe(one / 2n);
    expect(await world.read('thermostat', 'getRoleTemperature', 0n)).toBe(2n * one);
    await world.send(set('setTemperatureBounds', 2n * one, 3n * one));
    expect(await temperature()).toBe(2n * one);
  });

  test('a temperature outside needs wider bounds first', async () => {
    expect(await world.refusal(set('setSystemTemperature', 4n * one))).toBe(temp);
    await world.send(set('setTemperatureBounds', one / 2n, 5n * one));
    expect(await world.refusal(set('setSystemTemperature', 4n * one))).toBeNull();
  });

  test('"unset" and "equal" read the same and differ in the history', async () => {
    const [own] = await world.send(set('setRoleTemperature', 1n, one));
    expect(own?.args).toEqual({ role: 1n, temp: one });
    const [unset] = await world.send(set('unsetRoleTemperature', 1n));
    expect(unset?.args).toEqual({ role: 1n, temp: 0n });
    await world.send(set('setSystemTemperature', 2n * one));
    expect(await world.read('thermostat', 'getRoleTemperature', 1n)).toBe(2n * one);
  });

  test('a role that there isn’t has no temperature', async () => {
    expect(await world.refusal({ from: addressA, on: 'thermostat', call: 'getRoleTemperature', args: [4n] })).toBe('Error(role)');
  });

  test('a tick moves the temperature by what the controller says, within the bounds', async () => {
    expect(await world.refusal({ ...set('tick', 0n, 0n, 0n), from: addressA })).toBe('NotGovernance()');
    expect(await namesOf(world, set('tick', one, 0n, 0n))).toEqual(['TemperatureUpdated', 'Tick']);
    expect(await temperature()).toBe(one);
    await world.send(set('setPID', 1n, 0n, 0n));
    await world.send(set('setKPIWeights', 1n, 2n, 0n));
    await world.send(set('tick', one / 2n, one / 10n, 9n * one));
    expect(await temperature()).toBe((17n * one) / 10n);
    const [, tick] = await world.send(set('tick', 50n * one, 0n, 0n));
    expect(tick?.args).toEqual({ emission: 50n * one, backlog: 0n, sla: 0n, newTemp: 3n * one });
    await world.send(set('tick', -50n * one, 0n, 0n));
    expect(await temperature()).toBe(one / 2n);
  });

  test('the sum of errors stays in its bounds, and sum and change have their gains', async () => {
    await world.send(set('setIntegralBounds', -one, one / 10n));
    await world.send(set('tick', 5n * one, 0n, 0n));
    expect(await world.read('thermostat', 'integral')).toBe(one / 10n);
    await world.send(set('setPID', 0n, 1n, 1n));
    await world.send(set('tick', (51n * one) / 10n, 0n, 0n));
    expect(await temperature()).toBe((12n * one) / 10n);
    expect(await world.read('thermostat', 'lastError')).toBe((51n * one) / 10n);
  });

  test('isn’t created with what its setters refuse, and says how it is created', async () => {
    const { owner } = world.accounts;
    const create = (...values: bigint[]) => world.create('Thermostat', [owner.address, ...values]);
    expect(await create(one, 0n, one)).toEqual({ error: bounds });
    expect(await create(one, one, one)).toEqual({ error: bounds });
    expect(await create(2n * one, one / 2n, one)).toEqual({ error: temp });
    expect(await createdWith(world, 'thermostat')).toEqual(['GovernanceUpdated', 'OwnershipTransferred', 'TemperatureBoundsUpdated', 'TemperatureUpdated']);
  });
});
