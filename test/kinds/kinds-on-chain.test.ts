import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ContractName } from '../../scripts/deployment/contract-list.ts';
import { decodeEvent, decodeRevert } from '../../src/kinds/abi.ts';
import { fieldAt, staticPaths } from '../../src/kinds/fields.ts';
import type { Kind, KindSetter } from '../../src/kinds/kind.ts';
import { loadKinds } from '../../src/kinds/load-kinds.ts';
import { decodeEntries, decodeGetter, encodeGetter } from '../../src/kinds/reads.ts';
import { encodeSetter, type SetterInput } from '../../src/kinds/writes.ts';
import type { Address, Hex, Log, Scalar } from '../../src/types.ts';
import { type ContractWorld, startContractWorld } from '../support/contract-world.ts';

const managed = {
  arena: 'SelfPlayArena',
  stakeManager: 'StakeManager',
  systemPause: 'SystemPause',
  thermostat: 'Thermostat',
  feePool: 'FeePool',
  engineTargets: 'EngineTargets',
  pauseGuard: 'PauseGuard',
  jobRegistry: 'PausableModule',
  arbitratorCommittee: 'PausableModule',
  roleBook: 'AccessControl',
} as const satisfies Partial<Record<ContractName, string>>;

const kinds = loadKinds();
const ether = 10n ** 18n;
let world: ContractWorld;
let restore: () => Promise<void>;

beforeAll(async () => {
  world = await startContractWorld();
  restore = await world.snapshot();
});
afterAll(() => world?.stop());

function kindOf(name: keyof typeof managed): Kind {
  const kind = kinds.get(managed[name]);
  if (kind === undefined) throw new Error(name);
  return kind;
}

async function call(from: Address, to: Address, data: Hex): Promise<{ data: Hex; ok: boolean }> {
  const body = { jsonrpc: '2.0', id: 1, method: 'eth_call', params: [{ from, to, data }, 'latest'] };
  const answer = (await (await fetch(world.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })).json()) as {
    result?: Hex;
    error?: { data?: Hex };
  };
  return answer.error === undefined ? { ok: true, data: answer.result ?? '0x' } : { ok: false, data: answer.error.data ?? '0x' };
}

async function send(from: Address, to: Address, data: Hex): Promise<Log[]> {
  const receipt = await world.request<{ status: Hex; logs: Log[] }>('eth_sendTransactionSync', [{ from, to, data, gas: '0x989680', gasPrice: '0x0' }]);
  expect(receipt.status).toBe('0x1');
  return receipt.logs;
}

/** Canonical values by path, of everything that can be read without members. */
async function readAll(name: keyof typeof managed): Promise<Map<string, Scalar>> {
  const kind = kindOf(name);
  const values = new Map<string, Scalar>();
  for (const path of staticPaths(kind)) {
    const found = fieldAt(kind, path);
    if (found === null || (found.field.shape !== 'value' && found.field.shape !== 'keyed')) continue;
    const { data } = await call(
      world.accounts.stranger.address,
      world.addresses[name],
      encodeGetter(kind, found.field, found.key === undefined ? {} : { key: found.key }),
    );
    values.set(path, decodeGetter(kind, found.field, data));
  }
  return values;
}

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
async function prepare(name: keyof typeof managed, setter: KindSetter): Promise<void> {
  const owner = world.accounts.owner.address;
  const first: Record<string, [ContractName, string, readonly unknown[]]> = {
    unpause: [name, 'pause', []],
    unpauseAll: ['systemPause', 'pauseAll', []],
    revokeRole: ['roleBook', 'grantRole', [await world.read('roleBook', 'WRITER_ROLE'), world.accounts.stranger.address]],
  };
  const wanted = first[setter.function];
  if (wanted !== undefined) await world.send({ from: owner, on: wanted[0], call: wanted[1], args: wanted[2] });
}

