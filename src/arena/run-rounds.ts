// Several rounds, one after another: first what an earlier process left, then those of the seed that there aren't yet. Before
// each new one the chain is asked whether anything is paused; then none is started.
import { MooringError } from '../errors.ts';
import type { ArenaSettings } from '../loop-types.ts';
import type { Address, ChainReader } from '../types.ts';
import { logLine } from './log-line.ts';
import { planRound } from './plan-round.ts';
import { type Gate, type GateTargets, readGate } from './read-gate.ts';
import { countMisconduct } from './read-round.ts';
import { recount } from './recount.ts';
import type { RoundFiles } from './round-files.ts';
import { isEnded, type RoundRecord } from './round-record.ts';
import { type CallSender, runRound } from './run-round.ts';
import { countResults, reconcileSlashes, type SlashChange } from './scoreboard.ts';
import type { Judgement, ModerationPolicy } from './verdict.ts';

/** What the monitoring hears of. */
export type Notice = { severity: 'info' | 'warning' | 'critical'; reason: string; message: string; key: string };

export type RunsInput = {
  chain: ChainReader;
  chainId: bigint;
  targets: GateTargets;
  /** Where the arena's event history starts. */
  fromBlock: bigint;
  sender: CallSender;
  settings: ArenaSettings;
  policy: ModerationPolicy;
  judge(record: RoundRecord): Promise<Judgement>;
  files: RoundFiles;
  /** Never throws. */
  notify(notice: Notice): Promise<void>;
  /** One line for people, a round each; and its record, as far as it has come. */
  print(line: string, record: RoundRecord): void;
  /** Milliseconds since the epoch. */
  now(): number;
};

/**
 * Runs the rounds 1 to `rounds` of a seed. A round is started once for ever, however often this is called. Throws ARENA_GATED
 * where something is paused, with what was done before it kept; SCOREBOARD_CORRUPT and ROUND_RECORD_CORRUPT before anything is
 * sent; what `runRound` throws. SIDE EFFECTS: transactions, files, notices.
 */
export async function runRounds(input: RunsInput, { seed, rounds }: { seed: string; rounds: number }): Promise<void> {
  const { files, print } = input;
  recountRounds(input);
  for (const left of files.rounds().filter((record) => !isEnded(record))) await goOn(input, left);
  for (let n = 1; n <= rounds; n++) {
    const id = `${seed}-${n}`;
    const before = files.rounds();
    const there = before.find((record) => record.id === id);
    if (there !== undefined) {
      print(`round ${id}: done before`, there);
      continue;
    }
    const gate = await readGate(input.chain, input.targets);
    if (gate.closed.length > 0) throw await gated(input, id, gate.closed);
    const { settings, targets, chainId, now } = input;
    const planned = planRound({ id, seed, settings, before, gate, arena: targets.arena, chainId, now: now() });
    if ('why' in planned) throw new MooringError('ROUND_ENTRY', `round ${id} can not be planned: ${planned.why}`, { fix: 'Look at loops/arena.yaml.' });
    files.keep(planned);
    await goOn(input, planned);
  }
}

/**
 * Counts what a board that was put back lacks of the rounds that have ended. Returns the ids of those rounds.
 * Throws SCOREBOARD_CORRUPT, ROUND_RECORD_CORRUPT, ROUND_FOREIGN. SIDE EFFECTS: writes the scoreboard, and says so in the log.
 */
export function recountRounds(input: Pick<RunsInput, 'files' | 'now' | 'chainId'> & { targets: { arena: Address } }): string[] {
  const { files, now } = input;
  const [before, rounds] = [files.board(), files.rounds()];
  for (const record of rounds) checkPlace(input, record);
  const { board, counted } = recount(before, rounds, Math.floor(now() / 1_000));
  files.keepBoard(board);
  const message = 'the scoreboard lacked it: counted again from its record';
  for (const round of counted) files.log(logLine(now(), { level: 'warn', event: 'round_recounted', round, message }));
  return counted;
}

function checkPlace({ targets, chainId }: Parameters<typeof recountRounds>[0], record: RoundRecord): void {
  if (record.arena === targets.arena && record.chainId === chainId) return;
  throw new MooringError('ROUND_FOREIGN', `round ${record.id} belongs to the arena ${record.arena} on chain ${record.chainId}`, {
    fix: 'Use another folder (--dir) for another arena.',
  });
}

