// Runs the steps one way and reads the whole state again behind them; once more when the steps turn out to name members
// or contracts that nobody thought of. No verdicts here.

import type { Kinds } from '../kinds/kind.ts';
import { candidateEvents, stateCandidates } from '../live/candidates.ts';
import { type FactRequest, neededFacts } from '../live/facts.ts';
import { kindOf, type ReadProgram, readProgram } from '../live/read-program.ts';
import type { CallResult, ContractState, FieldValue, Finding, Log, Plan, State, Step } from '../types.ts';
import { factKey } from '../values.ts';
import { addressesHeld, asMembers, namedInSteps, withKeysSet } from './candidates.ts';
import type { CodeCheck } from './code-check.ts';
import type { RunResult, StepRun, Unavailable, Way } from './way.ts';

export type After = { contracts: readonly ContractState[]; facts: ReadonlyMap<string, FieldValue> };
export type Reread = { steps: readonly StepRun[]; after: After; codeFindings: readonly Finding[] };

export type RereadInput = { plan: Plan; desired: State; live: State; kinds: Kinds; codeCheck: CodeCheck };

/** What became known by running: logs, and what the contracts name afterwards. */
type Known = { runs: readonly StepRun[]; after: readonly ContractState[] };

/** Each round can only bring to light what the one before it read: a module, its members, no more. */
const mostRounds = 3;

/** `count`: only the first so many steps. Throws RPC_*. */
export async function runAndRead(way: Way, input: RereadInput, count: number = input.plan.steps.length): Promise<Reread | Unavailable> {
  const steps = input.plan.steps.slice(0, count);
  const { codeCheck, plan } = input;
  let known: Known = { runs: [], after: [] };
  let program = programFor(input, steps, known);
  for (let round = 1; ; round++) {
    const result = await way.run({
      block: plan.block,
      steps: steps.map(({ route, to, data, value }) => ({ from: route.signer, to, data, value })),
      reads: [...program.calls, ...codeCheck.reads],
      slots: codeCheck.slots,
      codes: codeCheck.codes,
    });
    if ('unavailable' in result) return result;
    const results = result.reads.slice(0, program.calls.length);
    if (!tellsMore(input, result.steps) || round === mostRounds) return finish(input, result, { program, after: program.decode(results) });
    known = { runs: result.steps, after: program.decode(results).contracts };
    // With what the logs tell; if that asks for nothing new, the answers are all there.
    const next = programFor(input, steps, known);
    const answers = answersFor(next, program, results);
    if (answers !== null) return finish(input, result, { program, after: next.decode(answers) });
    program = next;
  }
}

/** Whether running can have told something about what to read: it can't where nothing hangs on events or other contracts. */
function tellsMore({ live, kinds }: RereadInput, runs: readonly StepRun[]): boolean {
  if (live.facts.size > 0) return true;
  const topics = new Set(
    [...new Set(live.contracts.map(({ kind }) => kinds.get(kind)))].flatMap((kind) =>
      kind === undefined ? [] : candidateEvents(kind).map((event) => event.topic),
    ),
  );
  return topics.size > 0 && runs.some((run) => run.logs?.some((log) => topics.has(log.topics[0] ?? '')) ?? true);
}

function finish({ codeCheck }: RereadInput, result: RunResult, { program, after }: { program: ReadProgram; after: After }): Reread {
  const codeFindings = codeCheck.judge({ codes: result.codes, slots: result.slots, reads: result.reads.slice(program.calls.length) });
  return { steps: result.steps, after, codeFindings };
}

/** Answers to `next`, taken from those to `program`; null where it asks for something else. */
function answersFor(next: ReadProgram, program: ReadProgram, results: readonly CallResult[]): CallResult[] | null {
  const known = new Map(program.calls.map((call, i) => [`${call.to}${call.data}`, results[i]]));
  const answers = next.calls.map((call) => known.get(`${call.to}${call.data}`));
  return answers.every((answer) => answer !== undefined) ? answers : null;
}

function programFor(input: RereadInput, steps: readonly Step[], known: Known): ReadProgram {
  const { live, kinds } = input;
  const logs = known.runs.flatMap((run) => run.logs ?? []).map(asLog);
  const silent = steps.filter((_, i) => known.runs[i]?.ok === true && known.runs[i]?.logs === null);
  const named = [...namedInSteps(steps), ...steps.map((step) => step.route.signer), ...live.contracts.map((contract) => contract.address)];
  const desired = new Map(input.desired.contracts.map((contract) => [contract.name, contract]));
  const candidates = new Map(
    live.contracts.map((contract) => {
      const kind = kindOf(kinds, contract);
      const declared = desired.get(contract.name);
      const states = [
        withKeysSet(kind, contract, silent),
        asMembers(kind, contract, [...named, ...addressesHeld(contract)]),
        ...(declared === undefined ? [] : [{ ...declared, address: contract.address }]),
      ];
      return [contract.name, stateCandidates(kind, states, logs)];
    }),
  );
  return readProgram({ kinds, contracts: live.contracts, candidates, facts: factsFor(input, known) });
}

/** What rules and aggregates need to know of other contracts, by what fields name before, as declared, and after. */
function factsFor({ live, desired, kinds }: RereadInput, known: Known): FactRequest[] {
  const fieldsOf = [live, desired, { contracts: known.after }].flatMap((state) =>
    state.contracts.map((contract) => ({ contract, kind: kinds.get(contract.kind) })),
  );
  const facts = fieldsOf.flatMap(({ contract, kind }) => (kind === undefined ? [] : neededFacts(kind, contract.fields)));
  return [...new Map(facts.map((fact) => [factKey(fact.address, fact.fn.name), fact])).values()];
}

/** Where a simulated log stands doesn't matter: they are in order, and none is of the past. */
function asLog(log: Pick<Log, 'address' | 'topics' | 'data'>, index: number): Log {
  return { ...log, blockNumber: 0n, blockHash: '0x', transactionHash: '0x', transactionIndex: 0, logIndex: index };
}
