// Says whether the runner signs with the new key, from what was given and what is published.
import { type Lexicon, paint, showAddress } from '../../render/lexicon.ts';
import { text } from '../command.ts';
import { accountOf } from '../propose/files.ts';
import { readPublished } from '../published.ts';
import { runnerKeyVariable } from './edit-signer.ts';
import type { Rotating } from './run-rotation.ts';
import { checkRunner, type RunnerVerdict } from './runner-check.ts';

/** SIDE EFFECTS: reads a file, or the network. */
export async function sayRunner({
  context,
  options,
  opened,
  lexicon,
  rotation,
}: Pick<Rotating, 'context' | 'options' | 'opened' | 'lexicon' | 'rotation'>): Promise<RunnerVerdict[]> {
  const { desired, kinds, warnings } = opened;
  const given = text(options, 'runner-address');
  const place = text(options, 'runner');
  const verdicts = checkRunner(rotation, {
    environment: desired.environment,
    given: given === undefined ? null : accountOf({ loaded: { desired, kinds, warnings } }, given),
    variable: runnerKeyVariable(options),
    published: place === undefined ? null : { place, settings: await readPublished(context, place) },
    show: (account) => showAddress(lexicon, account),
  });
  context.stdout(`\n${verdicts.map((verdict) => verdictLine(verdict, lexicon)).join('\n')}\n`);
  return verdicts;
}

function verdictLine({ verdict, message }: RunnerVerdict, lexicon: Lexicon): string {
  const style = verdict === 'new' ? 'green' : verdict === 'unknown' ? 'yellow' : 'red';
  return `${paint(lexicon, style, verdict === 'new' ? '✓' : verdict === 'unknown' ? '?' : '!')} ${message}`;
}