/** Takes one round to its end. Throws ARENA_GATED where a pause stops it. */
async function goOn(input: RunsInput, record: RoundRecord): Promise<void> {
  // Planned, and surely not sent: as good as a new one.
  const gate = record.stage === 'planned' && !input.sender.knows(`${record.id}/start`) ? await readGate(input.chain, input.targets) : null;
  if (gate !== null && gate.closed.length > 0) throw await gated(input, record.id, gate.closed);
  const end = await runRound(record, portsOf(input, record)).catch((error: unknown) => failed(input, record.id, error));
  input.print(`round ${record.id}: ${outcomeOf(end.record)}${end.waits === null ? '' : `, waits: ${end.waits}`}`, end.record);
  await tellRound(input, end.record);
  if (end.waits !== null) throw await gated(input, record.id, [end.waits]);
}

function portsOf(input: RunsInput, record: RoundRecord): Parameters<typeof runRound>[1] {
  const { files, now } = input;
  const others = files.rounds().filter(({ id }) => id !== record.id);
  const spent = others.filter(({ seed }) => seed === record.seed).flatMap(({ slashes }) => slashes.filter(({ state }) => state !== 'refused'));
  return {
    ...input,
    slashed: spent.reduce((sum, { amount }) => sum + amount, 0n),
    paused: async () => (await readGate(input.chain, input.targets)).closed.filter((why) => why !== 'expansions paused'),
    keep: (next) => files.keep(next),
    count: (results) => files.keepBoard(countResults(files.board(), results, Math.floor(now() / 1_000))),
    reconcile: () => reconcile(input),
    log: (line) => files.log(line),
  };
}

/** Takes the number of slashes from the chain. Throws LOGS_INCOMPLETE, RPC_*. SIDE EFFECTS: writes the scoreboard. */
export async function reconcile(input: Pick<RunsInput, 'chain' | 'fromBlock' | 'files' | 'now'> & { targets: { arena: Address } }): Promise<SlashChange[]> {
  const counts = await countMisconduct({ chain: input.chain, arena: input.targets.arena }, input.fromBlock);
  const { board, changes } = reconcileSlashes(input.files.board(), counts, Math.floor(input.now() / 1_000));
  if (changes.length > 0) input.files.keepBoard(board);
  return changes;
}

function outcomeOf({ stage, roundId, verdict, students, difficulty, slashes }: RoundRecord): string {
  const delta = verdict?.difficultyDelta ?? 0;
  const judged = verdict === null ? '' : `, ${verdict.winners.length} of ${students.length} won, difficulty ${difficulty} (${delta > 0 ? '+' : ''}${delta})`;
  const slashed = slashes.map(({ validator, state, cause }) => `, ${validator} ${state === 'done' ? 'slashed' : `to be slashed (${state})`}: ${cause}`);
  return `#${roundId ?? '?'} ${stage === 'done' ? 'finalised' : stage}${judged}${slashed.join('')}`;
}

async function tellRound({ notify }: RunsInput, record: RoundRecord): Promise<void> {
  const message = `round ${record.id}: ${outcomeOf(record)}`;
  const slashed = record.slashes.map(({ cause }) => cause);
  const reason = record.stage === 'done' ? (slashed[0] ?? 'round_finalised') : `round_${record.stage}`;
  await notify({ severity: record.stage === 'done' && slashed.length === 0 ? 'info' : 'warning', reason, message, key: record.id });
}

/** Tells why a round could not be gone on with, and throws that. */
async function failed({ files, notify, now }: RunsInput, id: string, error: unknown): Promise<never> {
  // Other errors may hold anything.
  const why = error instanceof MooringError ? `${error.code}: ${error.message}` : 'an error of Mooring itself';
  const message = `round ${id} failed: ${why}`;
  files.log(logLine(now(), { level: 'error', event: 'round_failed', round: id, message }));
  await notify({ severity: 'critical', reason: 'round_failed', message, key: id });
  throw error;
}

async function gated({ files, notify, now }: RunsInput, id: string, closed: Gate['closed']): Promise<MooringError> {
  const message = `no round is started or gone on with: ${closed.join(', ')}`;
  files.log(logLine(now(), { level: 'warn', event: 'round_gated', round: id, message }));
  await notify({ severity: 'warning', reason: 'round_gated', message, key: id });
  return new MooringError('ARENA_GATED', `round ${id}: ${message}`, { fix: 'Run it again when it is resumed: it goes on where it stopped.' });
}
