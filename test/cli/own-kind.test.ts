// A kind of one's own beside the desired state: every way of reading and writing, with no code, from import to drift.
import { Interface } from 'ethers/abi';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EditOperation } from '../../src/desired/edit/edit.ts';
import { toChecksum } from '../../src/kinds/keccak.ts';
import { callsIn, codesIn, type Desk, type PlanFile, parsePlan, type Said, steady } from '../support/cli.ts';
import { compileContract } from '../support/compile.ts';
import { environmentName, type FieldWorld, folder, startFieldWorld } from '../support/field-world.ts';

const source = `// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;
contract Larder {
  address public keeper = msg.sender;
  uint256 public shelfLife = 3 days;
  mapping(uint8 => uint256) public quota;
  mapping(address => bool) public cooks;
  mapping(bytes32 => mapping(address => bool)) public hasDuty;
  struct Price { address good; uint256 bps; }
  Price[] private listed;
  address public address_ = address(0xBEEF);
  int256 public constructor_ = -5 ether / 2;
  event ShelfLifeSet(uint256 time);
  event QuotaSet(uint8 indexed who, uint256 amount);
  event CookHired(address indexed cook);
  event CookFired(address indexed cook);
  event DutyGiven(bytes32 indexed duty, address indexed who);
  event DutyTaken(bytes32 indexed duty, address indexed who);
  event Priced(address indexed good, uint256 bps);
  event Unpriced(address indexed good);
  event AddressSet(address to);
  error NotKeeper();
  error TooLong();
  modifier only() { if (msg.sender != keeper) revert NotKeeper(); _; }
  constructor() { quota[1] = 7; }
  function setShelfLife(uint256 time) external only { if (time > 30 days) revert TooLong(); shelfLife = time; emit ShelfLifeSet(time); }
  function setQuota(uint8 who, uint256 amount) external only { quota[who] = amount; emit QuotaSet(who, amount); }
  function hire(address cook) external only { cooks[cook] = true; emit CookHired(cook); }
  function fire(address cook) external only { cooks[cook] = false; emit CookFired(cook); }
  function give(bytes32 duty, address who) external only { hasDuty[duty][who] = true; emit DutyGiven(duty, who); }
  function take(bytes32 duty, address who) external only { hasDuty[duty][who] = false; emit DutyTaken(duty, who); }
  function prices() external view returns (Price[] memory) { return listed; }
  function price(address good, uint256 bps) external only { unprice_(good); listed.push(Price(good, bps)); emit Priced(good, bps); }
  function unprice(address good) external only { unprice_(good); emit Unpriced(good); }
  function unprice_(address good) private {
    for (uint256 i; i < listed.length; ++i) if (listed[i].good == good) { listed[i] = listed[listed.length - 1]; listed.pop(); return; }
  }
  function setAddress(address to) external only { address_ = to; emit AddressSet(to); }
  function setConstructor(int256 to) external only { constructor_ = to; }
}`;

const kind = `apiVersion: mooring/v1
kind: Kind
name: Larder
description: Where the food is.
abi:
  - function keeper() view returns (address)
  - function shelfLife() view returns (uint256)
  - function quota(uint8 who) view returns (uint256)
  - function cooks(address cook) view returns (bool)
  - function hasDuty(bytes32 duty, address who) view returns (bool)
  - function prices() view returns ((address good, uint256 bps)[])
  - function address_() view returns (address)
  - function constructor_() view returns (int256)
  - function setShelfLife(uint256 time)
  - function setQuota(uint8 who, uint256 amount)
  - function hire(address cook)
  - function fire(address cook)
  - function give(bytes32 duty, address who)
  - function take(bytes32 duty, address who)
  - function price(address good, uint256 bps)
  - function unprice(address good)
  - function setAddress(address to)
  - function setConstructor(int256 to)
  - event ShelfLifeSet(uint256 time)
  - event QuotaSet(uint8 indexed who, uint256 amount)
  - event CookHired(address indexed cook)
  - event CookFired(address indexed cook)
  - event DutyGiven(bytes32 indexed duty, address indexed who)
  - event DutyTaken(bytes32 indexed duty, address indexed who)
  - event Priced(address indexed good, uint256 bps)
  - event Unpriced(address indexed good)
  - event AddressSet(address to)
  - error NotKeeper()
  - error TooLong()
access: [keeper]
fields:
  keeper: { description: Who may change everything here., risk: ambiguous, role: owner }
  shelfLife:
    description: How long food is kept, a time.
    unit: seconds
    risk: { up: increase, down: reduce }
    history: { event: ShelfLifeSet, value: time }
  quota:
    description: How much each may take, a count.
    unit: count
    keys: { guests: 1, staff: 2 }
    risk: { up: increase, down: reduce }
    history: { event: QuotaSet, value: amount, key: who }
  cooks:
    description: Who cooks.
    risk: { up: increase, down: reduce }
    role: access
    members: { added: CookHired, removed: CookFired, member: cook }
  duties:
    description: Who does what.
    getter: hasDuty
    risk: { up: increase, down: reduce }
    role: access
    members: { added: DutyGiven, removed: DutyTaken, member: who, key: duty }
  prices:
    description: What each good costs, a share.
    unit: bps
    entries: true
    history:
      - { event: Priced, key: good, value: bps }
      - { event: Unpriced, key: good, constant: 0 }
  address: { description: A field with the name of something else., getter: address_, history: { event: AddressSet, value: to } }
  toString: { description: A field with the name of something else., getter: constructor_, unit: fixed18 }
setters:
  - { function: setShelfLife, sets: [shelfLife], emits: [ShelfLifeSet] }
  - { function: setQuota, setsKey: quota, emits: [QuotaSet] }
  - { function: hire, adds: cooks, emits: [CookHired] }
  - { function: fire, removes: cooks, emits: [CookFired] }
  - { function: give, adds: duties, emits: [DutyGiven] }
  - { function: take, removes: duties, emits: [DutyTaken] }
  - { function: price, upserts: prices, emits: [Priced] }
  - { function: unprice, removesEntry: prices, emits: [Unpriced] }
  - { function: setAddress, sets: [address], emits: [AddressSet] }
  - { function: setConstructor, sets: [toString] }
`;

