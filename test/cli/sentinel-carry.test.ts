// Decisions carried out: told first, paused before GitHub is asked, settled only when all of it is done, and never a risk raised.
import { beforeEach, describe, expect, test } from 'vitest';
import { noMeters } from '../../src/cli/loops/loop.ts';
import type { Kept, LoopProposal } from '../../src/cli/loops/loop-proposal.ts';
import { type Carrier, type CarryPorts, openCarrier } from '../../src/cli/sentinel/carry-out.ts';
import type { PauseOutcome } from '../../src/cli/sentinel/pause-port.ts';
import { clearProposal, demandReducing, pauseProposal } from '../../src/cli/sentinel/proposals.ts';
import { MooringError } from '../../src/errors.ts';
import { riskOf } from '../../src/kinds/fields.ts';
import { loadKinds } from '../../src/kinds/load-kinds.ts';
import type { FieldAction } from '../../src/loop-types.ts';
import type { Pending } from '../../src/loops/sentinel/ledger.ts';
import type { Decision, Measure } from '../../src/loops/sentinel/state.ts';
import type { Pull } from '../../src/scm/github/pulls.ts';
import type { ContractState } from '../../src/types.ts';
import { seeded } from '../loops/seeded.ts';
import { arena, engine, randomEvent, randomSettings, run } from '../loops/sentinel/world.ts';

const kinds = loadKinds();
const contracts = [contract('arena', 'SelfPlayArena', ['paused']), contract('engine-targets', 'EngineTargets', ['paused'])];
const declared = { contracts, kinds };
const alert = { severity: 'critical', reason: 'budget_stop', message: 'The budget is spent.', detail: '' } as const;
const pause = (reason: 'roi_floor' | 'budget_stop' = 'budget_stop', actions: readonly FieldAction[] = [engine, arena]): Measure => ({
  kind: 'pause',
  reason,
  actions,
  detail: 'cost 100, cap 100',
});
const clear = (reason: 'roi_floor' | 'budget_stop' = 'budget_stop'): Measure => ({
  kind: 'proposeClear',
  reason,
  actions: [arena],
  detail: 'cost 100, cap 200',
});

let did: string[];
let pending: Pending[];
let now: number;
/** What fails, by the beginning of what would be done. */
let broken: Set<string>;
let carrier: Carrier;

beforeEach(() => {
  [did, pending, now, broken] = [[], [], 1_800_000_000_000, new Set()];
  carrier = open();
});

function contract(name: string, kind: string, fields: readonly string[]): ContractState {
  const own = new Map(fields.map((path) => [path, { path, value: { type: 'scalar', value: false } as const }]));
  return { name, kind, address: `0x${'11'.repeat(20)}`, fromBlock: 1n, fields: own, observe: new Set() };
}

function act(what: string): void {
  did.push(what);
  const why = [...broken].find((start) => what.startsWith(start));
  if (why !== undefined) throw new MooringError('GITHUB_REFUSED', 'it is down');
}

function open(more: Partial<CarryPorts> = {}): Carrier {
  return openCarrier({
    pending: () => pending,
    settle(number) {
      act(`settle ${number}`);
      pending = pending.filter((one) => one.number !== number);
    },
    isAsked: () => true,
    paused: () => {},
    raise: (alerts) => void did.push(...alerts.map(({ reason }) => `alert ${reason}`)),
    async pause(actions) {
      act(`pause ${actions.map(({ contract: name }) => name).join(' ')}`);
      return { rows: actions.map((target): PauseOutcome => ({ target, state: 'paused', transaction: '0xaa' })) };
    },
    async propose({ key }): Promise<Kept> {
      act(`propose ${key}`);
      return { outcome: 'open', pull: { number: 7 } as Pull, created: true };
    },
    async withdraw({ key }) {
      act(`withdraw ${key}`);
      return false;
    },
    ...{ declared, log: () => {}, meters: noMeters, now: () => now },
    ...more,
  });
}

function decide(number: number, measures: readonly Measure[], alerts: Decision['alerts'] = [alert]): void {
  pending.push({ number, decision: { measures, alerts } });
}

