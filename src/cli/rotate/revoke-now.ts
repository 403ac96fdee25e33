// Takes compromised accounts out of their sets at once, with keys that may: planned like anything, but sent by nobody's leave.

import type { ApplyResult } from '../../apply/execute.ts';
import { onlyRevokes, type Revocation } from '../../apply/only-revokes.ts';
import { pauseCap } from '../../apply/pause/session.ts';
import { changesOnTheirWay, type RevocationResult, sendRevocations } from '../../apply/send-revocations.ts';
import type { Patience } from '../../apply/session.ts';
import { readMarket } from '../../apply/sign.ts';
import { MooringError } from '../../errors.ts';
import { isOfChain, type RunState, reduceJournal } from '../../journal/reduce.ts';
import { isSet, readMembers } from '../../live/read-member.ts';
import type { Address, Environment, Finding, Hex, JournalStore, Plan, Signer } from '../../types.ts';
import { headCommit } from '../environment/head-commit.ts';
import type { Opened } from '../environment/open.ts';
import type { Log } from '../log.ts';
import { keyVariable, loadSigners } from '../secrets/signers.ts';
import { type PlanningRevocation, planRevocation } from './plan-revocation.ts';
import { openRevocationJournal, takeTurn } from './revocation-journals.ts';

export type Revoking = PlanningRevocation & { reason: string; log: Log; patience?: Partial<Patience> };

/** `who`: what would, where no key is here that may. */
export type Refused = { revocation: Revocation; findings: readonly Finding[]; who: readonly string[] };

/** Whether the account is still in, by the chain as it is now; null where that could not be read. */
export type Standing = { revocation: Revocation; isLive: boolean | null };

/** `earlier`: what a run that had not finished was to revoke, and nobody asked for now. */
export type Revoked = { asked: readonly Standing[]; earlier: readonly Standing[]; refused: readonly Refused[] } & (
  | { outcome: 'sent'; results: readonly ApplyResult[]; seenThrough: readonly ApplyResult[] }
  /** Nothing was sent. */
  | { outcome: 'refused' }
);

/** Throws what an apply throws. SIDE EFFECTS: the chain, the journal of revocations. */
export async function revokeNow(revoking: Revoking): Promise<Revoked> {
  const { opened, context, log } = revoking;
  const keys = await loadSigners(opened, context);
  const journal = await openRevocationJournal(opened, log);
  const lock = await takeTurn(journal, { now: context.now, log });
  try {
    return await revokeLocked(revoking, { keys, journal });
  } finally {
    await lock.release();
  }
}

type Means = { keys: ReadonlyMap<Address, Signer>; journal: JournalStore };

async function revokeLocked(revoking: Revoking, { keys, journal }: Means): Promise<Revoked> {
  const { opened, context, revocations, reason, log, patience = {} } = revoking;
  const { desired, kinds, chain } = opened;
  const runs = async (): Promise<readonly RunState[]> => reduceJournal(await journal.read()).runs;
  const unfinished = unfinishedOf(await runs(), { opened, genesis: (await chain.block(0n))?.hash ?? null });
  const earlier = unfinished.filter((one) => !revocations.some((other) => isSame(one, other)));
  const { groups, refused } = await choose(revoking, { revocations: [...revocations, ...earlier], keys });
  const standing = async () => ({ asked: await standingOf(opened, revocations), earlier: await standingOf(opened, earlier) });
  if (groups.length === 0 && unfinished.length === 0) return { outcome: 'refused', refused, ...(await standing()) };
  const guarded = [...keys].map(([address, signer]): [Address, Signer] => [address, onlyRevokes(signer, [...revocations, ...unfinished], kinds)]);
  const means = {
    ...{ chain, kinds, journal, log, patience },
    signers: new Map(guarded),
    environment: await environmentNow(opened),
    contracts: desired.state.contracts,
    approvedBy: `break-glass: ${reason}`,
    names: desired.addresses.byAddress,
    commit: headCommit(opened.root),
    now: context.now,
  };
  const send = (some: readonly Revocation[]): Promise<RevocationResult> =>
    sendRevocations({
      ...means,
      async replan() {
        const onTheirWay = changesOnTheirWay(await runs(), keys);
        return planRevocation({ opened, context, revocations: some.filter((one) => !onTheirWay.has(changeId(one))) });
      },
      reread: () => planRevocation({ opened, context, revocations: [...revocations, ...earlier] }),
    });
  const sent: RevocationResult[] = [];
  for (const group of groups.length === 0 ? [[]] : groups) sent.push(await orTold(send(group), sent.length > 0));
  for (const one of await heldBack(opened, groups, sent)) sent.push(await orTold(send([one]), true));
  return { outcome: 'sent', refused, results: sent.map(({ result }) => result), seenThrough: sent.flatMap((one) => one.seenThrough), ...(await standing()) };
}

/** With something sent already, what fails after it is told beside it. */
async function orTold(sending: Promise<RevocationResult>, isLater: boolean): Promise<RevocationResult> {
  try {
    return await sending;
  } catch (error) {
    if (!isLater || !(error instanceof MooringError)) throw error;
    return { result: { outcome: 'stopped', receipt: null, findings: [findingOf(error)] }, seenThrough: [] };
  }
}

function findingOf({ code, message, fix }: MooringError): Finding {
  return { code, severity: 'error', message, ...(fix === undefined ? {} : { fix }) };
}

