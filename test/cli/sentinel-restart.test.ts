// What people decide while a pull request can't be opened holds: a restart pauses nothing for the second time.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { noMeters } from '../../src/cli/loops/loop.ts';
import { type Carrier, openCarrier } from '../../src/cli/sentinel/carry-out.ts';
import type { PauseOutcome } from '../../src/cli/sentinel/pause-port.ts';
import { MooringError } from '../../src/errors.ts';
import { takeLock } from '../../src/journal/lock.ts';
import { syncFolder } from '../../src/journal/sync-folder.ts';
import { loadKinds } from '../../src/kinds/load-kinds.ts';
import type { SentinelSettings } from '../../src/loop-types.ts';
import { type EventStore, openEventStore } from '../../src/loops/sentinel/event-store.ts';
import { isAsked } from '../../src/loops/sentinel/ledger.ts';
import type { ContractState } from '../../src/types.ts';
import { expansion, settingsWith } from '../loops/sentinel/world.ts';

const capped = settingsWith({ budgetCap: 100 });
const raised = settingsWith({ budgetCap: 1_000 });
const contracts = [contract('arena', 'SelfPlayArena'), contract('engine-targets', 'EngineTargets')];

let folder: string;
let store: EventStore;
/** What was paused at once, each time, and what can't be. */
let paused: string[][];
let stuck: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mooring-restart-'));
  [paused, stuck] = [[], []];
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

function contract(name: string, kind: string): ContractState {
  return { name, kind, address: `0x${'11'.repeat(20)}`, fromBlock: 1n, fields: new Map(), observe: new Set() };
}

/** A process of its own on the same record; GitHub is down for all of them. */
async function start(settings: SentinelSettings): Promise<Carrier> {
  store = await openEventStore({ folder, settings, lock: (place) => takeLock(join(place, 'lock')), syncFolder });
  return openCarrier({
    pending: () => store.ledger().pending,
    isAsked: (action) => isAsked(store.ledger(), action),
    paused: store.paused,
    settle: (number) => store.settle([number]),
    raise: () => {},
    async pause(actions) {
      paused.push(actions.map(({ contract: name }) => name));
      return { rows: actions.map((target): PauseOutcome => ({ target, state: stuck.includes(target.contract) ? 'impossible' : 'paused' })) };
    },
    propose: async () => {
      throw new MooringError('GITHUB_REFUSED', 'it is down');
    },
    withdraw: async () => false,
    ...{ declared: { contracts, kinds: loadKinds() }, log: () => {}, meters: noMeters, now: Date.now },
  });
}

async function turn({ urgent, propose }: Carrier): Promise<void> {
  for (const part of [urgent, propose]) await part().catch(() => undefined);
}

test('what was paused once is not paused again', async () => {
  const first = await start(capped);
  store.count([expansion(100)]);
  await turn(first);
  store.close();
  await turn(await start(capped));
  expect(paused).toHaveLength(1);
  expect(store.ledger().pending[0]?.paused?.map(({ target, state }) => `${target.contract} ${state}`)).toEqual(paused[0]?.map((name) => `${name} paused`));
});

test('what was paused is not paused again for what could not be', async () => {
  stuck = ['arena'];
  const first = await start(capped);
  store.count([expansion(100)]);
  await turn(first);
  store.close();
  await turn(await start(capped));
  expect(paused.map((names) => [...new Set(names)])).toEqual([['engine-targets', 'arena'], ['arena']]);
});

test('what nobody asks for any more is not paused, by this process or the next', async () => {
  stuck = ['arena', 'engine-targets'];
  const first = await start(capped);
  store.count([expansion(100)]);
  await turn(first);
  store.close();
  stuck = [];
  await turn(await start(raised));
  expect(paused).toHaveLength(1);
});
