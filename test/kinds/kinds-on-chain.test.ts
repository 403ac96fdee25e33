import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ContractName } from '../../scripts/deployment/contract-list.ts';
import { decodeEvent, decodeRevert } from '../../src/kinds/abi.ts';
import { fieldAt, staticPaths } from '../../src/kinds/fields.ts';
import type { Kind, KindSetter } from '../../src/kinds/kind.ts';
import { decodeEntries, decodeGetter, encodeGetter } from '../../src/kinds/reads.ts';
import { encodeSetter, type SetterInput } from '../../src/kinds/writes.ts';
import type { Address, Log, Scalar } from '../../src/types.ts';
import { type KindWorld, kindOf, type Managed, managed, startKindWorld } from './kind-world.ts';

const ether = 10n ** 18n;
let world: KindWorld;

beforeAll(async () => {
  world = await startKindWorld();
});
afterAll(() => world?.stop());

/** What each setter is given besides live values. */
function inputFor(setter: KindSetter, live: ReadonlyMap<string, Scalar>): SetterInput {
  const member = world.accounts.stranger.address;
  const values = new Map(live);
  // These three emit nothing when nothing changes.
  for (const fee of ['feePct', 'burnPct', 'validatorRewardPct']) if (setter.fields.includes(fee)) values.set(fee, Number(live.get(fee)) % 2 === 0 ? 3n : 4n);
  if (setter.does === 'setKey' || setter.does === 'unsetKey') return { values, key: 'validator', value: ether };
  if (setter.does === 'upsertEntry' || setter.does === 'removeEntry') return { values, key: world.addresses.agentNft, value: 110n };
  const key = setter.fields[0] === 'roles' ? { key: 'WRITER_ROLE' } : {};
  return { values, member, flag: true, ...key };
}

function callersOf(kind: Kind, setter: KindSetter, live: ReadonlyMap<string, Scalar>): Address[] {
  if (kind.name === 'AccessControl') return [world.accounts.owner.address];
  return setter.access.flatMap((who) => {
    const caller = live.get(who);
    return typeof caller === 'string' && !/^0x0+$/.test(caller) ? [caller] : [];
  });
}

/** What the state must be like for the call to succeed: unpausing needs a paused contract, revoking a member. */
async function prepare(name: Managed, setter: KindSetter): Promise<void> {
  const owner = world.accounts.owner.address;
  const first: Record<string, [ContractName, string, readonly unknown[]]> = {
    unpause: [name, 'pause', []],
    unpauseAll: ['systemPause', 'pauseAll', []],
    revokeRole: ['roleBook', 'grantRole', [await world.read('roleBook', 'WRITER_ROLE'), world.accounts.stranger.address]],
  };
  const wanted = first[setter.function];
  if (wanted !== undefined) await world.send({ from: owner, on: wanted[0], call: wanted[1], args: wanted[2] });
}

