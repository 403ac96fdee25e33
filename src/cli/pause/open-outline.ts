// An environment's folder as far as break-glass needs it.
import { diskSource } from '../../desired/file-source.ts';
import { loadOutline, type Outline } from '../../desired/load-outline.ts';
import type { SignerRef } from '../../types.ts';
import { type Context, type Options, text } from '../command.ts';
import { findRoot } from '../environment/find-root.ts';
import { environmentName } from '../environment/open.ts';
import { addressAtHand } from '../secrets/signers.ts';

/** Offline. What else is broken is among the findings. Throws ROOT_NOT_FOUND, ENVIRONMENT_NOT_FOUND, USAGE, INPUT_INVALID. */
export function openOutline(context: Context, options: Options): { root: string; name: string; outline: Outline } {
  const root = findRoot(context, options);
  const name = environmentName(root, text(options, 'env'));
  return { root, name, outline: withKeys(loadOutline({ source: diskSource(root), environment: name }), root, context) };
}

/** A signer whose address can't be read is whoever its key at hand belongs to: a broken address book stops no pause. */
function withKeys(outline: Outline, root: string, context: Context): Outline {
  const found = outline.unplaced.flatMap((ref): SignerRef[] => {
    const address = addressAtHand(ref, root, context);
    return address === null ? [] : [{ ...ref, address }];
  });
  const unplaced = outline.unplaced.filter(({ name }) => !found.some((ref) => ref.name === name));
  return { ...outline, unplaced, environment: { ...outline.environment, signers: [...outline.environment.signers, ...found] } };
}
