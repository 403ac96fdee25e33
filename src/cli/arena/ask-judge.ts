// Asks the judge of a round for its scores: one request, and an answer that is checked to the last score.
import type { RoundRecord } from '../../arena/round-record.ts';
import type { Judgement } from '../../arena/verdict.ts';
import { MooringError } from '../../errors.ts';

const timeoutMs = 60_000;
const longestAnswer = 1024 * 1024;

/**
 * `{ plan, round, difficulty, teacher, students, validators }` for `{ scores: { "<address>": 0.8 }, subjects?: { "<address>":
 * ["spam"] } }`. Throws JUDGE_ANSWER, without the URL, where there is no answer, or not a score for each student.
 * SIDE EFFECTS: one POST.
 */
export async function askJudge(url: string, record: RoundRecord): Promise<Judgement> {
  const body = JSON.stringify({
    plan: record.id,
    round: String(record.roundId),
    difficulty: record.difficulty,
    teacher: record.teacher.address,
    students: record.students.map(({ address }) => address),
    validators: record.validators.map(({ address }) => address),
  });
  return readJudgement(await post(url, body), record);
}

async function post(url: string, body: string): Promise<unknown> {
  try {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) });
    if (answer.status !== 200) throw wrong(`it answered with HTTP ${answer.status}`);
    return JSON.parse(await textOf(answer)) as unknown;
  } catch (error) {
    // Messages of such errors may hold the URL, and with it a secret.
    throw error instanceof MooringError ? error : wrong(`it gave no JSON in time (${(error as Error).name})`);
  }
}

/** No more of it than the limit is ever held. */
async function textOf({ body }: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body ?? []) {
    size += part.length;
    if (size > longestAnswer) throw wrong(`it answered with more than ${longestAnswer} bytes`);
    parts.push(part);
  }
  return new TextDecoder().decode(Buffer.concat(parts));
}

/** Throws JUDGE_ANSWER. */
export function readJudgement(value: unknown, { students, validators }: Pick<RoundRecord, 'students' | 'validators'>): Judgement {
  const { scores, subjects = {} } = fieldsOf(value, 'the answer');
  const given = new Map(Object.entries(fieldsOf(scores, 'scores')).map(([address, score]) => [address.toLowerCase(), score]));
  const found = new Map<string, number>();
  for (const { address } of [...students, ...validators]) {
    const score = given.get(address.toLowerCase());
    if (score === undefined && validators.some((other) => other.address === address)) continue;
    if (typeof score !== 'number' || !(score >= 0 && score <= 1)) throw wrong(`it has no score from 0 to 1 for ${address}`);
    found.set(address.toLowerCase(), score);
  }
  const done = Object.entries(fieldsOf(subjects, 'subjects')).map(([address, list]) => [address.toLowerCase(), textsOf(list, address)] as const);
  return { scores: found, subjects: new Map(done) };
}

function fieldsOf(value: unknown, what: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw wrong(`${what} is not an object`);
}

function textsOf(value: unknown, address: string): string[] {
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value as string[];
  throw wrong(`the subjects of ${address.slice(0, 60)} are not a list of texts`);
}

function wrong(why: string): MooringError {
  return new MooringError('JUDGE_ANSWER', `the judge can not be followed: ${why}`, {
    fix: 'The round stays closed and unpaid. Mend the judge (judge in loops/arena.yaml) and run it again: it goes on there.',
  });
}
