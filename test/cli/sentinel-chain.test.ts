// The watch over the chain, against real contracts: what no receipt explains is told with its author within one look.
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Context } from '../../src/cli/command.ts';
import { type Opened, openEnvironment } from '../../src/cli/environment/open.ts';
import { noticing } from '../../src/cli/sentinel/blindness.ts';
import { doneSince, type Silent, silentAlarm } from '../../src/cli/sentinel/chain-alarms.ts';
import { openChainState } from '../../src/cli/sentinel/chain-state.ts';
import { chainTurn } from '../../src/cli/sentinel/chain-turn.ts';
import { reduceJournal } from '../../src/journal/reduce.ts';
import type { SentinelAlert } from '../../src/loops/sentinel/state.ts';
import type { Hex } from '../../src/types.ts';
import { type Desk, parsePlan } from '../support/cli.ts';
import { environmentName, type FieldWorld, folder, startFieldWorld } from '../support/field-world.ts';

const one = 10n ** 18n;

let world: FieldWorld;
let desk: Desk;
let opened: Opened;
let log: string[];

beforeAll(async () => {
  world = await startFieldWorld({ variant: 'governed' });
});
afterAll(() => world?.stop());
beforeEach(async () => {
  await world.reset();
  desk = world.desk();
  log = [];
  opened = openEnvironment(contextOf(), { env: environmentName });
  expect(await turn()).toEqual([]);
});
afterEach(() => {
  opened?.close();
  desk?.remove();
});

function contextOf(): Context {
  return { cwd: desk.root, env: desk.env, stdout: () => {}, stderr: () => {}, ask: null, now: Date.now, colour: false };
}

/** One look, as a process that was started anew would take it; what it told. */
async function turn(raise: (alerts: readonly SentinelAlert[]) => void = () => {}): Promise<SentinelAlert[]> {
  const told: SentinelAlert[] = [];
  const keep = (alerts: readonly SentinelAlert[]): void => {
    raise(alerts);
    told.push(...alerts);
  };
  const file = openChainState(join(desk.root, '.mooring/field/sentinel'), opened.desired.environment.chainId);
  await chainTurn({ opened, file, raise: keep, log: (message) => void log.push(message), journals: [opened.journal] });
  return told;
}

const inWords = ({ severity, reason, message, detail }: SentinelAlert): string => `${severity} ${reason}: ${message} (${detail})`;

