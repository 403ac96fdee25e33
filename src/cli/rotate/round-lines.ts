// What those who hold a role have done in rounds: the scoreboard and the receipts of runs, beside the chain's history of them.

import { relative } from 'node:path';
import { unprintable } from '../../acts.ts';
import { readPastRounds, roundsOf } from '../../arena/past-rounds.ts';
import type { AccessRow } from '../../render/access-text.ts';
import { count, type Lexicon, paint, showAddress } from '../../render/lexicon.ts';
import { table } from '../../render/table.ts';
import { arenaPlace } from '../arena/place.ts';
import type { Context, Options } from '../command.ts';

/** SIDE EFFECTS: reads the folder of the arena's off-chain side. */
export function roundLines({
  context,
  options,
  holders,
  lexicon,
}: {
  context: Context;
  options: Options;
  holders: readonly AccessRow[];
  lexicon: Lexicon;
}): string[] {
  const { folder } = arenaPlace(context, options);
  const shown = relative(context.cwd, folder) || '.';
  const past = readPastRounds(folder);
  if (past === null) return [`No scoreboard and no receipts of rounds in ${shown} (--dir names another folder).`];
  const accounts = [...new Map(holders.map((row) => [row.account, row])).values()];
  const known = accounts.map(({ account, lastUsed }) => ({ account, rounds: roundsOf(past, account, lastUsed?.transaction ?? null) }));
  const told = known.filter(({ rounds: { score, entered, sent } }) => score !== null || entered.length > 0 || sent !== null);
  const rows = told.map(({ account, rounds }) => [showAddress(lexicon, account), ...words(rounds)]);
  const unread = past.unread.map((why) => `  not read: ${why.replace(unprintable, '\uFFFD')}`);
  if (rows.length === 0) return ['The scoreboard and the receipts of rounds know none of them.', ...unread];
  return [paint(lexicon, 'bold', 'In rounds, by the scoreboard and the receipts:'), ...table(rows), ...unread];
}

function words({ score, entered, sent }: ReturnType<typeof roundsOf>): string[] {
  const told = score === null ? 'no line on the scoreboard' : `${score.wins} won, ${score.losses} lost, slashed ${count(score.slashes, 'time')}`;
  const latest = entered.at(-1);
  const took = latest === undefined ? 'played in no round' : `played in ${count(entered.length, 'round')}, lately ${latest}`;
  return [told, took, sent === null ? '' : `its last transaction was of round ${sent}`];
}
