// One test a rule of contracts' setter tables: what is stored, emitted and refused, by whom, also while paused.
import { Interface } from 'ethers/abi';
import { describe, expect, test } from 'vitest';
import type { ContractName } from '../../scripts/deployment/contract-list.ts';
import type { Address } from '../../src/types.ts';
import type { CallWanted, ContractWorld } from '../support/contract-world.ts';

type Arguments = readonly unknown[];

/** Arguments may name deployed contracts: `'@stakeManager'` stands for its address. */
export type SetterCase = {
  call: string;
  args: Arguments;
  /** Getter, value, and the getter's arguments. */
  becomes: readonly (readonly [getter: string, value: unknown, ...args: Arguments])[];
  /** Exactly these events, in this order. */
  emits: readonly string[];
  accepts?: readonly Arguments[];
  refuses?: readonly (readonly [args: Arguments, error: string])[];
  /** What a second, identical call does: emits the same again (the default), nothing, or is refused as the caller lost its power. */
  again?: 'emits' | 'emits nothing' | 'loses power';
};

export type SetterSuite = {
  world: () => ContractWorld;
  on: ContractName;
  /** Who may call; the owner's key by default. */
  caller?: (world: ContractWorld) => Address;
  /** The error for anybody else. */
  denied: (caller: Address) => string;
  cases: readonly SetterCase[];
  /** False where there is nothing to pause. */
  pausable?: boolean;
};

/** Declares the tests of `cases`. */
export function describeSetters(suite: SetterSuite): void {
  const callerOf = suite.caller ?? ((world: ContractWorld) => world.accounts.owner.address);
  function wanted(world: ContractWorld, { call, args }: { call: string; args: Arguments }): CallWanted {
    return { from: callerOf(world), on: suite.on, call, args: args.map((value) => resolve(world, value)) };
  }

  describe.each(suite.cases)(`${suite.on}.$call`, (setter) => {
    test('stores, emits, and emits again for the same value', async () => {
      const world = suite.world();
      expect(await namesOf(world, wanted(world, setter))).toEqual(setter.emits);
      for (const [getter, value, ...args] of setter.becomes) {
        const keys = args.map((arg) => resolve(world, arg));
        expect(await world.read(suite.on, getter, ...keys), getter).toEqual(resolve(world, value));
      }
      if (setter.again === 'loses power') expect(await world.refusal(wanted(world, setter))).toBe(suite.denied(callerOf(world)));
      else expect(await namesOf(world, wanted(world, setter))).toEqual(setter.again === 'emits nothing' ? [] : setter.emits);
    });

    test('refuses anybody else', async () => {
      const world = suite.world();
      const stranger = world.accounts.stranger.address;
      expect(await world.refusal({ ...wanted(world, setter), from: stranger })).toBe(suite.denied(stranger));
    });

    if (suite.pausable !== false) {
      test('works while paused', async () => {
        const world = suite.world();
        await world.send({ from: callerOf(world), on: suite.on, call: 'pause' });
        expect(await namesOf(world, wanted(world, setter))).toEqual(setter.emits);
      });
    }

    test.each(setter.accepts ?? [])('accepts %s %s %s', async (...args) => {
      const world = suite.world();
      expect(await world.refusal(wanted(world, { call: setter.call, args }))).toBeNull();
    });

    test.each([...(setter.refuses ?? [])])('refuses %s with %s', async (args, error) => {
      const world = suite.world();
      expect(await world.refusal(wanted(world, { call: setter.call, args }))).toBe(error);
    });
  });
}

/** Names of the events of a sent call. */
export async function namesOf(world: ContractWorld, wanted: CallWanted): Promise<string[]> {
  return (await world.send(wanted)).map(({ name }) => name);
}

/** Names of the events of a contract's creation. */
export async function createdWith(world: ContractWorld, name: ContractName): Promise<string[]> {
  const { address, fromBlock } = world.manifest[name];
  const block = `0x${fromBlock.toString(16)}`;
  const logs = await world.request<{ topics: string[]; data: string }[]>('eth_getLogs', [{ address, fromBlock: block, toBlock: block }]);
  const abi = new Interface(world.abis[name]);
  return logs.map((log) => abi.parseLog(log)?.name ?? 'unknown');
}

function resolve(world: ContractWorld, value: unknown): unknown {
  if (typeof value !== 'string' || !value.startsWith('@')) return value;
  const name = value.slice(1);
  return name in world.accounts ? world.accounts[name as keyof typeof world.accounts].address : world.addresses[name as ContractName];
}
