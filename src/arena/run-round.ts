// One round, from its plan to its end, stage by stage. What is done is recorded before the next thing is begun; whatever the
// chain shows as done is not done again. So it can be cut off anywhere and gone on with.
import { MooringError } from '../errors.ts';
import type { ArenaSettings } from '../loop-types.ts';
import type { Address, ChainReader, Hex, Log } from '../types.ts';
import { closeData, entryData, finaliseData, misconductData, payoutsIn, startData, startedIn } from './arena-abi.ts';
import { type LogLine, logLine, slashLine } from './log-line.ts';
import { findMisconduct, findStart, readRound } from './read-round.ts';
import { lossesOf, winsOf } from './recount.ts';
import { isEnded, type RoundRecord, type Slash, type Stage } from './round-record.ts';
import type { Result } from './scoreboard.ts';
import { type Judgement, judgeRound, type ModerationPolicy } from './verdict.ts';

export type ArenaCall = { id: string; to: Address; data: Hex };
/** A transaction as it was mined, at the configured depth; `error` says why one failed. */
export type Mined = { hash: Hex; block: bigint; success: boolean; logs: readonly Log[]; error: string | null };

/**
 * Port: sends each call once, told by its id. One that would revert is refused with PREFLIGHT_REVERT, and nothing signed; one
 * that has reverted may be sent again. `knows`: it has succeeded, or may still.
 */
export type CallSender = { address: Address; knows(id: string): boolean; send(call: ArenaCall): Promise<Mined> };

export type RoundPorts = {
  chain: ChainReader;
  sender: CallSender;
  settings: ArenaSettings;
  policy: ModerationPolicy;
  judge(record: RoundRecord): Promise<Judgement>;
  /** What all earlier slashes of the seed took, in token wei. */
  slashed: bigint;
  /** What is paused now, in words. */
  paused(): Promise<readonly string[]>;
  /** On disk when it returns. */
  keep(record: RoundRecord): void;
  count(results: readonly Result[]): void;
  /** Takes the scoreboard's slashes from the chain. */
  reconcile(): Promise<unknown>;
  log(line: LogLine): void;
  /** Milliseconds since the epoch. */
  now(): number;
};

/** `waits`: what keeps it from going on, in words; null where it has ended. */
export type RoundEnd = { record: RoundRecord; waits: string | null };

type Work = { record: RoundRecord; readonly ports: RoundPorts };

const stages: Readonly<Record<Exclude<Stage, 'done' | 'abandoned'>, (work: Work) => Promise<void>>> = {
  planned: start,
  started: fill,
  closed: judge,
  judged: settle,
  finalised: finish,
};

/**
 * Takes a round as far as it goes: to its end, or to where a pause stops it. Throws what the chain, the judge and the disk
 * refuse with; then it can be gone on with later. SIDE EFFECTS: sends transactions, keeps the record, counts, logs.
 */
export async function runRound(record: RoundRecord, ports: RoundPorts): Promise<RoundEnd> {
  const work: Work = { record, ports };
  while (!isEnded(work.record)) {
    try {
      await stages[work.record.stage as keyof typeof stages](work);
    } catch (error) {
      const paused = isRevert(error) ? await ports.paused() : [];
      if (paused.length === 0) throw error;
      tell(work, { level: 'warn', event: 'round_waits', message: `round ${work.record.id} waits at ${work.record.stage}: ${paused.join(', ')}` });
      return { record: work.record, waits: paused.join(', ') };
    }
  }
  return { record: work.record, waits: null };
}

function isRevert(error: unknown): error is MooringError {
  return error instanceof MooringError && error.code === 'PREFLIGHT_REVERT';
}