/** A turn; what it did, and the code of what failed. */
async function turn(of: Carrier = carrier): Promise<string[]> {
  did = [];
  for (const part of [of.urgent, of.propose]) await part().catch((error: MooringError) => did.push(`failed ${error.code}`));
  return did;
}

describe('a decision', () => {
  test('is told, then paused at once, then proposed, then settled, and all of it once', async () => {
    decide(1, [pause(), { kind: 'requestStop', reason: 'budget_cap', detail: '' }]);
    expect(await turn()).toEqual(['alert budget_stop', 'pause engine-targets arena', 'propose budget_stop', 'withdraw budget_stop-clear', 'settle 1']);
    expect(await turn()).toEqual([]);
  });

  test('without a key is a pull request alone', async () => {
    decide(1, [pause()]);
    expect(await turn(open({ pause: null }))).toEqual(['alert budget_stop', 'propose budget_stop', 'withdraw budget_stop-clear', 'settle 1']);
  });

  test('that only tells is settled when it is told', async () => {
    decide(1, [{ kind: 'prune', reason: 'failure_streak', agent: 'a', failures: 5 }]);
    expect(await turn()).toEqual(['alert budget_stop', 'settle 1']);
  });

  test('whose pull request a human closed is settled', async () => {
    decide(1, [pause()]);
    const said = await turn(open({ propose: async () => ({ outcome: 'refused', number: 3, by: 'bob' }) }));
    expect(said.at(-1)).toBe('settle 1');
  });
});

describe('what fails', () => {
  test('of GitHub keeps no pause and no alert from happening, is told, and is tried again later and later', async () => {
    broken.add('propose');
    decide(1, [pause()]);
    expect(await turn()).toEqual(['alert budget_stop', 'pause engine-targets arena', 'propose budget_stop', 'alert proposal_failed', 'failed GITHUB_REFUSED']);
    expect(await turn()).toEqual([]);
    now += 1_000;
    expect(await turn()).toEqual(['propose budget_stop', 'alert proposal_failed', 'failed GITHUB_REFUSED']);
    now += 1_999;
    expect(await turn()).toEqual([]);
    broken.clear();
    now += 1;
    expect(await turn()).toEqual(['propose budget_stop', 'withdraw budget_stop-clear', 'settle 1']);
  });

  test('of a pause keeps the pull request from nothing but being settled', async () => {
    broken.add('pause');
    decide(1, [pause()]);
    expect(await turn()).toEqual([
      'alert budget_stop',
      'pause engine-targets arena',
      'alert pause_failed',
      'failed GITHUB_REFUSED',
      'propose budget_stop',
      'withdraw budget_stop-clear',
    ]);
    broken.clear();
    now += 1_000;
    expect(await turn()).toEqual(['pause engine-targets arena', 'settle 1']);
  });

  test.each(['sent', 'impossible', 'ready'] as const)('a pause that is only %s is not done', async (state) => {
    decide(1, [pause()]);
    const half = open({ pause: async (actions) => ({ rows: actions.map((target, i) => ({ target, state: i === 0 ? ('already' as const) : state })) }) });
    const said = await turn(half);
    expect([said.includes('failed PAUSE_OPEN'), said.includes('settle 1')]).toEqual([true, false]);
  });

  test('a pause of which nothing is said is not done', async () => {
    decide(1, [pause()]);
    expect(await turn(open({ pause: async () => ({ rows: [] }) }))).not.toContain('settle 1');
  });

  test('of one decision is no other’s, but a reason’s decisions stay in order', async () => {
    broken.add('propose budget_stop');
    decide(1, [pause('budget_stop')]);
    decide(2, [clear('budget_stop')]);
    decide(3, [pause('roi_floor', [engine])]);
    const said = await turn();
    expect(said.filter((what) => what.startsWith('propose') || what.startsWith('settle'))).toEqual(['propose budget_stop', 'propose roi_floor', 'settle 3']);
    broken.clear();
    now += 1_000;
    expect((await turn()).filter((what) => !what.startsWith('alert'))).toEqual([
      ...['propose budget_stop', 'withdraw budget_stop-clear', 'settle 1'],
      ...['propose budget_stop-clear', 'withdraw budget_stop', 'settle 2'],
    ]);
  });

  test('to be recorded as settled is done again, with the same pull request', async () => {
    const causes: string[] = [];
    const propose = async ({ cause }: LoopProposal): Promise<Kept> => {
      causes.push(cause);
      return { outcome: 'nothing' };
    };
    broken.add('settle');
    decide(1, [pause()]);
    await turn(open({ propose }));
    broken.clear();
    await turn(open({ propose }));
    expect([new Set(causes).size, causes.length, pending]).toEqual([1, 2, []]);
  });
});

