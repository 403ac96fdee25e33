// The records that the operations log joins: journals, receipts, GitHub, git, what the thermostat noted, baselines.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MooringError } from '../../errors.ts';
import { type RunState, reduceJournal } from '../../journal/reduce.ts';
import { parseSamples } from '../../loops/thermostat/samples.ts';
import { changedFiles } from '../../scm/changed-files.ts';
import { fetchRef, firstParentOf, type Git, hasCommit, local, openClone } from '../../scm/git.ts';
import { mergedPulls } from '../../scm/github/pulls.ts';
import type { JournalStore } from '../../types.ts';
import { type Context, flag, type Options, text } from '../command.ts';
import { openJournal } from '../environment/journal.ts';
import { type Declared, stateFolder } from '../environment/open.ts';
import { readAllPauses } from '../pause/pause-journals.ts';
import { openRepository } from '../pr/repository.ts';
import { readNamedFile } from '../read-named-file.ts';
import { readRevocations } from '../rotate/revocation-journals.ts';
import { redact } from '../secrets/secrets.ts';
import { archivedRuns } from './archived-runs.ts';
import type { MergedPull, Noted, Records } from './join.ts';

export type Gathering = { context: Context; options: Options; declared: Declared; since: number | null };

/** `notes`: what could not be had. Throws JOURNAL_*, RECEIPT_CORRUPT. SIDE EFFECTS: reads files; the remote and GitHub, where there are any. */
export async function gather(gathering: Gathering): Promise<{ records: Records; notes: string[] }> {
  const { context, declared, since } = gathering;
  const notes: string[] = [];
  const journal = await openJournal(context, declared);
  const [applies, revoked, pauses, receipts] = await Promise.all([
    runsOf(journal, declared),
    readRevocations(declared, (message) => notes.push(message)),
    pausesOf(declared, notes),
    journal.receipts(),
  ]);
  const [pulls, subjects, archived] = await Promise.all([pullsOf(gathering, notes), subjectsOf(declared, applies), archivedRuns(declared, notes)]);
  const rebalancings = notedIn(join(stateFolder(declared), 'operations.ndjson'), notes);
  const records: Records = {
    applies,
    revocations: revoked.runs.filter(({ started }) => started.environment === declared.name),
    pauses,
    archived,
    receipts: new Set([...receipts.map(({ run }) => run), ...revoked.kept]),
    pulls,
    subjects,
    rebalancings,
    samples: samplesOf(gathering, notes),
    since,
  };
  return { records, notes };
}

async function runsOf(journal: Pick<JournalStore, 'read'>, { name }: Declared): Promise<RunState[]> {
  return reduceJournal(await journal.read()).runs.filter(({ started }) => started.environment === name);
}

/** Of every key that ever paused from this checkout, declared or not. */
async function pausesOf({ root, name }: Declared, notes: string[]): Promise<RunState[]> {
  const runs = await readAllPauses({ root, environment: name }, (message) => notes.push(message));
  return runs.filter(({ started }) => started.environment === name);
}

/** Merged pull requests that touched the environment's folder. */
async function pullsOf({ context, options, declared, since }: Gathering, notes: string[]): Promise<MergedPull[]> {
  const named = text(options, 'repo') ?? context.env['GITHUB_REPOSITORY'];
  if (flag(options, 'no-github') || named === undefined || named === '') {
    notes.push('GitHub was not asked: titles of pull requests, and those that sent nothing, are missing (--repo names the repository)');
    return [];
  }
  try {
    const { github, git, branch } = await openRepository(context, options);
    await fetchRef(git, `refs/heads/${branch}`);
    const merged = await mergedPulls(github, { base: branch, since: since ?? 0 });
    const touching = await Promise.all(
      merged.map(async (pull): Promise<MergedPull[]> => {
        const { number, title, url, merged: how } = pull;
        if (how === null || !(await touches(git, how.commit, `desired-state/${declared.name}`))) return [];
        return [{ number, title, url, by: how.by ?? pull.author, at: how.at, commit: how.commit }];
      }),
    );
    return touching.flat();
  } catch (error) {
    if (!(error instanceof MooringError)) throw error;
    notes.push(`GitHub could not be asked: ${redact(error.message, context.env)}`);
    return [];
  }
}

async function touches(git: Git, commit: string, under: string): Promise<boolean> {
  if (!(await hasCommit(git, commit))) return false;
  const before = await firstParentOf(git, commit);
  return before !== null && (await changedFiles(git, { from: before, to: commit, under })).length > 0;
}

/** Of commits that this clone has. */
async function subjectsOf({ root }: Declared, runs: readonly RunState[]): Promise<ReadonlyMap<string, string>> {
  const commits = [...new Set(runs.flatMap(({ started }) => started.commit ?? []))];
  if (commits.length === 0 || !existsSync(join(root, '.git'))) return new Map();
  try {
    const git = await openClone({ folder: root });
    const found = await Promise.all(
      commits.map(async (commit) =>
        (await hasCommit(git, commit)) ? ([[commit, String((await local(git, ['log', '-1', '--format=%s', commit])).output).trim()]] as const) : [],
      ),
    );
    return new Map(found.flat());
  } catch (error) {
    if (!(error instanceof MooringError)) throw error;
    return new Map();
  }
}

function notedIn(file: string, notes: string[]): Noted[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '');
  return lines.flatMap((line, i) => {
    const noted = notedLine(line);
    if (noted === null) notes.push(`${file}, line ${i + 1}, is not a line of the operations log`);
    return noted ?? [];
  });
}

/** The last one may have been cut short. */
function notedLine(line: string): Noted | null {
  try {
    const { type, at, engine, changes, baseline } = JSON.parse(line) as Noted & { type: string; at: unknown };
    const time = Date.parse(String(at));
    return type === 'rebalanced' && Number.isFinite(time) && Array.isArray(changes) ? { at: time / 1_000, engine, changes, baseline } : null;
  } catch {
    return null;
  }
}

/** Of the baselines that are named, else of every one in reports/. */
function samplesOf({ context, options, declared }: Gathering, notes: string[]): { at: number; roi: number }[] {
  const folder = join(declared.root, 'reports');
  const usual = existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => /baseline.*\.ndjson$/.test(name))
        .map((name) => join(folder, name))
    : [];
  const files =
    text(options, 'baseline')
      ?.split(',')
      .flatMap((name) => name.trim() || []) ?? usual;
  const found = files.flatMap((file) => {
    try {
      return parseSamples(file, readNamedFile(context.cwd, file, 'samples'), { atNoCost: Number.NaN });
    } catch (error) {
      if (!(error instanceof MooringError)) throw error;
      notes.push(`a baseline is left out: ${error.message}`);
      return [];
    }
  });
  // Two files may hold the same samples.
  const byTime = new Map(found.flatMap(({ at, roi }) => (at === null || !Number.isFinite(roi) ? [] : [[at, roi] as const])));
  return [...byTime].map(([at, roi]) => ({ at: at * 1_000, roi })).sort((a, b) => a.at - b.at);
}
