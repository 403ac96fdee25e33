// The issue on an environment's drift: each difference with its author, and a choice that opens a pull request. Pure.
import { formatTime } from '../format.ts';
import type { Author, DriftItem, DriftReport } from '../types.ts';
import { changeRow, moveWords, riskWord } from './change-row.ts';
import { callWords } from './drift-text.ts';
import { count, groupDigits, type Lexicon } from './lexicon.ts';
import { code, prose } from './markdown.ts';

export type Choice = 'adopt' | 'revert' | 'ignore' | 'lift';

/** A pull request that is open for a choice, by `choiceKey`. */
export type Opened = ReadonlyMap<string, { number: number }>;

export function choiceKey(choice: Choice, id: string): string {
  return `${choice} ${id}`;
}

const offered: Readonly<Record<DriftItem['status'], readonly Choice[]>> = {
  drifted: ['adopt', 'revert', 'ignore'],
  emergency: ['adopt', 'lift'],
  pending: [],
  unknown: [],
  ignored: [],
};

const words: Readonly<Record<Choice, string>> = {
  adopt: 'Adopt: write the live value into YAML',
  revert: 'Revert: send what git says',
  ignore: 'Ignore for two weeks: whoever this issue is assigned to answers for it',
  lift: 'Lift: reverse it, by naming its transaction in lifts.yaml',
};

export function driftTitle({ environment, items }: DriftReport): string {
  const emergencies = items.filter(({ status }) => status === 'emergency').length;
  const drifted = items.filter(({ status }) => status === 'drifted').length;
  const parts = [...(drifted === 0 ? [] : [`${count(drifted, 'difference')}`]), ...(emergencies === 0 ? [] : [count(emergencies, 'emergency measure')])];
  return `Drift in ${environment}: ${parts.length === 0 ? 'some of it could not be read' : parts.join(', ')}`;
}

const limit = 60_000;

/** Within GitHub's limit, by whole differences. */
export function driftIssue(report: DriftReport, { lexicon, marker, opened }: { lexicon: Lexicon; marker: string; opened: Opened }): string {
  const head = [marker, headline(report), ''].join('\n');
  const tail = `\nTick a box to open its pull request: the next run does. Nothing is sent before it is approved and merged.\n`;
  const parts: string[] = [];
  let left = limit - head.length - tail.length;
  const items = (['emergency', 'drifted', 'unknown', 'pending', 'ignored'] as const).flatMap((status) => report.items.filter((item) => item.status === status));
  for (const [i, item] of items.entries()) {
    const part = itemPart(item, { lexicon, opened });
    if (part.length + 100 > left) {
      parts.push(`\n_and ${count(items.length - i, 'difference')} more; ${code(`mooring drift --env ${report.environment}`)} lists them all._\n`);
      break;
    }
    parts.push(part);
    left -= part.length;
  }
  return `${head}${parts.join('\n')}${tail}`;
}

function headline({ environment, block }: DriftReport): string {
  return `The chain is not what git says of ${code(environment)}, seen at block ${groupDigits(block.number)}.`;
}

const titles: Readonly<Record<DriftItem['status'], string>> = {
  emergency: '🛑 emergency measure: no plan reverses it by itself',
  drifted: 'changed on the chain, not by git',
  unknown: 'could not be told',
  pending: 'declared in git, not sent yet',
  ignored: 'not taken for drift',
};

function itemPart(item: DriftItem, { lexicon, opened }: { lexicon: Lexicon; opened: Opened }): string {
  const { change, status, author, ignore } = item;
  const row = changeRow(change, lexicon);
  const sides =
    change.member === undefined || change.action === 'set'
      ? `git says ${code(row.desired)}, the chain says ${code(row.live)}`
      : `${code(moveWords(change, lexicon))} is what git asks for`;
  const lines = [
    `### ${prose(`${change.contract}.${change.field}`)}: ${titles[status]}`,
    `${sides}; sending what git says ${riskWord(change.risk)}.`,
    ...(author === null ? [] : authorItems(author, lexicon)),
    ...(ignore === undefined ? [] : [`- until ${formatTime(ignore.until)}, ${code(ignore.owner)}: ${prose(ignore.reason)}`]),
    '',
    ...offered[status].map((choice) => choiceLine(choice, change.id, opened)),
  ];
  return `\n${lines.join('\n').trimEnd()}\n`;
}

function authorItems(author: Author, lexicon: Lexicon): string[] {
  const who = author.senderName === null ? code(author.sender) : `${code(author.senderName)} (${code(author.sender)})`;
  const call = author.call === null ? 'a call that no known kind explains' : code(callWords(author.call, lexicon));
  const { explorer } = lexicon;
  const link = explorer === null ? code(author.transaction) : `[${author.transaction.slice(0, 12)}…](${explorer}${author.transaction})`;
  return [`- by ${who} at ${formatTime(author.timestamp)}, block ${groupDigits(author.block)}`, `- with ${call} in ${link}`];
}

function choiceLine(choice: Choice, id: string, opened: Opened): string {
  const pull = opened.get(choiceKey(choice, id));
  if (pull !== undefined) return `- ${words[choice]}: #${pull.number}`;
  // Neither `--` nor `>` may stand in an HTML comment.
  const json = JSON.stringify({ do: choice, id }).replaceAll('<', '\\u003c').replaceAll('>', '\\u003e').replaceAll('--', '\\u002d\\u002d');
  return `- [ ] ${words[choice]} <!-- mooring:choice ${json} -->`;
}

/** The boxes that somebody has ticked. */
export function tickedChoices(body: string): { choice: Choice; id: string }[] {
  const ticked = [...body.matchAll(/^\s*- \[[xX]\] .*<!-- mooring:choice (\{.*\}) -->\s*$/gm)];
  return ticked.flatMap(([, json = '']) => {
    try {
      const { do: choice, id } = JSON.parse(json) as { do?: unknown; id?: unknown };
      return typeof id === 'string' && typeof choice === 'string' && choice in words ? [{ choice: choice as Choice, id }] : [];
    } catch {
      return [];
    }
  });
}
