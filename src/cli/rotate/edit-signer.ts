// A rotation in environment.yaml: whoever signed with the old account signs with the new one, and its key is in the named variable.
import { type EditOperation, editDocument } from '../../desired/edit/edit.ts';
import { inline, type YamlData } from '../../desired/edit/yaml-data.ts';
import { MooringError } from '../../errors.ts';
import type { Address, Desired } from '../../types.ts';
import { type Options, text } from '../command.ts';
import { type Draft, textOf } from '../propose/files.ts';
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

/** What keeps the old account's line: `others`, what else it may do; `handedOver`, what only it can give away. */
type Replacing = { rotation: Pick<Rotation, 'from' | 'to'>; variable: string; others: readonly string[]; handedOver: readonly string[] };

/** What is left of it to do, for people; null where nothing is. Throws EDIT_IMPOSSIBLE. SIDE EFFECTS: the draft. */
export function editSigner(draft: Draft, { rotation: { from, to }, variable, others, handedOver }: Replacing): string | null {
  const { environment, addresses, policy } = draft.loaded.desired;
  const old = environment.signers.filter(({ address }) => address === from);
  if (to === null || old.length === 0) return 'environment.yaml does not name the old account as a signer: nothing is replaced there.';
  const known = environment.signers.find(({ address }) => address === to);
  const name = known?.name ?? addresses.byAddress.get(to) ?? to;
  const env: YamlData = new Map([['env', variable]]);
  const file = `desired-state/${draft.environment}/environment.yaml`;
  // First the new one: a map whose only entry goes would be empty for a moment.
  const added: EditOperation =
    known === undefined
      ? { path: ['signers'], append: [`${inline(name)}: ${inline(new Map([['key', env]]))}`] }
      : { path: ['signers', known.name, 'key'], set: env };
  const dropped = others.length + handedOver.length > 0 ? [] : old.map((ref): EditOperation => ({ path: ['signers', ref.name], drop: true }));
  draft.edited.set(file, editDocument(textOf(draft, file) ?? '', [added, ...dropped]));
  const names = old.map((ref) => ref.name);
  if (handedOver.length > 0)
    return `The line of ${names.join(', ')} in environment.yaml stays: that account signs the handover of ${handedOver.join(', ')}. Run this again once it is applied.`;
  if (others.length > 0) return `The line of ${names.join(', ')} in environment.yaml stays: that account also holds ${others.join(', ')}.`;
  if (names.some((one) => one === policy.loops.sentinel.pauseSigner)) turnPauseSigner(draft, name);
  return null;
}

/** Policy may name the sentinel's key by its signer, which has another name now. SIDE EFFECTS: the draft. */
function turnPauseSigner(draft: Draft, name: string): void {
  const file = `desired-state/${draft.environment}/policy.yaml`;
  draft.edited.set(file, editDocument(textOf(draft, file) ?? '', [{ path: ['loops', 'sentinel', 'pauseSigner'], set: name }]));
}
