// What was ever done on a contract that an act does, by its events: up to the pinned block, and, since an act is never done
// twice, also in the blocks that aren't confirmed yet. Whether the contract refuses acts while it is paused. Reads only.
import { actIdIn } from '../acts.ts';
import { MooringError } from '../errors.ts';
import { encodeCall } from '../kinds/abi.ts';
import { pauseFlagOf } from '../kinds/fields.ts';
import type { AbiEvent, Kind, Kinds } from '../kinds/kind.ts';
import { encodeSlash, pastSlash, slashEvent, slashesOf } from '../kinds/slashes.ts';
import type { Act, Address, CallRequest, ChainReader, ContractState, Environment, Hex, PastAct, PastActs, State } from '../types.ts';
import { canonicalJson } from '../values.ts';
import type { FoundLogs } from './event-history.ts';

/** Of one contract; undefined where its kind knows no acts. */
export function pastActsOf(kind: Kind, logsOf: (event: AbiEvent) => FoundLogs): PastActs | undefined {
  const event = slashEvent(kind);
  if (event === null) return undefined;
  const logs = logsOf(event);
  if ('unknown' in logs) return { unknown: logs.unknown };
  return orUnknown(() => ({ done: logs.map((log) => pastSlash(event, log)), waitsForUnpause: null }));
}

function orUnknown(read: () => PastActs): PastActs {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof MooringError) || error.code !== 'ABI_DECODE') throw error;
    return { unknown: error.message };
  }
}

/** What two RPCs say together; null where they contradict each other. */
export function agreePast(first: PastActs | undefined, second: PastActs | undefined): PastActs | undefined | null {
  if (first === undefined || 'unknown' in first) return first;
  if (second === undefined || 'unknown' in second) return { unknown: `the second RPC could not read it${second === undefined ? '' : `: ${second.unknown}`}` };
  return canonicalJson(first.done) === canonicalJson(second.done) ? first : null;
}

export type LatestInput = {
  chain: ChainReader;
  second?: ChainReader;
  kinds: Kinds;
  environment: Pick<Environment, 'name' | 'finality'>;
  /** Read at its block, with what was done up to there. */
  state: State;
  /** What git asks for, by contract. */
  acts: ReadonlyMap<string, readonly Act[]>;
  /** Transactions that did acts, as the journal has them, by the act's id; asked for only where one is left to do. */
  sent?(): Promise<ReadonlyMap<string, readonly Hex[]>>;
};

/** Reads nothing where no act is left to do. Throws RPC_*. */
export async function withLatestActs(input: LatestInput): Promise<State> {
  const contracts = await Promise.all(input.state.contracts.map((contract) => latestOf(input, contract)));
  return { ...input.state, contracts };
}

async function latestOf(input: LatestInput, contract: ContractState): Promise<ContractState> {
  const kind = input.kinds.get(contract.kind);
  const event = kind === undefined ? null : slashEvent(kind);
  const { past } = contract;
  if (kind === undefined || event === null || past === undefined || 'unknown' in past) return contract;
  const left = leftOf(input, contract.name, past.done);
  const [example] = left;
  if (example === undefined) return contract;
  const newer = await newerLogs(input, contract.address, event);
  if ('unknown' in newer) return { ...contract, past: newer };
  const unseen = await sentUnseen(input, leftOf(input, contract.name, [...past.done, ...newer.done]));
  if (unseen !== null) return { ...contract, past: { unknown: unseen } };
  const waitsForUnpause = isPaused(kind, contract) ? await refusesWhilePaused(input, { kind, contract, example }) : null;
  return { ...contract, past: { done: [...past.done, ...newer.done], waitsForUnpause } };
}

function leftOf({ acts, environment }: LatestInput, contract: string, done: readonly PastAct[]): Act[] {
  const ids = new Set(done.map(({ reason }) => actIdIn(reason, environment.name)));
  return (acts.get(contract) ?? []).filter(({ id }) => !ids.has(id));
}

