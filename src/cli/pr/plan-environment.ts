// One environment of a change planned, whatever stands in the way: then what that is.
import { loopFindings } from '../../desired/loops/loop-findings.ts';
import { settingsDefaults } from '../../loops/thermostat/settings.ts';
import type { Lexicon } from '../../render/lexicon.ts';
import type { Finding } from '../../types.ts';
import { lexiconOf } from '../environment/open.ts';
import { type Change, findingsOf, withChain } from './change.ts';
import { type ChangePlan, planChange, planOffline } from './change-plan.ts';
import { type Read, readSides, type Span } from './readable.ts';
import type { Repository } from './repository.ts';
import { isBroken, loadSides, type Sides } from './sides.ts';

/** A plan, or findings that say why there is none. */
export type Planned = { environment: string; sides: Sides | null; change: ChangePlan | null; findings: readonly Finding[]; lexicon: Lexicon };

type Place = Pick<Repository, 'context' | 'root' | 'options' | 'git'>;

/** Plans one environment of a change, under the configuration before it. Never throws a MooringError. SIDE EFFECTS: asks the chain. */
export async function planEnvironment(repository: Place, span: Span): Promise<Planned> {
  return planRead(repository, span.environment, () => readSides(repository, span));
}

/** The same for a change that is in no commit yet. */
export async function planDraft(place: Place, environment: string, change: Change): Promise<Planned> {
  return planRead(place, environment, async () => ({ change, sides: loadSides({ environment, ...change }) }));
}

async function planRead(place: Place, environment: string, reading: () => Promise<Read>): Promise<Planned> {
  const { context } = place;
  let known: Sides | null = null;
  try {
    const read = await reading();
    const { sides } = read;
    known = sides;
    const lexicon = lexiconFor(place, sides);
    const findings = [...sides.findings, ...loopsOf(read)];
    if (isBroken({ findings })) return { environment, sides, change: null, findings, lexicon };
    if (!sides.touchesChain || sides.after === null) return { environment, sides, change: planOffline(sides, context.now), findings: [], lexicon };
    const change = await withChain(place, read, (opened) => planChange(opened, sides, { now: context.now, proof: true }));
    return { environment, sides, change, findings: [], lexicon };
  } catch (error) {
    return { environment, sides: known, change: null, findings: findingsOf(error), lexicon: lexiconFor(place, known) };
  }
}

/** Of loops' files that the change touches: one that is broken on the branch already keeps nothing else from being planned. */
function loopsOf({ change, sides: { environment, after } }: Read): Finding[] {
  if (after === null || !change.files.some((file) => file.startsWith(`desired-state/${environment}/loops/`))) return [];
  return loopFindings({ source: change.after, environment, loaded: after, defaults: settingsDefaults }).filter(({ severity }) => severity === 'error');
}

/** Words for what the sides declare; none where they could not be read. */
export function lexiconFor({ context, options }: Pick<Place, 'context' | 'options'>, sides: Sides | null): Lexicon {
  const loaded = sides?.after ?? sides?.before ?? null;
  if (loaded !== null) return lexiconOf(loaded, { ...context, colour: false }, options);
  return { names: new Map(), tokens: new Map(), explorer: null, colour: false, verbose: false };
}
