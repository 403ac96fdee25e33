// An environment's folder as far as break-glass needs it.
import { diskSource } from '../../desired/file-source.ts';
import { loadOutline, type Outline } from '../../desired/load-outline.ts';
import { type Context, type Options, text } from '../command.ts';
import { findRoot } from '../environment/find-root.ts';
import { environmentName } from '../environment/open.ts';

/** Offline. What else is broken is among the findings. Throws ROOT_NOT_FOUND, ENVIRONMENT_NOT_FOUND, USAGE, INPUT_INVALID. */
export function openOutline(context: Context, options: Options): { root: string; name: string; outline: Outline } {
  const root = findRoot(context, options);
  const name = environmentName(root, text(options, 'env'));
  return { root, name, outline: loadOutline({ source: diskSource(root), environment: name }) };
}
