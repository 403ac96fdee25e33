// One node: JSON-RPC over one transport, batches split to what the node takes, answers matched by id, retries with
// back-off. Knows nothing of blocks or contracts, nor of other nodes.
import { setTimeout as sleep } from 'node:timers/promises';
import { MooringError } from '../errors.ts';
import type { RpcFault } from '../types.ts';
import { type Failure, isBusy } from './faults.ts';
import type { Pace } from './pace.ts';
import { type Outcome, readReply } from './read-reply.ts';
import { scrubber, urlLabel } from './redact.ts';
import { openTransport, type Transport } from './transport.ts';

export type RpcRequest = { method: string; params: readonly unknown[] };
export type Answer = { result: unknown } | { error: RpcFault };

export type SendOptions = {
  /** Which faults are worth asking again for, besides rate limits. */
  retryIf?: (fault: RpcFault) => boolean;
  /** False: a request that may have asked for too much fails at once, for a caller that can ask for less. */
  patient?: boolean;
};

export type NodeOptions = {
  pace: Pace;
  sockets: number;
  timeoutMs: number;
  /** Tries after the first. */
  retries: number;
  /** First wait; doubled with each try, with jitter. */
  backOffMs: number;
};

export type RpcNode = {
  /** What may be shown of its URL. */
  label: string;
  /** Answers in the order of the requests. Throws RPC_UNAVAILABLE or RPC_MALFORMED, with the `Failure` as cause. */
  send(requests: readonly RpcRequest[], options?: SendOptions): Promise<Answer[]>;
  close(): void;
};

type Entry = { id: number; text: string };

/** What is known of a node so far. */
type Line = NodeOptions & {
  url: URL;
  label: string;
  scrub: (text: string) => string;
  transport: Promise<Transport> | undefined;
  nextId: number;
  /** Requests that it takes in one batch. */
  batchLimit: number;
  /** Until when it wants to be left alone: milliseconds since the epoch. */
  quietUntil: number;
};

/** One delivery: what the caller wants, and how often it was tried. */
type Delivery = { how: SendOptions; attempt: number };

/** A node that asks to wait longer than this counts as unavailable. */
const longestWaitMs = 60_000;
const largestBackOffMs = 8_000;
const firstBatchLimit = 500;
/** Bytes of one HTTP request, before the node says what it takes. */
const batchBytes = 1_700_000;

/** Opens a node. `url` may hold secrets: they don't get out of here. SIDE EFFECTS: connections, until `close`. */
export function openNode(url: URL, options: NodeOptions): RpcNode {
  const line: Line = {
    ...options,
    url,
    label: urlLabel(url),
    scrub: scrubber([url]),
    transport: undefined,
    nextId: 1,
    batchLimit: firstBatchLimit,
    quietUntil: 0,
  };
  return {
    label: line.label,
    send: (requests, how = {}) =>
      inParts(
        line,
        requests.map((request) => entryOf(line, request)),
        { how, attempt: 0 },
      ),
    close: () => void line.transport?.then((opened) => opened.close()),
  };
}

function entryOf(line: Line, { method, params }: RpcRequest): Entry {
  const id = line.nextId++;
  return { id, text: `{"jsonrpc":"2.0","id":${id},"method":${JSON.stringify(method)},"params":${JSON.stringify(params)}}` };
}

async function inParts(line: Line, entries: readonly Entry[], delivery: Delivery): Promise<Answer[]> {
  const answers = await Promise.all(parts(entries, line.batchLimit).map((part) => deliver(line, part, delivery)));
  return answers.flat();
}

async function deliver(line: Line, entries: readonly Entry[], delivery: Delivery): Promise<Answer[]> {
  const outcome = await line.pace.run(() => exchange(line, entries));
  if ('answers' in outcome) return withLate(line, entries, { answers: outcome.answers, delivery });
  const { failure } = outcome;
  if (entries.length > 1 && (failure.type === 'tooLarge' || failure.type === 'refused')) return inPieces(line, entries, { failure, delivery });
  if (failure.type === 'tooLarge') return [{ error: { code: -32005, message: `request too large: ${line.scrub(failure.detail)}` } }];
  if (isHopeless(failure, delivery.how) || delivery.attempt >= line.retries) throw givenUp(line, failure, delivery.attempt + 1);
  await backOff(line, delivery.attempt, failure);
  return deliver(line, entries, { ...delivery, attempt: delivery.attempt + 1 });
}

