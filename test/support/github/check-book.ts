// Check runs. The emulator's have no App, no pages and no limits, so these are our own.
import { iso } from './clock.ts';
import { type AppIdentity, type Fields, fieldsOf, textOf } from './exchange.ts';
import { repoPath } from './people.ts';

export type CheckRun = {
  id: number;
  app: AppIdentity;
  name: string;
  head_sha: string;
  status: string;
  conclusion: string | null;
  started_at: string | null;
  completed_at: string | null;
  external_id: string;
  details_url: string;
  output: { title: string | null; summary: string | null; text: string | null };
  annotations: Fields[];
};

export type CheckBook = {
  create(app: AppIdentity, body: Fields, at: number): CheckRun;
  change(run: CheckRun, body: Fields, at: number): void;
  get(id: number): CheckRun | undefined;
  /** Newest first. */
  all(): CheckRun[];
};

/** Larger than 32 bits, as GitHub's are. */
const firstId = 40_000_000_001;

export function makeCheckBook(): CheckBook {
  const runs: CheckRun[] = [];
  return {
    create(app, body, at) {
      const run = newRun(firstId + runs.length, app, body);
      runs.push(run);
      applyChanges(run, { started_at: iso(at), ...body }, at);
      return run;
    },
    change: (run, body, at) => applyChanges(run, body, at),
    get: (id) => runs.find((run) => run.id === id),
    all: () => runs.toReversed(),
  };
}

function newRun(id: number, app: AppIdentity, body: Fields): CheckRun {
  return {
    id,
    app,
    name: String(body['name']),
    head_sha: String(body['head_sha']),
    status: 'queued',
    conclusion: null,
    started_at: null,
    completed_at: null,
    external_id: '',
    details_url: 'https://mooring.example.org',
    output: { title: null, summary: null, text: null },
    annotations: [],
  };
}

/** Annotations are added to those there are; everything else replaces. */
function applyChanges(run: CheckRun, body: Fields, at: number): void {
  for (const name of ['name', 'external_id', 'details_url', 'started_at'] as const) run[name] = textOf(body[name]) ?? run[name] ?? '';
  applyState(run, body, at);
  const output = fieldsOf(body['output']);
  for (const name of ['title', 'summary', 'text'] as const) run.output[name] = textOf(output[name]) ?? run.output[name];
  run.annotations.push(...((output['annotations'] ?? []) as Fields[]).map((annotation) => ({ ...annotation })));
}

/** A conclusion completes; any other state takes it away. */
function applyState(run: CheckRun, body: Fields, at: number): void {
  const conclusion = textOf(body['conclusion']);
  if (conclusion !== undefined) {
    Object.assign(run, { status: 'completed', conclusion, completed_at: textOf(body['completed_at']) ?? iso(at) });
  } else if (typeof body['status'] === 'string') {
    Object.assign(run, { status: body['status'], conclusion: null, completed_at: null });
  }
}

/** As GitHub shows it. */
export function shownRun(run: CheckRun, apiUrl: string): Fields {
  const { annotations, app, output, ...own } = run;
  const url = `${apiUrl}${repoPath}/check-runs/${run.id}`;
  return {
    ...own,
    node_id: `CR_${run.id}`,
    url,
    html_url: `https://github.com${repoPath.slice('/repos'.length)}/runs/${run.id}`,
    output: { ...output, annotations_count: annotations.length, annotations_url: `${url}/annotations` },
    check_suite: { id: app.id },
    app: { id: app.id, slug: app.slug, name: app.slug },
    pull_requests: [],
  };
}

export function shownAnnotation(annotation: Fields): Fields {
  return { start_column: null, end_column: null, title: null, raw_details: null, ...annotation };
}