describe.each(Object.keys(managed).map((name) => [name as Managed]))('%s', (name) => {
  const kind = kindOf(name);

  it('answers every getter of its kind', async () => {
    await world.restore();
    const values = await world.readAll(name);
    expect([...values.keys()]).toEqual(
      staticPaths(kind).filter((path) => {
        const shape = fieldAt(kind, path)?.field.shape;
        return shape === 'value' || shape === 'keyed';
      }),
    );
    for (const field of kind.fields.values()) if (field.aliasOf !== undefined) expect(values.get(field.name)).toBe(values.get(field.aliasOf));
  });

  it.each(kind.setters.map((setter) => [`${setter.function} ${setter.fields.join(' ')}`, setter] as const))('%s', async (_, setter) => {
    await world.restore();
    if (name === 'systemPause') await world.giveModulesToSystemPause();
    await prepare(name, setter);
    const to = world.addresses[name];
    const live = await world.readAll(name);
    const input = inputFor(setter, live);
    const { data } = encodeSetter(kind, setter, input);

    const refused = await world.call(world.accounts.student.address, to, data);
    expect([setter.function, refused.ok]).toEqual([setter.function, false]);
    expect(decodeRevert(kind.errors, refused.data)).toMatch(/^(\w+Unauthorized\w+|Not\w+|Unauthorized)\(/);

    const callers = callersOf(kind, setter, live);
    expect(callers.length).toBeGreaterThan(0);
    for (const caller of callers) expect([setter.function, caller, (await world.call(caller, to, data)).ok]).toEqual([setter.function, caller, true]);
    for (const role of ['owner', 'governance', 'pauser', 'pauserManager']) {
      const holder = live.get(role);
      if (typeof holder !== 'string' || /^0x0+$/.test(holder)) continue;
      expect([setter.function, role, (await world.call(holder, to, data)).ok]).toEqual([setter.function, role, callers.includes(holder)]);
    }

    const logs = await world.transact(callers[0] as Address, to, data);
    const events = [...kind.events.values()];
    const seen = logs.filter((log) => log.address.toLowerCase() === to.toLowerCase()).map((log) => events.find((event) => event.topic === log.topics[0]));
    for (const wanted of setter.emits) expect(seen.map((event) => event?.name)).toContain(wanted);
    await expectWritten(name, { setter, input, live, logs });
  });
});

type Written = { setter: KindSetter; input: SetterInput; live: ReadonlyMap<string, Scalar>; logs: readonly Log[] };

/** Everything reads as the setter and its effects say, and nothing else moved. */
async function expectWritten(name: Managed, { setter, input, live, logs }: Written): Promise<void> {
  const after = await world.readAll(name);
  expect(after).toEqual(expectedValues({ setter, input, live }));
  await expectCollection(name, setter, input);
  expectHistory(kindOf(name), { setter, after, logs });
}

function expectedValues({ setter, input, live }: Omit<Written, 'logs'>): Map<string, Scalar> {
  const expected = new Map(live);
  const [first = ''] = setter.fields;
  if (setter.does === 'set') for (const path of setter.fields) expected.set(path, input.values.get(path) as Scalar);
  if (setter.does === 'setKey') expected.set(`${first}.${input.key}`, input.value as Scalar);
  if (setter.does === 'unsetKey') expected.set(`${first}.${input.key}`, live.get('systemTemperature') as Scalar);
  if (setter.does === 'assign' && live.has(first)) expected.set(first, setter.assigns as Scalar);
  for (const effect of setter.effects) {
    if (effect.effect !== 'copy') continue;
    const value = expected.get(effect.field) as Scalar;
    expected.set(effect.to, effect.to === 'validatorSlashRewardPct' ? (value as bigint) * 100n : value);
  }
  return expected;
}

async function expectCollection(name: Managed, setter: KindSetter, input: SetterInput): Promise<void> {
  const kind = kindOf(name);
  const to = world.addresses[name];
  const field = kind.fields.get(setter.fields[0] ?? '');
  if (field?.shape === 'members' || field?.shape === 'keyedMembers') {
    const which = { member: world.accounts.stranger.address, ...(input.key === undefined ? {} : { key: input.key }) };
    expect(decodeGetter(kind, field, (await world.call(to, to, encodeGetter(kind, field, which))).data)).toBe(setter.does !== 'removeMember');
  }
  if (field?.shape === 'entries') {
    const entries = decodeEntries(kind, field, (await world.call(to, to, encodeGetter(kind, field))).data);
    expect(entries.get(world.addresses.agentNft)).toBe(setter.does === 'upsertEntry' ? 110n : undefined);
  }
}

/** The events that a field's history names carry the value that it has now. */
function expectHistory(kind: Kind, { setter, after, logs }: Pick<Written, 'setter' | 'logs'> & { after: ReadonlyMap<string, Scalar> }): void {
  for (const path of setter.fields) {
    const found = fieldAt(kind, path);
    if (found?.field.shape !== 'value') continue;
    const shown = found.field.history.flatMap((past) => {
      const event = kind.events.get(past.event);
      return logs
        .filter((log) => log.topics[0] === event?.topic)
        .map((log) => (past.value === undefined || event === undefined ? past.constant : decodeEvent(event, log)[past.value]));
    });
    expect([path, shown.length > 0]).toEqual([path, true]);
    const raw = found.field.unit === 'percentOrBps' ? Number(after.get(path)) / 100 : after.get(path);
    for (const value of shown) expect([path, String(value)]).toEqual([path, String(raw)]);
  }
}
