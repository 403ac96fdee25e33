// mooring slash: an act that slashes a validator once, by pull request.
import { exitCodes, MooringError } from '../errors.ts';
import { count } from '../render/lexicon.ts';
import { type Command, type Context, errorFormat, flag, type Options, text } from './command.ts';
import { repositoryOptions } from './pr/repository.ts';
import type { TypedSlash } from './propose/add-acts.ts';
import type { Started } from './propose/start.ts';
import { redact } from './secrets/secrets.ts';

const values = ['round', 'validator', 'amount', 'recipient'] as const;

export const slash: Command = {
  spec: {
    name: 'slash',
    summary: 'slash a validator once, by pull request',
    description: [
      'Writes acts/<id>.yaml and opens or updates its pull request. Approved and merged, it is sent exactly once: the reason on chain',
      'ends in [<environment>/<id>]. With --from-log, one act for each slash that an orchestrator has logged and that is neither an act',
      'nor on chain yet; what a line says to the letter, its time included, is one slash.',
    ],
    options: {
      round: { type: 'string', value: 'N', description: 'the round’s number' },
      validator: { type: 'string', value: 'ACCOUNT', description: 'who is slashed: a name of the address book, or an address' },
      amount: { type: 'string', value: 'AMOUNT', description: 'how much stake, as in "5 AGIALPHA"' },
      recipient: { type: 'string', value: 'ACCOUNT', description: 'who gets the part that is not burned' },
      'from-log': { type: 'string', value: 'FILE', description: 'an orchestrator’s log, in place of the four values' },
      contract: { type: 'string', value: 'NAME', description: 'the arena (default: the only one that is declared)' },
      id: { type: 'string', value: 'ID', description: 'the act’s id (default: made of round and validator)' },
      title: { type: 'string', description: 'the pull request’s title (default: what is done)' },
      reason: { type: 'string', description: 'why, on one line: it goes on chain; with --from-log the log’s own does', required: true },
      'dry-run': { type: 'boolean', description: 'only show the file and its plan; needs no credentials' },
      ...repositoryOptions,
      format: errorFormat,
    },
    exits: ['denied', 'stale', 'indeterminate', 'badInput'],
    examples: [
      'mooring slash --env local --round 12 --validator validator-a --amount "5 AGIALPHA" --recipient treasury-safe --reason "moderation:block"',
      'mooring slash --env local --from-log orchestrator.ndjson --reason "the night of the 26th" --dry-run',
    ],
  },
  run,
};

async function run(context: Context, options: Options): Promise<number> {
  checkFlags(options);
  const [{ start }, { changeOf, openProposal, proposalBranch, showDraft }] = await Promise.all([
    import('./propose/start.ts'),
    import('./propose/open-proposal.ts'),
  ]);
  const started = await start(context, options, []);
  const { draft, base } = started;
  const ids = await edit(started);
  if (ids.length === 0) throw new MooringError('NOTHING_TO_PROPOSE', 'every slash of the log is an act or on chain already');
  const shown = await showDraft(started, draft, changeOf(draft));
  if (flag(options, 'dry-run')) return shown;
  const title = text(options, 'title') ?? `Slash: ${ids.length === 1 ? ids[0] : count(ids.length, 'act')} (${draft.environment})`;
  const proposal = { branch: proposalBranch(draft.environment, 'slash', ids), base, title, reason: text(options, 'reason') ?? '' };
  const pull = await openProposal(await started.repository(), draft, proposal);
  context.stdout(`\n#${pull.number} ${pull.title}: ${pull.url}\n`);
  return exitCodes.done;
}

/** Throws USAGE. */
function checkFlags(options: Options): void {
  const given = values.filter((name) => text(options, name) !== undefined);
  if (text(options, 'from-log') === undefined) {
    const missing = values.filter((name) => !given.includes(name));
    if (missing.length > 0) throw new MooringError('USAGE', `--${missing.join(', --')} missing`, { fix: 'give all four values, or --from-log FILE' });
    return;
  }
  const besides = [...given, ...(text(options, 'id') === undefined ? [] : ['id'])];
  if (besides.length > 0) throw new MooringError('USAGE', `--from-log and --${besides.join(', --')} exclude each other`, { fix: 'leave one of them out' });
}

/** Ids of the new acts. SIDE EFFECTS: the draft; says what was passed over. */
async function edit(started: Started): Promise<string[]> {
  const { context, options, draft } = started;
  const { addLogged, addTyped } = await import('./propose/add-acts.ts');
  const log = text(options, 'from-log');
  if (log === undefined) return [addTyped(draft, typed(context, options))];
  const [{ readNamedFile }, { readSlashLog }] = await Promise.all([import('./read-named-file.ts'), import('./propose/slash-log.ts')]);
  const content = new TextDecoder().decode(readNamedFile(context.cwd, log, 'logs'));
  const slashes = readSlashLog(log, content).map((one) => ({ ...one, reason: redact(one.reason, context.env) }));
  const { added, skipped } = await addLogged(started, slashes, text(options, 'contract') ?? null);
  for (const { slash: one, why } of skipped) context.stderr(`passed over: the slash of ${one.validator} in round ${one.round} ${why}\n`);
  return [...added];
}

/** What is written into a file stays there: secrets are taken out first. */
function typed(context: Context, options: Options): TypedSlash {
  const given = (name: string): string => text(options, name) ?? '';
  const [round, validator, amount, recipient] = [given('round'), given('validator'), given('amount'), given('recipient')];
  const reason = redact(given('reason'), context.env);
  return { round, validator, amount, recipient, reason, contract: text(options, 'contract') ?? null, id: text(options, 'id') ?? null };
}
