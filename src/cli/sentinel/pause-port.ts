// What the sentinel needs of whoever pauses at once: flags in, and for each what became of it.

import type { FieldAction } from '../../loop-types.ts';
import type { PausedFlag } from '../../loops/sentinel/ledger.ts';
import type { Hex } from '../../types.ts';

/** `sent`: signed, and not seen to be mined yet. */
export type PauseOutcome = {
  target: Pick<FieldAction, 'contract' | 'field'>;
  state: 'paused' | 'already' | 'sent' | 'ready' | 'impossible';
  transaction?: Hex;
  why?: string;
};

/** Throws where nothing could be sent. SIDE EFFECTS: transactions that pause, and no others. */
export type PausePort = (actions: readonly FieldAction[]) => Promise<{ rows: readonly PauseOutcome[] }>;

export function isPaused(outcome: PauseOutcome): outcome is PauseOutcome & PausedFlag {
  return outcome.state === 'paused' || outcome.state === 'already';
}