/** A batch that is too large is halved; one that is refused as a batch goes out singly, the first alone to see. */
async function inPieces(line: Line, entries: readonly Entry[], { failure, delivery }: { failure: Failure; delivery: Delivery }): Promise<Answer[]> {
  line.batchLimit = failure.type === 'refused' ? 1 : Math.max(1, Math.min(line.batchLimit, entries.length) >> 1);
  const first = entries.slice(0, line.batchLimit);
  const head = await deliver(line, first, delivery);
  return [...head, ...(await inParts(line, entries.slice(first.length), delivery))];
}

/** The answers, after asking once more for those that the node was too busy for. */
async function withLate(line: Line, entries: readonly Entry[], { answers, delivery }: { answers: readonly Answer[]; delivery: Delivery }): Promise<Answer[]> {
  const { how, attempt } = delivery;
  const found = answers.map((answer) => ('error' in answer ? { error: scrubbed(line, answer.error) } : answer));
  const late = answers.flatMap((answer, i) => ('error' in answer && (isBusy(answer.error) || how.retryIf?.(answer.error)) ? [i] : []));
  if (late.length === 0 || attempt >= line.retries) return found;
  await backOff(line, attempt, { type: 'busy', detail: '' });
  const again = await deliver(
    line,
    late.map((i) => entries[i] as Entry),
    { how, attempt: attempt + 1 },
  );
  for (const [k, i] of late.entries()) found[i] = again[k] as Answer;
  return found;
}

/** Bytes are left as they are: a revert's data is hex, and so may a secret be. */
function scrubbed({ scrub }: Line, { code, message, data }: RpcFault): RpcFault {
  const clean = { code, message: scrub(message) };
  if (data === undefined || (typeof data === 'string' && /^0x[0-9a-fA-F]*$/.test(data))) return data === undefined ? clean : { ...clean, data };
  return { ...clean, data: JSON.parse(scrub(JSON.stringify(data))) as unknown };
}

async function exchange(line: Line, entries: readonly Entry[]): Promise<Outcome> {
  for (let wait = line.quietUntil - Date.now(); wait > 0; wait = line.quietUntil - Date.now()) await sleep(wait);
  line.transport ??= openTransport(line.url, line.sockets);
  const body = entries.length === 1 ? (entries[0] as Entry).text : `[${entries.map((entry) => entry.text).join(',')}]`;
  const reply = await (await line.transport).post(body, line.timeoutMs);
  return readReply({ reply, ids: entries.map((entry) => entry.id), requestBytes: body.length });
}

/** A busy node is left alone by every request, not only by the one that it turned away. */
async function backOff(line: Line, attempt: number, failure: Failure): Promise<void> {
  const step = Math.min(largestBackOffMs, line.backOffMs * 2 ** attempt) * (0.5 + Math.random());
  const wait = Math.max(step, failure.retryAfterMs ?? 0);
  if (failure.type === 'busy') line.quietUntil = Math.max(line.quietUntil, Date.now() + wait);
  await sleep(wait);
}

/** Whether waiting can't help, or the caller has something better to do than to wait. */
function isHopeless(failure: Failure, how: SendOptions): boolean {
  if (failure.type === 'refused' || failure.type === 'denied') return true;
  if ((failure.retryAfterMs ?? 0) > longestWaitMs) return true;
  return how.patient === false && failure.type !== 'connection' && failure.type !== 'busy';
}

function givenUp(line: Line, failure: Failure, tries: number): MooringError {
  const code = failure.type === 'malformed' ? 'RPC_MALFORMED' : 'RPC_UNAVAILABLE';
  const detail = line.scrub(failure.detail);
  const message = `No usable answer from ${line.label}: ${detail} (${tries} ${tries === 1 ? 'try' : 'tries'}).`;
  const fix = 'Check the RPC URL and its key, wait and run again, or name a further RPC in environment.yaml.';
  return new MooringError(code, message, { cause: { ...failure, detail }, fix });
}

/** Cuts entries into batches of `limit`, and of not much more than `batchBytes`. */
function parts(entries: readonly Entry[], limit: number): Entry[][] {
  const batches: Entry[][] = [];
  let bytes = 0;
  for (const entry of entries) {
    const last = batches.at(-1);
    if (last === undefined || last.length >= limit || bytes + entry.text.length > batchBytes) {
      batches.push([entry]);
      bytes = entry.text.length;
    } else {
      last.push(entry);
      bytes += entry.text.length;
    }
  }
  return batches;
}
