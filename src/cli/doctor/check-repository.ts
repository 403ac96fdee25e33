// The doctor on the repository: what its default branch demands, and whether its workflows are those of this version.
import type { Check } from '../../render/doctor-text.ts';
import { fetchRef, type Git } from '../../scm/git.ts';
import { readFileAt } from '../../scm/git-objects.ts';
import { type Protection, protectionOf, ruleTypesOf } from '../../scm/github/protection.ts';
import { repositoryFiles } from '../init/files.ts';
import type { Repository } from '../pr/repository.ts';
import { check } from './check.ts';
import { type OwnBranch, ownBranches, requirements } from './protection.ts';

/** `journal`: its branch; null where it is not shared. Throws GITHUB_*, GIT_*. */
export async function checkRepository({ github, git, branch }: Repository, journal: string | null): Promise<Check[]> {
  const own = [...(journal === null ? [] : [{ ...ownBranches.journal, name: journal }]), ownBranches.incidents];
  const [protection, workflows, ...ours] = await Promise.all([
    protectionOf(github, branch),
    checkWorkflows(git, branch),
    ...own.map(async (one) => ownCheck(one, await ruleTypesOf(github, one.name))),
  ]);
  return [...protectionChecks(protection), ...ours, workflows];
}

function ownCheck({ name, why, rules }: OwnBranch, found: ReadonlySet<string>): Check {
  const missing = rules.filter(({ type }) => !found.has(type)).map(({ setting }) => setting);
  if (missing.length === 0) return check(`branch-${name}`, 'ok', `the branch ${name} has its rules`);
  return check(`branch-${name}`, 'warn', `the branch ${name} lacks rules: ${why}`, `Settings → Rules → Rulesets, for ${name}: ${missing.join('; ')}`);
}

/** Pure. What is not found where not everything may be seen is unknown. */
export function protectionChecks(protection: Protection): Check[] {
  return requirements.map(({ id, what, why, setting, gravity, holds }) => {
    const said = what.replaceAll('`', '');
    if (holds(protection)) return check(`branch-${id}`, 'ok', said);
    if (!protection.complete)
      return check(
        `branch-${id}`,
        'unknown',
        `whether ${said} can’t be seen with these credentials`,
        'Use a ruleset in place of the older branch protection, or an administrator’s token.',
      );
    return check(`branch-${id}`, gravity, `it does not hold that ${said}: ${why}`, `Settings → Rules → Rulesets → ${setting}`);
  });
}

async function checkWorkflows(git: Git, branch: string): Promise<Check> {
  const head = await fetchRef(git, `refs/heads/${branch}`);
  const found = await Promise.all(
    [...templates(branch)].map(async ([path, template]) => ({
      path,
      problem: head === null ? 'is missing' : differs(template, (await readFileAt(git, head, path))?.toString('utf8') ?? null),
    })),
  );
  const bad = found.filter(({ problem }) => problem !== null);
  const fix = 'mooring init writes those that are missing; compare the others with the templates of this version (ci/github)';
  if (bad.length === 0) return check('workflows', 'ok', `all ${found.length} are as this version has them`);
  const missing = bad.some(({ problem }) => problem === 'is missing');
  return check('workflows', missing ? 'fail' : 'warn', bad.map(({ path, problem }) => `${path} ${problem}`).join('; '), fix);
}

function templates(branch: string): Map<string, string> {
  const nobody = { team: null, branch, environment: 'mainnet', rpc: '', signer: null, token: null, contracts: [] };
  return new Map([...repositoryFiles(nobody)].filter(([path]) => path.endsWith('.yml')));
}

/** Null where every line of the template is there, in order, and nothing more is run. Environments and variables are everybody's own. */
export function differs(template: string, text: string | null): string | null {
  if (text === null) return 'is missing';
  const [wanted, own] = [linesOf(template), linesOf(text)];
  let at = 0;
  for (const line of own) if (line === wanted[at]) at++;
  if (at < wanted.length) return `lacks “${wanted[at]}”`;
  const more = own.filter((line) => /^(- )?(run|uses):/.test(line)).length - wanted.filter((line) => /^(- )?(run|uses):/.test(line)).length;
  return more === 0 ? null : 'runs more than the template';
}

function linesOf(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.replace(/--env [\w,.-]+/g, '--env X'));
}
