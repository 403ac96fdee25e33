// Who may set a flag now, by the chain and not by any file: the holders that its contract names, and whoever may act
// through one of them. Reads only.
import { fieldAt } from '../../kinds/fields.ts';
import type { Kind, KindField, Kinds } from '../../kinds/kind.ts';
import { encodeGetter } from '../../kinds/reads.ts';
import type { ManyNodes } from '../../live/many-nodes.ts';
import type { Address, Scalar } from '../../types.ts';
import type { ManagedContract } from '../session.ts';
import { callEach, flagCall, flagIn, type ViewCall, valueIn } from './parts.ts';
import type { MayPause, Part, PauseWay, Standing } from './types.ts';

export type RightsInput = {
  chain: Pick<ManyNodes, 'batch' | 'opinions'>;
  kinds: Kinds;
  contracts: readonly ManagedContract[];
  signer: Address;
  /** Asked of sets, which can't be listed: addresses that may be in one. */
  candidates: readonly Address[];
};

/** An address that a field of a contract lets call something. */
type Holder = { address: Address; as: string };

/** A question about one access path: a field that names one address, or a set of which somebody is a member. */
type Question = { kind: Kind; at: Address; path: string; field: KindField; member: Address | null; data: string };

/**
 * No node decides alone: a flag on which nodes differ is unread, and whoever one of them names counts as a holder, for each
 * way is tried out before it is used. Each flag with its value and the ways in which the signer could set it. Throws RPC_* when no node answers.
 */
export async function standingOf(input: RightsInput, parts: readonly Part[]): Promise<Standing[]> {
  const flags = parts.map(flagCall);
  const relays = input.contracts.filter(({ kind }) => input.kinds.get(kind)?.relay !== undefined || input.kinds.get(kind)?.pausesOthers !== undefined);
  const callers = [input.signer, ...relays.map(({ address }) => address)];
  const asked = parts.map((part) => questionsOf({ kind: part.kind, at: part.address, access: part.setter.access, members: callers }));
  const answers = await callEach(input.chain, [...flags, ...asked.flat().map(callOf)]);
  const holders = split(asked, answers.slice(flags.length)).map((own) => holdersIn(own));
  const acting = await actingFor(input, holders.flat());
  return parts.map((part, i) => standing(input, { part, said: flagsIn(part, answers[i] ?? []), holders: holders[i] ?? [], acting }));
}

/** What people and machines may do through a holder that is a contract. */
type Acting = { way: Exclude<PauseWay, { via: 'direct' }>; holders: readonly Holder[] };

/** `said`: what the nodes say of the flag, each value once. */
type Found = { part: Part; said: ReadonlySet<boolean>; holders: readonly Holder[]; acting: ReadonlyMap<string, readonly Acting[]> };

function standing({ signer }: RightsInput, { part, said, holders, acting }: Found): Standing {
  const [live = null] = said.size === 1 ? said : [];
  const isSigner = ({ address }: Holder): boolean => same(address, signer);
  const anyone = part.setter.access.includes('anyone');
  // Where nobody could be read, the contract is asked: whether the call would work decides. Of what answers nothing at
  // all it would seem to work: no contract is there.
  const isSilent = said.size === 0 && holders.length === 0;
  const direct: PauseWay[] = !isSilent && (anyone || holders.length === 0 || holders.some(isSigner)) ? [{ via: 'direct' }] : [];
  const through = holders.flatMap((holder) => acting.get(holder.address.toLowerCase()) ?? []);
  const ways = [...direct, ...through.filter((one) => one.holders.some(isSigner)).map(({ way }) => way)].sort(guardsFirst);
  const whoCan = holders.flatMap((holder) => mayPause(holder, acting.get(holder.address.toLowerCase()) ?? []));
  return { part, live, isSilent, ways, whoCan };
}

/** One transaction of a guard pauses many, and fails for none. */
function guardsFirst(a: PauseWay, b: PauseWay): number {
  const rank = { guard: 0, direct: 1, relay: 2 };
  return rank[a.via] - rank[b.via];
}

