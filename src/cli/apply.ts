// mooring apply: send the plan that was approved, once, and verify it.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { execute } from '../apply/execute.ts';
import { exitCodes, MooringError } from '../errors.ts';
import { approvalWords, count, nameAddresses } from '../render/lexicon.ts';
import { planText } from '../render/plan-text.ts';
import { runText } from '../render/run-text.ts';
import type { Plan } from '../types.ts';
import { toJson } from '../values.ts';
import { type Command, type Context, flag, type Options, text } from './command.ts';
import { headCommit } from './environment/head-commit.ts';
import { leaseOptions, openJournal } from './environment/journal.ts';
import { lexiconOf, type Opened, openEnvironment } from './environment/open.ts';
import { recallPlan } from './environment/plan-cache.ts';
import { makePlan } from './environment/walk.ts';
import { warnIfBehind } from './environment/warn-if-behind.ts';
import { planExit } from './exits.ts';
import { makeLog } from './log.ts';
import { loadSigners } from './secrets/signers.ts';

export const apply: Command = {
  spec: {
    name: 'apply',
    summary: 'send an approved plan, once, and verify it',
    description: [
      'Makes the plan again and sends it only where it is the one that was approved: by --digest, by --plan, or typed on a terminal.',
      'Each transaction is journaled before it is sent; the command can be killed at any point and started again.',
      'Afterwards everything is read again, and a receipt is kept under .mooring/.',
    ],
    options: {
      digest: { type: 'string', value: 'DIGEST', description: 'the digest of the approved plan' },
      plan: { type: 'string', value: 'FILE', description: 'the approved plan, as plan --out wrote it' },
      ...leaseOptions,
      unproven: { type: 'boolean', description: 'send although the simulation could not be run; policy may forbid it' },
    },
    exits: ['denied', 'stale', 'indeterminate', 'badInput'],
    examples: ['mooring apply --env local', 'mooring apply --env local --plan plan.json'],
  },
  run,
};

type Approved = { digest: string; approvedBy: string; plan: Plan | null; reuseDigest: boolean };

async function run(context: Context, options: Options): Promise<number> {
  const opened = openEnvironment(context, options);
  try {
    await warnIfBehind(opened, context, options);
    const approved = givenDigest(context, options) ?? (await typedDigest(opened, context, options));
    return approved === null ? exitCodes.failure : await send(opened, approved, { context, options });
  } finally {
    opened.close();
  }
}

async function send(opened: Opened, approved: Approved, { context, options }: { context: Context; options: Options }): Promise<number> {
  const { desired, kinds, chain } = opened;
  const log = await makeLog(context, options);
  const lexicon = lexiconOf(opened, context, options);
  const plan = approved.plan ?? recallPlan(opened.directory, approved.digest);
  const signers = await loadSigners(opened, context);
  const result = await execute({
    digest: approved.digest,
    ...(plan === null ? {} : { plan }),
    replan: async () => refuseUnapproved((await makePlan(opened, { now: context.now, proof: true })).plan),
    chain,
    signers,
    journal: await openJournal(context, opened, { signers, log, options }),
    environment: desired.environment,
    policy: desired.policy,
    kinds,
    contracts: desired.state.contracts,
    allowUnproven: flag(options, 'unproven'),
    reuseDigest: approved.reuseDigest,
    approvedBy: approved.approvedBy,
    commit: headCommit(opened.root),
    now: context.now,
    log: (message, data) => log(nameAddresses(message, lexicon), data),
  });
  context.stdout(text(options, 'format') === 'json' ? `${JSON.stringify(toJson(result), null, 2)}\n` : runText(result, lexicon));
  return result.outcome === 'done' ? exitCodes.done : planExit(result.findings) || exitCodes.failure;
}

/** A digest on a command line is nobody's approval: where policy asks for approvals, only an approved pull request applies. */
function refuseUnapproved(plan: Plan): Plan {
  if (plan.steps.length === 0 || plan.approvals.length === 0) return plan;
  throw new MooringError('APPROVAL_REQUIRED', `policy asks for ${approvalWords(plan.approvals)}, and a local apply has none`, {
    fix: 'open a pull request with this change (mooring propose does); what is approved and merged is applied from the default branch',
  });
}

function givenDigest(context: Context, options: Options): Approved | null {
  const digest = text(options, 'digest');
  if (digest !== undefined && text(options, 'plan') !== undefined)
    throw new MooringError('USAGE', 'give --digest or --plan, not both: they may name two plans');
  if (digest !== undefined) return { digest: fullDigest(digest), approvedBy: 'digest given on the command line', plan: null, reuseDigest: false };
  const fromFile = digestOfFile(context, options);
  return fromFile === undefined ? null : { digest: fullDigest(fromFile), approvedBy: 'plan file given on the command line', plan: null, reuseDigest: false };
}

function fullDigest(digest: string): string {
  if (!/^[0-9a-f]{64}$/i.test(digest))
    throw new MooringError('USAGE', `"${digest}" is not a digest`, { fix: 'a digest has 64 hexadecimal digits; mooring plan prints it' });
  return digest.toLowerCase();
}

function digestOfFile(context: Context, options: Options): string | undefined {
  const file = text(options, 'plan');
  if (file === undefined) return undefined;
  const invalid = (why: string): MooringError => new MooringError('PLAN_FILE_INVALID', `${file}: ${why}`, { fix: 'write it with mooring plan --out' });
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(resolve(context.cwd, file), 'utf8'));
  } catch (error) {
    throw invalid(error instanceof SyntaxError ? 'not JSON' : 'can not be read');
  }
  if (typeof content !== 'object' || content === null || !('digest' in content) || typeof content.digest !== 'string') throw invalid('no digest in it');
  return content.digest;
}

/** Shows the plan and asks for the first characters of its digest; null where the person declines. */
async function typedDigest(opened: Opened, context: Context, options: Options): Promise<Approved | null> {
  if (context.ask === null)
    throw new MooringError('CONFIRMATION_MISSING', 'nothing is sent without --digest, --plan or a typed confirmation', {
      fix: `run mooring plan --env ${opened.name}, read it, and pass its digest`,
    });
  const { plan } = await makePlan(opened, { now: context.now, proof: true });
  context.stderr(planText(plan, lexiconOf(opened, context, options), planExit(plan.findings) !== exitCodes.done));
  const approved: Approved = { digest: plan.digest, approvedBy: 'typed on a terminal', plan, reuseDigest: true };
  if (planExit(plan.findings) !== exitCodes.done)
    throw new MooringError('PLAN_BLOCKED', 'this plan has errors and can not be applied', { findings: plan.findings });
  if (plan.steps.length === 0) return approved;
  const short = plan.digest.slice(0, 8);
  const answer = await context.ask(`\nType ${short} to send ${count(plan.steps.length, 'transaction')}, anything else to stop: `);
  if (answer.trim().toLowerCase() === short) return approved;
  context.stderr('Stopped; nothing was sent.\n');
  return null;
}
