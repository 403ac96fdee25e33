// What edits are found from, and how one is made. Pure.
import type { Kinds } from '../kinds/kind.ts';
import type { Address, Change, Desired, Edit, Source } from '../types.ts';
import type { Flat } from './setting-edits.ts';

export type EditsInput = {
  environment: string;
  /** Null where the environment isn't there before, or after. */
  before: Desired | null;
  after: Desired | null;
  /** Every other file of the environment's folder. */
  settings: { before: Flat; after: Flat };
  /** Of both sides. */
  kinds: Kinds;
  /** What changes on the chain is no edit, too. */
  own: readonly Change[];
};

type Made = Omit<Edit, 'id' | 'file'>;

export function edit(made: Made): Edit {
  const file = made.source?.file ?? '';
  return { id: `${file} ${made.subject} ${made.what}`, file, ...made };
}

/** Whether something on the chain would name that address: as an owner, a pauser, a member, a key, or in an act. */
export function isUsed({ own }: Pick<EditsInput, 'own'>, address: Address): boolean {
  const wanted = address.toLowerCase();
  return own.some(({ action, member, to }) =>
    [member, to?.type === 'scalar' ? to.value : null].some((one) => {
      const text = typeof one === 'string' ? one.toLowerCase() : '';
      return action === 'do' ? text.includes(wanted) : text === wanted;
    }),
  );
}

/** For spreading: nothing where the place isn't known. */
export function sourceOf({ source }: { source?: Source }): { source?: Source } {
  return source === undefined ? {} : { source };
}