describe('no risk is ever raised', () => {
  const unpause = { ...arena, value: false };
  const fee: FieldAction = { contract: 'arena', field: 'committeeSize', value: true };

  test.each<[string, FieldAction]>([
    ['an unpause', unpause],
    ['a number', fee],
    ['a field that nobody knows', { ...arena, field: 'x' }],
    ['a contract that nobody declares', { ...arena, contract: 'x' }],
  ])('%s is neither sent nor proposed, whatever a record says', async (_name, action) => {
    decide(1, [pause('budget_stop', [engine, action])]);
    const said = await turn();
    expect(said.filter((what) => /^(pause|propose|settle)/.test(what))).toEqual([]);
    expect(said).toContain('failed ACTION_NOT_REDUCING');
    expect(() => demandReducing([action], declared)).toThrow(MooringError);
  });

  test('a clearing is a pull request without the fast lane, and goes to no key', async () => {
    decide(1, [clear()]);
    expect(await turn()).toEqual(['alert budget_stop', 'propose budget_stop-clear', 'withdraw budget_stop', 'settle 1']);
    const proposal = clearProposal(clear() as Extract<Measure, { kind: 'proposeClear' }>, { number: 1, declared });
    expect(proposal).toMatchObject({ labels: ['sentinel'], lift: true, edits: [{ contract: 'arena', field: 'paused', value: { value: false } }] });
  });

  test('over random traces: whatever is paused or has the fast lane reduces risk, and whatever clears has neither', { timeout: 600_000 }, async () => {
    const traces = process.env['MOORING_FULL'] === '1' ? 100_000 : 1_000;
    const next = seeded(20_260_101);
    const sent: FieldAction[] = [];
    const proposals: LoopProposal[] = [];
    const watched = open({
      pause: async (actions) => {
        sent.push(...actions);
        return { rows: actions.map((target) => ({ target, state: 'already' as const })) };
      },
      propose: async (proposal) => {
        proposals.push(proposal);
        return { outcome: 'nothing' };
      },
    });
    for (let trace = 0; trace < traces; trace++) {
      const settings = randomSettings(next);
      const events = Array.from({ length: 1 + Math.floor(next() * 12) }, () => randomEvent(next));
      for (const { decision } of run(settings, events)) decide(pending.length + 1, decision.measures, decision.alerts);
      await turn(watched);
      expect(pending).toEqual([]);
    }
    const lane = proposals.filter(({ labels }) => labels.includes('emergency'));
    const clearings = proposals.filter(({ key }) => key.endsWith('-clear'));
    expect([sent.length > 0, lane.length > 0, clearings.length > 0]).toEqual([true, true, true]);
    expect(sent.every(({ value }) => value)).toBe(true);
    expect(lane.flatMap(({ edits }) => edits).every(({ value }) => value.type === 'scalar' && value.value === true)).toBe(true);
    expect([...lane, ...clearings].length).toBe(proposals.length);
    expect(clearings.some(({ labels }) => labels.includes('emergency'))).toBe(false);
  });

  test('every edit of a pause reduces it, under the name that git declares', () => {
    const { edits, labels } = pauseProposal(pause() as Extract<Measure, { kind: 'pause' }>, { number: 1, paused: [], declared });
    expect([labels, edits.map(({ contract: name, field }) => `${name}.${field}`)]).toEqual([
      ['emergency', 'sentinel'],
      ['engine-targets.paused', 'arena.paused'],
    ]);
    for (const { contract: name, field, value } of edits) {
      const kind = kinds.get(contracts.find((one) => one.name === name)?.kind ?? '');
      const found = kind?.fields.get(field);
      expect(found !== undefined && riskOf(found, 'set', null, value)).toBe('reduce');
    }
  });
});