async function start(work: Work): Promise<void> {
  const { record, ports } = work;
  const data = startData(record);
  const id = `${record.id}/start`;
  // Sent by a process whose journal is lost: the chain still knows.
  const search = { data, from: ports.sender.address, fromBlock: record.fromBlock };
  const found = ports.sender.knows(id) ? null : await findStart(on(work), search);
  const roundId = found ?? startedIn((await transact(work, 'start', data)).logs, record.arena);
  if (roundId === null) throw foreign(record, 'its start shows no RoundStarted');
  save(work, { stage: 'started', roundId });
  tell(work, { event: 'round_started', message: `round ${record.id} is #${roundId}, difficulty ${record.difficulty}` });
}

/** Enters who isn't yet, and closes. */
async function fill(work: Work): Promise<void> {
  const { record } = work;
  const round = await ownRound(work);
  if (round.closedAt === 0n) {
    for (const { address } of record.students) if (!includes(round.students, address)) await enter(work, 'student', address);
    for (const { address } of record.validators) if (!includes(round.validators, address)) await enter(work, 'validator', address);
    await transact(work, 'close', closeData(idOf(work)));
  }
  const now = await ownRound(work);
  const students = record.students.filter(({ address }) => includes(now.students, address));
  save(work, {
    stage: students.length === 0 ? 'abandoned' : 'closed',
    students,
    validators: record.validators.filter(({ address }) => includes(now.validators, address)),
  });
  if (students.length === 0) abandon(work);
}

function abandon(work: Work): void {
  save(work, { completedAt: work.ports.now() });
  tell(work, {
    level: 'error',
    event: 'round_abandoned',
    message: `round ${work.record.id} failed: it has no students, so it is not finalised and nobody is paid`,
  });
}

/** One who can't be entered is left out, and keeps nobody else from it. */
async function enter(work: Work, role: 'student' | 'validator', account: Address): Promise<void> {
  const entrant = (role === 'student' ? work.record.students : work.record.validators).find(({ address }) => address === account);
  if (entrant === undefined) return;
  try {
    await transact(work, `${role}/${account}`, entryData(role, idOf(work), entrant));
  } catch (error) {
    if (!isRevert(error) || (await work.ports.paused()).length > 0) throw error;
    const known = work.record.leftOut.filter((other) => other.account !== account);
    save(work, { leftOut: [...known, { account, why: error.message }] });
    tell(work, { level: 'warn', event: 'entry_refused', message: `${role} ${entrant.name} can not be entered: ${error.message}` });
  }
}

async function judge(work: Work): Promise<void> {
  const { record, ports } = work;
  const judgement = await ports.judge(record);
  const { settings, policy, slashed } = ports;
  save(work, { stage: 'judged', ...judgeRound(record, { judgement, settings, policy, slashed, now: ports.now() }) });
}

/** Losses and slashes do not wait for the payment, which a pause may hold up; wins do. */
async function settle(work: Work): Promise<void> {
  const { record, ports } = work;
  const { winners = [], losers = [], difficultyDelta = 0 } = record.verdict ?? {};
  ports.count(lossesOf(record));
  for (const slash of record.slashes) await report(work, slash);
  if (work.record.slashes.some(({ state }) => state === 'done')) await ports.reconcile();
  let round = await ownRound(work);
  const mined = round.finalised ? null : await transact(work, 'finalise', finaliseData(idOf(work), winners, difficultyDelta));
  round = await ownRound(work);
  // The chain's winners, should somebody have finalised it by hand.
  const verdict = { scores: {}, losers, difficultyDelta, ...record.verdict, winners: round.winners };
  save(work, { stage: 'finalised', verdict, payouts: mined === null ? {} : payoutsIn(mined.logs, record.arena, round) });
}

async function report(work: Work, before: Slash): Promise<void> {
  if (before.told) return;
  const slash = before.state === 'due' ? { ...before, ...(await slashNow(work, before)) } : before;
  if (slash.state === 'due') return;
  work.ports.log(slashLine(idOf(work), slash));
  const logs = [...work.record.logs, `validator slashed: ${slash.cause}${slash.why === null ? '' : ` (not sent: ${slash.why})`}`];
  save(work, { logs, slashes: work.record.slashes.map((other) => (other.validator === slash.validator ? { ...slash, told: true } : other)) });
}

