// The routes of check runs: who may write them, which of them a list shows.
import { type CheckRun, shownAnnotation, shownRun } from './check-book.ts';
import { type Answer, type Exchange, fieldsOf, type Handlers, notFound, ok, refused } from './exchange.ts';
import type { Hub } from './hub.ts';
import { paged } from './pages.ts';

const runs = '/repos/{owner}/{repo}/check-runs';

export function checkRoutes(hub: Hub, apiUrl: string): Handlers {
  function show(run: CheckRun, status = 200): Answer {
    const pulls = hub.pulls.all().filter((pull) => pull.open && pull.head === run.head_sha);
    return ok({ ...shownRun(run, apiUrl), pull_requests: pulls.map(({ number }) => ({ number })) }, status);
  }
  return {
    [`POST ${runs}`](exchange) {
      const sha = hub.bare.commit(String(fieldsOf(exchange.body)['head_sha']));
      if (sha === null) return refused(422, `No commit found for SHA: ${String(fieldsOf(exchange.body)['head_sha'])}`);
      const { app } = exchange.actor;
      if (app === null) return refused(403, 'You must authenticate via a GitHub App.');
      return show(hub.checks.create(app, fieldsOf(exchange.body), exchange.at), 201);
    },
    [`GET ${runs}/{check_run_id}`]: (exchange) => withRun(hub, exchange, (run) => show(run)),
    [`PATCH ${runs}/{check_run_id}`]: (exchange) =>
      withRun(hub, exchange, (run) => {
        if (exchange.actor.app?.id !== run.app.id) return refused(403, notTheirs(exchange));
        hub.checks.change(run, fieldsOf(exchange.body), exchange.at);
        return show(run);
      }),
    [`GET ${runs}/{check_run_id}/annotations`]: (exchange) => withRun(hub, exchange, (run) => paged(exchange, run.annotations.map(shownAnnotation))),
    'GET /repos/{owner}/{repo}/commits/{ref}/check-runs': (exchange) => listRuns(hub, exchange, apiUrl),
  };
}

function notTheirs(exchange: Exchange): string {
  return `Invalid app_id \`${exchange.actor.app?.id}\` - check run can only be modified by the GitHub App that created it.`;
}

function withRun(hub: Hub, exchange: Exchange, handle: (run: CheckRun) => Answer): Answer {
  const run = hub.checks.get(Number(exchange.params['check_run_id']));
  return run ? handle(run) : notFound();
}

function listRuns(hub: Hub, exchange: Exchange, apiUrl: string): Answer {
  const { query } = exchange;
  const ref = exchange.params['ref'] ?? '';
  const sha = hub.bare.commit(ref);
  if (sha === null) return refused(422, `No commit found for SHA: ${ref}`);
  const [name, app, status] = [query.get('check_name'), query.get('app_id'), query.get('status')];
  const fitting = hub.checks
    .all()
    .filter((run) => run.head_sha === sha && (name === null || run.name === name) && (app === null || String(run.app.id) === app));
  const shown = (query.get('filter') === 'all' ? fitting : latest(fitting)).filter((run) => status === null || run.status === status);
  return paged(
    exchange,
    shown.map((run) => shownRun(run, apiUrl)),
    (items, total) => ({ total_count: total, check_runs: items }),
  );
}

/** The newest of each name and App. */
function latest(newestFirst: readonly CheckRun[]): CheckRun[] {
  const seen = new Set<string>();
  return newestFirst.filter((run) => {
    const key = `${run.app.id} ${run.name}`;
    return !seen.has(key) && seen.add(key);
  });
}
