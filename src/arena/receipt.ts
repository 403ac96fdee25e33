// The receipt of a round in the reference's form, made from its record alone. Pure.
import { isEnded, type RoundRecord } from './round-record.ts';
import type { Scoreboard } from './scoreboard.ts';

type State = 'pending' | 'running' | 'completed' | 'failed';

const order = ['planned', 'started', 'closed', 'judged', 'finalised', 'done'] as const;
const kinds = { start: 'chain', register: 'chain', close: 'chain', judge: 'evaluation', finalise: 'chain', score: 'record' } as const;
type Name = keyof typeof kinds;
/** The stage that each step leads to. */
const leadsTo = { start: 'started', register: 'closed', close: 'closed', judge: 'judged', finalise: 'finalised', score: 'done' } as const;

/** Times in seconds since the epoch; whole numbers of tokens' units, blocks and rounds as text. As JSON. */
export function formatReceipt(record: RoundRecord, board: Scoreboard): string {
  const state: State = record.stage === 'abandoned' ? 'failed' : record.stage === 'done' ? 'completed' : record.stage === 'planned' ? 'pending' : 'running';
  const steps = (Object.keys(kinds) as Name[]).map((name) => stepOf(record, name));
  const run = {
    id: record.id,
    plan_id: record.id,
    state,
    created_at: seconds(record.plannedAt),
    started_at: seconds(record.steps[0]?.startedAt ?? null),
    completed_at: seconds(record.completedAt),
    est_budget: record.budget === null ? null : String(record.budget),
  };
  const current = isEnded(record) ? null : (steps.find((step) => step.state !== 'completed')?.id ?? null);
  return `${JSON.stringify({ run, steps, current, logs: record.logs, receipts: isEnded(record) ? receiptsOf(record, { board, state }) : null }, null, 2)}\n`;
}

function stepOf(record: RoundRecord, name: Name): { id: string; name: Name; kind: string; state: State } & Record<string, unknown> {
  const own = record.steps.filter((step) => (name === 'register' ? /^(student|validator)\//.test(step.name) : step.name === name));
  const reached = record.stage === 'abandoned' ? 'closed' : record.stage;
  const isDone = order.indexOf(reached) >= order.indexOf(leadsTo[name]);
  return {
    id: `${record.id}/${name}`,
    name,
    kind: kinds[name],
    state: isDone ? 'completed' : own.length > 0 ? 'running' : record.stage === 'abandoned' ? 'failed' : 'pending',
    started_at: seconds(own[0]?.startedAt ?? null),
    completed_at: seconds(own.at(-1)?.completedAt ?? null),
    message: messageOf(record, name),
  };
}

function messageOf({ roundId, students, validators, leftOut, verdict }: RoundRecord, name: Name): string {
  if (name === 'start') return roundId === null ? '' : `round ${roundId}`;
  if (name === 'register') return `${students.length} students, ${validators.length} validators${leftOut.length === 0 ? '' : `, ${leftOut.length} left out`}`;
  return name === 'judge' && verdict !== null ? `${verdict.winners.length} won, difficulty ${signed(verdict.difficultyDelta)}` : '';
}

function receiptsOf(record: RoundRecord, { board, state }: { board: Scoreboard; state: State }) {
  const people = new Set([...record.students, ...record.validators].map(({ address }) => address.toLowerCase()));
  return {
    plan_id: record.id,
    job_id: String(record.teacher.job),
    txes: [...record.steps.map(({ hash }) => hash), ...record.slashes.flatMap(({ transaction }) => transaction ?? [])].filter(
      (hash, i, all) => all.indexOf(hash) === i,
    ),
    cids: [],
    payouts: Object.fromEntries(Object.entries(record.payouts).map(([address, amount]) => [address, String(amount)])),
    timings: {
      completed_at: seconds(record.completedAt),
      scoreboard: Object.fromEntries([...board].filter(([agent]) => people.has(agent.toLowerCase()))),
      events: record.steps.map(({ name, hash, block }) => ({ name, transaction: hash, block: String(block) })),
      state,
    },
  };
}

function seconds(milliseconds: number | null): number | null {
  return milliseconds === null ? null : milliseconds / 1_000;
}

function signed(value: number): string {
  return value > 0 ? `+${value}` : String(value);
}