/** Only where the account may, which the chain is asked. On an arena that takes no slash while paused it stays due. */
async function slashNow(work: Work, { validator, amount, recipient, cause }: Slash): Promise<Pick<Slash, 'state' | 'transaction' | 'why'>> {
  const { record, ports } = work;
  const roundId = idOf(work);
  const reason = `${cause} (${record.id})`;
  const step = `slash/${validator}`;
  const known = ports.sender.knows(`${record.id}/${step}`);
  const found = known ? null : await findMisconduct(on(work), { roundId, validator, reason, fromBlock: record.fromBlock });
  if (found !== null) return { state: 'done', transaction: found, why: null };
  try {
    const { hash } = await transact(work, step, misconductData({ roundId, validator, amount, recipient, reason }));
    return { state: 'done', transaction: hash, why: null };
  } catch (error) {
    if (!isRevert(error)) throw error;
    if ((await ports.paused()).length > 0) return { state: 'due', transaction: null, why: error.message };
    return { state: 'refused', transaction: null, why: error.message };
  }
}

async function finish(work: Work): Promise<void> {
  const { record, ports } = work;
  ports.count(winsOf(record));
  tell(work, { event: 'round_finalised', message: `round ${record.id} (#${record.roundId}) is finalised, ${record.verdict?.winners.length ?? 0} won` });
  save(work, { stage: 'done', completedAt: ports.now() });
}

/** SIDE EFFECTS: sends, and keeps what was mined. Throws PREFLIGHT_REVERT also for one that was mined and failed. */
async function transact(work: Work, name: string, data: Hex): Promise<Mined> {
  const { record, ports } = work;
  const startedAt = ports.now();
  const mined = await ports.sender.send({ id: `${record.id}/${name}`, to: record.arena, data });
  if (!mined.success) throw new MooringError('PREFLIGHT_REVERT', `${name} of round ${record.id} failed: ${mined.error}`, { fix: 'Run it again.' });
  const step = { name, hash: mined.hash, block: mined.block, startedAt, completedAt: ports.now() };
  if (record.steps.every(({ hash }) => hash !== mined.hash)) save(work, { steps: [...work.record.steps, step] });
  return mined;
}

/** The round on chain. Throws ROUND_FOREIGN where it is another's. */
async function ownRound(work: Work): Promise<Awaited<ReturnType<typeof readRound>>> {
  const { record } = work;
  const round = await readRound(on(work), idOf(work));
  const { teacher, difficulty } = record;
  if (round.teacher === teacher.address && round.teacherJobId === teacher.job && round.difficulty === BigInt(difficulty)) return round;
  throw foreign(record, `it has the teacher ${round.teacher}, job ${round.teacherJobId} and difficulty ${round.difficulty}`);
}

function foreign({ id, roundId }: RoundRecord, why: string): MooringError {
  return new MooringError('ROUND_FOREIGN', `round ${id}, #${roundId} on chain, is not what was planned: ${why}`, {
    fix: 'If this is a development chain that was started anew, move the folder of rounds away. Otherwise look at who else runs rounds with this key.',
  });
}

function on({ record, ports }: Work): { chain: ChainReader; arena: Address } {
  return { chain: ports.chain, arena: record.arena };
}

function idOf({ record }: Work): bigint {
  return record.roundId ?? 0n;
}

function includes(accounts: readonly Address[], account: Address): boolean {
  return accounts.some((other) => other.toLowerCase() === account.toLowerCase());
}

function save(work: Work, patch: Partial<RoundRecord>): void {
  work.record = { ...work.record, ...patch };
  work.ports.keep(work.record);
}

function tell(work: Work, line: Pick<LogLine, 'event' | 'message'> & { level?: LogLine['level'] }): void {
  const { record, ports } = work;
  ports.log(logLine(ports.now(), { ...line, round: record.roundId === null ? record.id : String(record.roundId) }));
  save(work, { logs: [...record.logs, line.message] });
}
