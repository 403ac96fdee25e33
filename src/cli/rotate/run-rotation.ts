// A rotation from its review to the look at the runner. SIDE EFFECTS: what the command line asks for.

import { zeroAddress } from '../../desired/read-address.ts';
import { exitCodes, MooringError } from '../../errors.ts';
import { fieldAt } from '../../kinds/fields.ts';
import { type AccessRow, accessLines } from '../../render/access-text.ts';
import { type Lexicon, paint, showAddress } from '../../render/lexicon.ts';
import { planText } from '../../render/plan-text.ts';
import type { Address, Finding, Hex } from '../../types.ts';
import { reviewAccess, roleOf } from '../access/review.ts';
import { type Context, flag, type Options, text } from '../command.ts';
import { lexiconOf, type Opened, openEnvironment } from '../environment/open.ts';
import { warnIfBehind } from '../environment/warn-if-behind.ts';
import { type Log, makeLog } from '../log.ts';
import { accountOf } from '../propose/files.ts';
import { reportError } from '../report-error.ts';
import { askUnread } from './ask-unread.ts';
import { runnerKeyOption, runnerKeyVariable, signsWith } from './edit-signer.ts';
import { type Held, heldBy, holdersOf, isOf, placeOf, type Rotation, refuseBoth } from './held.ts';
import { openUrgent } from './open-urgent.ts';
import { planRevocation } from './plan-revocation.ts';
import { proposeRotation } from './propose-rotation.ts';
import { lastOf, revocationsOf, revoke } from './revoke.ts';
import { roundLines } from './round-lines.ts';
import { sayRunner } from './say-runner.ts';

export type Rotating = {
  context: Context;
  options: Options;
  opened: Opened;
  lexicon: Lexicon;
  rotation: Rotation;
  reason: string;
  /** All that hold the role, live. */
  holders: readonly AccessRow[];
  /** What the old account holds of it, live or, of a compromised one, by git alone. */
  held: readonly Held[];
  /** What else the old account may do, live; null where not all of it could be read. */
  others: readonly string[] | null;
  /** Sets of which only is known whether the old account is in: `arena.orchestrators`. */
  partly: ReadonlySet<string>;
  /** Where it may hold the role, and nothing says whether it does. */
  untold: readonly Finding[];
};

export async function runRotation(context: Context, options: Options): Promise<number> {
  const isUrgent = flag(options, 'compromised') && !flag(options, 'check');
  const { opened, leftOut } = isUrgent
    ? openUrgent(context, options, await makeLog(context, options))
    : { opened: openEnvironment(context, options), leftOut: [] };
  try {
    await warnIfBehind(opened, context, options);
    const lexicon = lexiconOf(opened, context, options);
    const rotation = rotationIn(opened, options);
    const review = await reviewAccess(opened);
    const { report, partly, ...asked } = isUrgent ? await askUnread(opened, review, rotation) : { report: review, ...nothingUnread };
    const untold = [...asked.untold, ...leftOut.filter(({ contract }) => rotation.contract === null || rotation.contract === contract)];
    const holders = holdersOf(report, rotation, { mayBeNone: partly.size > 0 });
    context.stdout(
      `${paint(lexicon, 'bold', `Who holds ${rotation.role} now:`)}\n${accessLines(holders, lexicon).join('\n')}\n${roundLines({ context, options, holders, lexicon }).join('\n')}\n`,
    );
    if (flag(options, 'check')) return await check({ context, options, opened, lexicon, rotation, holders });
    const reason = text(options, 'reason');
    if (reason === undefined) throw new MooringError('USAGE', '--reason is missing', { fix: 'say why, for the reviewers' });
    const held = heldIn({ opened, rotation, holders, options, lexicon });
    const isUnread = review.findings.some(({ severity }) => severity === 'error');
    const others = isUnread ? null : report.rows.filter((row) => row.account === rotation.from && !holders.includes(row)).map(placeOf);
    return await carryOut({ context, options, opened, lexicon, rotation, reason, holders, held, others, partly, untold });
  } finally {
    opened.close();
  }
}

