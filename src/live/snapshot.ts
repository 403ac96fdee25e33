// The state of contracts at one pinned block, by one RPC or by two that agree.
import { MooringError } from '../errors.ts';
import type { Kind, Kinds } from '../kinds/kind.ts';
import { slashEvent } from '../kinds/slashes.ts';
import type { Address, BlockRef, ChainReader, CodeIdentity, ContractState, Environment, State } from '../types.ts';
import { factKey } from '../values.ts';
import { type Candidates, candidateEvents, findCandidates } from './candidates.ts';
import { readCode } from './code-identity.ts';
import type { CursorKey, CursorStore } from './cursor-store.ts';
import { type EventHistory, type HistoryWant, readHistory } from './event-history.ts';
import { neededFacts } from './facts.ts';
import { pastActsOf } from './past-acts.ts';
import { kindOf, type ReadTarget, readProgram } from './read-program.ts';
import { agree, type Opinion } from './second-opinion.ts';

/** A contract to read, and what git says that reading it depends on. */
export type ContractRef = ReadTarget & {
  /** Declared keys of keyed sets (roles), by field: their names are known by no other way. */
  keys?: ReadonlyMap<string, readonly string[]>;
  /** Declared members, by path: candidates besides those of the event history. */
  members?: ReadonlyMap<string, readonly Address[]>;
  /** Addresses that rules ask about (`version()` of a desired registry). */
  probes?: readonly Address[];
  /** Blocks from which events of declared acts are looked for, however late the contract's own history begins. */
  actsFrom?: readonly bigint[];
};

export type SnapshotInput = {
  chain: ChainReader;
  kinds: Kinds;
  environment: Pick<Environment, 'name' | 'chainId' | 'production' | 'finality'>;
  contracts: readonly ContractRef[];
  /** The block to read at; by default the head of the environment's finality. */
  block?: BlockRef;
  cursors?: CursorStore;
  /** A second RPC, which must agree. A production environment must have one. */
  second?: ChainReader;
};

/** Two heads further apart than this are not of one network in good health: seconds. */
const largestLag = 600n;

/**
 * Every field of the contracts, declared or not. What can't be read is `unknown`; a contract without code has only unknown
 * fields and code hash null. Throws CHAIN_ID_MISMATCH, SECOND_RPC_MISSING, PROVIDERS_DISAGREE, RPC_*.
 * SIDE EFFECTS: keeps event scans in `cursors`.
 */
export async function snapshot(input: SnapshotInput): Promise<State> {
  const { chain, second, environment } = input;
  if (environment.production && second === undefined)
    throw new MooringError('SECOND_RPC_MISSING', `${environment.name} is a production environment with only one RPC.`, {
      fix: 'Name a second one, of another provider, under rpc: in environment.yaml.',
    });
  const block = await pin(input);
  const readings = await Promise.all([
    readAll(input, chain, { block, opinion: 'first' }),
    ...(second === undefined ? [] : [readAll(input, second, { block, opinion: 'second' })]),
  ]);
  const [first, other] = readings.map(({ opinion }) => opinion) as [Opinion, Opinion | undefined];
  const { contracts, facts } = other === undefined ? first : agree(first, other);
  // Not before both agree: a scan that was cut short must not be taken for whole by the next run.
  for (const { history } of readings) history.keep();
  return { environment: environment.name, chainId: environment.chainId, block, contracts, facts };
}

async function pin({ chain, second, environment, block }: SnapshotInput): Promise<BlockRef> {
  const readers = second === undefined ? [chain] : [chain, second];
  const heads = await Promise.all(readers.map((reader) => headOn(reader, environment, block)));
  const [first, other] = heads as [BlockRef, BlockRef | undefined];
  if (second === undefined || other === undefined) return first;
  const lag = first.timestamp > other.timestamp ? first.timestamp - other.timestamp : other.timestamp - first.timestamp;
  if (lag > largestLag) throw disagree(`their heads are ${lag} s apart (blocks ${first.number} and ${other.number})`);
  // The older of the heads is known to both; the newer may be to one only.
  const pinned = first.number <= other.number ? first : other;
  const same = first.number === other.number ? other : await (pinned === first ? second : chain).block(pinned.number);
  if (first.number === other.number ? first.hash !== other.hash : same?.hash !== pinned.hash)
    throw disagree(`block ${pinned.number} has another hash, or is missing, on one of them`);
  return pinned;
}