function mayPause(holder: Holder, acting: readonly Acting[]): MayPause[] {
  if (acting.length === 0) return [{ ...holder, through: null }];
  return acting.flatMap((one) => one.holders.map((inner) => ({ ...inner, through: holder.address })));
}

/** For each holder that is a contract which pauses others or forwards calls: who may use it. Other kinds than its own aren't tried. */
async function actingFor(input: RightsInput, holders: readonly Holder[]): Promise<ReadonlyMap<string, readonly Acting[]>> {
  const addresses = [...new Set(holders.map(({ address }) => address))].filter((address) => !same(address, input.signer));
  const tried = addresses.flatMap((address) => kindsAt(input, address).flatMap((kind) => actsOf(kind).map((act) => ({ ...act, kind, address }))));
  const members = [input.signer, ...input.candidates.filter((address) => !same(address, input.signer))];
  const asked = tried.map(({ kind, address, access }) => questionsOf({ kind, at: address, access, members }));
  const answers = split(asked, await callEach(input.chain, asked.flat().map(callOf)));
  const found = tried.map(({ via, kind, address }, i): Acting => ({ way: { via, address, kind }, holders: holdersIn(answers[i] ?? []) }));
  return Map.groupBy(
    found.filter((one) => one.holders.length > 0),
    (one) => one.way.address.toLowerCase(),
  );
}

function kindsAt({ kinds, contracts }: RightsInput, address: Address): Kind[] {
  const known = contracts.find((contract) => same(contract.address, address));
  const own = known === undefined ? undefined : kinds.get(known.kind);
  return own === undefined ? [...kinds.values()] : [own];
}

function actsOf({ pausesOthers, relay }: Kind): { via: 'guard' | 'relay'; access: readonly string[] }[] {
  return [
    ...(pausesOthers === undefined ? [] : [{ via: 'guard' as const, access: pausesOthers.access }]),
    ...(relay === undefined ? [] : [{ via: 'relay' as const, access: relay.access }]),
  ];
}

function questionsOf({ kind, at, access, members }: { kind: Kind; at: Address; access: readonly string[]; members: readonly Address[] }): Question[] {
  return access.flatMap((path): Question[] => {
    const found = fieldAt(kind, path);
    if (found === null) return [];
    const which = found.key === undefined ? {} : { key: found.key };
    const isSet = found.field.shape === 'members' || found.field.shape === 'keyedMembers';
    if (!isSet) return [{ kind, at, path, field: found.field, member: null, data: encodeGetter(kind, found.field, which) }];
    return members.map((member) => ({ kind, at, path, field: found.field, member, data: encodeGetter(kind, found.field, { ...which, member }) }));
  });
}

function callOf({ at, data }: Question): ViewCall {
  return { to: at, data };
}

type Answered = { question: Question; values: readonly Scalar[] };

/** Answers in the shape of their questions. */
function split(asked: readonly (readonly Question[])[], answers: readonly (readonly string[])[]): Answered[][] {
  let at = 0;
  return asked.map((own) => own.map((question) => ({ question, values: valuesIn(question.kind, question.field, answers[at++] ?? []) })));
}

function holdersIn(answered: readonly Answered[]): Holder[] {
  const holders = answered.flatMap(({ question: { member, path }, values }): Holder[] => {
    if (member !== null) return values.includes(true) ? [{ address: member, as: path }] : [];
    return values.flatMap((value) => (typeof value === 'string' && !/^0x0{40}$/.test(value) ? { address: value, as: path } : []));
  });
  return holders.filter((holder, i) => holders.findIndex((other) => same(other.address, holder.address)) === i);
}

function flagsIn(part: Part, answers: readonly string[]): ReadonlySet<boolean> {
  return new Set(answers.map((answer) => flagIn(part, answer)).filter((value) => typeof value === 'boolean'));
}

function valuesIn(kind: Kind, field: KindField, answers: readonly string[]): Scalar[] {
  return answers.flatMap((answer) => valueIn(kind, field, answer) ?? []);
}

function same(a: Address, b: Address): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
