// mooring incident resume: asks reviewers to let an incident's contracts run again, with the checklist answered.
import { exitCodes } from '../errors.ts';
import { type Command, type Context, flag, type Options, text } from './command.ts';
import { checklistLines } from './incident/checklist.ts';
import { byOption, chosenOpen, type IncidentDesk, idOperand, openDesk } from './incident/open-desk.ts';
import { draftResume, type Resumed } from './incident/resume.ts';
import { note } from './incident/sync.ts';
import { repositoryOptions } from './pr/repository.ts';
import { changeOf, openProposal, proposalBranch, showDraft } from './propose/open-proposal.ts';
import { start } from './propose/start.ts';
import { redactMarkdown } from './secrets/redact-markdown.ts';

export const incidentResume: Command = {
  spec: {
    name: 'incident resume',
    summary: 'ask reviewers to let an incident’s contracts run again, by pull request',
    description: [
      'Opens a pull request that declares the contracts running, lifts the pauses that stand, and adds incidents/<id>.yaml with the checklist: root',
      'cause, live roles and parameters against the declared ones, and the first round tried on the state that the plan leaves. What is not found',
      'good is not ticked. Approved as what raises risk, it is what the incident’s hold gives way to. Run again, it brings the pull request up to date.',
    ],
    operands: idOperand,
    options: {
      'root-cause': { type: 'string', value: 'TEXT', description: 'what it was, for the reviewers', required: true },
      'dry-run': { type: 'boolean', description: 'only show the difference, its plan and the checklist; needs no credentials' },
      ...byOption,
      ...repositoryOptions,
    },
    exits: ['denied', 'stale', 'indeterminate', 'badInput'],
    examples: ['mooring incident resume --env mainnet 2026-01-31-oracle-fault --root-cause stale-price'],
  },
  run,
};

async function run(context: Context, options: Options): Promise<number> {
  const desk = await openDesk(context, options);
  const { kept } = await chosenOpen(desk);
  const { record } = kept;
  const started = await start(context, { ...options, env: desk.name }, []);
  const rootCause = desk.say(text(options, 'root-cause') ?? '');
  const resumed = await draftResume(started, { record, rootCause, by: desk.by });
  if (flag(options, 'dry-run')) {
    const exit = await showDraft(started, started.draft, changeOf(started.draft));
    context.stdout(`\n${told(resumed).join('\n')}\n`);
    return exit;
  }
  const lines = checklistLines(resumed.resume, resumed.checklist).map((line) => redactMarkdown(line, context.env));
  const repository = await started.repository();
  // Nothing is pushed that would not load.
  changeOf(started.draft);
  const pull = await openProposal(repository, started.draft, {
    ...{ branch: proposalBranch(desk.name, 'incident', [record.id, 'resume']), base: started.base, lines },
    ...{
      title: `Resume ${record.components.map(({ name }) => name).join(', ')}: ${record.title}`,
      reason: `The incident ${record.id} is settled: ${rootCause}`,
    },
  });
  await note(desk, kept, (current) => ({
    record: current,
    entries: [desk.entry('resume', `#${pull.number} asks to resume: ${rootCause}`, { pull: pull.number, key: `resume:${pull.number}` })],
  }));
  print(desk, resumed, pull);
  return exitCodes.done;
}

function told({ checklist }: Resumed): string[] {
  const line = (what: string, { good, text: said }: { good: boolean; text: string }): string => `  ${good ? '✓' : '✗'} ${what}: ${said}`;
  return [line('roles', checklist.roles), line('parameters', checklist.parameters), line('first round', checklist.firstRound)];
}

function print({ context, options, say }: IncidentDesk, resumed: Resumed, { number, title, url }: { number: number; title: string; url: string }): void {
  if (text(options, 'format') === 'json') {
    context.stdout(`${JSON.stringify({ pull: number, url, ...resumed }, null, 2)}\n`);
    return;
  }
  context.stdout(`#${number} ${title}: ${url}\n${told(resumed).map(say).join('\n')}\n`);
}
