// A proposal from its edited files on: the difference and its plan shown, the branch pushed, the pull request opened.
import { createHash } from 'node:crypto';
import { createTwoFilesPatch } from 'diff';
import { withFile } from '../../desired/file-source.ts';
import { loadDesired } from '../../desired/load.ts';
import { exitCodes, MooringError } from '../../errors.ts';
import { titleLine } from '../../render/ask-again.ts';
import { findingsText } from '../../render/finding-text.ts';
import { paint } from '../../render/lexicon.ts';
import { code, fenced, prose } from '../../render/markdown.ts';
import { planText } from '../../render/plan-text.ts';
import { putBranch } from '../../scm/bot-branch.ts';
import type { Git } from '../../scm/git.ts';
import { openOrUpdatePull, type Pull } from '../../scm/github/pulls.ts';
import type { Context, Options } from '../command.ts';
import { planExit } from '../exits.ts';
import type { Change } from '../pr/change.ts';
import { planDraft } from '../pr/plan-environment.ts';
import type { Repository } from '../pr/repository.ts';
import { redact } from '../secrets/secrets.ts';
import { type Draft, textOf } from './files.ts';

/** `root` holds desired-state/; `git` is its clone. */
export type Desk = { context: Context; options: Options; root: string; git: Git };

/** The change that a draft makes of its source. Throws NOTHING_TO_PROPOSE, INPUT_INVALID. */
export function changeOf(draft: Draft): Change {
  const files = [...draft.edited].filter(([path, text]) => text !== textOf({ ...draft, edited: new Map() }, path));
  if (files.length === 0) throw new MooringError('NOTHING_TO_PROPOSE', 'git says so already: nothing to propose');
  const after = files.reduce((source, [path, text]) => withFile(source, path, text), draft.source);
  loadDesired({ source: after, environment: draft.environment });
  return { before: draft.source, after, files: files.map(([path]) => path).sort(), tooling: [] };
}

/** A unified diff of the edited files. */
export function diffLines(draft: Draft): string[] {
  return [...draft.edited].flatMap(([path, text]) => {
    const before = textOf({ ...draft, edited: new Map() }, path);
    const patch = createTwoFilesPatch(before === null ? '/dev/null' : `a/${path}`, `b/${path}`, before ?? '', text, '', '', { context: 2 });
    return patch.split('\n').filter((line) => line !== '' && !/^=+$/.test(line) && !line.startsWith('\\'));
  });
}

/** Prints the difference and its plan. Returns the plan's exit code. */
export async function showDraft(desk: Desk, draft: Draft, change: Change): Promise<number> {
  const { context } = desk;
  const planned = await planDraft(desk, draft.environment, change);
  const lexicon = { ...planned.lexicon, colour: context.colour };
  const painted = diffLines(draft).map((line) =>
    line.startsWith('+') ? paint(lexicon, 'green', line) : line.startsWith('-') ? paint(lexicon, 'red', line) : line,
  );
  context.stdout(`${painted.join('\n')}\n\n`);
  if (planned.change === null) {
    context.stdout(`No plan:\n${findingsText(planned.findings, lexicon, () => undefined)}`);
    return planExit(planned.findings) || exitCodes.failure;
  }
  const { plan } = planned.change;
  context.stdout(planText(plan, lexicon, false));
  return planExit(plan.findings);
}

export type Proposal = {
  branch: string;
  /** The commit that it changes. */
  base: string;
  title: string;
  reason: string;
  /** Hidden first line, where a later run must know it again. */
  marker?: string;
  /** Markdown below the reason: from outside only what `prose` or `code` made safe. */
  lines?: readonly string[];
};

/** SIDE EFFECTS: the remote, GitHub. */
export async function openProposal(repository: Repository, draft: Draft, { branch, base, marker, lines: more = [], ...texts }: Proposal): Promise<Pull> {
  const { git, github, branch: target, context } = repository;
  // Before anything is escaped: an escaped secret isn't found.
  const say = (text: string): string => redact(text, context.env);
  const [title, reason] = [titleLine(say(texts.title)), say(texts.reason)];
  await putBranch(git, { branch, base, files: draft.edited, message: `${title}\n\n${reason}`, at: context.now() });
  const lines = [
    ...(marker === undefined ? [] : [marker]),
    prose(reason),
    '',
    ...(more.length === 0 ? [] : [...more, '']),
    ...fenced('diff', shortened(diffLines(draft).map(say))),
    '',
    `Opened by ${code(marker === undefined && more.length > 0 ? 'mooring incident' : 'mooring propose')}; the plan follows as a comment.`,
  ];
  return openOrUpdatePull(github, { branch, base: target, title, body: `${lines.join('\n')}\n` });
}

/** As much as a body has room for. */
export function shortened(lines: readonly string[]): string[] {
  const ends = lines.map((_line, i) => lines.slice(0, i + 1).join('\n').length);
  const fitting = ends.filter((end, i) => end <= 50_000 && i < 300).length;
  return fitting === lines.length ? [...lines] : [...lines.slice(0, fitting), `… and ${lines.length - fitting} lines more`];
}

/** A branch that is the same for the same thing proposed: a second run updates its pull request. */
export function proposalBranch(environment: string, verb: string, places: readonly string[]): string {
  const text = [...places]
    .sort()
    .join('-')
    .replace(/[^A-Za-z0-9.-]+/g, '-')
    .replace(/\.{2,}/g, '.')
    .replace(/^[-.]+|[-.]+$/g, '');
  const short =
    text.length <= 60 ? text : `${text.slice(0, 40).replace(/[-.]+$/, '')}-${createHash('sha256').update(places.join('\n')).digest('hex').slice(0, 12)}`;
  return `mooring/${verb}/${environment}/${short}`;
}