const nothingUnread: Pick<Rotating, 'partly' | 'untold'> = { partly: new Set(), untold: [] };

function rotationIn({ desired, kinds, warnings }: Opened, options: Options): Rotation {
  const draft = { loaded: { desired, kinds, warnings } };
  const fresh = text(options, 'new');
  const from = accountOf(draft, text(options, 'old') ?? '');
  const to = fresh === undefined ? null : accountOf(draft, fresh);
  if (to === null && !flag(options, 'compromised')) throw withoutNew('name the account that is to take its place');
  if (from === to) throw new MooringError('USAGE', '--old and --new are the same account', { fix: 'name the account that is to take its place' });
  if (to === zeroAddress)
    throw new MooringError('USAGE', '--new is the zero address', {
      fix: 'a rotation puts somebody in the old one’s place; mooring propose revoke takes it out',
    });
  if (runnerKeyVariable(options) !== null && to === null) throw withoutNew(`--${runnerKeyOption} is the new account’s key: name that account`);
  return { role: text(options, 'role') ?? '', from, to, contract: text(options, 'contract') ?? null };
}

function withoutNew(fix: string): MooringError {
  return new MooringError('USAGE', '--new is missing', { fix });
}

type Holding = Pick<Rotating, 'opened' | 'options' | 'rotation' | 'holders' | 'lexicon'>;

/** A compromised account may have been revoked already, and git not have heard of it; or only its line in environment.yaml be left. */
function heldIn({ opened, options, rotation, holders, lexicon }: Holding): Held[] {
  const compromised = flag(options, 'compromised');
  const declared = compromised ? declaredOf(opened, rotation) : [];
  const holds = (who: Address | null): boolean => holders.some(({ account }) => account === who);
  if (!holds(rotation.from) && declared.length > 0) return declared;
  if (!holds(rotation.from) && holds(rotation.to) && runnerKeyVariable(options) !== null && signsWith(opened.desired, rotation.from)) return [];
  const show = (account: Address): string => showAddress(lexicon, account);
  const held = heldBy(holders, rotation, show);
  // A compromised one has to go all the same.
  if (!compromised) refuseBoth({ holders, held }, rotation, show);
  return held;
}

function declaredOf({ desired, kinds }: Opened, rotation: Rotation): Held[] {
  const { from, role, contract: only } = rotation;
  return desired.state.contracts.flatMap(({ name, kind, fields }) =>
    [...fields.values()].flatMap(({ path, value }): Held[] => {
      const field = fieldAt(kinds.get(kind) ?? { fields: new Map() }, path)?.field;
      const isRole = field !== undefined && isOf({ field: path, role: roleOf(field) ?? 'member' }, role) && (only === null || only === name);
      return isRole && value.type === 'members' && value.members.includes(from) ? [{ contract: name, field: path, account: from }] : [];
    }),
  );
}

async function carryOut(rotating: Rotating): Promise<number> {
  const { context, options, lexicon } = rotating;
  const compromised = flag(options, 'compromised');
  const isDry = flag(options, 'dry-run');
  const revocations = compromised ? revocationsOf(rotating) : [];
  refuseNobody(rotating, revocations.length > 0);
  sayUnread(rotating);
  const log = await makeLog(context, options);
  if (compromised && !flag(options, 'even-the-last')) await refuseLast({ ...rotating, log });
  if (isDry && revocations.length > 0) {
    const plan = await planRevocation({ ...rotating, revocations });
    context.stdout(`\n${paint(lexicon, 'bold', 'Would be revoked at once:')}\n${planText(plan, lexicon, false)}`);
  }
  const revoked = compromised && !isDry ? await revoke({ ...rotating, log }, revocations) : { done: true, transactions: [] };
  const proposed = await proposeAfter(rotating, { compromised, isRevoked: !isDry && compromised && revoked.done, transactions: revoked.transactions });
  await sayRunner(rotating);
  return revoked.done && rotating.untold.length === 0 ? proposed : exitCodes.failure;
}

