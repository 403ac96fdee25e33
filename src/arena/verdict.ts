// From scores to who has won, who is to be slashed, and how hard the next round is. The policy is an argument. Pure.
import type { ArenaSettings } from '../loop-types.ts';
import type { Address } from '../types.ts';
import { type Random, seededRandom } from './random.ts';
import type { RoundRecord, Slash, Verdict } from './round-record.ts';

/** What the judge says: scores from 0 to 1, and what somebody did, by lower-case address. */
export type Judgement = { scores: ReadonlyMap<string, number>; subjects: ReadonlyMap<string, readonly string[]> };

export type Judged = { role: 'student' | 'validator'; address: Address; score: number | null; subjects: readonly string[] };

/** Why somebody is to be sanctioned, or null: a student then can't win, a validator is slashed. */
export type ModerationPolicy = (judged: Judged) => string | null;

/** Listed agents and subjects are blocked; a validator whose score is too low is slashed. */
export function moderationOf({ moderation }: Pick<ArenaSettings, 'moderation'>): ModerationPolicy {
  const agents = new Set(moderation.agents.map((address) => address.toLowerCase()));
  const subjects = new Set(moderation.subjects.map((subject) => subject.toLowerCase()));
  return ({ role, address, score, subjects: done }) => {
    if (agents.has(address.toLowerCase()) || done.some((subject) => subjects.has(subject.toLowerCase()))) return 'moderation:block';
    const isLow = role === 'validator' && moderation.minScore !== null && score !== null && score < moderation.minScore;
    return isLow ? 'auto-slash:score' : null;
  };
}

export type Judging = { judgement: Judgement; settings: ArenaSettings; policy: ModerationPolicy; slashed: bigint; now: number };

const zero = `0x${'0'.repeat(40)}`;

/** `slashed`: what all earlier slashes of the seed took, in token wei. The amounts stay within what is left of the bound. */
export function judgeRound(record: RoundRecord, judging: Judging): { verdict: Verdict; slashes: Slash[] } {
  const { settings, policy } = judging;
  const students = record.students.map(({ address }) => judgedOf(judging, 'student', address));
  const validators = record.validators.map(({ address }) => judgedOf(judging, 'validator', address));
  const outcomes = students.map((student) => ({ student, why: policy(student) ?? ((student.score ?? 0) >= settings.winScore ? null : 'lost') }));
  const winners = outcomes.flatMap(({ student, why }) => (why === null ? [student.address] : []));
  const losers = outcomes.flatMap(({ student, why }) => (why === null ? [] : [{ agent: student.address, why }]));
  const known = [...students, ...validators].flatMap(({ address, score }) => (score === null ? [] : [[address, score] as const]));
  const difficultyDelta = deltaOf(record, { won: winners.length, settings });
  const causes = validators.flatMap((validator) => {
    const cause = policy(validator);
    return cause === null ? [] : [{ validator: validator.address, cause }];
  });
  return { verdict: { scores: Object.fromEntries(known), winners, losers, difficultyDelta }, slashes: slashesOf(causes, judging) };
}

function judgedOf({ judgement }: Judging, role: Judged['role'], address: Address): Judged {
  const key = address.toLowerCase();
  return { role, address, score: judgement.scores.get(key) ?? null, subjects: judgement.subjects.get(key) ?? [] };
}

/** Harder when more than the target have won, easier when fewer; never beyond the bounds. */
function deltaOf({ difficulty, targetBps, students }: RoundRecord, { won, settings }: { won: number; settings: ArenaSettings }): number {
  const { step, min, max } = settings.difficulty;
  const [rate, target] = [won * 10_000, targetBps * students.length];
  const wanted = rate > target ? difficulty + step : rate < target ? difficulty - step : difficulty;
  return Math.min(Math.max(wanted, min), max) - difficulty;
}

function slashesOf(causes: readonly { validator: Address; cause: string }[], { settings: { slash }, slashed, now }: Judging): Slash[] {
  const common = { transaction: null, told: false, at: now };
  if (slash === null) {
    const undecided = { ...common, amount: 0n, recipient: zero, state: 'refused', why: 'slash is not set in loops/arena.yaml' } as const;
    return causes.map((item) => ({ ...item, ...undecided }));
  }
  let left = slash.maxPerRun - slashed;
  return causes.map((item): Slash => {
    const slashOf = (amount: bigint) => ({ ...common, ...item, amount, recipient: slash.recipient });
    // People may still decide on the whole of it.
    if (left <= 0n) return { ...slashOf(slash.amount), state: 'refused', why: 'all that slash.maxPerRun allows is used up' };
    const amount = smaller(slash.amount, left);
    left -= amount;
    return { ...slashOf(amount), state: 'due', why: null };
  });
}

function smaller(a: bigint, b: bigint): bigint {
  if (a < b) return a;
  return b;
}

/** Scores drawn from the seed, for rehearsals without a judge: each agent has a skill, which a harder round lowers. */
export function seededJudgement({ id, seed, difficulty, students, validators }: RoundRecord): Judgement {
  const skillOf = (address: Address): Random => seededRandom(`${seed}/skill/${address.toLowerCase()}`);
  const luck = seededRandom(`${id}/luck`);
  const scores = students.map(({ address }): [string, number] => [address.toLowerCase(), clamp(skillOf(address)() * 0.6 + luck() * 0.5 - difficulty * 0.005)]);
  const calm = validators.map(({ address }): [string, number] => [address.toLowerCase(), clamp(0.8 + 0.2 * luck())]);
  return { scores: new Map([...scores, ...calm]), subjects: new Map() };
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}
