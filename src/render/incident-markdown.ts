// An incident in Markdown: its issue, what the wider team is told, and the page that links everything. Pure.
import { formatTime } from '../format.ts';
import type { IncidentEntry, IncidentRecord } from '../types.ts';
import { inOrder } from './incident-text.ts';
import { code, prose } from './markdown.ts';

export type IncidentView = { environment: string; record: IncidentRecord; timeline: readonly IncidentEntry[] };

export function incidentTitle({ environment, record }: Pick<IncidentView, 'environment' | 'record'>): string {
  return `Incident in ${environment}: ${record.title}`;
}

/** `marker`: by which it is found again. */
export function incidentIssue(view: IncidentView, marker: string): string {
  const { environment, record } = view;
  const resume = code(`mooring incident resume --env ${environment} ${record.id} --root-cause …`);
  return `${[marker, ...facts(view), '', `While it is open, nothing unpauses these contracts but the pull request of ${resume}.`, '', ...history(view)].join('\n')}\n`;
}

/** What the wider team is told. `paused`: what still is. */
export function communication(view: IncidentView, { rootCause, paused }: { rootCause: string | null; paused: readonly string[] }): string {
  const { environment, record } = view;
  const state = record.closed === null ? 'It is open.' : `It was closed on ${formatTime(record.closed.at)} by ${prose(record.closed.by)}.`;
  const lines = [
    `# ${prose(incidentTitle({ environment, record }))}`,
    '',
    ...facts(view),
    '',
    `Root cause: ${rootCause === null ? 'not recorded' : prose(rootCause)}.`,
    '',
    `${state} ${paused.length === 0 ? 'Nothing of it is paused any more.' : `Still paused: ${paused.map(code).join(', ')}${record.closed?.left == null ? '' : `, since ${prose(record.closed.left)}`}.`}`,
    '',
    ...history(view),
  ];
  return `${lines.join('\n')}\n`;
}

export type Linked = { text: string; to: string };

/** The one page. `links`: files beside it, and pull requests and the issue by their addresses, each group under its title. */
export function incidentPage(view: IncidentView, groups: readonly { title: string; links: readonly Linked[] }[]): string {
  const { environment, record } = view;
  const parts = groups.flatMap(({ title, links }) => [
    '',
    `## ${title}`,
    ...(links.length === 0 ? ['None.'] : links.map(({ text, to }) => `- [${prose(text)}](${encodeURI(to)})`)),
  ]);
  return `${[`# ${prose(incidentTitle({ environment, record }))}`, '', ...facts(view), ...parts, '', ...history(view)].join('\n')}\n`;
}

function facts({ record }: IncidentView): string[] {
  return [
    `- Contracts: ${record.components.map(({ name, address }) => `${code(name)} (${code(address)})`).join(', ')}`,
    `- Opened: ${formatTime(record.at)} by ${prose(record.by)}`,
    ...(record.closed === null ? [] : [`- Closed: ${formatTime(record.closed.at)} by ${prose(record.closed.by)}`]),
  ];
}

/** Without the issue itself: it would have to be told of itself. */
function history({ timeline }: IncidentView): string[] {
  const told = inOrder(timeline).filter(({ what }) => what !== 'issue');
  return ['## Timeline', ...told.map(({ at, what, by, text }) => `- ${prose(at)} ${prose(what)}: ${prose(text)} (${prose(by)})`)];
}
