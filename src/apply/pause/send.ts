// The transactions of a pause: fees and nonces, journaled and flushed, and only then sent, to every node.
import { randomBytes } from 'node:crypto';
import { decimalText } from '../../format.ts';
import type { Address, Change, SignedTransaction, Step } from '../../types.ts';
import { broadcast } from '../broadcast.ts';
import { type Fees, firstFees } from '../fees.ts';
import { signStep } from '../sign.ts';
import { callOf, callsFor, describe, gasLimit, gasOf, type Tried } from './calls.ts';
import type { Leftovers } from './leftovers.ts';
import type { PauseMoney } from './money.ts';
import type { PauseWork } from './session.ts';
import type { Part, PauseCall, PauseWay } from './types.ts';

export type Sending = { tried: readonly Tried[]; leftovers: Leftovers; names: ReadonlyMap<Address, string> };

/** `runs`: none where nothing was sent. `refusal`: why something could not be. `money`: what is left. */
export type Sent = { runs: readonly string[]; refusal: string | null; money: PauseMoney };

/** SIDE EFFECTS: signs, journals (flushed), then broadcasts. Throws NOT_A_PAUSE, JOURNAL_*, with nothing sent. */
export async function sendPauses(work: PauseWork, { tried, leftovers, names }: Sending): Promise<Sent> {
  const { session, signer, money } = work;
  const calls = callsFor(possible(tried));
  if (calls.length === 0) return { runs: [], refusal: null, money };
  const paid = affordable(work, await weigh({ chain: work.chain, signer }, calls));
  if (paid === null) return { runs: [], refusal: cannotPay(money.balance), money };
  const { loads, fees } = paid;
  const taken = loads.map(({ call }) => call);
  const limits = loads.map(({ gas }) => gasLimit(gas));
  const steps = taken.map((call) => stepOf(call, { signer, names }));
  const first = Math.max(money.pending, leftovers.nextNonce);
  const transactions = await Promise.all(steps.map((step, i) => signStep(session, { step, nonce: first + i, gasLimit: limits[i] ?? 0n, fees })));
  const run = await journal(work, { steps, changes: taken.flatMap(changesOf), transactions, by: names.get(signer) ?? signer });
  for (const [i, { hash, unsigned }] of transactions.entries())
    session.log(`pausing ${taken[i]?.parts.map(({ contract }) => contract).join(', ')}`, { hash, nonce: unsigned.nonce });
  await broadcast(
    session,
    transactions.map((transaction) => ({ run, transaction })),
  );
  const spent = limits.reduce((sum, limit) => sum + limit, 0n) * fees.maxFeePerGas;
  const refusal = countParts(taken) < countParts(calls) ? cannotPay(money.balance) : null;
  return { runs: [run], refusal, money: { ...money, balance: money.balance - spent, pending: first + steps.length } };
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

function countParts(calls: readonly PauseCall[]): number {
  return calls.flatMap(({ parts }) => parts).length;
}

/** A call, and the gas of each of its pauses. */
export type Load = { call: PauseCall; gas: readonly bigint[] };

export async function weigh(trying: Parameters<typeof gasOf>[0], calls: readonly PauseCall[]): Promise<Load[]> {
  const gas = await gasOf(trying, calls);
  return calls.map((call, i) => ({ call, gas: gas[i] ?? [] }));
}

export function limitOf(loads: readonly Load[]): bigint {
  return loads.reduce((sum, { gas }) => sum + gasLimit(gas), 0n);
}

/**
 * Within the cap, and within what the signer has: all calls where it can, else those that it can pay, in their order. Of the
 * base fees that nodes name the highest that it could pay for all of them, since what is offered and not used isn't paid: so
 * one that names too much stops nothing, nor does one that names too little. Null where it can pay for none.
 */
function affordable({ session, money }: Pick<PauseWork, 'session' | 'money'>, loads: readonly Load[]): { loads: readonly Load[]; fees: Fees } | null {
  const cap = session.environment.maxFeePerGas;
  const feesOf = (some: readonly Load[], baseFee: bigint): Fees | null => {
    const most = some.length === 0 ? -1n : money.balance / limitOf(some);
    return firstFees({ ...money.market, baseFee }, cap === null || most < cap ? most : cap);
  };
  const { baseFee } = money.market;
  // Of less than all, first those for which there is room for a block's rise as well: at the bare base fee they may wait long.
  const prices = [(baseFee * 9n) / 8n, baseFee];
  const choices = [
    ...money.baseFees.map((fee) => ({ some: loads, fee })),
    ...prices.map((price) => ({ some: within(money.balance / max(price, 1n), loads), fee: baseFee })),
  ];
  for (const { some, fee } of choices) {
    const fees = feesOf(some, fee);
    if (fees !== null) return { loads: some, fees };
  }
  return null;
}

/** What so much gas is enough for, one call after the other; of a guard's, as many pauses as fit. */
function within(gas: bigint, loads: readonly Load[]): Load[] {
  let left = gas;
  return loads.flatMap((load) => {
    const fitting = [...load.gas.keys()].map((i) => load.gas.slice(0, i + 1)).findLast((own) => gasLimit(own) <= left);
    if (fitting === undefined) return [];
    left -= gasLimit(fitting);
    return [fitting.length === load.gas.length ? load : { call: callOf(load.call.way, load.call.parts.slice(0, fitting.length)), gas: fitting }];
  });
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
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
