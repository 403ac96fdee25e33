// What a change of the files does besides changing the chain, with its risk.
import { describe, expect, test } from 'vitest';
import { buildPlan } from '../../src/plan/build-plan.ts';
import { editsOf } from '../../src/plan/edits.ts';
import type { Flat } from '../../src/plan/setting-edits.ts';
import type { Change, Desired, Edit, Ignore, Lift } from '../../src/types.ts';
import { addressOf, kinds, people, places, planWorld, token, type WorldOptions } from '../support/plan-world.ts';

function desiredOf(options: WorldOptions, change: (desired: Desired) => Desired = (desired) => desired): Desired {
  return change(planWorld(options).desired);
}

const none: Flat = new Map();

function edits(before: Desired | null, after: Desired | null, own: string[] = []): Edit[] {
  const changes = own.map((id) => {
    const [, contract = '', field = '', member] = /^([^.]+)\.([^[]+)(?:\[(.+)\])?/.exec(id) ?? [];
    return {
      id,
      contract,
      field,
      ...(member === undefined ? {} : { member }),
      kind: '',
      address: '',
      action: 'set' as const,
      from: null,
      to: null,
      unit: 'none' as const,
      risk: 'reduce' as const,
    };
  });
  return editsOf({ environment: 'local', before, after, settings: { before: none, after: none }, kinds, own: changes });
}

function told(found: readonly Edit[]): string[] {
  return found.map(({ subject, what, from, to, risk }) => `${subject} ${what}: ${from ?? '—'} → ${to ?? '—'}, ${risk}`);
}

describe('of a contract', () => {
  const before = desiredOf({ desired: { stake: { feePct: 5n, minStake: 100n * token } } });

  test('nothing where nothing is edited', () => {
    expect(edits(before, before)).toEqual([]);
  });

  test('a line taken out, or moved to observe, raises risk', () => {
    expect(told(edits(before, desiredOf({ desired: { stake: { feePct: 5n } } })))).toEqual(['stake.minStake is no longer managed: 100 AGIALPHA → —, increase']);
    const observed = desiredOf({ desired: { stake: { feePct: 5n, minStake: 100n * token } }, observe: { stake: ['minStake'] } });
    expect(told(edits(before, observed))).toEqual(['stake.minStake is only observed from now on: 100 AGIALPHA → —, increase']);
  });

  test('a file taken out raises risk; a new one is judged where it says what git asked for', () => {
    expect(edits(before, desiredOf({ desired: {} })).map(({ what, risk }) => [what, risk])).toEqual([['is no longer managed', 'increase']]);
    const adopting = desiredOf({ desired: { stake: { feePct: 5n } } }, (desired) => withContracts(desired, { adoptedAt: 90n }));
    expect(edits(desiredOf({ desired: {} }), adopting)[0]).toMatchObject({ subject: 'stake', risk: 'ambiguous', what: expect.stringContaining('block 90') });
    expect(edits(desiredOf({ desired: {} }), before)[0]).toMatchObject({ subject: 'stake', risk: 'reduce' });
  });

  test.each([
    ['address', addressOf(9)],
    ['fromBlock', 77n],
    ['adoptedAt', 77n],
  ])('another %s is to be judged', (key, value) => {
    const moved = desiredOf({ desired: { stake: { feePct: 5n, minStake: 100n * token } } }, (desired) => withContracts(desired, { [key]: value }));
    expect(edits(before, moved)).toMatchObject([{ subject: `stake.${key}`, risk: 'ambiguous', to: String(value) }]);
  });

  test('what changes on the chain is no edit besides', () => {
    const after = desiredOf({ desired: { stake: { feePct: 6n, minStake: 100n * token } } });
    expect(edits(before, after, ['stake.feePct'])).toEqual([]);
  });

  test('a value declared as it is live has the risk of the move that git accepts', () => {
    const after = desiredOf({ desired: { stake: { feePct: 6n, minStake: 90n * token } } });
    expect(told(edits(before, after))).toEqual([
      expect.stringMatching(/^stake\.feePct is declared as it is on chain: 5 % → 6 %, /),
      expect.stringMatching(/^stake\.minStake is declared as it is on chain: 100 AGIALPHA → 90 AGIALPHA, /),
    ]);
    const risks = edits(before, after).map(({ risk }) => risk);
    expect(edits(after, before).map(({ risk }) => risk)).not.toEqual(risks);
  });

  test('a wider range raises risk, a narrower one does not, though the live value is to move', () => {
    const range = (min: bigint, max: bigint): Desired => desiredOf({ desired: { thermostat: { systemTemperature: { type: 'range', min, max } } } });
    expect(edits(range(10n, 20n), range(10n, 21n))).toMatchObject([{ what: 'may move further', risk: 'increase' }]);
    expect(edits(range(10n, 20n), range(9n, 15n), ['thermostat.systemTemperature'])).toMatchObject([{ risk: 'increase' }]);
    expect(edits(range(10n, 20n), range(11n, 20n))).toMatchObject([{ what: 'may move less', risk: 'reduce' }]);
    const fixed = desiredOf({ desired: { thermostat: { systemTemperature: 15n } } });
    expect(edits(fixed, range(10n, 20n))).toMatchObject([{ risk: 'increase' }]);
  });

  test('members are told one by one, without those that change on the chain', () => {
    const members = (...list: string[]): Desired => desiredOf({ desired: { arena: { orchestrators: list } } });
    const found = edits(members(people.alice), members(people.bob, people.treasury), [`arena.orchestrators[${people.treasury}]`]);
    expect(found.map(({ subject, risk }) => [subject, risk])).toEqual([
      [`arena.orchestrators[${people.alice}]`, 'reduce'],
      [`arena.orchestrators[${people.bob}]`, 'increase'],
    ]);
  });

  describe('entries of a collection', () => {
    const [a, b, c] = [addressOf(401), addressOf(402), addressOf(403)];
    const types = (entries: Record<string, bigint>): Desired => desiredOf({ desired: { stake: { agiTypes: new Map(Object.entries(entries)) } } });
    const id = (key: string): string => `stake.agiTypes[${key}]`;

    test('are told one by one: what is adopted as it is live stays no less told when another entry changes on the chain', () => {
      const after = types({ [a]: 150n, [b]: 200n, [c]: 1n });
      const adopted = `${id(a)} is declared as it is on chain: 100 % → 150 %, increase`;
      expect(told(edits(types({ [a]: 100n, [c]: 1n }), after, [id(b)]))).toEqual([adopted]);
      expect(told(edits(types({ [a]: 100n, [c]: 1n }), after))).toEqual([adopted, `${id(b)} is declared an entry, as it is on chain: — → 200 %, increase`]);
      expect(edits(types({ [a]: 100n, [c]: 1n }), after, [id(a), id(b)])).toEqual([]);
    });

    test('that are declared no longer, and are not there', () => {
      expect(told(edits(types({ [a]: 150n, [b]: 200n }), types({ [b]: 300n }), [id(b)]))).toEqual([
        `${id(a)} is declared no entry, as it is on chain: 150 % → —, reduce`,
      ]);
    });

    test('of a field that is managed from now on: those that change on the chain are left out', () => {
      const before = desiredOf({ desired: { stake: {} } });
      const after = types({ [a]: 150n, [b]: 200n });
      expect(told(edits(before, after))).toEqual([`stake.agiTypes is managed from now on: — → ${a}: 150 %, ${b}: 200 %, reduce`]);
      expect(told(edits(before, after, [id(b)]))).toEqual([`stake.agiTypes is managed from now on: — → ${a}: 150 %, reduce`]);
      expect(edits(before, after, [id(a), id(b)])).toEqual([]);
    });
  });

  test('members of a field that is managed from now on: those that change on the chain are left out', () => {
    const [before, after] = [desiredOf({ desired: { arena: {} } }), desiredOf({ desired: { arena: { orchestrators: [people.alice, people.bob] } } })];
    expect(told(edits(before, after, [`arena.orchestrators[${people.bob}]`]))).toEqual(['arena.orchestrators is managed from now on: — → alice, reduce']);
  });
});

function withContracts(desired: Desired, more: object): Desired {
  return { ...desired, state: { ...desired.state, contracts: desired.state.contracts.map((contract) => ({ ...contract, ...more })) } };
}

describe('a name that is used by what the same change does on the chain', () => {
  const source = { file: 'desired-state/local/addresses.yaml', line: 5, column: 3 };
  const stranger = addressOf(77);
  const [nobody, somebody] = [{ stake: { feePct: 5n } }, { stake: { feePct: 5n }, arena: {} }];
  const named = (desired: Desired): Desired => ({
    ...desired,
    addresses: {
      byName: new Map([...desired.addresses.byName, ['fresh', { address: stranger, source }]]),
      byAddress: new Map([...desired.addresses.byAddress, [stranger, 'fresh']]),
      before: desired.addresses,
    },
  });
  const change: Change = {
    ...{ id: 'stake.owner', contract: 'stake', kind: 'StakeManager', address: addressOf(9), field: 'owner', action: 'set', unit: 'none', risk: 'ambiguous' },
    ...{ from: null, to: { type: 'scalar', value: addressOf(8) } },
  };
  const found = (before: Desired, after: Desired, own: Change): Edit[] =>
    editsOf({ environment: 'local', before, after, settings: { before: none, after: none }, kinds, own: [own] });

  test.each<[string, Change, boolean]>([
    ['as a value', { ...change, to: { type: 'scalar', value: stranger.toLowerCase() } }, true],
    ['as a member', { ...change, member: stranger, action: 'add', to: { type: 'scalar', value: true } }, true],
    ['nowhere', change, false],
  ])('%s', (_, own, used) => {
    const before = desiredOf({ desired: nobody });
    expect(told(found(before, desiredOf({ desired: nobody }, named), own))).toEqual([
      `fresh is a new name${used ? ', and a change here uses it' : ''}: — → ${stranger}, ${used ? 'ambiguous' : 'reduce'}`,
    ]);
  });

  test('and is that of a new contract', () => {
    const to = (value: string): Change => ({ ...change, to: { type: 'scalar', value } });
    const risks = (own: Change) => found(desiredOf({ desired: nobody }), desiredOf({ desired: somebody }), own).map(({ subject, risk }) => [subject, risk]);
    expect(risks(to(places.arena))).toEqual([['arena', 'ambiguous']]);
    expect(risks(to(places.targets))).toEqual([['arena', 'reduce']]);
  });

  test('or adopted by it, is shown with its address', () => {
    const elsewhere = { ...change, contract: 'arena' };
    const declares = (owner: string, change = (desired: Desired) => desired) => desiredOf({ desired: { stake: { owner } } }, change);
    expect(told(found(declares(people.alice), declares(stranger, named), elsewhere))).toContain(
      `stake.owner is declared as it is on chain: alice → fresh (${stranger}), ambiguous`,
    );
    const moved = (desired: Desired): Desired => ({
      ...desired,
      addresses: {
        byName: new Map([...desired.addresses.byName, ['bob', { address: stranger, source }]]),
        byAddress: new Map([...desired.addresses.byAddress, [stranger, 'bob']]),
        before: desired.addresses,
      },
    });
    expect(told(found(declares(people.alice), declares(stranger, moved), elsewhere))).toContain(
      `stake.owner is declared as it is on chain: alice → bob (${stranger}), ambiguous`,
    );
  });
});

describe('a limit of the policy before', () => {
  const source = { file: 'desired-state/local/policy.yaml', line: 7, column: 5 };
  const limits = (...matches: string[]) => ({ limits: matches.map((match, i) => ({ match, frozen: true, source: { ...source, line: 7 + i } })) });
  const limitedBy = (...matches: string[]): Desired => desiredOf({ desired: { stake: { feePct: 5n }, arena: {} }, policy: limits(...matches) });
  const lapsed = (old: Desired, next: Desired): string[] => told(edits(old, next)).filter((text) => text.startsWith('policy.yaml: limit'));
  const renamed = (name: string) =>
    desiredOf({ desired: { stake: { feePct: 5n }, arena: {} } }, (desired) => ({
      ...desired,
      state: {
        ...desired.state,
        contracts: desired.state.contracts.map((contract) => (contract.name === 'stake' ? { ...contract, name } : contract)),
      },
    }));

  test('that a renamed contract is held by no more is told, one that holds by the kind or a pattern is not', () => {
    const matches = ['stake.feePct', 'StakeManager.feePct', '*.feePct', 'st*.minStake', 'arena.owner'];
    expect(lapsed(limitedBy(...matches), renamed('zz'))).toEqual([
      'policy.yaml: limit st*.minStake no longer holds for what it held for: stake → zz, ambiguous',
      'policy.yaml: limit stake.feePct no longer holds for what it held for: stake → zz, ambiguous',
    ]);
    expect(lapsed(limitedBy(...matches), renamed('stake'))).toEqual([]);
    expect(lapsed(limitedBy('st*.minStake'), renamed('store'))).toEqual([]);
  });

  test('that matches nothing any more', () => {
    const gone = desiredOf({ desired: { arena: {} } });
    expect(lapsed(limitedBy('stake.feePct', 'StakeManager.minStake', 'arena.owner'), gone)).toEqual([
      'policy.yaml: limit StakeManager.minStake no longer holds for what it held for: stake → —, ambiguous',
      'policy.yaml: limit stake.feePct no longer holds for what it held for: stake → —, ambiguous',
    ]);
  });

  test('that another kind has no field for', () => {
    const other = desiredOf({ desired: { stake: { feePct: 5n }, arena: {} } }, (desired) => withContracts(desired, { kind: 'Ownable' }));
    expect(lapsed(limitedBy('stake.feePct', 'stake.owner'), other)).toEqual([
      'policy.yaml: limit stake.feePct no longer holds for what it held for: stake → stake, ambiguous',
    ]);
  });

  test('that stands for several names of one field is told once', () => {
    const old = limitedBy('stake.owner', 'stake.governance');
    const one = { ...old, policy: { ...old.policy, limits: old.policy.limits.map((limit) => ({ ...limit, source })) } };
    expect(lapsed(one, renamed('zz'))).toHaveLength(1);
  });
});

test('a name of the address book: new, another address, gone', () => {
  const source = { file: 'desired-state/local/addresses.yaml', line: 5, column: 3 };
  const book = (names: Record<string, string>): Desired =>
    desiredOf({ desired: {} }, (desired) => ({
      ...desired,
      addresses: { byName: new Map(Object.entries(names).map(([name, address]) => [name, { address, source }])), byAddress: new Map() },
    }));
  const [a, b] = [addressOf(1), addressOf(2)];
  expect(told(edits(book({ safe: a, gone: b }), book({ safe: b, fresh: a })))).toEqual([
    `fresh is a new name: — → ${a}, reduce`,
    `gone is no name any more: ${b} → —, ambiguous`,
    `safe stands for another address: ${a} → ${b}, ambiguous`,
  ]);
});

test('lifts and ignores are told by what they mean, wherever they stand in their list', () => {
  const lift = (n: number): Lift => ({ contract: 'arena', field: 'paused', transaction: `0x${String(n).repeat(64)}`, reason: 'settled', by: 'alice' });
  const ignore: Ignore = { contract: 'stake', field: 'feePct', until: 1_800_000_000n, owner: 'bob', reason: 'trial' };
  const withLists = (lifts: Lift[], ignores: Ignore[]): Desired => desiredOf({ desired: {} }, (desired) => ({ ...desired, lifts, ignores }));
  expect(told(edits(withLists([lift(1)], []), withLists([lift(2), lift(1)], [ignore])))).toEqual([
    `arena.paused ${lift(2).transaction} may be reversed: — → settled (alice), increase`,
    'stake.feePct is not taken for drift: — → until 2027-01-15T08:00:00Z, bob: trial, increase',
  ]);
  expect(edits(withLists([lift(1)], [ignore]), withLists([], [])).map(({ risk }) => risk)).toEqual(['ambiguous', 'reduce']);
  const [one, other] = [
    { ...ignore, owner: 'bob', reason: 'a: b' },
    { ...ignore, owner: 'bob: a', reason: 'b' },
  ];
  expect(edits(withLists([], [one]), withLists([], [other])).map(({ risk }) => risk)).toEqual(['increase', 'reduce']);
});

describe('of configuration', () => {
  const file = 'desired-state/local/policy.yaml';
  const flat = (path: string, texts: Record<string, string> | null): Flat =>
    texts === null
      ? new Map()
      : new Map([[path, new Map(Object.entries(texts).map(([key, text], i) => [key, { text, source: { file: path, line: i + 1, column: 1 } }]))]]);
  const settings = (before: Flat, after: Flat): Edit[] =>
    editsOf({ environment: 'local', before: desiredOf({ desired: {} }), after: desiredOf({ desired: {} }), settings: { before, after }, kinds, own: [] });

  test('each key is an edit with its line; fewer approvals raise risk, more do not, the rest is to be judged', () => {
    const before = { 'approvals.increase': '2', 'approvals.reduce': '0', requireProof: 'true' };
    const after = { 'approvals.increase': '1', 'approvals.reduce': '1', requireProof: 'false' };
    expect(settings(flat(file, before), flat(file, after))).toMatchObject([
      { subject: 'policy.yaml: approvals.increase', from: '2', to: '1', risk: 'increase', source: { file, line: 1 } },
      { subject: 'policy.yaml: approvals.reduce', risk: 'reduce' },
      { subject: 'policy.yaml: requireProof', risk: 'ambiguous' },
    ]);
  });

  test('a new item of a list is one edit, wherever it is put', () => {
    const before = { 'limits.0.match': 'a', 'limits.0.max': '1' };
    const after = { 'limits.0.match': 'b', 'limits.0.frozen': 'true', 'limits.1.match': 'a', 'limits.1.max': '1' };
    expect(settings(flat(file, before), flat(file, after))).toMatchObject([
      { subject: 'policy.yaml: limits', what: 'is set as item 1', to: 'match: b, frozen: true', risk: 'ambiguous' },
    ]);
    expect(settings(flat(file, after), flat(file, before))).toMatchObject([{ what: 'is taken out as item 1', from: 'match: b, frozen: true' }]);
  });

  test('the sentinel’s budget', () => {
    const loop = 'desired-state/local/loops/sentinel.yaml';
    const budget = (value: string): Flat => flat(loop, { budgetCap: value, roiFloor: '1.2' });
    expect(settings(budget('100000'), budget('200000.5'))).toMatchObject([{ subject: 'loops/sentinel.yaml: budgetCap', risk: 'increase' }]);
    expect(settings(budget('100000'), budget('99999.9'))).toMatchObject([{ risk: 'reduce' }]);
    expect(settings(budget('100000'), budget('1e6'))).toMatchObject([{ risk: 'ambiguous' }]);
    expect(settings(flat(loop, { roiFloor: '1.20' }), flat(loop, { roiFloor: '1.3' }))).toMatchObject([{ risk: 'reduce' }]);
  });

  test.each<[path: string, from: string | null, to: string | null, risk: string]>([
    ['wideningStep', '0.05', '0.1', 'increase'],
    ['thompsonStep', '0.1', '0.05', 'reduce'],
    ['maxWideningAlpha', '1.5', '2', 'increase'],
    ['maxThompsonPrior', '3', '2.5', 'reduce'],
    ['minWideningAlpha', '0.25', '0.2', 'increase'],
    ['minThompsonPrior', '0.25', '0.3', 'reduce'],
    ['cooldownSteps', '4', '3', 'increase'],
    ['cooldownSteps', '4', '8', 'reduce'],
    ['roiWindow', '12', '6', 'increase'],
    ['roiWindow', '12', '24', 'ambiguous'],
    ['dailyCaps.wideningAlpha', '0.1', '0.2', 'increase'],
    ['dailyCaps.wideningAlpha', '0.2', '0.1', 'reduce'],
    ['dailyCaps.thompsonPrior', '0.2', null, 'increase'],
    ['dailyCaps.thompsonPrior', null, '0.2', 'reduce'],
    ['guards.pause', 'true', 'false', 'increase'],
    ['guards.pause', null, 'false', 'increase'],
    ['guards.pause', 'false', null, 'reduce'],
    ['guards.response', '0', 'off', 'increase'],
    ['guards.response', 'off', '0', 'reduce'],
    ['guards.response', '0', '0.1', 'reduce'],
    ['guards.minReadings', '3', '1', 'increase'],
    ['guards.plausible', '1000', '5000', 'increase'],
    ['guards.steps', '2', '1', 'reduce'],
    ['guards.periodSeconds', '18000', '3600', 'increase'],
    ['guards.periodSeconds', '18000', '36000', 'ambiguous'],
    ['guards.steps', null, '5', 'ambiguous'],
    ['prometheus.maxAgeSeconds', '300', '600', 'increase'],
    ['prometheus.maxAgeSeconds', '300', 'off', 'increase'],
    ['prometheus.url', 'http://a.example', 'http://b.example', 'ambiguous'],
    ['prometheus.query', 'hgm_roi', 'vector(9)', 'ambiguous'],
    ['intervalSeconds', '15', '60', 'ambiguous'],
  ])('the thermostat’s %s from %s to %s', (path, from, to, risk) => {
    const loop = 'desired-state/local/loops/thermostat.yaml';
    const of = (value: string | null): Flat => flat(loop, { kind: 'Thermostat', ...(value === null ? {} : { [path]: value }) });
    expect(settings(of(from), of(to))).toMatchObject([{ subject: `loops/thermostat.yaml: ${path}`, risk }]);
  });

  test('a file that is new, gone or changed all over is one edit with its sum', () => {
    expect(settings(none, flat(file, { a: '1' }))).toMatchObject([
      { what: 'is a new file', from: null, to: expect.stringMatching(/^sha256 [0-9a-f]{64}$/), risk: 'ambiguous' },
    ]);
    expect(settings(flat(file, { a: '1' }), none)).toMatchObject([{ what: 'is no longer there', to: null, risk: 'ambiguous' }]);
    const many = (value: string): Flat => flat(file, Object.fromEntries(Array.from({ length: 41 }, (_item, i) => [`key${i}`, value])));
    expect(settings(many('1'), many('2'))).toMatchObject([{ what: 'has 41 settings changed', risk: 'ambiguous' }]);
  });

  test('lifts.yaml and ignores.yaml are not told twice', () => {
    expect(settings(none, flat('desired-state/local/lifts.yaml', { 'lifts.0.by': 'x' }))).toEqual([]);
  });
});

test('edits are part of the digest and ask for approvals; their wording in people’s names is not all', () => {
  const input = planWorld({ desired: { stake: {} } });
  const edit: Edit = { id: 'x', file: 'desired-state/local/policy.yaml', subject: 's', what: 'is set', from: null, to: '1', risk: 'ambiguous' };
  const [without, one, other] = [buildPlan(input), buildPlan({ ...input, edits: [edit] }), buildPlan({ ...input, edits: [{ ...edit, to: '2' }] })];
  expect(new Set([without.digest, one.digest, other.digest]).size).toBe(3);
  expect(buildPlan({ ...input, edits: [{ ...edit, source: { file: 'f', line: 9, column: 9 } }] }).digest).toBe(one.digest);
  expect(one.approvals).toEqual([{ count: 2, teams: ['owners'] }]);
});
