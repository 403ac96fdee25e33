// Whether the simulation shows what an act does: its event, with the reason that it is known by, and its effect where the
// stake lies. Pure.
import type { Code } from '../errors.ts';
import { encodeTopic } from '../kinds/abi.ts';
import type { Kind, Kinds } from '../kinds/kind.ts';
import { decodeSlash, slashEvent } from '../kinds/slashes.ts';
import type { Finding, Hex, Log, Plan, Slash, State, Step } from '../types.ts';
import { canonicalJson } from '../values.ts';
import type { StepRun } from './way.ts';

type Input = { plan: Plan; live: State; kinds: Kinds; runs: readonly StepRun[] };
type SimulatedLog = Pick<Log, 'address' | 'topics' | 'data'>;

/** A plan with acts is proven by logs: a way that sees none will not do. */
export function needsLogs({ changes }: Pick<Plan, 'changes'>): boolean {
  return changes.some(({ action }) => action === 'do');
}

/** PROOF_ACT_MISSING for an act whose step succeeds without doing it. */
export function proveActs({ plan, live, kinds, runs }: Input): Finding[] {
  const acts = new Set(plan.changes.flatMap(({ id, action }) => (action === 'do' ? [id] : [])));
  return plan.steps.flatMap((step, i) => {
    const run = runs[i];
    const contract = live.contracts.find(({ address }) => address.toLowerCase() === step.target.toLowerCase());
    const kind = contract === undefined ? undefined : kinds.get(contract.kind);
    if (run?.ok !== true || contract === undefined || kind === undefined || !step.covers.some((id) => acts.has(id))) return [];
    const logs = run.logs ?? [];
    const slash = slashOf(step);
    if (!logs.some((log) => isFrom(log, step.target) && says(kind, log, slash)))
      return [missing(step, `no event of ${contract.name} shows it with its reason`)];
    const holder = kind.slashes?.via === undefined ? undefined : contract.fields.get(kind.slashes.via)?.value;
    if (holder?.type !== 'scalar') return [];
    const moves = logs.some((log) => isFrom(log, String(holder.value)) && hasWord(log, 'address', slash.validator) && hasWord(log, 'uint256', slash.amount));
    return moves ? [] : [missing(step, `no event of ${kind.slashes?.via} (${String(holder.value)}) shows that this stake was taken`)];
  });
}

function slashOf({ call }: Step): Slash {
  const [round, validator, amount, recipient, reason] = call.args.map(({ value }) => value);
  return { round: round as bigint, validator: String(validator), amount: amount as bigint, recipient: String(recipient), reason: String(reason) };
}

function isFrom(log: SimulatedLog, address: string): boolean {
  return log.address.toLowerCase() === address.toLowerCase();
}

function says(kind: Kind, log: SimulatedLog, slash: Slash): boolean {
  const event = slashEvent(kind);
  if (event === null || log.topics[0]?.toLowerCase() !== event.topic.toLowerCase()) return false;
  return canonicalJson(decodeSlash(event, log)) === canonicalJson(slash);
}

/** Among what an event carries, wherever it has it: what the stake lies in may be of a kind of its own. */
function hasWord(log: SimulatedLog, type: 'address' | 'uint256', value: string | bigint): boolean {
  const word = encodeTopic(type, value).slice(2).toLowerCase();
  return [...log.topics.slice(1).map((topic) => topic.slice(2)), ...wordsOf(log.data)].some((one) => one.toLowerCase() === word);
}

function wordsOf(data: Hex): string[] {
  return data.slice(2).match(/.{64}/g) ?? [];
}

function missing(step: Step, what: string): Finding {
  return {
    code: 'PROOF_ACT_MISSING' satisfies Code,
    severity: 'error',
    message: `${step.id} succeeds, and ${what}.`,
    fix: 'Check that the address holds the contract that you mean: an act that leaves no trace could never be known to be done.',
    contract: step.call.contract,
    changes: step.covers,
  };
}
