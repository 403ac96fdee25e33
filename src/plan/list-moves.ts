// A list of configuration before and after: which items are new, gone, or in another order. Pure.
import type { Source } from '../types.ts';
import { canonicalJson } from '../values.ts';

/** `key` is the same for the same content only; `text` is it as people read it, and as unambiguous. */
export type ListItem = { key: string; text: string; source: Source };

/** What happens to one item, or to the order of all. The position is part of `what`: the first RPC is not the second. */
export type ListMove = { what: string; from: string | null; to: string | null; source: Source };

/** An item from its values by path below it; a text alone has the path ''. */
export function listItem(values: readonly (readonly [path: string, text: string])[]): Omit<ListItem, 'source'> {
  const text = values.map(([path, value]) => (path === '' ? clear(value) : `${path}: ${clear(value)}`)).join(', ');
  return { key: canonicalJson(new Map(values)), text };
}

/** Quoted where it could be taken for several values, or for a name and a value. */
function clear(text: string): string {
  return /[",\u0000-\u001f\u007f-\u009f]|: |:$|^\s|\s$/.test(text) ? JSON.stringify(text) : text;
}

/**
 * Together with either side this tells the other one: an item counts as often as it stands there, with its position; what
 * stays must stay in its order, or the order is told as a whole.
 */
export function listMoves(before: readonly ListItem[], after: readonly ListItem[]): ListMove[] {
  const [old, next] = [shared(before, after), shared(after, before)];
  const moves = [
    ...old.rest.map(({ item, at }) => ({ what: `is taken out as item ${at}`, from: item.text, to: null, source: item.source })),
    ...next.rest.map(({ item, at }) => ({ what: `is set as item ${at}`, from: null, to: item.text, source: item.source })),
  ];
  const [first] = after;
  if (first === undefined || canonicalJson(old.kept) === canonicalJson(next.kept)) return moves;
  return [...moves, { what: 'is in another order', from: listText(before), to: listText(after), source: first.source }];
}

type Placed = { item: ListItem; at: number };

/** Keys of the items that the other list has, too, in order; and those that it doesn't have, or not as often. */
function shared(list: readonly ListItem[], other: readonly ListItem[]): { kept: string[]; rest: Placed[] } {
  const left = new Map([...Map.groupBy(other, ({ key }) => key)].map(([key, items]) => [key, items.length]));
  const kept: string[] = [];
  const rest: Placed[] = [];
  for (const [i, item] of list.entries()) {
    const amount = left.get(item.key) ?? 0;
    left.set(item.key, amount - 1);
    if (amount > 0) kept.push(item.key);
    else rest.push({ item, at: i + 1 });
  }
  return { kept, rest };
}

function listText(list: readonly ListItem[]): string {
  return list.map(({ text }) => clear(text)).join(', ');
}
