// What the sentinel's commands start from: an environment, its settings for the sentinel, and its folder of records.
import { join } from 'node:path';
import { diskSource } from '../../desired/file-source.ts';
import { type LoadedSentinel, loadSentinel } from '../../desired/loops/load-sentinel.ts';
import type { Context, Options } from '../command.ts';
import { type Declared, openDeclared, stateFolder } from '../environment/open.ts';

export type OpenedSentinel = { declared: Declared; sentinel: LoadedSentinel; folder: string };

/** Offline. Throws INPUT_INVALID with every finding. SIDE EFFECTS: reads files. */
export function openSentinel(context: Context, options: Options): OpenedSentinel {
  const declared = openDeclared(context, options);
  const { contracts } = declared.desired.state;
  const sentinel = loadSentinel({ source: diskSource(declared.root), environment: declared.name, contracts, kinds: declared.kinds });
  return { declared, sentinel, folder: join(stateFolder(declared), 'sentinel') };
}
