// Slashes as new files of acts: from what was typed, or from a log, each line once. Reads the chain for what is done already.
import { actIdIn } from '../../acts.ts';
import { writeAct } from '../../desired/edit/write-act.ts';
import { parseQuantity } from '../../desired/quantity.ts';
import type { ActContext } from '../../desired/read-act.ts';
import { MooringError } from '../../errors.ts';
import type { PastAct, Slash } from '../../types.ts';
import { observe } from '../environment/walk.ts';
import { accountOf, type Draft, targetOf, textOf } from './files.ts';
import type { LoggedSlash } from './slash-log.ts';
import type { Started } from './start.ts';

/** As it was typed. `contract` null: the only one on which something can be slashed. */
export type TypedSlash = Readonly<Record<'round' | 'validator' | 'amount' | 'recipient' | 'reason', string>> & { contract: string | null; id: string | null };

/** Returns the id. Throws USAGE, NAME_UNKNOWN, NUMBER_*, EDIT_IMPOSSIBLE. SIDE EFFECTS: the draft. */
export function addTyped(draft: Draft, typed: TypedSlash): string {
  const { tokens } = contextOf(draft);
  const slash: Slash = {
    round: parseQuantity(typed.round, { unit: 'count', type: 'uint256', tokens }),
    validator: accountOf(draft, typed.validator),
    amount: parseQuantity(typed.amount, { unit: 'token', type: 'uint256', tokens }),
    recipient: accountOf(draft, typed.recipient),
    reason: typed.reason,
  };
  const id = typed.id ?? freeId(draft, `round-${slash.round}-${nameOf(draft, slash.validator)}`);
  if (typed.id !== null && isTaken(draft, id))
    throw new MooringError('USAGE', `there is an act ${id} already`, { fix: 'acts are only ever added: choose another --id' });
  addAct(draft, { ...slash, id, contract: slashable(draft, typed.contract) });
  return id;
}

export type Logged = { added: readonly string[]; skipped: readonly { slash: LoggedSlash; why: string }[] };

/**
 * One act for each line that isn't one yet. A line that names its transaction was sent by the orchestrator itself, and so
 * was one that the chain shows with the same content and no act behind it: they are passed over. Throws ACT_UNKNOWN, RPC_*. SIDE EFFECTS: the draft.
 */
export async function addLogged(started: Started, slashes: readonly LoggedSlash[], contract: string | null): Promise<Logged> {
  const { draft } = started;
  const name = slashable(draft, contract);
  const sent = new Set(slashes.map(({ transaction }) => transaction));
  const left = (await doneByHand(started, name)).filter(({ transaction }) => !sent.has(transaction.toLowerCase()));
  const [added, skipped]: [string[], Logged['skipped'][number][]] = [[], []];
  for (const slash of slashes) {
    const id = `round-${String(slash.round).slice(0, 40)}-${slash.key}`;
    const done = left.findIndex((event) => slash.transaction === null && isAlike(event, slash));
    if (slash.transaction !== null) skipped.push({ slash, why: `was sent by the orchestrator, in ${slash.transaction}` });
    else if (isTaken(draft, id)) skipped.push({ slash, why: `is the act ${id}` });
    else if (done >= 0) skipped.push({ slash, why: `is on chain already, by ${left.splice(done, 1)[0]?.transaction}` });
    else {
      const { round, validator, amount, recipient, reason } = slash;
      addAct(draft, { id, contract: name, round, validator, amount, recipient, reason });
      added.push(id);
    }
  }
  return { added, skipped };
}

async function doneByHand({ draft, withChain }: Started, contract: string): Promise<PastAct[]> {
  const { contracts } = await withChain(draft.loaded, (opened) => observe(opened));
  const past = contracts.find(({ name }) => name === contract)?.past;
  if (past === undefined || 'unknown' in past)
    throw new MooringError('ACT_UNKNOWN', `what was slashed on ${contract} already could not be read${past === undefined ? '' : `: ${past.unknown}`}`);
  return past.done.filter(({ reason }) => actIdIn(reason, draft.environment) === null);
}

function isAlike(event: Slash, slash: Slash): boolean {
  const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
  const accounts = same(event.validator, slash.validator) && same(event.recipient, slash.recipient);
  // Another offence is another slash. A log's reason comes trimmed.
  return accounts && event.round === slash.round && event.amount === slash.amount && event.reason.trim() === slash.reason.trim();
}

/** Throws CONTRACT_UNKNOWN, EDIT_IMPOSSIBLE. */
function addAct(draft: Draft, act: Slash & { id: string; contract: string }): void {
  const { fromBlock } = targetOf(draft, act.contract).contract;
  draft.edited.set(fileOf(draft, act.id), writeAct({ ...act, fromBlock }, contextOf(draft)));
}

function contextOf({ loaded, environment }: Draft): ActContext {
  const { addresses, state, environment: settings } = loaded.desired;
  return { book: addresses, contracts: state.contracts, kinds: loaded.kinds, tokens: settings.tokens, environment };
}

/** Throws USAGE where it can't be told which. */
function slashable({ loaded }: Draft, given: string | null): string {
  if (given !== null) return given;
  const names = loaded.desired.state.contracts.filter(({ kind }) => loaded.kinds.get(kind)?.slashes !== undefined).map(({ name }) => name);
  const [name, ...others] = names;
  if (name !== undefined && others.length === 0) return name;
  throw new MooringError('USAGE', name === undefined ? 'no contract is declared on which something can be slashed' : '--contract is missing', {
    fix: name === undefined ? 'import the arena first' : `one of ${names.join(', ')}`,
  });
}

function fileOf({ environment }: Draft, id: string): string {
  return `desired-state/${environment}/acts/${id}.yaml`;
}

function isTaken(draft: Draft, id: string): boolean {
  return textOf(draft, fileOf(draft, id)) !== null;
}

/** The same slash once more is another act. */
function freeId(draft: Draft, wanted: string): string {
  const base = wanted.slice(0, 58);
  for (let number = 1; ; number += 1) {
    const id = number === 1 ? base : `${base}-${number}`;
    if (!isTaken(draft, id)) return id;
  }
}

function nameOf({ loaded }: Draft, address: string): string {
  return loaded.desired.addresses.byAddress.get(address) ?? address.slice(2, 10).toLowerCase();
}
