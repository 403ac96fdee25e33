// One environment of a change planned, whatever stands in the way: then what that is.
import type { Lexicon } from '../../render/lexicon.ts';
import type { Finding } from '../../types.ts';
import { lexiconOf } from '../open.ts';
import { findingsOf, withChain } from './change.ts';
import { type ChangePlan, planChange, planOffline } from './change-plan.ts';
import { readSides, type Span } from './readable.ts';
import type { Repository } from './repository.ts';
import type { Sides } from './sides.ts';

/** A plan, or findings that say why there is none. */
export type Planned = { environment: string; sides: Sides | null; change: ChangePlan | null; findings: readonly Finding[]; lexicon: Lexicon };

type Place = Pick<Repository, 'context' | 'root' | 'options' | 'git'>;

/** Plans one environment of a change, under the configuration before it. Never throws a MooringError. SIDE EFFECTS: asks the chain. */
export async function planEnvironment(repository: Place, span: Span): Promise<Planned> {
  const { context } = repository;
  const { environment } = span;
  let sides: Sides | null = null;
  try {
    const read = await readSides(repository, span);
    const both = read.sides;
    sides = both;
    const lexicon = lexiconFor(repository, both);
    const blocked = both.findings.some((finding) => finding.severity === 'error');
    if (blocked) return { environment, sides, change: null, findings: both.findings, lexicon };
    if (!both.touchesChain || both.after === null) return { environment, sides, change: planOffline(both, context.now), findings: [], lexicon };
    const change = await withChain(repository, read, (opened) => planChange(opened, both, { now: context.now, proof: true }));
    return { environment, sides, change, findings: [], lexicon };
  } catch (error) {
    return { environment, sides, change: null, findings: findingsOf(error), lexicon: lexiconFor(repository, sides) };
  }
}

/** Words for what the sides declare; none where they could not be read. */
export function lexiconFor({ root, context, options }: Omit<Place, 'git'>, sides: Sides | null): Lexicon {
  const loaded = sides?.after ?? sides?.before ?? null;
  if (loaded !== null) return lexiconOf({ root, name: sides?.environment ?? '', ...loaded }, { ...context, colour: false }, options);
  return { names: new Map(), tokens: new Map(), explorer: null, colour: false, verbose: false };
}
