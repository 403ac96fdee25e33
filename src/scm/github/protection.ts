// What GitHub demands before a branch moves: rulesets, and the older branch protection as far as these credentials may see it.
import { ask, type GitHub } from './client.ts';
import { statusOf } from './errors.ts';

export type Protection = {
  /** `app`: the only one that may write the check; null for anybody. */
  checks: readonly { context: string; app: number | null }[];
  /** Branches must be up to date before merging, or go through a merge queue. */
  upToDate: boolean;
  /** Null: no pull request is asked for. */
  pull: { approvals: number; codeOwners: boolean; dismissStale: boolean; lastPush: boolean } | null;
  blocksForcePushes: boolean;
  blocksDeletion: boolean;
  /** False: there is branch protection that these credentials may not see in full, so what is not found may be there. */
  complete: boolean;
};

type Rule = { type: string; parameters?: unknown };
type Fields = Readonly<Record<string, unknown>>;

/** Rules that apply to the branch, all together. Throws GITHUB_*. */
export async function protectionOf(github: GitHub, branch: string): Promise<Protection> {
  const { octokit, owner, repo } = github;
  const place = { owner, repo, branch };
  const [rules, shown] = await Promise.all([
    ask(`rules of ${branch}`, () => octokit.paginate(octokit.rest.repos.getBranchRules, { ...place, per_page: 100 })),
    ask(`the branch ${branch}`, () => octokit.rest.repos.getBranch(place)),
  ]);
  const branchFields = shown.data as unknown as Fields;
  const classic = branchFields['protected'] === true ? await classicOf(github, branch, fieldsOf(branchFields['protection'])) : null;
  const parts = [...rules.map((rule) => ofRule(rule as Rule)), ...(classic === null ? [] : [classic])];
  return parts.reduce(together, { ...nothing, complete: true });
}

/** Types of the rulesets' rules for a branch, whether it is there yet or not. Throws GITHUB_*. */
export async function ruleTypesOf({ octokit, owner, repo }: GitHub, branch: string): Promise<ReadonlySet<string>> {
  const rules = await ask(`rules of ${branch}`, () => octokit.paginate(octokit.rest.repos.getBranchRules, { owner, repo, branch, per_page: 100 }));
  return new Set(rules.map(({ type }) => type));
}

const nothing: Protection = { checks: [], upToDate: false, pull: null, blocksForcePushes: false, blocksDeletion: false, complete: true };

function together(a: Protection, b: Protection): Protection {
  const pull =
    a.pull === null || b.pull === null
      ? (a.pull ?? b.pull)
      : {
          approvals: Math.max(a.pull.approvals, b.pull.approvals),
          codeOwners: a.pull.codeOwners || b.pull.codeOwners,
          dismissStale: a.pull.dismissStale || b.pull.dismissStale,
          lastPush: a.pull.lastPush || b.pull.lastPush,
        };
  return {
    checks: [...a.checks, ...b.checks],
    upToDate: a.upToDate || b.upToDate,
    pull,
    blocksForcePushes: a.blocksForcePushes || b.blocksForcePushes,
    blocksDeletion: a.blocksDeletion || b.blocksDeletion,
    complete: a.complete && b.complete,
  };
}

function ofRule({ type, parameters }: Rule): Protection {
  const given = fieldsOf(parameters);
  if (type === 'required_status_checks')
    return {
      ...nothing,
      checks: checksIn(given['required_status_checks'], 'integration_id'),
      upToDate: given['strict_required_status_checks_policy'] === true,
    };
  if (type === 'pull_request')
    return { ...nothing, pull: pullIn(given, { codeOwners: 'require_code_owner_review', dismissStale: 'dismiss_stale_reviews_on_push' }) };
  if (type === 'merge_queue') return { ...nothing, upToDate: true };
  return { ...nothing, blocksForcePushes: type === 'non_fast_forward', blocksDeletion: type === 'deletion' };
}

/** Only administrators see all of it; everybody sees the required checks. */
async function classicOf({ octokit, owner, repo }: GitHub, branch: string, summary: Fields): Promise<Protection> {
  const full = await ask(`protection of ${branch}`, async () => {
    try {
      return (await octokit.rest.repos.getBranchProtection({ owner, repo, branch })).data as unknown as Fields;
    } catch (error) {
      // GitHub answers 404 where it denies; a ruleset alone makes a branch "protected", too.
      if (statusOf(error) === 403 || statusOf(error) === 404) return null;
      throw error;
    }
  });
  const checks = fieldsOf((full ?? summary)['required_status_checks']);
  const known = { ...nothing, checks: checksIn(checks['checks'] ?? checks['contexts'], 'app_id') };
  if (full === null) return { ...known, complete: summary['enabled'] !== true };
  const reviews = full['required_pull_request_reviews'];
  return {
    ...known,
    upToDate: checks['strict'] === true,
    pull:
      reviews === undefined || reviews === null
        ? null
        : pullIn(fieldsOf(reviews), { codeOwners: 'require_code_owner_reviews', dismissStale: 'dismiss_stale_reviews' }),
    blocksForcePushes: fieldsOf(full['allow_force_pushes'])['enabled'] !== true,
    blocksDeletion: fieldsOf(full['allow_deletions'])['enabled'] !== true,
  };
}

function pullIn(given: Fields, names: { codeOwners: string; dismissStale: string }): Protection['pull'] {
  return {
    approvals: Number(given['required_approving_review_count'] ?? 0),
    codeOwners: given[names.codeOwners] === true,
    dismissStale: given[names.dismissStale] === true,
    lastPush: given['require_last_push_approval'] === true,
  };
}

function checksIn(list: unknown, app: string): Protection['checks'] {
  if (!Array.isArray(list)) return [];
  return list.map((item: unknown) => {
    if (typeof item === 'string') return { context: item, app: null };
    const given = fieldsOf(item);
    const id = given[app];
    // Older protection writes -1 for any App.
    return { context: String(given['context']), app: typeof id === 'number' && id > 0 ? id : null };
  });
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}