const codec = new Interface([...source.matchAll(/ {2}(function \w+\([^)]*\)) external only/g)].map((found) => found[1] ?? ''));

let world: FieldWorld;
let desk: Desk;
let larder: string;

beforeAll(async () => {
  world = await startFieldWorld({ variant: 'governed' });
  const { creation } = compileContract('test/Larder.sol', 'Larder', source);
  larder = toChecksum((await world.node.send(null, creation)).contract ?? '');
  for (const [call, ...args] of [
    ['hire', world.addresses['teacher']],
    ['hire', world.addresses['student']],
    ['price', world.addresses['token'], 150n],
    ['price', world.addresses['arena'], 250n],
  ] as const)
    await byHand(call, ...args);
  desk = world.desk();
});
afterAll(async () => {
  desk?.remove();
  await world?.stop();
});

function byHand(call: string, ...args: unknown[]): Promise<unknown> {
  return world.node.send(larder, codec.encodeFunctionData(call, args));
}

async function mooring(line: string, exit = 0): Promise<Said> {
  const said = await desk.run(`${line} --env ${environmentName}`);
  expect(said.exit, said.stdout + said.stderr).toBe(exit);
  return said;
}

async function plan(): Promise<PlanFile> {
  return parsePlan((await mooring('plan --format json')).stdout);
}

const file = `${folder}/contracts/larder.yaml`;
const spec = (field: string, set: string): EditOperation => ({ path: ['spec', ...field.split('.')], set });

test('a kind of one’s own is imported, planned, proven, applied and watched like a built-in one', async () => {
  desk.write(`${folder}/kinds/Larder.yaml`, kind);
  await mooring('validate');
  await mooring(`import --kind Larder --address ${larder} --name larder`);
  await expect(steady(desk.read(file)).replace(larder, '0x<larder>')).toMatchFileSnapshot('../golden/cli/own-kind.yaml');
  expect((await plan()).changes).toEqual([]);

  desk.edit(file, [
    spec('shelfLife', '2 days'),
    spec('quota.guests', '5'),
    spec('quota.staff', '50'),
    { path: ['spec', 'cooks'], add: 'validator' },
    { path: ['spec', 'cooks'], remove: 'teacher' },
    { path: ['spec', 'duties'], set: new Map([['DISHES_ROLE', ['student', 'validator']]]) },
    spec('prices.token', '2%'),
    { path: ['spec', 'prices', 'arena'], drop: true },
    spec('prices.fee-pool', '0.5%'),
    spec('address', 'guardian'),
    spec('toString', '-0.000000000000000001'),
  ]);
  const made = await plan();
  expect(codesIn(made.findings)).toEqual([]);
  expect(callsIn(made).toSorted()).toEqual(
    ['fire', 'give', 'give', 'hire', 'price', 'price', 'setAddress', 'setConstructor', 'setQuota', 'setQuota', 'setShelfLife', 'unprice'].map(
      (call) => `larder.${call}`,
    ),
  );
  await mooring(`apply --digest ${made.digest} --quiet`);
  await mooring('plan --detailed-exitcode');
  await mooring('drift');

  await byHand('hire', world.addresses['stranger']);
  await byHand('setAddress', world.addresses['stranger']);
  await byHand('setShelfLife', 20n * 86_400n);
  await expect(steady((await mooring('drift', 2)).stdout)).toMatchFileSnapshot('../golden/cli/own-kind-drift.txt');
});

test('its mistakes are told like those of a built-in one', async () => {
  desk.edit(file, [spec('shelfLife', '40 days')]);
  const { stdout } = await mooring('plan', 1);
  expect(stdout).toContain('TooLong()');
  desk.edit(file, [spec('shelfLive', '1 days'), spec('quota.gests', '1')]);
  const { stdout: told } = await mooring('validate', 65);
  for (const name of ['write `shelfLife`', 'guests']) expect(told).toContain(name);
});

test('its schema completes in an editor', async () => {
  await desk.run('schema');
  expect(JSON.parse(desk.read('schemas/contracts/Larder.schema.json'))).toBeTypeOf('object');
  expect((await desk.run('schema --check')).exit).toBe(0);
});

test('a kind file with mistakes stops everything, with their places', async () => {
  desk.write(`${folder}/kinds/Larder.yaml`, kind.replace('setsKey: quota', 'setsKey: quotta').replace('getter: hasDuty', 'getter: hasDutty'));
  for (const line of ['validate', 'plan', 'drift']) {
    const { stdout, stderr } = await mooring(line, 65);
    expect(stdout + stderr).toMatch(/kinds\/Larder\.yaml:\d+:\d+: error KIND_/);
  }
});
