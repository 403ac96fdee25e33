// Random live states of any kind: values that the contract's types can hold, whether or not its rules like them.
import fc from 'fast-check';
import { toChecksum } from '../../src/kinds/keccak.ts';
import type { Kind, KindField } from '../../src/kinds/kind.ts';
import type { ContractState, FieldState, FieldValue, Scalar } from '../../src/types.ts';
import { compareAddresses } from '../../src/values.ts';

const zero = `0x${'0'.repeat(40)}`;

/** A small pool, so that members, owners and treasuries meet; the zero address among them. */
export const pool: readonly string[] = [zero, ...Array.from({ length: 6 }, (_, i) => toChecksum(`0x${String(i + 1).repeat(2)}${'c0ffee'.repeat(6)}${i + 1}a`))];

const address = fc.constantFrom(...pool);

function scalar(type: string, field: KindField): fc.Arbitrary<Scalar> {
  if (type === 'bool') return fc.boolean();
  if (type === 'address') return address;
  if (type.startsWith('bytes'))
    return fc
      .uint8Array({ minLength: Number(type.slice(5) || 0), maxLength: Number(type.slice(5) || 40) })
      .map((bytes) => `0x${Buffer.from(bytes).toString('hex')}`);
  const integer = /^(u?)int(\d+)$/.exec(type);
  if (integer === null) return fc.string({ unit: 'binary' });
  const max = 2n ** BigInt(Number(integer[2]) - (integer[1] === 'u' ? 0 : 1)) - 1n;
  const min = integer[1] === 'u' ? 0n : -max - 1n;
  const usual = [0n, 1n, 5n, 60n, 100n, 2_500n, 10_000n, 604_800n, 10n ** 18n, 15n * 10n ** 17n, 150n * 10n ** 18n].filter((value) => value <= max);
  const values = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...usual) }, fc.bigInt({ min, max }));
  // What decoding makes of the two notations: whole percent below the limit, any number above.
  return field.unit === 'percentOrBps'
    ? fc.oneof(
        fc.integer({ min: 0, max: 100 }).map((value) => BigInt(value) * 100n),
        fc.integer({ min: 101, max: 10_000 }).map(BigInt),
      )
    : values;
}

const members = fc.uniqueArray(address, { maxLength: 4 }).map((list): FieldValue => ({ type: 'members', members: [...list].sort(compareAddresses) }));

function fieldValue(field: KindField): fc.Arbitrary<FieldValue> {
  const single = (type: string) => scalar(type, field).map((value): FieldValue => ({ type: 'scalar', value }));
  if (field.shape === 'members' || field.shape === 'keyedMembers') return members;
  if (field.shape === 'entries')
    return fc
      .array(fc.tuple(address, scalar(field.valueType, field)), { maxLength: 4 })
      .map((pairs): FieldValue => ({ type: 'entries', entries: new Map(pairs) }));
  if (field.shape === 'aggregate')
    return fc.oneof(single('bool'), fc.constant<FieldValue>({ type: 'mixed', parts: [{ field: 'feePool', target: zero, value: true }] }));
  return field.shape === 'keyed' && field.unset !== undefined ? fc.oneof(single(field.type), fc.constant<FieldValue>({ type: 'unset' })) : single(field.type);
}

function fieldsOf(field: KindField): fc.Arbitrary<FieldState[]> {
  const keys =
    field.shape === 'keyed' ? [...field.keys.keys()] : field.shape === 'keyedMembers' ? ['DEFAULT_ADMIN_ROLE', 'MINTER_ROLE', `0x${'ab'.repeat(32)}`] : [null];
  const unread = fc.constant<FieldValue>({ type: 'unknown', reason: 'timed out\n# not a comment: "\u202E"' });
  const one = (key: string | null) => {
    const path = key === null ? field.name : `${field.name}.${key}`;
    const value = fc.oneof({ weight: 20, arbitrary: fieldValue(field) }, { weight: 1, arbitrary: unread });
    return fc
      .option(value, { freq: field.optional === true ? 2 : 20, nil: null })
      .map((found): FieldState[] => (found === null ? [] : [{ path, value: found }]));
  };
  return fc.tuple(...keys.map(one)).map((list) => list.flat());
}

/** A live state in which values, members and names may be anything. Aliases read the same as what they stand for. */
export function liveState(kind: Kind, name = 'imported'): fc.Arbitrary<ContractState> {
  return fc.tuple(...[...kind.fields.values()].map(fieldsOf)).map((lists) => {
    const fields = new Map(lists.flat().map((state) => [state.path, state]));
    for (const field of kind.fields.values()) {
      const target = field.aliasOf === undefined ? undefined : fields.get(field.aliasOf);
      if (field.aliasOf !== undefined && target !== undefined && fields.has(field.name)) fields.set(field.name, { ...target, path: field.name });
    }
    return { name, kind: kind.name, address: pool[6] ?? zero, fromBlock: 7n, adoptedAt: 9n, fields, observe: new Set() };
  });
}
