// mooring rewards: who gets what of a week's culture rewards, from the scoreboard.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Allocation, allocate, allocateAsReference, type SlashPenalty } from '../arena/rewards.ts';
import { parseScoreboard, type Scoreboard } from '../arena/scoreboard.ts';
import { readScoreboard } from '../arena/scoreboard-file.ts';
import { exitCodes, MooringError } from '../errors.ts';
import { decimalText } from '../format.ts';
import { rewardsText } from '../render/rewards-text.ts';
import { arenaPlace, put } from './arena/place.ts';
import { type RewardToken, writeSafeBatch } from './arena/write-safe-batch.ts';
import { type Command, type Context, flag, type Options, text } from './command.ts';
import { readNamedFile } from './read-named-file.ts';

const usualPenalty = '25%';
const usualDecimals = 18;

export const rewards: Command = {
  spec: {
    name: 'rewards',
    summary: 'share out culture rewards by the scoreboard, exactly',
    description: [
      'Agents with wins, most wins first, then by address; each gets total · wins / all wins. The amounts add up to the total to the last',
      'unit of the token. Each slash costs a part of an agent’s own share, which goes to those without a slash. Addresses are checked.',
      'Run `mooring arena reconcile` before: it takes the slashes from the chain. What is to be paid from a Safe is written with --safe-batch;',
      'a pull request can not pay anyone.',
    ],
    options: {
      total: { type: 'string', value: 'AMOUNT', required: true, description: 'what is shared out, in whole tokens: 1500 or 1500.5' },
      top: { type: 'string', value: 'N', required: true, description: 'how many agents at most' },
      scoreboard: { type: 'string', value: 'FILE', description: 'the scoreboard (default: storage/orchestrator/<env>/scoreboard.json)' },
      dir: { type: 'string', value: 'DIR', description: 'the folder of the scoreboard, where it is another' },
      output: { type: 'string', value: 'FILE', description: 'write the allocation there, as JSON' },
      'slash-penalty': { type: 'string', value: 'POLICY', description: `what a slash costs: none, exclude, or a share like ${usualPenalty} (default)` },
      decimals: { type: 'string', value: 'N', description: `decimals of the token (default: ${usualDecimals})` },
      reference: { type: 'boolean', description: 'reckon as the reference did: rounded to 4 decimals, slashes ignored' },
      'safe-batch': { type: 'string', value: 'FILE', description: 'write the transfers for the Safe’s transaction builder; reads the token on the chain' },
      token: { type: 'string', value: 'TOKEN', description: 'the token to transfer, by name or address; with --safe-batch' },
    },
    exits: ['badInput', 'indeterminate'],
    examples: [
      'mooring rewards --env local --total 1500 --top 8 --output culture_rewards.json',
      'mooring rewards --env local --total 1500 --top 8 --slash-penalty exclude --safe-batch payments.json --token token',
    ],
  },
  run,
};

async function run(context: Context, options: Options): Promise<number> {
  const board = readBoard(context, options);
  const terms = readTerms(options);
  const allocations = flag(options, 'reference') ? null : allocate(board, terms);
  const written = allocations === null ? referenceJson(board, options, context) : exactJson(allocations, { ...terms, context });
  const json = `${JSON.stringify(written, null, 2)}\n`;
  const token = allocations === null ? null : await writeSafeBatch({ context, options, allocations, decimals: terms.decimals });
  const output = text(options, 'output');
  if (output !== undefined) put(resolve(context.cwd, output), json);
  if (text(options, 'format') === 'json') context.stdout(json);
  else context.stdout(rewardsText({ ...written, penalty: penaltyText(options), batch: batchOf(options, token), output: output ?? null }));
  return exitCodes.done;
}

function readBoard(context: Context, options: Options): Scoreboard {
  const named = text(options, 'scoreboard');
  if (named === undefined) {
    const { scoreboard } = arenaPlace(context, options);
    if (existsSync(scoreboard)) return readScoreboard(scoreboard);
    throw new MooringError('FILE_MISSING', `there is no scoreboard ${scoreboard}`, { fix: 'name it with --scoreboard, or its folder with --dir' });
  }
  const board = parseScoreboard(readNamedFile(context.cwd, named, 'a scoreboard').toString('utf8'));
  if (!('why' in board)) return board;
  throw new MooringError('SCOREBOARD_CORRUPT', `${named}: ${board.why}`, { fix: 'Name another copy of it.' });
}