async function headOn(reader: ChainReader, environment: SnapshotInput['environment'], block: BlockRef | undefined): Promise<BlockRef> {
  const [chainId, head] = await Promise.all([reader.chainId(), block === undefined ? reader.head(environment.finality) : reader.block(block.number)]);
  if (chainId !== environment.chainId)
    throw new MooringError('CHAIN_ID_MISMATCH', `${environment.name} is on chain ${environment.chainId}, but the RPC serves chain ${chainId}.`, {
      fix: 'Correct chainId or rpc in environment.yaml.',
    });
  if (head === null) throw new MooringError('RPC_NO_BLOCK', `The node does not have block ${block?.number}.`, { fix: 'Run again, or use another provider.' });
  if (block !== undefined && head.hash !== block.hash)
    throw new MooringError('RPC_REORGED', `Block ${block.number} is no longer ${block.hash}.`, { fix: 'Run again.' });
  return head;
}

function disagree(what: string): MooringError {
  return new MooringError('PROVIDERS_DISAGREE', `The two RPCs disagree about the head: ${what}.`, {
    fix: 'Wait and run again; if it stays, replace the one that is wrong or behind.',
  });
}

type Reading = { opinion: Opinion; history: EventHistory };

/** All requests of a round go out together; what they depend on decides the number of rounds, not the number of fields. */
async function readAll(input: SnapshotInput, chain: ChainReader, { block, opinion }: { block: BlockRef; opinion: CursorKey['opinion'] }): Promise<Reading> {
  const { kinds, contracts, cursors, environment } = input;
  const values = readProgram({ kinds, contracts, candidates: new Map(), facts: [] });
  const wants = contracts.flatMap((contract) => wantsOf(kindOf(kinds, contract), contract));
  const [results, code, history] = await Promise.all([
    chain.calls(values.calls, block),
    readCode(
      chain,
      contracts.map(({ address }) => address),
      block,
    ),
    readHistory({ chain, chainId: environment.chainId, block, wants, cursors, opinion }),
  ]);
  const candidates = new Map(contracts.map((contract) => [contract.name, candidatesOf(input, contract, history)]));
  const early = values.decode(results);
  const wanted = early.contracts.flatMap((state, i) => neededFacts(kindOf(kinds, state), state.fields, contracts[i]?.probes));
  const facts = [...new Map(wanted.map((fact) => [factKey(fact.address, fact.fn.name), fact])).values()];
  const isWhole = facts.length === 0 && [...candidates.values()].every(isEmpty);
  const program = isWhole ? values : readProgram({ kinds, contracts, candidates, facts });
  const [rest, codes] = await Promise.all([chain.calls(program.calls.slice(values.calls.length), block), code.finish()]);
  const found = isWhole ? early : program.decode([...results, ...rest]);
  const states = found.contracts.map((state) => withPast(kindOf(kinds, state), withCode(state, codes.get(state.address)), history));
  return { opinion: { contracts: states, facts: found.facts, candidates }, history };
}

function wantsOf(kind: Kind, { address, fromBlock, actsFrom = [] }: ContractRef): HistoryWant[] {
  const done = slashEvent(kind);
  const wants = candidateEvents(kind).map(({ topic }) => ({ address, topic, fromBlock }));
  if (done === null) return wants;
  return [...wants, { address, topic: done.topic, fromBlock: [fromBlock, ...actsFrom].reduce(earlier) }];
}

function earlier(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function withPast(kind: Kind, state: ContractState, history: EventHistory): ContractState {
  const past = pastActsOf(kind, (event) => history.of(state.address, event.topic));
  return past === undefined ? state : { ...state, past };
}

/** Contracts without sets or keys that can be unset are read with the first round. */
function isEmpty({ members, unset, unknown }: Candidates): boolean {
  return members.size === 0 && unset.size === 0 && unknown.size === 0;
}

function candidatesOf({ kinds }: SnapshotInput, contract: ContractRef, history: EventHistory): Candidates {
  const { keys, members } = contract;
  return findCandidates({ kind: kindOf(kinds, contract), keys, members }, (event) => history.of(contract.address, event.topic));
}

/** Where there is no code, getters answer nothing, and a set is not empty but unknown. */
function withCode(state: ContractState, code: CodeIdentity | undefined): ContractState {
  if (code === undefined) return state;
  if (code.hash !== null) return { ...state, code };
  const reason = `there is no code at ${state.address}`;
  const fields = new Map([...state.fields.values()].map(({ path }) => [path, { path, value: { type: 'unknown' as const, reason } }]));
  return { ...state, fields, code };
}
