// The sentinel's measures as proposals. Pure. What asks for less risk and what people are asked to clear are never mixed.
import { createHash } from 'node:crypto';
import { MooringError } from '../../errors.ts';
import { fieldAt, riskOf } from '../../kinds/fields.ts';
import type { Kinds } from '../../kinds/kind.ts';
import type { FieldAction, SentinelReason } from '../../loop-types.ts';
import type { Measure } from '../../loops/sentinel/state.ts';
import { code, prose } from '../../render/markdown.ts';
import type { ContractState } from '../../types.ts';
import type { LoopProposal } from '../loops/loop-proposal.ts';
import type { PauseOutcome } from './pause-port.ts';

export type PauseMeasure = Extract<Measure, { kind: 'pause' }>;
export type ClearMeasure = Extract<Measure, { kind: 'proposeClear' }>;

/** The declared contracts and their kinds. */
export type Declarations = { contracts: readonly ContractState[]; kinds: Kinds };

const whys: Readonly<Record<SentinelReason, string>> = {
  roi_floor: 'ROI stays below its floor',
  budget_soft: 'the soft part of the budget is spent',
  budget_stop: 'the budget is spent',
  failure_streak: 'an agent keeps failing',
};

/** `number`: the decision's. `paused`: what was done at once, where a key may. Throws ACTION_NOT_REDUCING. */
export function pauseProposal(
  measure: PauseMeasure,
  { number, paused, declared }: { number: number; paused: readonly PauseOutcome[]; declared: Declarations },
): LoopProposal {
  const { reason, actions, detail } = measure;
  demandReducing(actions, declared);
  return {
    loop: 'sentinel',
    key: reason,
    cause: causeOf(measure, number),
    title: `Pause ${namesOf(actions)}: ${whys[reason]}`,
    reason: `The sentinel asks for this (${reason}): ${detail}.`,
    edits: actions.map((action) => ({ contract: action.contract, field: nameOf(action, declared), value: { type: 'scalar', value: action.value } })),
    // A flag that two reasons ask for was paused once.
    evidence: [
      ...new Set(paused.filter(({ target }) => actions.some(({ contract, field }) => contract === target.contract && field === target.field)).map(pausedLine)),
    ],
    labels: ['emergency', 'sentinel'],
  };
}

/** Asks people whether to take back what a reason had asked for. Nothing of it is ever done at once. */
export function clearProposal(measure: ClearMeasure, { number, declared }: { number: number; declared: Declarations }): LoopProposal {
  const { reason, actions, detail } = measure;
  return {
    loop: 'sentinel',
    key: clearKey(reason),
    cause: causeOf(measure, number),
    title: `Clear what ${reason} asked for: ${namesOf(actions)}`,
    reason: `The reason ${reason} no longer holds: ${detail}. This raises risk: whoever approves it decides that the cause is dealt with.`,
    edits: actions.map((action) => ({ contract: action.contract, field: nameOf(action, declared), value: { type: 'scalar', value: !action.value } })),
    lift: true,
    evidence: [],
    labels: ['sentinel'],
  };
}

export function clearKey(reason: SentinelReason): string {
  return `${reason}-clear`;
}

/** The same for the same decision, whenever it is carried out. */
function causeOf({ reason, detail }: PauseMeasure | ClearMeasure, number: number): string {
  return `${reason}@${number}-${createHash('sha256').update(detail).digest('hex').slice(0, 12)}`;
}

function namesOf(actions: readonly FieldAction[]): string {
  return [...new Set(actions.map(({ contract }) => contract))].join(', ');
}

/** Whatever the settings were read from: nothing that could raise a risk gets past here. Throws ACTION_NOT_REDUCING. */
export function demandReducing(actions: readonly FieldAction[], { contracts, kinds }: Declarations): void {
  for (const { contract, field, value } of actions) {
    const kind = kinds.get(contracts.find(({ name }) => name === contract)?.kind ?? '');
    const found = kind === undefined ? undefined : fieldAt(kind, field)?.field;
    if (found !== undefined && riskOf(found, 'set', null, { type: 'scalar', value }) === 'reduce') continue;
    throw new MooringError('ACTION_NOT_REDUCING', `${contract}.${field} = ${value} is not known to reduce risk, and nothing else is done`, {
      fix: 'declare the contract, and correct actions in loops/sentinel.yaml',
    });
  }
}

/** Of two names of one thing the one that git declares: both at once would be an error. */
function nameOf({ contract, field }: FieldAction, { contracts, kinds }: Declarations): string {
  const state = contracts.find(({ name }) => name === contract);
  const fields = kinds.get(state?.kind ?? '')?.fields;
  const root = fields?.get(field)?.aliasOf ?? field;
  const names = [...(fields?.values() ?? [])].filter(({ name, aliasOf }) => name === root || aliasOf === root).map(({ name }) => name);
  return names.find((name) => state?.fields.has(name)) ?? field;
}

function pausedLine({ target: { contract, field }, state, transaction }: PauseOutcome): string {
  const how = transaction === undefined ? prose(state === 'already' ? 'was paused already' : state) : `paused at once, in ${code(transaction)}`;
  return `- ${code(`${contract}.${field}`)}: ${how}`;
}