type Terms = { total: bigint; top: number; penalty: SlashPenalty; decimals: number };

/** Throws USAGE. */
function readTerms(options: Options): Terms {
  const decimals = wholeIn(options, 'decimals', { from: 0, to: 36, usual: usualDecimals });
  const top = wholeIn(options, 'top', { from: 1, to: 1_000_000, usual: 0 });
  const penalty = readPenalty(text(options, 'slash-penalty') ?? usualPenalty);
  const paired = (text(options, 'safe-batch') === undefined) === (text(options, 'token') === undefined);
  if (!paired) throw usage('--safe-batch and --token go together', 'name the file and the token');
  if (flag(options, 'reference') && ['slash-penalty', 'safe-batch'].some((name) => text(options, name) !== undefined))
    throw usage(
      '--reference takes neither --slash-penalty nor --safe-batch',
      'the reference ignores slashes, and its amounts don’t add up: pay the exact ones',
    );
  return { total: readTotal(text(options, 'total') ?? '', decimals), top, penalty, decimals };
}

function readTotal(written: string, decimals: number): bigint {
  const match = /^(\d{1,60})(?:\.(\d{1,36}))?$/.exec(written);
  const fraction = (match?.[2] ?? '').replace(/0+$/, '');
  if (match === null) throw usage(`--total is an amount of tokens, not ${JSON.stringify(written)}`, 'write 1500 or 1500.5');
  if (fraction.length > decimals) throw usage(`--total ${written} has more than ${decimals} decimals`, 'the token has no smaller part');
  const total = BigInt(`${match[1]}${fraction.padEnd(decimals, '0')}`);
  if (total === 0n) throw usage('--total is 0', 'write what is to be shared out');
  return total;
}

function readPenalty(written: string): SlashPenalty {
  if (written === 'none' || written === 'exclude') return { type: written };
  const match = /^(\d{1,3})(?:\.(\d{1,2}))?%$/.exec(written);
  const bps = match === null ? -1n : BigInt(`${match[1]}${(match[2] ?? '').padEnd(2, '0')}`);
  if (bps < 0n || bps > 10_000n) throw usage(`--slash-penalty is none, exclude or a share up to 100%, not ${JSON.stringify(written)}`, 'write 25%');
  return { type: 'share', bps };
}

function wholeIn(options: Options, name: string, { from, to, usual }: { from: number; to: number; usual: number }): number {
  const written = text(options, name);
  if (written === undefined) return usual;
  const value = /^\d{1,9}$/.test(written) ? Number(written) : -1;
  if (value < from || value > to) throw usage(`--${name} is a whole number from ${from} to ${to}, not ${JSON.stringify(written)}`, `write --${name} ${from}`);
  return value;
}

function usage(message: string, fix: string): MooringError {
  return new MooringError('USAGE', message, { fix });
}

/** Amounts are decimal text, in tokens: a number in JSON would lose digits. */
function exactJson(allocations: readonly Allocation[], { total, decimals, context }: Terms & { context: Context }) {
  const rows = allocations.map(({ address, wins, amount }) => ({ address, wins, amount: decimalText(amount, decimals) }));
  return { totalReward: decimalText(total, decimals), generatedAt: new Date(context.now()).toISOString(), allocations: rows };
}

function referenceJson(board: Scoreboard, options: Options, context: Context) {
  const total = Number(text(options, 'total'));
  const top = Number(text(options, 'top'));
  return { totalReward: total, generatedAt: new Date(context.now()).toISOString(), allocations: allocateAsReference(board, { total, top }) };
}

function penaltyText(options: Options): string {
  if (flag(options, 'reference')) return 'as the reference: slashes are ignored, amounts are rounded and may not add up';
  const written = text(options, 'slash-penalty') ?? usualPenalty;
  if (written === 'none') return 'slashes cost nothing';
  return written === 'exclude' ? 'slashed agents get nothing' : `each slash costs ${written} of an agent’s own share`;
}

function batchOf(options: Options, token: RewardToken | null): string | null {
  return token === null ? null : `${text(options, 'safe-batch')}, transfers of ${token.symbol} at ${token.address} on chain ${token.chainId}`;
}