describe('a change that no receipt explains', () => {
  test('is told within one look, once, with contract, field, author, transaction and values', async () => {
    const { hash, block } = await world.byHand({ on: 'arena', call: 'setCommitteeParameters', args: [5n, 5n * one] });
    const guard = await world.byHand({ on: 'pauseGuard', call: 'pause', args: [['arena']], from: 'guardian' });
    const role = await world.byHand({ on: 'arena', call: 'setOrchestrator', args: ['stranger', true] });
    const by = (name: string): string => `${name} (${world.addresses[name]})`;
    const why = 'no receipt explains it.';
    expect((await turn()).map(inWords)).toEqual([
      `warning chain_parameter: arena.committeeSize was changed by ${by('owner')} in ${hash}; ${why} (to 5, block ${block})`,
      `warning chain_parameter: arena.validatorStake was changed by ${by('owner')} in ${hash}; ${why} (to ${5n * one}, block ${block})`,
      `warning chain_pause: arena.paused was changed by ${by('guardian')} in ${guard.hash}; ${why} (to true, block ${guard.block})`,
      `critical chain_role: arena.orchestrators[${world.addresses['stranger']}] was changed by ${by('owner')} in ${role.hash}; ${why} (to true, block ${role.block})`,
    ]);
    expect(await turn()).toEqual([]);
    await world.node.mine(1);
    expect(await turn()).toEqual([]);
  });

  test('through a relay is told with who sent it', async () => {
    const raise = world.encode({ on: 'stakeManager', call: 'setFeePct', args: [9n] });
    const { hash } = await world.byHand({ on: 'systemPause', call: 'executeGovernanceCall', args: ['stake-manager', raise] });
    const [alert, ...more] = await turn();
    expect([alert?.message, more]).toEqual([expect.stringContaining(`stake-manager.feePct was changed by owner (${world.addresses['owner']}) in ${hash}`), []]);
  });

  test('of who owns a contract is critical', async () => {
    await world.byHand({ on: 'systemPause', call: 'setGovernance', args: ['stranger'] });
    expect(await turn()).toMatchObject([{ severity: 'critical', reason: 'chain_owner', message: expect.stringContaining('system-pause.governance') }]);
  });

  test('of a module that nobody declares but an aggregate covers is told by the aggregate’s name', async () => {
    const pause = world.encode({ on: 'validationModule', call: 'pause' });
    await world.byHand({ on: 'systemPause', call: 'executeGovernanceCall', args: [world.deployment.addresses.validationModule, pause] });
    expect(await turn()).toMatchObject([
      { reason: 'chain_pause', message: expect.stringMatching(/^system-pause\.paused\.validationModule\.paused was changed by owner/) },
    ]);
  });

  test('that came while nothing was running is told at the next start', async () => {
    await world.byHand({ on: 'arena', call: 'setTargetSuccessRateBps', args: [7000n] });
    await world.node.mine(30);
    expect(await turn()).toMatchObject([{ message: expect.stringContaining('arena.targetSuccessRateBps') }]);
  });

  test('that could not be told comes again', async () => {
    await world.byHand({ on: 'arena', call: 'setTargetSuccessRateBps', args: [7000n] });
    const refuse = (): never => {
      throw new Error('no room');
    };
    await expect(turn(refuse)).rejects.toThrow('no room');
    const [first] = await turn();
    expect(first?.message).toContain('arena.targetSuccessRateBps');
    expect(await turn()).toEqual([]);
  });
});

describe('a change that shows in no event', () => {
  test('of code is told', async () => {
    await world.node.setCode(world.deployment.addresses.feePool, '0x60016000');
    await world.node.mine(1);
    const told = await turn();
    expect(told.map(inWords).filter((text) => text.includes('code'))).toEqual([
      expect.stringMatching(
        /^critical chain_code: fee-pool\.code was changed without an event or a call that shows who; no receipt explains it\. \(from 0x[0-9a-f]{64} to 0x[0-9a-f]{64}, block \d+\)$/,
      ),
    ]);
  });

  test('of a value is told, with whoever called the contract in those blocks', async () => {
    await world.byHand({ on: 'arena', call: 'startRound', args: [1n, 1n, 'teacher', 'teacher', []], from: 'orchestrator-a' }).catch(() => {});
    const slot = await slotOf(3n);
    await world.node.ask('anvil_setStorageAt', [world.deployment.addresses.arena, slot, word(4n)]);
    await world.node.mine(1);
    const told = await turn();
    expect(told).toMatchObject([{ severity: 'warning', reason: 'chain_parameter', detail: expect.stringContaining('from 3 to 4') }]);
    expect(told[0]?.message).toContain(`arena.committeeSize was changed by orchestrator-a (${world.addresses['orchestrator-a']}) in 0x`);
  });

  const word = (value: bigint): Hex => `0x${value.toString(16).padStart(64, '0')}`;

  /** Where the arena keeps its committee's size. */
  async function slotOf(value: bigint): Promise<Hex> {
    for (let slot = 0n; slot < 64n; slot++) {
      const at = `0x${slot.toString(16)}`;
      if ((await world.node.ask<Hex>('eth_getStorageAt', [world.deployment.addresses.arena, at, 'latest'])) !== word(value)) continue;
      await world.node.ask('anvil_setStorageAt', [world.deployment.addresses.arena, word(slot), word(value + 1n)]);
      const isIt = (await world.read({ on: 'arena', call: 'committeeSize' })) === value + 1n;
      await world.node.ask('anvil_setStorageAt', [world.deployment.addresses.arena, word(slot), word(value)]);
      if (isIt) return word(slot);
    }
    throw new Error('no slot holds it');
  }
});

