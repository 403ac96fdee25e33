// mooring propose …: an edit of desired state as a pull request, comments and formatting kept.
import { exitCodes, MooringError } from '../errors.ts';
import type { Change as PlannedChange, Reduction } from '../types.ts';
import { type Command, type CommandSpec, type Context, errorFormat, flag, type OptionSpec, type Options, operands, text } from './command.ts';
import { repositoryOptions } from './pr/repository.ts';
import type { Draft } from './propose/files.ts';
import type { Started } from './propose/start.ts';
import { redact } from './secrets/secrets.ts';

const proposalOptions: Readonly<Record<string, OptionSpec>> = {
  title: { type: 'string', description: 'the pull request’s title (default: what is done)' },
  reason: { type: 'string', description: 'why, for the reviewers', required: true },
  'dry-run': { type: 'boolean', description: 'only show the difference and its plan; needs no credentials' },
  ...repositoryOptions,
  format: errorFormat,
};

const liftOptions: Readonly<Record<string, OptionSpec>> = {
  by: { type: 'string', value: 'NAME', description: 'who decides it (default: whose credentials these are)' },
};

type Verb = {
  name: string;
  summary: string;
  description: readonly string[];
  operands: { value: string; description: string };
  options?: Readonly<Record<string, OptionSpec>>;
  example: string;
  /** Returns operands that change nothing, as git says so already. SIDE EFFECTS: edits the draft. */
  edit(started: Started, draft: Draft): Promise<readonly string[] | undefined>;
  /** A title for these operands. */
  title(words: readonly string[]): string;
};

const places = { value: 'CONTRACT.FIELD', description: 'a difference: contract.field, or contract.field[member] for one member' };
const members = { value: 'CONTRACT.FIELD=ACCOUNT', description: 'a set and its member, by name or address' };
const contracts = { value: 'CONTRACT', description: 'a contract’s name' };

export const proposeSet = command({
  name: 'propose set',
  summary: 'edit values in YAML and open a pull request',
  description: [
    'Edits the files as the branch has them now, comments and formatting kept, checks the result, shows its plan, and opens or updates the pull request.',
  ],
  operands: { value: 'CONTRACT.FIELD=VALUE', description: 'a value as it is written in YAML: 60%, 150 AGIALPHA, a name' },
  example: 'mooring propose set arena.teacherRewardSplitBps=60% arena.studentRewardSplitBps=20% --env local --reason "more for teachers"',
  edit: async (started, draft) => (await import('./propose/edit-draft.ts')).setValues(draft, started.words),
  title: (words) => `Set ${words.join(', ')}`,
});

export const proposeGrant = command({
  name: 'propose grant',
  summary: 'add a member to a set, by pull request',
  description: ['Adds accounts to member sets in YAML, and opens or updates the pull request.'],
  operands: members,
  example: 'mooring propose grant arena.orchestrators=orchestrator-c --env local --reason "a second machine"',
  edit: async (started, draft) => (await import('./propose/edit-draft.ts')).changeMembers(draft, started.words, 'add'),
  title: (words) => `Grant ${words.join(', ')}`,
});

export const proposeRevoke = command({
  name: 'propose revoke',
  summary: 'take a member out of a set, by pull request',
  description: ['Takes accounts out of member sets in YAML, and opens or updates the pull request.'],
  operands: members,
  example: 'mooring propose revoke arena.orchestrators=orchestrator-a --env local --reason "key retired"',
  edit: async (started, draft) => (await import('./propose/edit-draft.ts')).changeMembers(draft, started.words, 'remove'),
  title: (words) => `Revoke ${words.join(', ')}`,
});

export const proposePause = command({
  name: 'propose pause',
  summary: 'pause contracts, by pull request',
  description: [
    'Declares contracts paused, and opens or updates the pull request. In an emergency pause first, with the guardian’s key: git adopts it afterwards.',
  ],
  operands: contracts,
  example: 'mooring propose pause arena --env local --reason "maintenance"',
  edit: async (started, draft) => (await import('./propose/edit-draft.ts')).setPaused(draft, started.words, true),
  title: (words) => `Pause ${words.join(', ')}`,
});

export const proposeUnpause = command({
  name: 'propose unpause',
  summary: 'unpause contracts, by pull request, with the lifts that this takes',
  description: [
    'Declares contracts running. Where an emergency pause stands, its lift is written too, naming its transaction: whoever approves the pull request',
    'decides to reverse it.',
  ],
  operands: contracts,
  options: liftOptions,
  example: 'mooring propose unpause arena --env local --reason "incident 7 is settled"',
  async edit(started, draft) {
    const { addLifts, pauseField, setPaused } = await import('./propose/edit-draft.ts');
    const { targetOf } = await import('./propose/files.ts');
    setPaused(draft, started.words, false);
    const flags = started.words.map((name) => targetOf(draft, name)).map((target) => ({ contract: target.contract.name, field: pauseField(target).name }));
    const { reductions } = await (await import('./propose/standing.ts')).standing(started, draft);
    const own = reductions.filter((one) => flags.some(({ contract, field }) => one.contract === contract && one.field === field));
    addLifts(draft, own, await decision(started));
  },
  title: (words) => `Unpause ${words.join(', ')}`,
});

