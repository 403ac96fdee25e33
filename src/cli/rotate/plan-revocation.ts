// The plan that takes accounts out of their sets, and does nothing else of any contract.
import type { Revocation } from '../../apply/only-revokes.ts';
import { MooringError } from '../../errors.ts';
import { readMembers } from '../../live/read-member.ts';
import type { ContractState, Desired, FieldState, Finding, Plan, SignerRef, State } from '../../types.ts';
import type { Context } from '../command.ts';
import type { Opened } from '../environment/open.ts';
import { observe, planDesired } from '../environment/walk.ts';
import { keyVariable } from '../secrets/signers.ts';

export type PlanningRevocation = { opened: Opened; context: Context; revocations: readonly Revocation[] };

/** The revocation's plan, proven where that is possible; nothing is sent. What is wrong elsewhere is left out of it. Throws LIVE_UNKNOWN. */
export async function planRevocation({ opened, context, revocations }: PlanningRevocation): Promise<Plan> {
  const concerned = withoutPolicy(onlyConcerned(opened, revocations));
  const seen = withoutPast(await observe({ ...opened, desired: concerned }));
  const live = await withMembers(opened, seen, revocations);
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

/** Declares the sets as they are, but for the members, and nothing else of any contract. */
function withoutMembers(desired: Desired, live: State, revocations: readonly Revocation[]): Desired {
  const contracts = desired.state.contracts.map((contract): ContractState => {
    const own = revocations.filter((one) => one.contract === contract.name);
    const fields = own.map((one) => fieldWithout(live, own, one));
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

/** Of a set whose history can't be read only the account itself is asked for: nobody else is to go. */
async function withMembers({ chain }: Opened, live: State, revocations: readonly Revocation[]): Promise<State> {
  const unread = revocations.filter((one) => liveValue(live, one)?.type !== 'members');
  if (unread.length === 0 || live.block === null) return live;
  const answers = await readMembers(chain, unread, live.block);
  const known = unread.filter((_, i) => answers[i] !== null);
  const isIn = (one: Revocation): boolean => answers[unread.indexOf(one)] === true;
  const contracts = live.contracts.map((contract) => {
    const own = known.filter((one) => one.contract === contract.name);
    const paths = [...new Set(own.map(({ path }) => path))];
    const membersOf = (path: string): string[] => own.filter((one) => one.path === path && isIn(one)).map(({ account }) => account);
    const read = paths.map((path): [string, FieldState] => [path, { path, value: { type: 'members', members: membersOf(path) } }]);
    return { ...contract, fields: new Map([...contract.fields, ...read]) };
  });
  return { ...live, contracts };
}

function liveValue(live: State, { contract, path }: Pick<Revocation, 'contract' | 'path'>): FieldState['value'] | undefined {
  return live.contracts.find(({ name }) => name === contract)?.fields.get(path)?.value;
}

/** Several accounts may have to go from one set. */
function fieldWithout(live: State, revocations: readonly Revocation[], { contract, path }: Pick<Revocation, 'contract' | 'path'>): FieldState {
  const value = liveValue(live, { contract, path });
  // Nothing to do must not be what an unread set looks like.
  if (value?.type !== 'members')
    throw new MooringError('LIVE_UNKNOWN', `who is in ${contract}.${path} could not be read${value?.type === 'unknown' ? `: ${value.reason}` : ''}`, {
      fix: 'check the RPC, and run it again',
    });
  const leaves = (member: string): boolean => revocations.some((one) => one.contract === contract && one.path === path && one.account === member);
  return { path, value: { type: 'members', members: value.members.filter((member) => !leaves(member)) } };
}
