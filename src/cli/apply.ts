// mooring apply: send the plan that was approved, once, and verify it.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { execute } from '../apply/execute.ts';
import { exitCodes, MooringError } from '../errors.ts';
import { openFileStore } from '../journal/file-store.ts';
import { runText } from '../render/run-text.ts';
import { planText } from '../render/plan-text.ts';
import type { Plan } from '../types.ts';
import { toJson } from '../values.ts';
import { type Command, type Context, flag, type Options, text } from './command.ts';
import { planExit } from './exits.ts';
import { headCommit } from './head-commit.ts';
import { makeLog } from './log.ts';
import { lexiconOf, type Opened, openEnvironment } from './open.ts';
import { loadSigners } from './signers.ts';
import { makePlan } from './walk.ts';

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
      unproven: { type: 'boolean', description: 'send although the simulation could not be run; policy may forbid it' },
    },
    exits: ['denied', 'stale', 'indeterminate', 'badInput'],
    examples: ['mooring apply --env local', 'mooring apply --env local --plan plan.json'],
  },
  run,
};

async function run(context: Context, options: Options): Promise<number> {
  const opened = openEnvironment(context, options);
  try {
    const digest = text(options, 'digest') ?? digestOfFile(context, options) ?? (await typedDigest(opened, context, options));
    return digest === null ? exitCodes.failure : await send(opened, context, { options, digest });
  } finally {
    opened.close();
  }
}

async function send(opened: Opened, context: Context, input: { options: Options; digest: string }): Promise<number> {
  const { options, digest } = input;
  const replan = async (): Promise<Plan> => (await makePlan(opened, { now: context.now, proof: true })).plan;
  const result = await execute({
    digest: fullDigest(digest),
    replan,
    chain: opened.chain,
    signers: await loadSigners(opened, context),
    journal: openFileStore(opened.directory),
    environment: opened.desired.environment,
    policy: opened.desired.policy,
    kinds: opened.kinds,
    contracts: opened.desired.state.contracts,
    allowUnproven: flag(options, 'unproven'),
    approvedBy: text(options, 'plan') === undefined ? 'digest given by the operator' : 'plan file given by the operator',
    commit: headCommit(opened.root),
    now: context.now,
    log: makeLog(context, options),
  });
  context.stdout(text(options, 'format') === 'json' ? `${JSON.stringify(toJson(result), null, 2)}\n` : runText(result, lexiconOf(opened, context, options)));
  return result.outcome === 'done' ? exitCodes.done : planExit(result.findings) || exitCodes.failure;
}

function fullDigest(digest: string): string {
  if (!/^[0-9a-f]{64}$/i.test(digest)) throw new MooringError('USAGE', `"${digest}" is not a digest`, { fix: 'a digest has 64 hexadecimal digits; mooring plan prints it' });
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
async function typedDigest(opened: Opened, context: Context, options: Options): Promise<string | null> {
  if (context.ask === null) throw new MooringError('CONFIRMATION_MISSING', 'nothing is sent without --digest, --plan or a typed confirmation', { fix: `run mooring plan --env ${opened.name}, read it, and pass its digest` });
  const { plan } = await makePlan(opened, { now: context.now, proof: true });
  context.stderr(planText(plan, lexiconOf(opened, context, options)));
  const blocked = planExit(plan.findings);
  if (blocked !== exitCodes.done) throw new MooringError('PLAN_BLOCKED', 'this plan has errors and can not be applied', { findings: plan.findings });
  if (plan.steps.length === 0) return plan.digest;
  const short = plan.digest.slice(0, 8);
  const answer = await context.ask(`\nType ${short} to send ${plan.steps.length} transaction${plan.steps.length === 1 ? '' : 's'}, anything else to stop: `);
  if (answer.trim().toLowerCase() === short) return plan.digest;
  context.stderr('Stopped; nothing was sent.\n');
  return null;
}

