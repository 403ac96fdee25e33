// Which addresses the steps and their logs name: any of them may have become a member of a set. Pure.
import { type AbiValue, decodeEvent } from '../kinds/abi.ts';
import { toChecksum } from '../kinds/keccak.ts';
import type { Kind, KindField, Kinds, SetHistory } from '../kinds/kind.ts';
import type { Address, Log, State, Step } from '../types.ts';

type SimulatedLog = Pick<Log, 'address' | 'topics' | 'data'>;

/** Arguments of the calls that are addresses, at any depth, and whatever in their bytes looks like one. Checksummed. */
export function namedInSteps(steps: readonly Step[]): Address[] {
  const found = new Set<string>();
  for (const step of steps) {
    for (const argument of step.call.args) addressesIn(argument.value, found);
    for (let at = 10; at + 64 <= step.data.length; at += 64) addWord(step.data.slice(at, at + 64), found);
  }
  return [...found].map(toChecksum);
}

function addressesIn(value: unknown, found: Set<string>): void {
  if (Array.isArray(value)) for (const one of value) addressesIn(one, found);
  if (typeof value === 'string' && /^0x[0-9a-fA-F]{40}$/.test(value)) found.add(value.toLowerCase());
}

/** Numbers have more leading zeros than any address that isn't made up. */
function addWord(word: string, found: Set<string>): void {
  if (word.startsWith('0'.repeat(24)) && !word.startsWith('0'.repeat(36))) found.add(`0x${word.slice(24).toLowerCase()}`);
}

/** Members that the set events of managed contracts name. Checksummed. */
export function namedInLogs(logs: readonly SimulatedLog[], live: State, kinds: Kinds): Address[] {
  const kindOf = new Map(live.contracts.map((contract) => [contract.address.toLowerCase(), kinds.get(contract.kind)]));
  const found = new Set<string>();
  for (const log of logs) {
    const kind = kindOf.get(log.address.toLowerCase());
    if (kind === undefined) continue;
    for (const value of membersIn(kind, log)) addressesIn(value, found);
  }
  return [...found].map(toChecksum);
}

function membersIn(kind: Kind, log: SimulatedLog): AbiValue[] {
  return [...kind.fields.values()].flatMap((field) => {
    const set = setOf(field);
    if (set === null) return [];
    return eventNames(set).flatMap((name) => {
      const event = kind.events.get(name);
      if (event === undefined || event.topic !== log.topics[0]?.toLowerCase()) return [];
      const value = decodeEvent(event, log)[set.member];
      return value === undefined ? [] : [value];
    });
  });
}

function setOf(field: KindField): SetHistory | null {
  return field.shape === 'members' || field.shape === 'keyedMembers' ? field.set : null;
}

/** Events that tell who came in or left. */
export function eventNames(set: SetHistory): string[] {
  return 'event' in set ? [set.event] : [set.added, set.removed];
}