/** What could not be looked at holds up nothing, but it must not be taken for nothing. */
function sayUnread({ context, lexicon, rotation, partly, untold }: Rotating): void {
  const who = showAddress(lexicon, rotation.from);
  const known = [...partly].map((place) =>
    paint(lexicon, 'yellow', `Who else is in ${place} could not be read: whether ${who} is the only one there (LAST_HOLDER) can't be judged.`),
  );
  const unknown = untold.map(({ message }) => paint(lexicon, 'red', `NOT looked at: ${who} may hold more. ${message}`));
  if (known.length + unknown.length > 0) context.stdout(`\n${[...known, ...unknown].join('\n')}\n`);
}

export type After = { compromised: boolean; isRevoked: boolean; transactions: readonly Hex[] };

/** What was revoked stays revoked, whatever becomes of the pull request. */
async function proposeAfter(rotating: Rotating, after: After): Promise<number> {
  const { context, options, lexicon } = rotating;
  const { isRevoked } = after;
  const what = isRevoked ? 'Revoked' : 'PARTLY revoked';
  try {
    return await proposeRotation(rotating, after);
  } catch (error) {
    if (!isRevoked && after.transactions.length === 0) throw error;
    if (error instanceof MooringError && error.code === 'NOTHING_TO_PROPOSE') {
      context.stdout(`\n${what}; git says so already, so there is nothing to propose.\n`);
      return exitCodes.done;
    }
    reportError(error, context, options);
    context.stdout(`\n${paint(lexicon, 'red', `${what}; the pull request is still to be opened: run it again.`)}\n`);
    return exitCodes.failure;
  }
}

/** What is no set needs somebody. Of several powers, those that can go at once don't wait for that. */
function refuseNobody({ rotation, held, holders }: Rotating, canRevoke: boolean): void {
  const live = held.filter((one) => holders.some(({ account, ...at }) => account === one.account && placeOf(at) === placeOf(one)));
  if (rotation.to === null && !canRevoke && live.length > 0) throw withoutNew(`${live.map(placeOf).join(', ')} can only be handed over: name who gets it`);
}

async function refuseLast(rotating: Rotating & { log: Log }): Promise<void> {
  const last = await lastOf(rotating);
  if (last.length === 0) return;
  throw new MooringError('LAST_HOLDER', `${showAddress(rotating.lexicon, rotating.rotation.from)} is the only one in ${last.join(', ')}`, {
    fix: 'Pause what it may call (mooring incident pause). Then leave --compromised out: the pull request brings the new one in and takes this one out. Or revoke it all the same with --even-the-last: nobody holds the role until the pull request is applied.',
  });
}

/** After the merge: the new account holds what the old one held, the old one nothing, and the runner knows. */
async function check(rotating: Omit<Rotating, 'reason' | 'held' | 'others' | 'partly' | 'untold'>): Promise<number> {
  const { context, rotation, holders, lexicon } = rotating;
  const left = holders.filter(({ account }) => account === rotation.from);
  const gained = holders.filter(({ account }) => account === rotation.to);
  const from = showAddress(lexicon, rotation.from);
  const lines = [
    left.length === 0 ? `${from} holds none of it any more` : `${from} still holds ${left.map(({ contract, field }) => `${contract}.${field}`).join(', ')}`,
    ...(rotation.to === null ? [] : [`${showAddress(lexicon, rotation.to)} holds ${gained.length > 0 ? gained.map(placeOf).join(', ') : 'none of it yet'}`]),
  ];
  context.stdout(`\n${lines.join('\n')}\n`);
  const runner = await sayRunner(rotating);
  return left.length === 0 && (rotation.to === null || gained.length > 0) && runner.every(({ verdict }) => verdict === 'new')
    ? exitCodes.done
    : exitCodes.changes;
}