/** Of several that were to go together, one that fails keeps the rest from it: those are tried each by itself. */
async function heldBack(opened: Opened, groups: readonly (readonly Revocation[])[], sent: readonly RevocationResult[]): Promise<Revocation[]> {
  const failed = groups.filter((group, i) => group.length > 1 && sent[i]?.result.outcome !== 'done').flat();
  return (await standingOf(opened, failed)).flatMap(({ revocation, isLive }) => (isLive === false ? [] : [revocation]));
}

/** What was sent is sent, whatever can be read afterwards. */
async function standingOf({ chain }: Opened, revocations: readonly Revocation[]): Promise<Standing[]> {
  try {
    const answers = await readMembers(chain, revocations, await chain.head('latest'));
    return revocations.map((revocation, i) => ({ revocation, isLive: answers[i] ?? null }));
  } catch (error) {
    if (!(error instanceof MooringError)) throw error;
    return revocations.map((revocation) => ({ revocation, isLive: null }));
  }
}

/** A fee above the environment's cap is worth less than a revocation that waits. */
async function environmentNow({ desired: { environment }, chain }: Opened): Promise<Environment> {
  const { baseFee } = await readMarket(chain);
  return { ...environment, maxFeePerGas: pauseCap(environment.maxFeePerGas, baseFee) };
}

type Here = { opened: Opened; genesis: Hex | null };

/** What runs on this very chain that have not finished were to revoke, as far as the environment's files still say where. */
function unfinishedOf(runs: readonly RunState[], { opened: { desired, kinds }, genesis }: Here): Revocation[] {
  const { name, chainId } = desired.environment;
  const open = runs.filter((run) => run.finished === null && run.started.environment === name && isOfChain(run, { chainId, genesis }));
  const found = open.flatMap(({ started }) =>
    started.changes.flatMap(({ contract, kind: kindName, address, field: path, member, action }): Revocation[] => {
      const kind = kinds.get(kindName);
      const isDeclared = desired.state.contracts.some((one) => one.name === contract && one.address === address);
      if (action !== 'remove' || member === undefined || kind === undefined || !isDeclared || !isSet(kind, path)) return [];
      return [{ contract, kind, address, path, account: member }];
    }),
  );
  return found.filter((one, i) => found.findIndex((other) => isSame(one, other)) === i);
}

function isSame(a: Revocation, b: Revocation): boolean {
  return a.address === b.address && a.path === b.path && a.account === b.account;
}

/** Of the plan's change that takes it out. */
export function changeId({ contract, path, account }: Revocation): string {
  return `${contract}.${path}[${account}]`;
}

type Choosing = { revocations: readonly Revocation[]; keys: ReadonlyMap<Address, Signer> };

/** What can be revoked now, and what of it together. What can't doesn't keep the rest from it. Throws where nothing could be looked at. */
async function choose(revoking: Revoking, { revocations, keys }: Choosing): Promise<{ groups: Revocation[][]; refused: Refused[] }> {
  const judge = (some: readonly Revocation[]) => judgePlan(revoking, { revocations: some, keys });
  if (revocations.length === 0) return { groups: [], refused: [] };
  const whole = await judge(revocations);
  if (whole === null) return { groups: [[...revocations]], refused: [] };
  const judged = revocations.length === 1 ? [{ revocation: revocations[0] as Revocation, wrong: whole }] : await judgeEach(revocations, judge);
  const refused = judged.flatMap(({ revocation, wrong }): Refused[] => (wrong === null ? [] : [{ revocation, ...wrong }]));
  const able = judged.flatMap(({ revocation, wrong }) => (wrong === null ? [revocation] : []));
  if (able.length === 0 && whole.error !== undefined) throw whole.error;
  const together = able.length > 1 && (await judge(able)) !== null ? able.map((one) => [one]) : [able];
  return { groups: together.filter((group) => group.length > 0), refused };
}

type Judged = { revocation: Revocation; wrong: Wrong | null };

async function judgeEach(revocations: readonly Revocation[], judge: (some: readonly Revocation[]) => Promise<Wrong | null>): Promise<Judged[]> {
  return Promise.all(revocations.map(async (revocation) => ({ revocation, wrong: await judge([revocation]) })));
}

type Wrong = Pick<Refused, 'findings' | 'who'> & { error?: MooringError };

/** What keeps these from being revoked; null where nothing does. */
async function judgePlan({ opened, context }: Revoking, { revocations, keys }: Choosing): Promise<Wrong | null> {
  try {
    const plan = await planRevocation({ opened, context, revocations });
    const missing = [...new Set(plan.steps.map(({ route }) => route.signer))].filter((address) => !keys.has(address));
    const findings = errorsOf(plan);
    if (findings.length === 0 && missing.length === 0) return null;
    const refs = opened.desired.environment.signers.filter(({ address }) => missing.includes(address));
    return { findings, who: refs.map((ref) => `${ref.name} (${ref.address}), whose key ${keyVariable(ref)} would give`) };
  } catch (error) {
    if (!(error instanceof MooringError)) throw error;
    return { findings: [findingOf(error)], who: [], error };
  }
}

function errorsOf({ findings, simulation }: Plan): Finding[] {
  const errors = findings.filter(({ severity }) => severity === 'error');
  return errors.length > 0 || simulation.status !== 'failed' ? errors : [{ code: 'PLAN_BLOCKED', severity: 'error', message: 'its simulation failed' }];
}