export const proposeLift = command({
  name: 'propose lift',
  summary: 'reverse an emergency measure, by pull request',
  description: ['Writes into lifts.yaml which reduction of risk is to be reversed, by its transaction, so that what git declares is planned again.'],
  operands: places,
  options: liftOptions,
  example: 'mooring propose lift stake-manager.maxStakePerAddress --env local --reason "the alarm was false"',
  async edit(started, draft) {
    const { addLifts, namedChanges } = await import('./propose/edit-draft.ts');
    const found = await (await import('./propose/standing.ts')).standing(started, draft);
    const wanted = namedChanges(draft, found.changes, started.words);
    const own = found.reductions.filter((one) => wanted.some((change) => isAbout(one, change)));
    if (addLifts(draft, own, await decision(started)) === 0)
      throw new MooringError('CHANGE_UNKNOWN', `no emergency measure stands against ${started.words.join(', ')}`, { fix: 'mooring drift tells what does' });
  },
  title: (words) => `Lift the emergency measure on ${words.join(', ')}`,
});

export const proposeAdopt = command({
  name: 'propose adopt',
  summary: 'write live values that differ into YAML, by pull request',
  description: ['What somebody changed past git becomes what git says; reviewed like any change, since it accepts a risk.'],
  operands: places,
  example: 'mooring propose adopt arena.committeeSize --env local --reason "set by hand during the incident"',
  async edit(started, draft) {
    const { adoptChanges, namedChanges } = await import('./propose/edit-draft.ts');
    const { changes, live } = await (await import('./propose/standing.ts')).standing(started, draft);
    adoptChanges(draft, live, namedChanges(draft, changes, started.words));
  },
  title: (words) => `Adopt ${words.join(', ')} as it is on chain`,
});

export const proposeIgnore = command({
  name: 'propose ignore',
  summary: 'answer for a difference until a day, by pull request',
  description: ['Writes into ignores.yaml who answers for a difference and until when; it is listed, and not taken for drift, until then.'],
  operands: places,
  options: {
    owner: { type: 'string', value: 'NAME', description: 'who answers for it', required: true },
    until: { type: 'string', value: 'TIME', description: 'until when, as in 2026-01-31T00:00:00Z', required: true },
  },
  example: 'mooring propose ignore arena.committeeSize --env local --owner alice --until 2026-12-31T00:00:00Z --reason "experiment"',
  async edit(started, draft) {
    const { addIgnores } = await import('./propose/edit-draft.ts');
    const until = Date.parse(text(started.options, 'until') ?? '');
    if (Number.isNaN(until) || until <= started.context.now())
      throw new MooringError('USAGE', '--until is no time that lies ahead', { fix: 'write it as 2026-12-31T00:00:00Z' });
    const [owner, reason] = [given(started, 'owner'), given(started, 'reason')];
    addIgnores(draft, started.words, { until: BigInt(Math.floor(until / 1000)), owner, reason });
  },
  title: (words) => `Ignore ${words.join(', ')} for a while`,
});

/** Its pull request adds an approval, not an edit: a command of its own kind. */
export const proposeRevert: Command = {
  spec: specOf({
    name: 'propose revert',
    summary: 'put the chain back to what git says, by pull request',
    description: ['Asks to approve the plan that restores declared values: its pull request adds one file, named by the digest of that plan.'],
    operands: places,
    example: 'mooring propose revert arena.committeeSize --env local --reason "nobody asked for it"',
  }),
  async run(context, options) {
    const [{ start }, { revert }] = await Promise.all([import('./propose/start.ts'), import('./propose/revert.ts')]);
    return revert(await start(context, options, operands(options)));
  },
};

function specOf(verb: Pick<Verb, 'name' | 'summary' | 'description' | 'operands' | 'options' | 'example'>): CommandSpec {
  return {
    name: verb.name,
    summary: verb.summary,
    description: verb.description,
    operands: verb.operands,
    options: { ...verb.options, ...proposalOptions },
    exits: ['denied', 'stale', 'indeterminate', 'badInput'],
    examples: [verb.example, `${verb.example} --dry-run`],
  };
}

function command(verb: Verb): Command {
  return {
    spec: specOf(verb),
    async run(context: Context, options: Options): Promise<number> {
      const [{ start }, { changeOf, openProposal, proposalBranch, showDraft }] = await Promise.all([
        import('./propose/start.ts'),
        import('./propose/open-proposal.ts'),
      ]);
      const started = await start(context, options, operands(options));
      const { draft, base } = started;
      const already = (await verb.edit(started, draft)) ?? [];
      if (already.length > 0) context.stdout(`already so: ${already.map(placeIn).join(', ')}\n\n`);
      const shown = await showDraft(started, draft, changeOf(draft));
      if (flag(options, 'dry-run')) return shown;
      const repository = await started.repository();
      const kind = verb.name.slice('propose '.length);
      const title = text(options, 'title') ?? verb.title(started.words.filter((word) => !already.includes(word)));
      const proposal = { branch: proposalBranch(draft.environment, kind, started.words.map(placeIn)), base, title, reason: text(options, 'reason') ?? '' };
      const pull = await openProposal(repository, draft, proposal);
      context.stdout(`\n#${pull.number} ${pull.title}: ${pull.url}\n`);
      return exitCodes.done;
    },
  };
}

/** What is proposed, without the value: another value for the same place is the same proposal. */
function placeIn(word: string): string {
  return word.split('=', 1)[0] ?? word;
}

function isAbout({ contract, field, member }: Reduction, change: PlannedChange): boolean {
  return contract === change.contract && field === change.field && (change.member === undefined || member?.toLowerCase() === change.member.toLowerCase());
}

async function decision(started: Started): Promise<{ reason: string; by: string }> {
  const by =
    text(started.options, 'by') ?? (flag(started.options, 'dry-run') ? 'whoever opens it' : (await (await started.repository()).github.identity()).login);
  return { reason: given(started, 'reason'), by };
}

/** What is written into a file stays there: secrets are taken out first. */
function given({ options, context }: Started, name: string): string {
  return redact(text(options, name) ?? '', context.env);
}
