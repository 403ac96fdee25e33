// What a repository must demand of its default branch: the one list that the doctor verifies and docs/branch-protection.md shows. Pure.
import { journalDefaults } from '../../desired/read-journal.ts';
import type { Protection } from '../../scm/github/protection.ts';
import { incidentBranch } from '../incident/incident-branch.ts';

export type Requirement = {
  id: string;
  /** As one would say it. */
  what: string;
  why: string;
  /** Where it is set: a ruleset's rule. */
  setting: string;
  /** What it is where it does not hold. */
  gravity: 'fail' | 'warn';
  holds(protection: Protection): boolean;
};

export const approvedCheck = 'mooring / approved';
export const guardrailsCheck = 'ci / guardrails';

export const requirements: readonly Requirement[] = [
  {
    id: 'check-approved',
    what: `the status check \`${approvedCheck}\` is required`,
    why: 'it is green when everybody whom policy asks has approved this very plan',
    setting: 'Require status checks to pass',
    gravity: 'fail',
    holds: ({ checks }) => checks.some(({ context }) => context === approvedCheck),
  },
  {
    id: 'check-source',
    what: `\`${approvedCheck}\` counts from one App only`,
    why: 'any other workflow could write a check of that name',
    setting: 'Require status checks to pass → the check’s source: your App',
    gravity: 'fail',
    holds: ({ checks }) => {
      const own = checks.filter(({ context }) => context === approvedCheck);
      return own.length > 0 && own.some(({ app }) => app !== null);
    },
  },
  {
    id: 'check-guardrails',
    what: `the status check \`${guardrailsCheck}\` is required`,
    why: 'configuration, regression tests, documentation and a demonstration hold before a change counts',
    setting: 'Require status checks to pass',
    gravity: 'warn',
    holds: ({ checks }) => checks.some(({ context }) => context === guardrailsCheck),
  },
  {
    id: 'review',
    what: 'a pull request with at least one approval is required',
    why: 'what runs beside the keys is never one person’s',
    setting: 'Require a pull request before merging → required approvals: 1 or more',
    gravity: 'fail',
    holds: ({ pull }) => (pull?.approvals ?? 0) >= 1,
  },
  {
    id: 'code-owners',
    what: 'review from Code Owners is required',
    why: 'desired-state/ and .github/ have owners, who must see what touches them',
    setting: 'Require a pull request before merging → Require review from Code Owners',
    gravity: 'fail',
    holds: ({ pull }) => pull?.codeOwners === true,
  },
  {
    id: 'stale-approvals',
    what: 'approvals are dismissed by new commits',
    why: 'an approval is of what was seen',
    setting: 'Require a pull request before merging → Dismiss stale pull request approvals when new commits are pushed',
    gravity: 'warn',
    holds: ({ pull }) => pull?.dismissStale === true,
  },
  {
    id: 'last-push',
    what: 'the most recent push is approved by somebody else',
    why: 'nobody approves what they pushed themselves',
    setting: 'Require a pull request before merging → Require approval of the most recent reviewable push',
    gravity: 'warn',
    holds: ({ pull }) => pull?.lastPush === true,
  },
  {
    id: 'up-to-date',
    what: 'branches are up to date before merging, or go through a merge queue',
    why: 'a plan is judged under the base branch as it was when it was made',
    setting: 'Require status checks to pass → Require branches to be up to date before merging; or Require merge queue',
    gravity: 'warn',
    holds: ({ upToDate }) => upToDate,
  },
  {
    id: 'force-pushes',
    what: 'force pushes are blocked',
    why: 'apply refuses to go on over rewritten history',
    setting: 'Block force pushes',
    gravity: 'fail',
    holds: ({ blocksForcePushes }) => blocksForcePushes,
  },
  {
    id: 'deletion',
    what: 'deletion is blocked',
    why: 'what was approved and applied is read from this branch',
    setting: 'Restrict deletions',
    gravity: 'fail',
    holds: ({ blocksDeletion }) => blocksDeletion,
  },
];

/** A branch that Mooring itself writes, and the rules that must hold for it. */
export type OwnBranch = { name: string; why: string; rules: readonly { type: string; setting: string }[] };

const noDeletion = { type: 'deletion', setting: 'Restrict deletions' };

export const ownBranches: Readonly<Record<'journal' | 'incidents', OwnBranch>> = {
  journal: {
    name: journalDefaults.branch,
    why: 'run records and receipts are only ever added',
    rules: [{ type: 'non_fast_forward', setting: 'Block force pushes' }, noDeletion],
  },
  incidents: {
    name: incidentBranch,
    why: 'who can write there can close an incident, and a branch that is gone holds no unpause back',
    rules: [{ type: 'update', setting: 'Restrict updates (bypass: the App, and the team that opens and closes incidents)' }, noDeletion],
  },
};

/** docs/branch-protection.md. */
export function protectionPage(): string {
  const rows = requirements.map(({ what, why, setting, gravity }) => `| ${capital(what)} | ${setting} | ${why} | ${gravity} |`);
  return [
    '# Branch protection',
    'Settings → Rules → Rulesets, for the default branch, with nobody on the bypass list. `mooring doctor` verifies this very list, on rulesets and on the older branch protection; what its credentials may not see is unknown, never fine. The whole setup is in [github.md](github.md).',
    ['| what must hold | the ruleset’s rule | because | else the doctor says |', '|---|---|---|---|', ...rows].join('\n'),
    'Two branches that Mooring itself writes have rulesets of their own; a rule that is missing is a warning. The journal’s branch is the one that environment.yaml names.',
    ['| branch | the ruleset’s rules | because |', '|---|---|---|', ...ownRows()].join('\n'),
  ].join('\n\n');
}

function ownRows(): string[] {
  return Object.values(ownBranches).map(({ name, rules, why }) => `| \`${name}\` | ${rules.map(({ setting }) => setting).join('; ')} | ${why} |`);
}

function capital(text: string): string {
  return `${text[0]?.toUpperCase()}${text.slice(1)}`;
}
