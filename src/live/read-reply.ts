// One HTTP answer → the JSON-RPC answers in it, matched by id, or why there are none. Pure.
import type { RpcFault } from '../types.ts';
import { type Failure, isBusy, isTooLarge } from './faults.ts';
import type { Answer } from './node.ts';
import type { Reply } from './transport.ts';

export type Outcome = { answers: Answer[] } | { failure: Failure };

/** A request of more bytes than this that is answered with "400 Bad Request" was probably too large. */
const suspiciousBytes = 100_000;
/** With these a node may mean a batch; with others (a wrong key, a wrong path, a redirect) it means us. */
const batchStatuses: ReadonlySet<number> = new Set([400, 405, 406, 415, 422]);

/** `ids`: of the requests, in order; one of them means that no batch was sent. */
export function readReply({ reply, ids, requestBytes }: { reply: Reply; ids: readonly number[]; requestBytes: number }): Outcome {
  if ('failure' in reply) return { failure: { type: reply.failure, detail: reply.detail } };
  const detail = `HTTP ${reply.status}`;
  if (reply.status === 429 || (reply.status === 503 && reply.retryAfter !== null)) return { failure: { type: 'busy', detail, ...waitOf(reply.retryAfter) } };
  if (reply.status === 413 || (reply.status === 400 && requestBytes > suspiciousBytes)) return { failure: { type: 'tooLarge', detail } };
  if (reply.status >= 500) return { failure: { type: 'server', detail } };
  const outcome = readBody(reply.text, ids);
  // Some nodes put a JSON-RPC error into a 4xx; without one, the status is the answer.
  if (reply.status < 300 || !('failure' in outcome) || outcome.failure.type !== 'malformed') return outcome;
  return { failure: { type: batchStatuses.has(reply.status) ? 'refused' : 'denied', detail } };
}

function readBody(text: string, ids: readonly number[]): Outcome {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return broken('not JSON');
  }
  if (Array.isArray(body)) return ids.length === 1 ? broken('a batch where one answer was expected') : matched(body, ids);
  if (typeof body !== 'object' || body === null) return broken('not a JSON-RPC answer');
  if (ids.length === 1) return matched([body], ids, true);
  return refusedBatch(body);
}

/** Every id answered exactly once, whatever the order. */
function matched(body: readonly unknown[], ids: readonly number[], single = false): Outcome {
  const found = new Map<unknown, Answer>();
  for (const item of body) {
    if (typeof item !== 'object' || item === null) return broken('an entry that is not an object');
    const answer = answerOf(item);
    if (answer === null) return broken('an entry with neither result nor error');
    // A node that could not read a request names no id.
    const id = single && 'error' in answer && (!('id' in item) || item.id === null) ? ids[0] : (item as { id?: unknown }).id;
    if (found.has(id)) return broken('two answers with one id');
    found.set(id, answer);
  }
  const answers = ids.map((id) => found.get(id));
  if (found.size !== ids.length || answers.includes(undefined)) return broken('ids that were not asked for, or not all of them');
  return { answers: answers as Answer[] };
}

function answerOf(item: object): Answer | null {
  if ('error' in item && item.error !== null && item.error !== undefined) {
    const error = faultIn(item.error);
    return error === null ? null : { error };
  }
  return 'result' in item ? { result: item.result } : null;
}

function faultIn(error: unknown): RpcFault | null {
  if (typeof error !== 'object' || error === null) return null;
  const { code, message, data } = error as { code?: unknown; message?: unknown; data?: unknown };
  if (typeof code !== 'number' || typeof message !== 'string') return null;
  return data === undefined ? { code, message } : { code, message, data };
}

/** One object for a whole batch: the node says why it doesn't take it. */
function refusedBatch(body: object): Outcome {
  const answer = answerOf(body);
  if (answer === null || !('error' in answer)) return broken('one answer where a batch was expected');
  const detail = answer.error.message;
  if (isTooLarge(answer.error)) return { failure: { type: 'tooLarge', detail } };
  return { failure: { type: isBusy(answer.error) ? 'busy' : 'refused', detail } };
}

/** `Retry-After`: seconds, or a date. */
function waitOf(retryAfter: string | null): { retryAfterMs?: number } {
  if (retryAfter === null) return {};
  const seconds = Number(retryAfter);
  const wait = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(retryAfter) - Date.now();
  return Number.isFinite(wait) && wait > 0 ? { retryAfterMs: wait } : {};
}

function broken(detail: string): Outcome {
  return { failure: { type: 'malformed', detail: `an answer that is malformed: ${detail}` } };
}
