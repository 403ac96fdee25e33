// The pull request of a rotation.
import { exitCodes } from '../../errors.ts';
import { showAddress } from '../../render/lexicon.ts';
import { addLabels } from '../../scm/github/issues.ts';
import { flag, text } from '../command.ts';
import { changeOf, openProposal, proposalBranch, showDraft } from '../propose/open-proposal.ts';
import { start } from '../propose/start.ts';
import { editRole } from './edit-role.ts';
import { replaceSigner, runnerKeyVariable } from './edit-signer.ts';
import type { After, Rotating } from './run-rotation.ts';

/** Shows the difference and its plan, and opens the pull request. Throws NOTHING_TO_PROPOSE, GIT_*, GITHUB_*. SIDE EFFECTS: the remote, GitHub. */
export async function proposeRotation(rotating: Rotating, { compromised, isRevoked, transactions }: After): Promise<number> {
  const { context, options, rotation, held, holders, partly, lexicon, reason } = rotating;
  const { role, from, to } = rotation;
  const variable = runnerKeyVariable(options);
  const started = await start(context, options, []);
  const { draft, base } = started;
  const uncovered = editRole(draft, rotation, { held, holders, partly });
  const left = variable === null ? null : await replaceSigner(started, { rotation, variable, others: rotating.others });
  context.stdout('\n');
  if (left !== null) context.stdout(`${left}\n\n`);
  if (uncovered.length > 0) context.stdout(`No file declares ${uncovered.join(', ')}: whoever owns it changes it there, or import it first.\n\n`);
  const shown = await showDraft(started, draft, changeOf(draft));
  if (flag(options, 'dry-run')) return shown;
  const old = showAddress(lexicon, from);
  const repository = await started.repository();
  const pull = await openProposal(repository, draft, {
    branch: proposalBranch(draft.environment, 'rotate', [role, from, ...(to === null ? [] : [to])]),
    base,
    title: text(options, 'title') ?? (to === null ? `Revoke ${role}: ${old}` : `Rotate ${role}: ${showAddress(lexicon, to)} for ${old}`),
    reason: [
      reason,
      ...(compromised ? [`${old} is compromised.`] : []),
      ...transactions.map((hash) => `${isRevoked ? 'Revoked' : 'Partly revoked'} at once in ${hash}.`),
    ].join(' '),
  });
  if (compromised) await addLabels(repository.github, pull.number, { has: pull.labels, wanted: ['emergency'] });
  context.stdout(`\n#${pull.number} ${pull.title}: ${pull.url}\n`);
  return exitCodes.done;
}
