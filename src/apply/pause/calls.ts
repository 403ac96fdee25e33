// The calls that set flags: each built for its way, tried out on the chain as it is, and put together into transactions.
import { decodeResult, encodeCall } from '../../kinds/abi.ts';
import { guardOutcomes, type Kind } from '../../kinds/kind.ts';
import { encodeSetter } from '../../kinds/writes.ts';
import { isRevert } from '../../live/faults.ts';
import { plausible, quantities } from '../../live/many-nodes.ts';
import type { Address, DecodedCall, Hex, RpcFault } from '../../types.ts';
import { reasonOf } from '../explain-revert.ts';
import type { RightsInput } from './rights.ts';
import type { Part, PauseCall, PauseWay, Standing } from './types.ts';

type Trying = Pick<RightsInput, 'chain' | 'kinds' | 'signer'>;
type Answer = { result: unknown } | { error: RpcFault };

/** A way that would work now, or why none does. */
export type Tried = { standing: Standing } & ({ way: PauseWay } | { why: string });

/** Runs each way of each flag on the chain's head, and takes the first that works, by what any node says: in doubt it pauses. Throws RPC_* when no node answers. */
export async function tryWays(trying: Trying, standings: readonly Standing[]): Promise<Tried[]> {
  const tries = standings.flatMap((standing) => standing.ways.map((way) => ({ standing, way, call: callOf(way, [standing.part]) })));
  const opinions = await askCalls(
    trying,
    tries.map(({ call }) => call),
  );
  const outcomes = await Promise.all(tries.map(async (one, i) => ({ ...one, why: await whyNoneWorks(trying, one.call, opinions[i] ?? []) })));
  return standings.map((standing): Tried => {
    const own = outcomes.filter((one) => one.standing === standing);
    const works = own.find(({ why }) => why === null);
    if (works !== undefined) return { standing, way: works.way };
    return { standing, why: own.map(({ why }) => why).join(', then ') || noWay(trying, standing) };
  });
}

function noWay({ signer }: Trying, { part, isSilent }: Standing): string {
  return isSilent ? `nothing at ${part.address} answers as a ${part.kind.name}` : `${signer} may not pause it`;
}

/** Flags of one guard share a transaction; each other one has its own. */
export function callsFor(tried: readonly { part: Part; way: PauseWay }[]): PauseCall[] {
  const guarded = Map.groupBy(
    tried.filter(({ way }) => way.via === 'guard'),
    ({ way }) => (way.via === 'guard' ? way.address.toLowerCase() : ''),
  );
  const shared = [...guarded.values()].flatMap((list) =>
    list[0] === undefined
      ? []
      : [
          callOf(
            list[0].way,
            list.map(({ part }) => part),
          ),
        ],
  );
  return [...shared, ...tried.filter(({ way }) => way.via !== 'guard').map(({ part, way }) => callOf(way, [part]))];
}

/** The transaction's target and data. Throws ABI_ENCODE. */
export function callOf(way: PauseWay, parts: readonly Part[]): PauseCall {
  const [first] = parts as readonly [Part];
  if (way.via === 'direct') return { way, parts, to: first.address, data: ownData(first) };
  const args = way.via === 'guard' ? [parts.map(({ address }) => address)] : [first.address, ownData(first)];
  return { way, parts, to: way.address, data: encodeCall(entryOf(way.kind, way.via), args) };
}

/** A call in words, for the journal. */
export function describe({ way, parts }: PauseCall, names: (address: Address) => string): DecodedCall {
  const [first] = parts as readonly [Part];
  if (way.via !== 'guard') return { contract: first.contract, function: first.setter.function, args: encoded(first).args };
  const targets = parts.map(({ address }) => address);
  return { contract: names(way.address), function: entryOf(way.kind, 'guard').name, args: [{ name: 'targets', type: 'address[]', value: targets }] };
}

function ownData(part: Part): Hex {
  return encoded(part).data;
}

function encoded({ kind, setter, field, value }: Part): ReturnType<typeof encodeSetter> {
  return encodeSetter(kind, setter, { values: new Map([[field, value]]) });
}

function entryOf(kind: Kind, via: 'guard' | 'relay'): Parameters<typeof encodeCall>[0] {
  const name = via === 'guard' ? kind.pausesOthers?.function : kind.relay?.function;
  return kind.functions.get(name ?? '') as Parameters<typeof encodeCall>[0];
}

async function askCalls({ chain, signer }: Trying, calls: readonly PauseCall[]): Promise<readonly (readonly Answer[])[]> {
  if (calls.length === 0) return [];
  return chain.opinions(calls.map(({ to, data }) => ({ method: 'eth_call', params: [{ from: signer, to, data }, 'latest'] })));
}

/** Null where one node says that the call works, or where none can tell: then it is worth a try. */
async function whyNoneWorks(trying: Trying, call: PauseCall, opinions: readonly Answer[]): Promise<string | null> {
  const telling = opinions.filter((answer) => 'result' in answer || isRevert(answer.error));
  for (const answer of telling) if ((await whyNot(trying, call, answer)) === null) return null;
  return telling[0] === undefined ? null : whyNot(trying, call, telling[0]);
}

async function whyNot(trying: Trying, call: PauseCall, answer: Answer): Promise<string | null> {
  if ('error' in answer) return reasonOf(answer.error, trying.kinds);
  const { way } = call;
  if (way.via !== 'guard' || outcomeIn(way.kind, answer.result) !== 'failed') return null;
  const [opinions] = await askCalls({ ...trying, signer: way.address }, [callOf({ via: 'direct' }, call.parts)]);
  const [inner] = opinions ?? [];
  return inner !== undefined && 'error' in inner ? reasonOf(inner.error, trying.kinds) : 'it is not paused after its pause';
}

function outcomeIn(kind: Kind, result: unknown): (typeof guardOutcomes)[number] | null {
  try {
    const [outcomes] = decodeResult(entryOf(kind, 'guard'), String(result));
    return Array.isArray(outcomes) ? (guardOutcomes[Number(outcomes[0])] ?? null) : null;
  } catch {
    return null;
  }
}

/** For one pause where no node says; what isn't used isn't paid. */
const usualGas = 150_000n;
/** Of one pause, beyond which an estimate that another node doesn't share isn't believed. */
const mostGas = 1_000_000n;

/**
 * Gas that each call uses, pause by pause. A guard's call never fails as a whole, so an estimate of it would be too low for
 * what it calls: each of its pauses is estimated by itself. Never throws for a refused estimate. Throws RPC_* when no node answers.
 */
export async function gasOf({ chain, signer }: Pick<Trying, 'chain' | 'signer'>, calls: readonly PauseCall[]): Promise<bigint[][]> {
  const pieces = calls.map(({ way, parts, to, data }) =>
    way.via === 'guard' ? parts.map((part) => ({ from: way.address, to: part.address, data: ownData(part) })) : [{ from: signer, to, data }],
  );
  const requests = pieces.flat().map((call) => ({ method: 'eth_estimateGas', params: [call] }));
  const opinions = requests.length === 0 ? [] : await chain.opinions(requests);
  let at = 0;
  return pieces.map((own) => own.map(() => gasIn(opinions[at++] ?? [])));
}

/** The limit of a call whose pauses use so much. */
export function gasLimit(used: readonly bigint[]): bigint {
  return (used.reduce((sum, gas) => sum + gas, 0n) * 13n) / 10n + 60_000n + 20_000n * BigInt(used.length);
}

function gasIn(answers: readonly Answer[]): bigint {
  const said = quantities(answers);
  return said.length === 0 ? usualGas : plausible(said, mostGas);
}