/** Why one that was mined is not found by its event, or null: an act whose history is declared to begin too late isn't done twice. */
async function sentUnseen({ chain, sent }: LatestInput, left: readonly Act[]): Promise<string | null> {
  const known = left.length === 0 || sent === undefined ? new Map<string, readonly Hex[]>() : await sent();
  for (const { id, fromBlock } of left) {
    const hashes = known.get(id) ?? [];
    const answers = await chain.batch(hashes.map((hash) => ({ method: 'eth_getTransactionReceipt', params: [hash] })));
    const at = answers.findIndex((answer) => 'error' in answer || (answer.result as { status?: unknown } | null)?.status === '0x1');
    if (at >= 0) return `${hashes[at]} did ${id}, and its event is not found from block ${fromBlock} on`;
  }
  return null;
}

/** Behind the pinned block; what either RPC shows counts. */
async function newerLogs(
  { chain, second, environment, state }: LatestInput,
  address: Address,
  event: AbiEvent,
): Promise<{ done: PastAct[] } | { unknown: string }> {
  const { block } = state;
  if (block === null || environment.finality === 'latest') return { done: [] };
  const found = await Promise.all([chain, ...(second === undefined ? [] : [second])].map((reader) => newerOn(reader, address, event, block.number)));
  const unread = found.find((one) => 'unknown' in one);
  if (unread !== undefined) return unread;
  const all = found.flatMap((one) => ('done' in one ? one.done : []));
  return { done: [...new Map(all.map((one) => [canonicalJson(one), one])).values()] };
}

async function newerOn(reader: ChainReader, address: Address, event: AbiEvent, pinned: bigint): Promise<{ done: PastAct[] } | { unknown: string }> {
  const head = await reader.head('latest');
  if (head.number <= pinned) return { done: [] };
  try {
    const logs = await reader.logs({ address, topics: [event.topic], fromBlock: pinned + 1n, toBlock: head.number, toHash: head.hash });
    return { done: logs.map((log) => pastSlash(event, log)) };
  } catch (error) {
    if (!(error instanceof MooringError) || (error.code !== 'LOGS_INCOMPLETE' && error.code !== 'ABI_DECODE')) throw error;
    return { unknown: error.message };
  }
}

function isPaused(kind: Kind, { fields }: ContractState): boolean {
  const flag = pauseFlagOf(kind);
  const value = flag === undefined ? undefined : fields.get(flag.name)?.value;
  return value?.type === 'scalar' && value.value === true;
}

type Probe = { kind: Kind; contract: ContractState; example: Act };

/**
 * Asked of the contract itself: it does, where an act is refused with the very words that pausing it a second time is
 * refused with. Any other refusal is the proof's to tell.
 */
async function refusesWhilePaused({ chain, state }: LatestInput, { kind, contract, example }: Probe): Promise<boolean> {
  const pause = kind.setters.find(({ does, assigns, fields }) => does === 'assign' && assigns === true && kind.fields.get(fields[0] ?? '')?.role === 'pause');
  const fn = pause === undefined ? undefined : kind.functions.get(pause.function);
  const [mayAct, mayPause] = [callerOf(contract, slashesOf(kind).access), callerOf(contract, pause?.access ?? [])];
  if (fn === undefined || mayAct === null || mayPause === null || state.block === null) return false;
  const requests: CallRequest[] = [
    { to: contract.address, data: encodeSlash(kind, example).data, from: mayAct },
    { to: contract.address, data: encodeCall(fn, []), from: mayPause },
  ];
  const [act, again] = await chain.calls(requests, state.block);
  return act?.ok === false && again?.ok === false && act.data !== '0x' && act.data === again.data;
}

function callerOf({ fields }: ContractState, access: readonly string[]): Address | null {
  for (const path of access) {
    const value = fields.get(path)?.value;
    if (value?.type === 'scalar' && typeof value.value === 'string') return value.value;
    if (value?.type === 'members' && value.members[0] !== undefined) return value.members[0];
  }
  return null;
}
