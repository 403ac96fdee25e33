// The check of an apply on the branch's head: one for each environment.
import { type ItemStatus, itemLine } from '../../render/apply-comment.ts';
import { count } from '../../render/lexicon.ts';
import { code, prose } from '../../render/markdown.ts';
import { type Conclusion, putCheck } from '../../scm/github/checks.ts';
import { redactMarkdown } from '../secrets/redact-markdown.ts';
import type { BranchReport } from './apply-branch.ts';
import type { Repository } from './repository.ts';

const good: ReadonlySet<ItemStatus> = new Set(['applied', 'nothing', 'superseded']);

/** SIDE EFFECTS: GitHub; nothing where there is nothing to say. */
export async function reportBranch({ github, context }: Repository, { environment, head, items, direct }: BranchReport): Promise<void> {
  if (items.length === 0 && direct.length === 0) return;
  const bad = items.filter(({ report }) => !good.has(report.status));
  const conclusion: Conclusion = bad.length > 0 ? 'failure' : direct.length > 0 ? 'neutral' : 'success';
  const parts = [
    ...(items.length === 0 ? [] : [`${count(items.length - bad.length, 'pull request')} settled`]),
    ...(bad.length === 0 ? [] : [`${bad.length} not`]),
    ...(direct.length === 0 ? [] : [`${count(direct.length, 'commit')} of no pull request, not sent`]),
  ];
  const lines = [
    ...items.map(({ number, report }) => `- ${prose(itemLine(number, report))}`),
    ...direct.map(({ id, subject }) => `- ${code(id.slice(0, 12))} came by no pull request and is not sent: ${prose(subject)}`),
  ];
  const summary = redactMarkdown(lines.join('\n'), context.env);
  await putCheck(github, { name: `mooring / apply (${environment})`, sha: head, key: 'apply', conclusion, title: parts.join(', '), summary });
}