describe('what is explained', () => {
  test('by a run of ours is not told, with its side effects', async () => {
    desk.edit(`${folder}/contracts/arena.yaml`, [
      { path: ['spec', 'committeeSize'], set: '5' },
      { path: ['spec', 'orchestrators'], add: 'orchestrator-c' },
    ]);
    desk.edit(`${folder}/contracts/stake-manager.yaml`, [{ path: ['spec', 'minStake'], set: '12 AGIALPHA' }]);
    const { digest } = parsePlan((await desk.run(`plan --env ${environmentName} --format json`)).stdout);
    expect((await desk.run(`apply --env ${environmentName} --digest ${digest} --quiet`)).exit).toBe(0);
    expect(await turn()).toEqual([]);
    // Had no event told of it, the run's steps would.
    const { runs } = reduceJournal(await opened.journal.read());
    const silent: Silent = { subject: 'arena.committeeSize', contract: 'arena', address: '0x', type: 'parameter', risk: 'ambiguous', from: null, to: null };
    const told = (since: bigint) => silentAlarm(silent, [], { known: new Set(), done: doneSince(runs, since), block: 1n });
    expect([told(0n), told(1n << 60n)?.subject]).toEqual([null, silent.subject]);
  });

  test('is told all the same where the journal can’t be read', async () => {
    await world.byHand({ on: 'arena', call: 'setTargetSuccessRateBps', args: [7000n] });
    const broken = { ...opened, journal: { ...opened.journal, read: () => Promise.reject(new Error('the remote is down')) } };
    opened = broken;
    expect(await turn()).toMatchObject([{ message: expect.stringContaining('whether a receipt explains it could not be read') }]);
    expect(log.join()).toContain('the remote is down');
  });

  test('a round and a slash are logged, and no alarm', async () => {
    await world.byHand({ on: 'jobRegistry', call: 'createJob', args: [`0x${'33'.repeat(32)}`], from: 'stranger' });
    await world.byHand({ on: 'arena', call: 'startRound', args: [1n, 1n, 'teacher', 'teacher', []], from: 'orchestrator-a' });
    expect(await turn()).toEqual([]);
    expect(log).toEqual(['arena: RoundStarted']);
  });
});

test('a change that left the chain again is told as gone', async () => {
  await world.byHand({ on: 'arena', call: 'setTargetSuccessRateBps', args: [7000n] });
  await turn();
  await world.node.ask('anvil_reorg', [1, []]);
  await world.node.mine(1);
  const told = await turn();
  // The value is as it was before: that is no change of its own.
  expect(told.map(({ severity, reason }) => `${severity} ${reason}`)).toEqual(['warning chain_reorg', 'critical chain_reorg']);
  expect(told[0]?.message).toContain('arena: TargetSuccessRateUpdated in 0x');
});

test('a cursor that is not what was written stops the watch and is left as it is', async () => {
  const name = '.mooring/field/sentinel/chain.json';
  desk.write(name, desk.read(name).replace('"version":1', '"version":2'));
  await expect(turn()).rejects.toMatchObject({ code: 'LOOP_STATE_CORRUPT' });
});

test('a watch that is blind for a minute is told, once, and so is its end', async () => {
  const told: string[] = [];
  const [look, state] = [async () => void (await turn()), { now: 0 }];
  const noticed = noticing(look, { raise: (alerts) => told.push(...alerts.map(({ severity, reason }) => `${severity} ${reason}`)), now: () => state.now });
  world.proxy.hooks = { before: () => ({ status: 403 }) };
  for (const now of [0, 59_999, 60_000, 61_000]) {
    state.now = now;
    await expect(noticed()).rejects.toMatchObject({ code: expect.stringMatching(/^RPC_/) });
  }
  expect(told).toEqual(['critical chain_blind']);
  world.proxy.hooks = {};
  await noticed();
  await noticed();
  expect(told).toEqual(['critical chain_blind', 'info chain_blind_clear']);
});
