// What each step did in the simulation: gas, revert reason, events; and the findings of it. Pure.
import type { Code } from '../errors.ts';
import { decodeRevert } from '../kinds/abi.ts';
import type { AbiEvent, Kind, KindField, Kinds } from '../kinds/kind.ts';
import type { Finding, Log, Plan, State, Step, StepProof } from '../types.ts';
import { commonErrors } from './common-errors.ts';
import type { StepRun } from './way.ts';
import { stepGas } from './way.ts';

type Input = { plan: Plan; live: State; kinds: Kinds; runs: readonly StepRun[] };
type SimulatedLog = Pick<Log, 'address' | 'topics' | 'data'>;

/** PROOF_REVERT for a step that fails; PROOF_EVENT_MISSING for one without an event that its setter should emit. */
export function proveSteps(input: Input): { steps: StepProof[]; findings: Finding[] } {
  const kindOf = kindsByAddress(input);
  const steps: StepProof[] = [];
  const findings: Finding[] = [];
  for (const [i, step] of input.plan.steps.entries()) {
    const run = input.runs[i];
    if (run === undefined) continue;
    const kind = kindOf.get(step.target.toLowerCase());
    const events = run.logs === null ? null : run.logs.flatMap((log) => eventName(log, kindOf, input.kinds));
    const error = run.ok ? undefined : reason(step, run, { kind, kinds: input.kinds });
    steps.push({ step: step.id, ok: run.ok, gas: run.gas, events, ...(error === undefined ? {} : { error }) });
    if (error !== undefined) findings.push(revertFinding(step, error));
    else if (events !== null) findings.push(...missingEvents(step, events, kind));
  }
  return { steps, findings };
}

function kindsByAddress({ live, kinds }: Input): ReadonlyMap<string, Kind> {
  return new Map(live.contracts.flatMap(({ address, kind }) => (kinds.has(kind) ? [[address.toLowerCase(), kinds.get(kind) as Kind]] : [])));
}

/** The error in words, by the target's own errors first: another contract's may have the same selector. */
function reason(step: Step, run: StepRun, names: { kind: Kind | undefined; kinds: Kinds }): string {
  if (run.data.length >= 10) {
    const others = [...names.kinds.values()].flatMap((kind) => kind.errors);
    return decodeRevert([...(names.kind?.errors ?? []), ...others, ...commonErrors()], run.data);
  }
  if (run.gas >= (stepGas * 9n) / 10n) return `used up all gas that a step may use (${stepGas})`;
  return `reverted without a reason: perhaps ${step.call.contract} has no function ${step.call.function}`;
}

function revertFinding(step: Step, error: string): Finding {
  return {
    code: 'PROOF_REVERT' satisfies Code,
    severity: 'error',
    message: `${step.id}, sent by ${step.route.signer}, would fail: ${error}.`,
    fix: 'Change the declared values, or the caller, so that the contract accepts the call; nothing was sent.',
    contract: step.call.contract,
    changes: step.covers,
  };
}

function eventName(log: SimulatedLog, kindOf: ReadonlyMap<string, Kind>, kinds: Kinds): string[] {
  const emitter = kindOf.get(log.address.toLowerCase());
  const event = emitter === undefined ? undefined : eventOf(emitter, log);
  if (event !== undefined) return [event.name];
  for (const kind of kinds.values()) {
    const found = eventOf(kind, log);
    if (found !== undefined) return [found.name];
  }
  return [];
}

function eventOf(kind: Kind, log: SimulatedLog): AbiEvent | undefined {
  const topic = log.topics[0]?.toLowerCase();
  for (const event of kind.events.values()) if (event.topic === topic) return event;
  return undefined;
}

/** Without the event of a member set, its history is incomplete and the set can never be read again: that blocks. */
function missingEvents(step: Step, events: readonly string[], kind: Kind | undefined): Finding[] {
  const vital = new Set(kind === undefined ? [] : [...kind.fields.values()].flatMap(setEvents));
  return step.emits
    .filter((name) => !events.includes(name))
    .map((name) => ({
      code: 'PROOF_EVENT_MISSING' satisfies Code,
      severity: vital.has(name) ? 'error' : 'warning',
      message: `${step.id} succeeds but doesn't emit ${name}, as its kind says it does.`,
      fix: vital.has(name)
        ? 'The set can only be read from its events: use a kind that fits this contract.'
        : "Correct the kind's `emits`, or check that the address holds the contract that you mean.",
      contract: step.call.contract,
      changes: step.covers,
    }));
}

function setEvents(field: KindField): string[] {
  if (field.shape !== 'members' && field.shape !== 'keyedMembers') return [];
  return 'event' in field.set ? [field.set.event] : [field.set.added, field.set.removed];
}
