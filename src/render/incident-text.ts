// An incident for a terminal: its timeline, what is paused and by whom, and which contracts it seems to touch. Pure.
import { formatTime } from '../format.ts';
import type { Author, IncidentEntry, IncidentRecord } from '../types.ts';
import { type Lexicon, nameAddresses, paint, showAddress } from './lexicon.ts';
import { table } from './table.ts';

export type IncidentShown = {
  environment: string;
  record: IncidentRecord;
  timeline: readonly IncidentEntry[];
  /** What was done before it was shown, in lines. */
  notes: readonly string[];
  affected: readonly { contract: string; why: readonly string[] }[];
  signs: readonly { what: string; text: string; from: string; line: number; count: number }[];
  /** Null: the chain could not be asked, for this reason. */
  live: {
    paused: readonly { contract: string; field: string; partly: boolean; author: Author | null }[];
    unread: readonly string[];
    /** Of an incident that nothing has resumed. */
    running: readonly string[];
    drift: { status: string; differing: readonly string[] };
  } | null;
  unknown: string | null;
};

export function incidentText(shown: IncidentShown, lexicon: Lexicon): string {
  const { environment, record, timeline, notes } = shown;
  const state = record.closed === null ? paint(lexicon, 'red', 'open') : `closed ${formatTime(record.closed.at)} by ${record.closed.by}`;
  const lines = [
    `Incident ${record.id} (${environment}): ${record.title}, ${state}`,
    ...table([
      ['about', record.components.map(({ name }) => name).join(', ')],
      ['opened', `${formatTime(record.at)} by ${record.by}`],
      ...(record.issue === null ? [] : [['issue', `#${record.issue}`]]),
    ]),
    ...section(
      lexicon,
      'Timeline',
      inOrder(timeline).map(({ at, what, text, by }) => [at.replace(/\.\d+Z$/, 'Z'), what, nameAddresses(text, lexicon), nameAddresses(by, lexicon)]),
    ),
    ...liveLines(shown, lexicon),
    ...section(
      lexicon,
      'Affected, as far as alerts, logs and the chain tell',
      shown.affected.map(({ contract, why }) => [contract, why.join(', ')]),
    ),
    ...section(lexicon, 'Failed rounds and reverted transactions', shown.signs.filter(({ what }) => what !== 'reason').map(signCells)),
    ...(notes.length === 0 ? [] : ['', ...notes]),
  ];
  return `${lines.join('\n')}\n`;
}

function liveLines({ environment, live, unknown }: IncidentShown, lexicon: Lexicon): string[] {
  if (live === null) return ['', paint(lexicon, 'yellow', `The chain could not be asked: ${unknown}`)];
  const paused = live.paused.map(({ contract, field, partly, author }) => [`${contract}.${field}`, partly ? 'partly' : 'paused', authorText(author, lexicon)]);
  const { status, differing } = live.drift;
  const running = paint(lexicon, 'red', `RUNNING although it is open: ${live.running.join(', ')}. To pause: mooring incident pause --env ${environment}`);
  return [
    ...(live.running.length === 0 ? [] : ['', running]),
    ...section(lexicon, 'Paused now', [...paused, ...live.unread.map((place) => [place, 'could not be read'])]),
    '',
    `Git and chain: ${status}${differing.length === 0 ? '' : `, ${differing.join(', ')}`}`,
  ];
}

function authorText(author: Author | null, lexicon: Lexicon): string {
  if (author === null) return 'by whom, no event tells';
  return `since ${formatTime(author.timestamp)} by ${author.senderName ?? showAddress(lexicon, author.sender)}, in ${author.transaction}`;
}

function signCells({ what, text, from, line, count }: IncidentShown['signs'][number]): string[] {
  return [what, `${text}${count > 1 ? ` (${count} times)` : ''}`, line === 0 ? from : `${from}:${line}`];
}

function section(lexicon: Lexicon, title: string, rows: readonly (readonly string[])[]): string[] {
  return rows.length === 0 ? [] : ['', paint(lexicon, 'bold', `${title}:`), ...table(rows)];
}

/** By time: a pause is recorded after it was made. */
export function inOrder(timeline: readonly IncidentEntry[]): IncidentEntry[] {
  return [...timeline].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}
