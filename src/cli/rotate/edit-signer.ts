// A rotation in environment.yaml: whoever signed with the old account signs with the new one, and its key is in the named variable.
import { type EditOperation, editDocument } from '../../desired/edit/edit.ts';
import { inline, type YamlData } from '../../desired/edit/yaml-data.ts';
import { MooringError } from '../../errors.ts';
import type { Address, Desired } from '../../types.ts';
import { type Options, text } from '../command.ts';
import { planDraft } from '../pr/plan-environment.ts';
import { type Draft, textOf } from '../propose/files.ts';
import { changeOf, type Desk } from '../propose/open-proposal.ts';
import type { Rotation } from './held.ts';

export const runnerKeyOption = 'runner-key-env';

/** Null where none is named. Throws USAGE, which never repeats what was given: it may be the key itself. */
export function runnerKeyVariable(options: Options): string | null {
  const variable = text(options, runnerKeyOption);
  if (variable === undefined) return null;
  if (/^[A-Za-z_][A-Za-z0-9_]{0,99}$/.test(variable) && !/^[0-9a-f]{64}$/i.test(variable)) return variable;
  throw new MooringError('USAGE', `--${runnerKeyOption} is no name of an environment variable`, {
    fix: 'write the name alone, as in ORCHESTRATOR_C_KEY: never the key, and without $',
  });
}

/** Whether environment.yaml signs with an account. */
export function signsWith({ environment }: Pick<Desired, 'environment'>, account: Address): boolean {
  return environment.signers.some(({ address }) => address === account);
}

/** `others`: what else the old account may do; null where that could not be read. */
type Replacing = { rotation: Pick<Rotation, 'from' | 'to'>; variable: string; others: readonly string[] | null };

/**
 * What is left of it to do, for people; null where nothing is. The old account's line stays where only that one can sign what the
 * draft asks for, or where it may do something else. Throws EDIT_IMPOSSIBLE. SIDE EFFECTS: the draft; plans it.
 */
export async function replaceSigner(desk: Desk & { draft: Draft }, { rotation: { from, to }, variable, others }: Replacing): Promise<string | null> {
  const { draft } = desk;
  const { environment, addresses, policy } = draft.loaded.desired;
  const old = environment.signers.filter(({ address }) => address === from);
  if (to === null || old.length === 0) return 'environment.yaml does not name the old account as a signer: nothing is replaced there.';
  const name = environment.signers.find(({ address }) => address === to)?.name ?? addresses.byAddress.get(to) ?? to;
  const names = old.map((ref) => ref.name);
  const stays = `The line of ${names.join(', ')} in environment.yaml stays`;
  editSigner(draft, { to, variable, name, dropped: [] });
  if (others === null) return `${stays}: what else that account may do could not be read.`;
  if (others.length > 0) return `${stays}: that account also holds ${others.join(', ')}.`;
  const without: Draft = { ...draft, edited: new Map(draft.edited) };
  editSigner(without, { to, variable, name, dropped: names });
  if (names.some((one) => one === policy.loops.sentinel.pauseSigner)) turnPauseSigner(without, name);
  const alone = await signedBy(desk, without, from);
  if (alone === null) return `${stays}: whether others can sign all of this could not be told.`;
  if (alone.length > 0) return `${stays}: that account alone can sign ${alone.join(', ')}. Run this again once it is applied.`;
  for (const [file, edited] of without.edited) draft.edited.set(file, edited);
  return null;
}

type Editing = { to: Address; variable: string; name: string; dropped: readonly string[] };

/** SIDE EFFECTS: the draft. */
function editSigner(draft: Draft, { to, variable, name, dropped }: Editing): void {
  const known = draft.loaded.desired.environment.signers.find(({ address }) => address === to);
  const env: YamlData = new Map([['env', variable]]);
  const file = `desired-state/${draft.environment}/environment.yaml`;
  // First the new one: a map whose only entry goes would be empty for a moment.
  const added: EditOperation =
    known === undefined
      ? { path: ['signers'], append: [`${inline(name)}: ${inline(new Map([['key', env]]))}`] }
      : { path: ['signers', known.name, 'key'], set: env };
  const drops = dropped.map((one): EditOperation => ({ path: ['signers', one], drop: true }));
  const before = textOf({ ...draft, edited: new Map() }, file) ?? '';
  draft.edited.set(file, editDocument(before, [added, ...drops]));
}

/** What of a draft's changes an account has to sign, which the draft doesn't name as a signer; null where there is no plan to tell. */
async function signedBy(desk: Desk, draft: Draft, account: Address): Promise<string[] | null> {
  const { change } = await planDraft(desk, draft.environment, changeOf(draft));
  const steps = change?.plan.steps.filter(({ route }) => route.signer === account);
  return steps === undefined ? null : [...new Set(steps.flatMap(({ covers }) => covers))];
}

/** Policy may name the sentinel's key by its signer, which has another name now. SIDE EFFECTS: the draft. */
function turnPauseSigner(draft: Draft, name: string): void {
  const file = `desired-state/${draft.environment}/policy.yaml`;
  draft.edited.set(file, editDocument(textOf(draft, file) ?? '', [{ path: ['loops', 'sentinel', 'pauseSigner'], set: name }]));
}
