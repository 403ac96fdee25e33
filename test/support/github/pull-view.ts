// A pull request as GitHub shows it: the emulator's, with what git says in place of what the emulator believes.
import { iso } from './clock.ts';
import { type Fields, fieldsOf } from './exchange.ts';
import type { Facts } from './git-merge.ts';
import type { Hub } from './hub.ts';
import { repoPath } from './people.ts';
import type { PullRecord } from './pull-book.ts';
import { without } from './upstream.ts';

/** What GitHub shows of a single pull request, but not in lists. */
const detailed = [
  'merged',
  'mergeable',
  'rebaseable',
  'mergeable_state',
  'merged_by',
  'comments',
  'review_comments',
  'maintainer_can_modify',
  'commits',
  'additions',
  'deletions',
  'changed_files',
];

/** In a list. `shown` is the emulator's. What isn't merged has GitHub's try at merging as its merge commit, also once closed. */
export function listedPull(hub: Hub, shown: Fields, pull: PullRecord): Fields {
  return {
    ...without(shown, ...detailed),
    state: pull.open ? 'open' : 'closed',
    head: { ...fieldsOf(shown['head']), sha: pull.head },
    base: { ...fieldsOf(shown['base']), sha: pull.baseSha, ref: pull.base },
    merged_at: pull.merged ? iso(pull.merged.at) : null,
    merge_commit_sha: pull.merged?.sha ?? factsOf(hub, pull).testMerge,
  };
}

function factsOf(hub: Hub, pull: PullRecord): Facts {
  return hub.pulls.facts({ base: hub.pulls.baseOf(pull), head: pull.head });
}

/** By itself. */
export async function detailedPull(hub: Hub, shown: Fields, pull: PullRecord): Promise<Fields> {
  const { testMerge: _merge, mergeable, ...counts } = factsOf(hub, pull);
  const comments = await hub.upstream.all(`${repoPath}/issues/${pull.number}/comments`);
  return {
    ...shown,
    ...listedPull(hub, shown, pull),
    ...counts,
    merged: pull.merged !== null,
    merged_by: pull.merged?.by ?? null,
    mergeable: pull.open ? mergeable : null,
    rebaseable: pull.open ? mergeable : null,
    mergeable_state: stateOf(pull, mergeable, shown['draft'] === true),
    comments: Array.isArray(comments) ? comments.length : 0,
  };
}

function stateOf(pull: PullRecord, mergeable: boolean, draft: boolean): string {
  if (!pull.open) return 'unknown';
  if (!mergeable) return 'dirty';
  return draft ? 'draft' : 'clean';
}

/** As the issue that each pull request also is. */
export function pullAsIssue(shown: Fields, pull: PullRecord): Fields {
  const kept = ['number', 'title', 'user', 'body', 'labels', 'assignee', 'assignees', 'milestone', 'locked', 'created_at', 'updated_at', 'closed_at'];
  const mergedAt = pull.merged ? iso(pull.merged.at) : null;
  return {
    ...Object.fromEntries(kept.map((name) => [name, shown[name]])),
    id: 1_000_000 + pull.number,
    node_id: `PR_${pull.number}`,
    url: shown['issue_url'],
    html_url: shown['html_url'],
    comments_url: shown['comments_url'],
    state: pull.open ? 'open' : 'closed',
    state_reason: null,
    draft: shown['draft'],
    author_association: shown['author_association'],
    pull_request: { url: shown['url'], html_url: shown['html_url'], diff_url: shown['diff_url'], patch_url: shown['patch_url'], merged_at: mergedAt },
  };
}
