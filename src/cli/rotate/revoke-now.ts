// Takes a compromised account out of its sets at once, with a key that may: applied like any plan, but one that can do nothing else.
import { join } from 'node:path';
import { type ApplyResult, execute } from '../../apply/execute.ts';
import { onlyRevokes, type Revocation } from '../../apply/only-revokes.ts';
import { MooringError } from '../../errors.ts';
import { openFileStore } from '../../journal/file-store.ts';
import type { ContractState, Desired, FieldState, Finding, JournalStore, Plan, SignerRef, State } from '../../types.ts';
import type { Context } from '../command.ts';
import { headCommit } from '../environment/head-commit.ts';
import { type Opened, stateFolder } from '../environment/open.ts';
import { observe, planDesired } from '../environment/walk.ts';
import type { Log } from '../log.ts';
import { keyVariable, loadSigners } from '../secrets/signers.ts';

export type Revoking = { opened: Opened; context: Context; revocations: readonly Revocation[]; reason: string; log: Log };

export type Revoked =
  | { outcome: 'sent'; plan: Plan; result: ApplyResult }
  /** Nobody whose key is here may. `who`: what would. */
  | { outcome: 'refused'; plan: Plan; findings: readonly Finding[]; who: readonly string[] };

/** The revocation's plan, proven where that is possible; nothing is sent. What is wrong elsewhere is left out of it. Throws LIVE_UNKNOWN. */
export async function planRevocation({ opened, context, revocations }: Omit<Revoking, 'reason' | 'log'>): Promise<Plan> {
  const concerned = withoutPolicy(onlyConcerned(opened, revocations));
  const live = withoutPast(await observe({ ...opened, desired: concerned }));
  const desired = withKeysFirst(withoutMembers(concerned, live, revocations), context);
  const plan = await planDesired(
    { ...opened, desired },
    { desired, live, history: { reductions: [], unknown: [] }, incidents: { open: [], unreadable: [] }, options: { now: context.now, proof: true } },
  );
  const isOurs = ({ severity, contract }: Finding): boolean =>
    severity !== 'error' || contract === undefined || revocations.some((one) => one.contract === contract);
  return { ...plan, findings: plan.findings.filter(isOurs) };
}

/** The sets' contracts, and what forwards calls to them. Nothing of their acts. */
function onlyConcerned({ desired, kinds }: Opened, revocations: readonly Revocation[]): Desired {
  const isConcerned = ({ name, kind }: ContractState): boolean => kinds.get(kind)?.relay !== undefined || revocations.some((one) => one.contract === name);
  const contracts = desired.state.contracts.filter(isConcerned).map((contract) => {
    // A role that no file names is read as well.
    const paths = revocations.filter((one) => one.contract === contract.name).map(({ path }) => path);
    return { ...contract, acts: [], observe: new Set([...contract.observe, ...paths]) };
  });
  return { ...desired, state: { ...desired.state, contracts } };
}

/** Limits are for what is planned in peace; a key of this kind signs revocations only. */
function withoutPolicy(desired: Desired): Desired {
  return { ...desired, policy: { ...desired.policy, limits: [], freezes: [], invariants: [], minPausers: 0, requireProof: false } };
}

/** Acts of before say nothing here. */
function withoutPast(live: State): State {
  return { ...live, contracts: live.contracts.map(({ past: _past, ...contract }) => contract) };
}

/** Throws what an apply throws. SIDE EFFECTS: the chain, the journal of revocations. */
export async function revokeNow(revoking: Revoking): Promise<Revoked> {
  const { opened, context, revocations, reason, log } = revoking;
  const { desired, kinds, chain } = opened;
  const plan = await planRevocation(revoking);
  const keys = await loadSigners(opened, context);
  const missing = [...new Set(plan.steps.map(({ route }) => route.signer))].filter((address) => !keys.has(address));
  const errors = plan.findings.filter(({ severity }) => severity === 'error');
  if (errors.length > 0 || missing.length > 0) {
    const refs = desired.environment.signers.filter(({ address }) => missing.includes(address));
    return { outcome: 'refused', plan, findings: errors, who: refs.map((ref) => `${ref.name} (${ref.address}), whose key ${keyVariable(ref)} would give`) };
  }
  const signers = new Map([...keys].map(([address, signer]) => [address, onlyRevokes(signer, revocations, kinds)]));
  const result = await execute({
    ...{ digest: plan.digest, plan, chain, signers, kinds },
    replan: () => planRevocation(revoking),
    journal: revocationJournal(opened),
    environment: desired.environment,
    // The signer is the guard: what can't be simulated is signed all the same.
    ...{ policy: { requireProof: false }, allowUnproven: true },
    contracts: desired.state.contracts,
    // The same account may have to be revoked again, one day.
    reuseDigest: true,
    approvedBy: `break-glass: ${reason}`,
    names: desired.addresses.byAddress,
    commit: headCommit(opened.root),
    now: context.now,
    log,
  });
  return { outcome: 'sent', plan, result };
}

/** Apart from the applies' journal, whose transactions count as git's own: what is revoked past git is to stay revoked. */
export function revocationJournal(place: Pick<Opened, 'root' | 'name'>): JournalStore {
  return openFileStore(join(stateFolder(place), 'revocations'));
}

/** Declares the sets as they are, but for the members, and nothing else of any contract. */
function withoutMembers(desired: Desired, live: State, revocations: readonly Revocation[]): Desired {
  const contracts = desired.state.contracts.map((contract): ContractState => {
    const own = revocations.filter((one) => one.contract === contract.name);
    const fields = own.map((one) => fieldWithout(live, one));
    return { ...contract, observe: new Set(), fields: new Map(fields.map((field) => [field.path, field])) };
  });
  return { ...desired, state: { ...desired.state, contracts } };
}

/** Of several signers that may, one whose key is here. */
function withKeysFirst(desired: Desired, { env }: Context): Desired {
  const isHere = (ref: SignerRef): boolean => (env[keyVariable(ref)] ?? '') !== '';
  const { signers } = desired.environment;
  return { ...desired, environment: { ...desired.environment, signers: [...signers.filter(isHere), ...signers.filter((ref) => !isHere(ref))] } };
}

function fieldWithout(live: State, { contract, path, account }: Revocation): FieldState {
  const value = live.contracts.find(({ name }) => name === contract)?.fields.get(path)?.value;
  // Nothing to do must not be what an unread set looks like.
  if (value?.type !== 'members')
    throw new MooringError('LIVE_UNKNOWN', `who is in ${contract}.${path} could not be read${value?.type === 'unknown' ? `: ${value.reason}` : ''}`, {
      fix: 'check the RPC, and run it again',
    });
  return { path, value: { type: 'members', members: value.members.filter((member) => member !== account) } };
}