/** SystemPause acts as owner of its modules. */
async function giveModulesToSystemPause(): Promise<void> {
  const from = world.accounts.owner.address;
  for (const on of [
    'jobRegistry',
    'stakeManager',
    'validationModule',
    'disputeModule',
    'platformRegistry',
    'feePool',
    'reputationEngine',
    'arbitratorCommittee',
  ] as const) {
    await world.send({ from, on, call: 'transferOwnership', args: [world.addresses.systemPause] });
  }
}

describe.each(Object.keys(managed).map((name) => [name as keyof typeof managed]))('%s', (name) => {
  const kind = kindOf(name);

  it('answers every getter of its kind', async () => {
    await restore();
    const values = await readAll(name);
    expect([...values.keys()]).toEqual(
      staticPaths(kind).filter((path) => {
        const shape = fieldAt(kind, path)?.field.shape;
        return shape === 'value' || shape === 'keyed';
      }),
    );
    for (const field of kind.fields.values()) if (field.aliasOf !== undefined) expect(values.get(field.name)).toBe(values.get(field.aliasOf));
  });

  it.each(kind.setters.map((setter) => [`${setter.function} ${setter.fields.join(' ')}`, setter] as const))('%s', async (_, setter) => {
    await restore();
    if (name === 'systemPause') await giveModulesToSystemPause();
    await prepare(name, setter);
    const to = world.addresses[name];
    const live = await readAll(name);
    const input = inputFor(setter, live);
    const { data } = encodeSetter(kind, setter, input);

    const refused = await call(world.accounts.student.address, to, data);
    expect([setter.function, refused.ok]).toEqual([setter.function, false]);
    expect(decodeRevert(kind.errors, refused.data)).toMatch(/^(\w+Unauthorized\w+|Not\w+|Unauthorized)\(/);

    const callers = callersOf(kind, setter, live);
    expect(callers.length).toBeGreaterThan(0);
    for (const caller of callers) expect([setter.function, caller, (await call(caller, to, data)).ok]).toEqual([setter.function, caller, true]);
    for (const role of ['owner', 'governance', 'pauser', 'pauserManager']) {
      const holder = live.get(role);
      if (typeof holder !== 'string' || /^0x0+$/.test(holder)) continue;
      expect([setter.function, role, (await call(holder, to, data)).ok]).toEqual([setter.function, role, callers.includes(holder)]);
    }

    const logs = await send(callers[0] as Address, to, data);
    const events = [...kind.events.values()];
    const seen = logs.filter((log) => log.address.toLowerCase() === to.toLowerCase()).map((log) => events.find((event) => event.topic === log.topics[0]));
    for (const wanted of setter.emits) expect(seen.map((event) => event?.name)).toContain(wanted);
    await expectWritten(name, { setter, input, live, logs });
  });
});

type Written = { setter: KindSetter; input: SetterInput; live: ReadonlyMap<string, Scalar>; logs: readonly Log[] };

/** Everything reads as the setter and its effects say, and nothing else moved. */
async function expectWritten(name: keyof typeof managed, { setter, input, live, logs }: Written): Promise<void> {
  const after = await readAll(name);
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

async function expectCollection(name: keyof typeof managed, setter: KindSetter, input: SetterInput): Promise<void> {
  const kind = kindOf(name);
  const to = world.addresses[name];
  const field = kind.fields.get(setter.fields[0] ?? '');
  if (field?.shape === 'members' || field?.shape === 'keyedMembers') {
    const which = { member: world.accounts.stranger.address, ...(input.key === undefined ? {} : { key: input.key }) };
    expect(decodeGetter(kind, field, (await call(to, to, encodeGetter(kind, field, which))).data)).toBe(setter.does !== 'removeMember');
  }
  if (field?.shape === 'entries') {
    const entries = decodeEntries(kind, field, (await call(to, to, encodeGetter(kind, field))).data);
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

describe('rules are what the contracts refuse with', () => {
  const owner = () => world.accounts.owner.address;
  const stranger = () => world.accounts.stranger.address;
  const cases: [keyof typeof managed, string, () => Record<string, Scalar>, Partial<SetterInput>?][] = [
    ['arena', 'setRewardSplits', () => ({ teacherRewardSplitBps: 6000n, studentRewardSplitBps: 3000n, validatorRewardSplitBps: 2000n })],
    ['arena', 'setRewardSplits', () => ({ teacherRewardSplitBps: 0n, studentRewardSplitBps: 0n, validatorRewardSplitBps: 0n })],
    ['stakeManager', 'setFeePct', () => ({ feePct: 95n })],
    ['stakeManager', 'setSlashPercents', () => ({ employerSlashPct: 5000n, treasurySlashPct: 5000n })],
    ['stakeManager', 'setStakeRecommendations', () => ({ minStake: 10n, maxStakePerAddress: 5n })],
    ['stakeManager', 'setTreasury', () => ({ treasury: stranger() })],
    ['stakeManager', 'setTreasury', () => ({ treasury: owner() })],
    ['stakeManager', 'setJobRegistry', () => ({ jobRegistry: stranger() })],
    ['stakeManager', 'setDisputeModule', () => ({ disputeModule: stranger() })],
    ['stakeManager', 'setValidationModule', () => ({ validationModule: stranger() })],
    ['stakeManager', 'setFeePool', () => ({ feePool: stranger() })],
    ['feePool', 'setTreasury', () => ({ treasury: stranger() })],
    ['feePool', 'setStakeManager', () => ({ stakeManager: stranger() })],
    ['systemPause', 'setModules', () => ({ feePool: stranger() })],
    ['thermostat', 'setTemperatureBounds', () => ({ minTemp: 2n * ether, maxTemp: ether })],
    ['thermostat', 'setSystemTemperature', () => ({ systemTemperature: 100n * ether })],
    ['thermostat', 'setRoleTemperature', () => ({}), { key: 'agent', value: 100n * ether }],
    ['thermostat', 'setIntegralBounds', () => ({ integralMin: 2n, integralMax: 2n })],
  ];

  it.each(cases)('%s.%s', async (name, fn, changed, more = {}) => {
    await restore();
    const kind = kindOf(name);
    const setter = kind.setters.find((candidate) => candidate.function === fn) as KindSetter;
    const values = new Map([...(await readAll(name)), ...Object.entries(changed())]);
    const answer = await call(owner(), world.addresses[name], encodeSetter(kind, setter, { values, ...more }).data);
    const said = decodeRevert(kind.errors, answer.data);
    const expected = kind.rules.filter((rule) => rule.revert !== undefined).map((rule) => rule.revert?.replace(/\(address\)$/, `(${stranger()})`));
    expect(answer.ok).toBe(false);
    expect(expected).toContain(said);
  });

  it('counts AGI types', async () => {
    await restore();
    await world.send({ from: owner(), on: 'stakeManager', call: 'setMaxAGITypes', args: [2] });
    expect(await world.refusal({ from: owner(), on: 'stakeManager', call: 'addAGIType', args: [stranger(), 100] })).toBe('MaxAGITypesReached()');
    expect(kindOf('stakeManager').rules).toContainEqual(expect.objectContaining({ rule: 'count', revert: 'MaxAGITypesReached()' }));
  });

  it('copies a changed percentage, clamps a temperature, spreads a pause and a pauser', async () => {
    await restore();
    await giveModulesToSystemPause();
    await world.send({ from: owner(), on: 'thermostat', call: 'setTemperatureBounds', args: [2n * ether, 3n * ether] });
    expect(await world.read('thermostat', 'systemTemperature')).toBe(2n * ether);
    await world.send({ from: owner(), on: 'systemPause', call: 'setGlobalPauser', args: [stranger()] });
    await world.send({ from: owner(), on: 'systemPause', call: 'pauseAll' });
    for (const path of kindOf('systemPause').fields.keys()) {
      if (!(path in managed) && path !== 'validationModule') continue;
      expect(await world.read(path as ContractName, 'pauser')).toBe(stranger());
      expect(await world.read(path as ContractName, 'paused')).toBe(true);
    }
  });
});
