// The resume of an incident as a draft: its contracts run, the pauses that stand are lifted, the checklist is answered.
import { writeResume } from '../../desired/edit/write-resume.ts';
import { MooringError } from '../../errors.ts';
import type { Resume } from '../../types.ts';
import { planDraft } from '../pr/plan-environment.ts';
import { addLifts, pauseField, setPaused } from '../propose/edit-draft.ts';
import { type Draft, targetOf } from '../propose/files.ts';
import { changeOf } from '../propose/open-proposal.ts';
import { type Standing, standing } from '../propose/standing.ts';
import type { Started } from '../propose/start.ts';
import { type Checklist, compared, isRole } from './checklist.ts';
import { firstRounds } from './first-round.ts';
import type { Kept } from './incident-branch.ts';

export type Resuming = { record: Kept['record']; rootCause: string; by: string };

export type Resumed = { resume: Omit<Resume, 'source'>; checklist: Checklist };

/** SIDE EFFECTS: the draft of `started`; asks the chain. Throws USAGE, EDIT_*, INPUT_INVALID, RPC_*. */
export async function draftResume(started: Started, { record, rootCause, by }: Resuming): Promise<Resumed> {
  const { draft } = started;
  const flags = flagsOf(draft, record);
  setPaused(
    draft,
    flags.map(({ contract }) => contract),
    false,
  );
  const found = await standing(started, draft);
  const own = found.reductions.filter((one) => flags.some(({ contract, field }) => one.contract === contract && one.field === field));
  addLifts(draft, own, { reason: `incident ${record.id}: ${rootCause}`.slice(0, 1_000), by });
  const resume = { incident: record.id, components: record.components.map(({ name }) => name), rootCause, by };
  const checklist = await check(started, { flags, found, resume });
  const { roles, parameters, firstRound } = checklist;
  const whole = { ...resume, roles: roles.text, parameters: parameters.text, firstRound: firstRound.text };
  draft.edited.set(fileOf(draft, record.id), writeResume(whole));
  return { resume: whole, checklist };
}

type Flag = { contract: string; field: string };

/** Of the incident's contracts that are declared and can be paused. */
function flagsOf(draft: Draft, { id, components }: Kept['record']): Flag[] {
  const flags = components.flatMap(({ name }) => {
    try {
      return [{ contract: name, field: pauseField(targetOf(draft, name)).name }];
    } catch (error) {
      if (error instanceof MooringError && (error.code === 'CONTRACT_UNKNOWN' || error.code === 'FIELD_UNKNOWN')) return [];
      throw error;
    }
  });
  if (flags.length > 0) return flags;
  throw new MooringError('USAGE', `the incident ${id} is about nothing that could run again`, {
    fix: `mooring incident close --env ${draft.environment} ${id}`,
  });
}

function fileOf({ environment }: Draft, id: string): string {
  return `desired-state/${environment}/incidents/${id}.yaml`;
}

type Checking = { flags: readonly Flag[]; found: Standing; resume: Pick<Resume, 'incident' | 'components' | 'rootCause' | 'by'> };

async function check(started: Started, { flags, found, resume }: Checking): Promise<Checklist> {
  const { draft } = started;
  const { kinds } = draft.loaded;
  const own = new Set(flags.map(({ contract, field }) => `${contract}.${field}`));
  const answers = compared({ changes: found.changes, own: withAliases(draft, own), kinds, declared: countDeclared(draft.loaded) });
  return { ...answers, firstRound: await tryRound(started, { flags, found, resume }) };
}

/** A flag under any of its names. */
function withAliases(draft: Draft, own: ReadonlySet<string>): ReadonlySet<string> {
  const all = [...own].flatMap((place) => {
    const [contract = '', field = ''] = place.split('.');
    const { fields } = targetOf(draft, contract).kind;
    const root = fields.get(field)?.aliasOf ?? field;
    return [...fields.values()].filter(({ name, aliasOf }) => name === root || aliasOf === root).map(({ name }) => `${contract}.${name}`);
  });
  return new Set(all);
}

function countDeclared({ desired, kinds }: Draft['loaded']): { roles: number; parameters: number } {
  const paths = desired.state.contracts.flatMap(({ kind, fields, observe }) =>
    [...fields.keys()].flatMap((path) => (observe.has(path) ? [] : [{ kind, path }])),
  );
  const roles = paths.filter(({ kind, path }) => isRole(kinds, kind, path)).length;
  return { roles, parameters: paths.length - roles };
}

/** On the plan of this very resume, which nothing holds up. */
async function tryRound(started: Started, { resume, found }: Checking): Promise<Checklist['firstRound']> {
  const { draft } = started;
  const pending = writeResume({ ...resume, roles: 'pending', parameters: 'pending', firstRound: 'pending' });
  const trial: Draft = { ...draft, edited: new Map([...draft.edited, [fileOf(draft, resume.incident), pending]]) };
  const planned = await planDraft(started, draft.environment, changeOf(trial));
  const plan = planned.change?.plan;
  const wrong = (plan?.findings ?? planned.findings).filter(({ severity }) => severity === 'error');
  if (plan === undefined || wrong.length > 0)
    return { good: false, text: `not tried, since there is no plan of this: ${wrong.map(({ code }) => code).join(', ')}` };
  return started.withChain(draft.loaded, (opened) => firstRounds(opened, { plan, live: found.live, contracts: resume.components }));
}
