// A rotation from its review to the look at the runner. SIDE EFFECTS: what the command line asks for.

import { zeroAddress } from '../../desired/read-address.ts';
import { exitCodes, MooringError } from '../../errors.ts';
import { fieldAt } from '../../kinds/fields.ts';
import { type AccessRow, accessLines } from '../../render/access-text.ts';
import { type Lexicon, paint, showAddress } from '../../render/lexicon.ts';
import { planText } from '../../render/plan-text.ts';
import type { Address } from '../../types.ts';
import { reviewAccess, roleOf } from '../access/review.ts';
import { type Context, flag, type Options, text } from '../command.ts';
import { makeLog } from '../log.ts';
import { lexiconOf, type Opened, openEnvironment } from '../open.ts';
import { accountOf } from '../propose/files.ts';
import { type Held, heldBy, holdersOf, isOf, type Rotation } from './held.ts';
import { proposeRotation } from './propose-rotation.ts';
import { lastOf, revocationsOf, revoke } from './revoke.ts';
import { planRevocation } from './revoke-now.ts';
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
};

export async function runRotation(context: Context, options: Options): Promise<number> {
  const opened = openEnvironment(context, options);
  try {
    const lexicon = lexiconOf(opened, context, options);
    const rotation = rotationIn(opened, options);
    const holders = holdersOf(await reviewAccess(opened), rotation);
    context.stdout(`${paint(lexicon, 'bold', `Who holds ${rotation.role} now:`)}\n${accessLines(holders, lexicon).join('\n')}\n`);
    if (flag(options, 'check')) return await check({ context, options, opened, lexicon, rotation, holders });
    const reason = text(options, 'reason');
    if (reason === undefined) throw new MooringError('USAGE', '--reason is missing', { fix: 'say why, for the reviewers' });
    const held = heldIn({ opened, rotation, holders, compromised: flag(options, 'compromised'), lexicon });
    return await carryOut({ context, options, opened, lexicon, rotation, reason, holders, held });
  } finally {
    opened.close();
  }
}

function rotationIn({ desired, kinds, warnings }: Opened, options: Options): Rotation {
  const draft = { loaded: { desired, kinds, warnings } };
  const account = (option: string): Address => accountOf(draft, text(options, option) ?? '');
  const [from, to] = [account('old'), account('new')];
  if (from === to) throw new MooringError('USAGE', '--old and --new are the same account', { fix: 'name the account that is to take its place' });
  if (to === zeroAddress)
    throw new MooringError('USAGE', '--new is the zero address', {
      fix: 'a rotation puts somebody in the old one’s place; mooring propose revoke takes it out',
    });
  return { role: text(options, 'role') ?? '', from, to, contract: text(options, 'contract') ?? null };
}

type Holding = Pick<Rotating, 'opened' | 'rotation' | 'holders' | 'lexicon'> & { compromised: boolean };

/** A compromised account may have been revoked already, and git not have heard of it. */
function heldIn({ opened, rotation, holders, compromised, lexicon }: Holding): Held[] {
  const declared = compromised ? declaredOf(opened, rotation) : [];
  const live = holders.some(({ account }) => account === rotation.from);
  if (!live && declared.length > 0) return declared;
  return heldBy(holders, rotation, (account) => showAddress(lexicon, account));
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
  if (compromised && !flag(options, 'even-the-last')) refuseLast(rotating);
  if (isDry && revocations.length > 0) {
    const plan = await planRevocation({ ...rotating, revocations });
    context.stdout(`\n${paint(lexicon, 'bold', 'Would be revoked at once:')}\n${planText(plan, lexicon, false)}`);
  }
  const revoked = compromised && !isDry ? await revoke({ ...rotating, log: await makeLog(context, options) }, revocations) : { done: true, transactions: [] };
  const proposed = await proposeRotation(rotating, { compromised, transactions: revoked.transactions });
  await sayRunner(rotating);
  return revoked.done ? proposed : exitCodes.failure;
}

function refuseLast(rotating: Rotating): void {
  const last = lastOf(rotating);
  if (last.length === 0) return;
  throw new MooringError('LAST_HOLDER', `${showAddress(rotating.lexicon, rotating.rotation.from)} is the only one in ${last.join(', ')}`, {
    fix: 'Pause what it may call (mooring incident pause), or revoke it all the same with --even-the-last: nobody holds the role until the pull request is applied.',
  });
}

/** After the merge: the new account holds what the old one held, the old one nothing, and the runner knows. */
async function check(rotating: Omit<Rotating, 'reason' | 'held'>): Promise<number> {
  const { context, rotation, holders, lexicon } = rotating;
  const left = holders.filter(({ account }) => account === rotation.from);
  const gained = holders.filter(({ account }) => account === rotation.to);
  const [from, to] = [showAddress(lexicon, rotation.from), showAddress(lexicon, rotation.to)];
  const lines = [
    left.length === 0 ? `${from} holds none of it any more` : `${from} still holds ${left.map(({ contract, field }) => `${contract}.${field}`).join(', ')}`,
    gained.length > 0 ? `${to} holds ${gained.map(({ contract, field }) => `${contract}.${field}`).join(', ')}` : `${to} holds none of it yet`,
  ];
  context.stdout(`\n${lines.join('\n')}\n`);
  const runner = await sayRunner(rotating);
  return left.length === 0 && gained.length > 0 && runner.every(({ verdict }) => verdict === 'new') ? exitCodes.done : exitCodes.changes;
}
