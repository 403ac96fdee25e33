// Finance is told of a change of ROI beyond what is theirs to know: through the declared channels, at least once, from disk.
import type { Context, Options } from '../command.ts';
import { tellNow } from '../loops/tell-now.ts';

export type Escalation = { severity: 'warning' | 'critical'; message: string; detail: string };

/** As `tellNow`. SIDE EFFECTS: sends; writes below `.mooring/<env>/baseline`. */
export function escalate(context: Context, options: Options, escalation: Escalation): Promise<number> {
  return tellNow(context, options, { folder: 'baseline', alert: { ...escalation, source: 'thermostat', reason: 'roi_baseline' } });
}
