// The transactions of a pause: fees and nonces, journaled and flushed, and only then sent, to every node.
import { randomBytes } from 'node:crypto';
import { decimalText } from '../../format.ts';
import type { Address, Change, SignedTransaction, Step } from '../../types.ts';
import { broadcast } from '../broadcast.ts';
import { type Fees, firstFees } from '../fees.ts';
import { signStep } from '../sign.ts';
import { callsFor, describe, gasLimits, type Tried } from './calls.ts';
import type { Leftovers } from './leftovers.ts';
import type { Money, PauseWork } from './session.ts';
import type { Part, PauseCall, PauseWay } from './types.ts';

export type Sending = { tried: readonly Tried[]; leftovers: Leftovers; names: ReadonlyMap<Address, string> };

/** `runs`: none where nothing was sent. `refusal`: why something could not be. `money`: what is left. */
export type Sent = { runs: readonly string[]; refusal: string | null; money: Money };

/** SIDE EFFECTS: signs, journals (flushed), then broadcasts. Throws NOT_A_PAUSE, JOURNAL_*, with nothing sent. */
export async function sendPauses(work: PauseWork, { tried, leftovers, names }: Sending): Promise<Sent> {
  const { session, signer, money } = work;
  const calls = callsFor(possible(tried));
  if (calls.length === 0) return { runs: [], refusal: null, money };
  const limits = await gasLimits({ chain: session.chain, signer }, calls);
  const fees = affordable(work, limits);
  if (fees === null) return { runs: [], refusal: cannotPay(money.balance), money };
  const steps = calls.map((call) => stepOf(call, { signer, names }));
  const first = Math.max(money.pending, leftovers.nextNonce);
  const transactions = await Promise.all(steps.map((step, i) => signStep(session, { step, nonce: first + i, gasLimit: limits[i] ?? 0n, fees })));
  const run = await journal(work, { steps, changes: calls.flatMap(changesOf), transactions, by: names.get(signer) ?? signer });
  for (const [i, { hash, unsigned }] of transactions.entries())
    session.log(`pausing ${calls[i]?.parts.map(({ contract }) => contract).join(', ')}`, { hash, nonce: unsigned.nonce });
  await broadcast(
    session,
    transactions.map((transaction) => ({ run, transaction })),
  );
  const spent = limits.reduce((sum, limit) => sum + limit, 0n) * fees.maxFeePerGas;
  return { runs: [run], refusal: null, money: { ...money, balance: money.balance - spent, pending: first + steps.length } };
}

/** What two sendings come to. */
export function both(a: Sent, b: Sent): Sent {
  return { runs: [...a.runs, ...b.runs], refusal: a.refusal ?? b.refusal, money: b.money };
}

export function possible(tried: readonly Tried[]): { part: Part; way: PauseWay }[] {
  return tried.flatMap((one) => ('way' in one ? [{ part: one.standing.part, way: one.way }] : []));
}

export function cannotPay(balance: bigint): string {
  return `the signer has ${decimalText(balance, 18)} ETH, too little for the gas`;
}

/** Within the cap, and within what the signer has. Null where that doesn't even cover the base fee. */
function affordable({ session, money }: PauseWork, limits: readonly bigint[]): Fees | null {
  const most = money.balance / limits.reduce((sum, limit) => sum + limit, 0n);
  const cap = session.environment.maxFeePerGas;
  return firstFees(money.market, cap === null || most < cap ? most : cap);
}

type Record = { steps: readonly Step[]; changes: readonly Change[]; transactions: readonly SignedTransaction[]; by: string };

async function journal({ session, money }: PauseWork, { steps, changes, transactions, by }: Record): Promise<string> {
  const at = session.now();
  const run = `${new Date(at).toISOString().replace(/[-:]|\.\d+/g, '')}-${randomBytes(4).toString('hex')}`;
  const { chainId, environment } = session;
  const started = { environment: environment.name, chainId, genesis: money.genesis, steps, changes };
  // One line, flushed once: what is signed and what for are known together, or not at all.
  await session.recorder.record([
    { run, at, type: 'run-started', ...started, digest: 'break-glass', commit: null, approvedBy: `break-glass, by ${by}`, continues: null },
    { run, at, type: 'signed', group: 0, transactions },
  ]);
  return run;
}

function idOf({ contract, field }: Part): string {
  return `${contract}.${field}`;
}

function changesOf({ parts }: PauseCall): Change[] {
  return parts.map((part) => ({
    id: idOf(part),
    ...{ contract: part.contract, kind: part.kind.name, address: part.address, field: part.field },
    action: 'set',
    from: { type: 'scalar', value: !part.value },
    to: { type: 'scalar', value: part.value },
    unit: 'none',
    risk: 'reduce',
  }));
}

function stepOf(call: PauseCall, { signer, names }: { signer: Address; names: ReadonlyMap<Address, string> }): Step {
  const nameOf = (address: Address): string => names.get(address) ?? address;
  const { way, parts, to, data } = call;
  const [first] = parts as readonly [Part];
  return {
    id: parts.length === 1 ? `pause ${idOf(first)}` : `pause ${parts.length} contracts through ${nameOf(to)}`,
    target: way.via === 'relay' ? first.address : to,
    to,
    data,
    value: 0n,
    call: describe(call, nameOf),
    covers: parts.map(idOf),
    corrects: [],
    carries: [],
    route: way.via === 'relay' ? { via: 'relay', signer, relay: way.address, relayName: nameOf(way.address) } : { via: 'direct', signer },
    group: 0,
    risk: 'reduce',
    precondition: [],
    postcondition: parts.map(({ contract, field, value }) => ({ contract, field, value: { type: 'scalar', value } })),
    emits: [],
  };
}
