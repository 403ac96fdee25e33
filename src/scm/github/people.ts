// Who somebody is to this repository: what approvals are judged by.
import { ask, type GitHub } from './client.ts';
import { statusOf } from './errors.ts';

/** Whether a person may write here, and which of the teams that are asked about they belong to. */
export type Standing = { mayWrite: boolean; teams: ReadonlySet<string> };

/** Throws GITHUB_*. A team that isn't there has no members. */
export async function standingOf(github: GitHub, login: string, teams: readonly string[]): Promise<Standing> {
  const found = await Promise.all(teams.map(async (team) => ((await isMember(github, team, login)) ? [team] : [])));
  return { mayWrite: await mayWrite(github, login), teams: new Set(found.flat()) };
}

async function isMember({ octokit, owner }: GitHub, team: string, login: string): Promise<boolean> {
  const membership = await orNull(`the membership of ${login} in ${team}`, () =>
    octokit.rest.teams.getMembershipForUserInOrg({ org: owner, team_slug: team, username: login }),
  );
  return membership?.data.state === 'active';
}

async function mayWrite({ octokit, owner, repo }: GitHub, login: string): Promise<boolean> {
  const level = await orNull(`the permission of ${login}`, () => octokit.rest.repos.getCollaboratorPermissionLevel({ owner, repo, username: login }));
  return level !== null && ['admin', 'write', 'maintain'].includes(level.data.permission);
}

async function orNull<T>(what: string, request: () => Promise<T>): Promise<T | null> {
  return ask(what, async () => {
    try {
      return await request();
    } catch (error) {
      if (statusOf(error) === 404) return null;
      throw error;
    }
  });
}
