// One-off acts: how an event on chain is known to be one of git's, and how one reads. Pure.
import { formatScalar } from './format.ts';
import type { Act, Environment, Slash } from './types.ts';

/** What the reason on chain ends in. */
export function actMarker(environment: string, id: string): string {
  return `[${environment}/${id}]`;
}

/** The reason that goes on chain. */
export function chainReason({ reason, marker }: Pick<Act, 'reason' | 'marker'>): string {
  return `${reason} ${marker}`;
}

/** The id of the environment's act that a reason on chain belongs to; null where it belongs to none. */
export function actIdIn(reason: string, environment: string): string | null {
  const [, marked, id] = /\[([A-Za-z0-9][A-Za-z0-9._-]*)\/([A-Za-z0-9_-]+)\]$/.exec(reason) ?? [];
  return marked === environment && id !== undefined ? id : null;
}

/** Whether an event has done exactly what the act says. */
export function isDoneAs(done: Slash, act: Act): boolean {
  return (
    done.round === act.round &&
    done.amount === act.amount &&
    done.validator.toLowerCase() === act.validator.toLowerCase() &&
    done.recipient.toLowerCase() === act.recipient.toLowerCase() &&
    done.reason === chainReason(act)
  );
}

/** What steers a terminal, or turns the direction of writing. */
export const unprintable: RegExp = /[\p{Cc}\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069\uFEFF]/gu;

const longestShown = 500;

/** In words, addresses as they are. The reason may be anybody's who may slash: it is shown on one line, and not without end. */
export function slashText({ round, validator, amount, recipient, reason }: Slash, tokens: Environment['tokens']): string {
  const said = reason.replace(unprintable, '\uFFFD');
  const shown = said.length > longestShown ? `${said.slice(0, longestShown)}…` : said;
  return `slash ${validator} in round ${round}: ${formatScalar(amount, { unit: 'token', tokens })} to ${recipient}, ${shown}`;
}
