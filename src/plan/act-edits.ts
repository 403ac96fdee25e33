// Acts before and after a change of the files: they are only ever added, so every other edit is to be judged. Pure.
import type { Act, Desired, Edit } from '../types.ts';
import { actChangeId } from './acts.ts';
import { type EditsInput, edit, sourceOf } from './edit.ts';

/** An act that the change does on chain is no edit besides. */
export function actEdits({ before, after, own }: EditsInput): Edit[] {
  const [old, next] = [actsById(before), actsById(after)];
  const planned = new Set(own.map(({ id }) => id));
  return [...new Set([...old.keys(), ...next.keys()])].flatMap((id) => {
    const [from, to] = [old.get(id), next.get(id)];
    if (to === undefined) return from === undefined ? [] : [told(from, 'is taken out, though acts are only ever added', { from: textOf(from), to: null })];
    if (from === undefined) return planned.has(actChangeId(to)) ? [] : [told(to, 'is an act, which nothing is sent for now', { from: null, to: textOf(to) })];
    if (wholeText(from) === wholeText(to)) return [];
    const say = from.fromBlock === to.fromBlock ? textOf : wholeText;
    return [told(to, 'is changed, though acts are only ever added', { from: say(from), to: say(to) })];
  });
}

function actsById(desired: Desired | null): Map<string, Act> {
  return new Map((desired?.state.contracts ?? []).flatMap(({ acts = [] }) => acts.map((act) => [act.id, act] as const)));
}

function textOf({ contract, text }: Act): string {
  return `${contract}: ${text}`;
}

/** Looked for from a later block on, an act that was done could seem not to be. */
function wholeText(act: Act): string {
  return `${textOf(act)}, looked for from block ${act.fromBlock}`;
}

function told(act: Act, what: string, sides: Pick<Edit, 'from' | 'to'>): Edit {
  return edit({ subject: `acts/${act.id}.yaml`, what, ...sides, risk: 'ambiguous', ...sourceOf(act) });
}
