// The guard behind revoking at once: a signer that signs nothing but the revocations it was made for, whatever was built before.
import { MooringError } from '../errors.ts';
import { encodeCall } from '../kinds/abi.ts';
import { fieldAt } from '../kinds/fields.ts';
import type { Kind, Kinds } from '../kinds/kind.ts';
import { encodeSetter, settersOf } from '../kinds/writes.ts';
import type { Address, Hex, Signer, UnsignedTransaction } from '../types.ts';

/** One member of one set: `orchestrators`, `roles.MINTER_ROLE`. */
export type Revocation = { contract: string; kind: Kind; address: Address; path: string; account: Address };

type Call = { to: Address; data: Hex };

/**
 * Signs only calls that take one of these members out, directly or through a contract that forwards calls, and what uses up
 * a nonce. `sign` throws NOT_A_REVOCATION for anything else.
 */
export function onlyRevokes(signer: Signer, revocations: readonly Revocation[], kinds: Kinds): Signer {
  const direct = revocations.flatMap(callsOf);
  const relays = [...kinds.values()]
    .flatMap(({ relay, functions }) => (relay === undefined ? [] : [functions.get(relay.function)]))
    .filter((fn) => fn !== undefined);
  const relayed = new Set(relays.flatMap((fn) => direct.map(({ to, data }) => encodeCall(fn, [to, data]))));
  const isAllowed = ({ to, data, value }: UnsignedTransaction): boolean =>
    value === 0n &&
    (isNothing({ to, data }, signer.address) || direct.some((call) => same(call.to, to) && same(call.data, data)) || relayed.has(data.toLowerCase()));
  return {
    address: signer.address,
    async sign(transaction) {
      if (!isAllowed(transaction)) throw refused(transaction);
      return signer.sign(transaction);
    },
    signMessage: (message) => signer.signMessage(message),
  };
}

/** Calls that take the member out. */
function callsOf({ kind, address, path, account }: Revocation): Call[] {
  const key = fieldAt(kind, path)?.key;
  return settersOf(kind, path)
    .filter(({ does }) => does === 'toggleMember' || does === 'removeMember')
    .map((setter) => ({
      to: address,
      data: encodeSetter(kind, setter, { values: new Map(), member: account, flag: false, ...(key === undefined ? {} : { key }) }).data.toLowerCase(),
    }));
}

function isNothing({ to, data }: Call, own: Address): boolean {
  return same(to, own) && data === '0x';
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function refused({ to, data, value }: UnsignedTransaction): MooringError {
  return new MooringError('NOT_A_REVOCATION', `a call of ${to} (${data.slice(0, 10)}, ${value} wei) does not revoke what was asked for, so it was not signed`, {
    fix: 'Nothing but the revocation goes out this way. Propose any other change by pull request.',
  });
}
