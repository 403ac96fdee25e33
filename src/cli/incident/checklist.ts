// The questions that have to be answered before an incident's contracts run again, each with what was seen.
import { fieldAt } from '../../kinds/fields.ts';
import type { Kinds } from '../../kinds/kind.ts';
import { code, prose } from '../../render/markdown.ts';
import type { Change, Resume } from '../../types.ts';
import type { Answer } from './first-round.ts';

export type Checklist = Record<'roles' | 'parameters' | 'firstRound', Answer>;

export type Compared = {
  /** Every difference between the files as proposed and the chain. */
  changes: readonly Change[];
  /** Fields that the resume itself is about: `contract.field`. */
  own: ReadonlySet<string>;
  kinds: Kinds;
  /** Fields that are declared, and how many of them are roles. */
  declared: { roles: number; parameters: number };
};

/** Live roles and parameters against the declared ones, of the whole environment: an attacker needn't stay where the incident is. */
export function compared({ changes, own, kinds, declared }: Compared): Pick<Checklist, 'roles' | 'parameters'> {
  const others = changes.filter(({ contract, field }) => !own.has(`${contract}.${field}`));
  const answer = (what: string, amount: number, found: readonly Change[]): Answer =>
    found.length === 0
      ? { good: true, text: `all ${amount} declared ${what} are live as they are declared` }
      : { good: false, text: cut(`live and declared ${what} differ: ${found.map(describe).join(', ')}`) };
  return {
    roles: answer(
      'roles',
      declared.roles,
      others.filter((change) => isRole(kinds, change.kind, change.field)),
    ),
    parameters: answer(
      'parameters',
      declared.parameters,
      others.filter((change) => !isRole(kinds, change.kind, change.field)),
    ),
  };
}

/** Whether a field says who may do something. */
export function isRole(kinds: Kinds, kind: string, path: string): boolean {
  const own = kinds.get(kind);
  const field = own === undefined ? undefined : fieldAt(own, path)?.field;
  return field !== undefined && (field.shape === 'members' || field.shape === 'keyedMembers' || (field.role !== undefined && field.role !== 'pause'));
}

function describe({ id, from }: Change): string {
  return from?.type === 'unknown' ? `${id} (could not be read)` : id;
}

/** As much as the file takes. */
function cut(text: string): string {
  return text.length <= 1_500 ? text : `${text.slice(0, 1_499)}…`;
}

/** For the pull request's body. What isn't ticked was not found good: whoever approves it decides so all the same. */
export function checklistLines(resume: Omit<Resume, 'source'>, checklist: Checklist): string[] {
  const line = (good: boolean, title: string, text: string): string => `- [${good ? 'x' : ' '}] **${title}**: ${prose(text)}`;
  return [
    `Incident ${code(resume.incident)}, ${resume.components.map(code).join(', ')}:`,
    '',
    line(true, 'Root cause', resume.rootCause),
    line(checklist.roles.good, 'Roles checked', resume.roles),
    line(checklist.parameters.good, 'Parameters checked', resume.parameters),
    line(checklist.firstRound.good, 'Simulation of the first round', resume.firstRound),
    '',
    `Whoever approves this approves these answers: they are in ${code(`incidents/${resume.incident}.yaml`)}. It raises risk.`,
  ];
}
