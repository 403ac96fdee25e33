// Whether whoever uses a role signs with the new key: by what is said of it, never by a guess. Pure.
import type { Address, Environment, SignerRef } from '../../types.ts';
import type { Published } from '../published.ts';
import type { Rotation } from './held.ts';

/** `old`: it still signs with what is replaced. */
export type RunnerVerdict = { verdict: 'new' | 'old' | 'other' | 'unknown'; message: string };

export type RunnerFacts = {
  environment: Pick<Environment, 'signers'>;
  /** As it was given on the command line. */
  given: Address | null;
  /** What has the new key, where the rotation's pull request replaces the old signer. */
  variable: string | null;
  /** Where its configuration was read, and what is in it. */
  published: { place: string; settings: Published } | null;
  show(account: Address): string;
};

/** Names under which a configuration may say with which account it signs. */
const names = ['orchestrator', 'signer', 'account', 'address'] as const;

export function checkRunner({ from, to }: Pick<Rotation, 'from' | 'to'>, { environment, given, variable, published, show }: RunnerFacts): RunnerVerdict[] {
  const judge = (who: string, account: string): RunnerVerdict => {
    const is = (other: Address): boolean => other.toLowerCase() === account.toLowerCase();
    if (is(from)) return { verdict: 'old', message: `${who} still signs with ${show(from)}: give it the new key once this is applied` };
    if (to === null) return { verdict: 'new', message: `${who} signs with ${show(account)}` };
    if (is(to)) return { verdict: 'new', message: `${who} signs with ${show(to)}` };
    return { verdict: 'other', message: `${who} signs with ${show(account)}, which is neither of the two` };
  };
  const found: RunnerVerdict[] = [];
  if (given !== null) found.push(judge('the runner', given));
  if (published !== null) {
    const account = accountIn(published.settings);
    found.push(
      account === null ? { verdict: 'unknown', message: `${published.place} does not say with which account it signs` } : judge(published.place, account),
    );
  }
  for (const ref of environment.signers) {
    if (ref.address === from) found.push({ verdict: 'old', message: oldLine(ref, variable) });
    else if (ref.address === to) found.push(judge('environment.yaml', ref.address));
  }
  if (found.length > 0) return found;
  return [
    {
      verdict: 'unknown',
      message: `whether the runner signs with ${to === null ? 'another key' : show(to)} is not known: say it with --runner-address or --runner, or look there`,
    },
  ];
}

function oldLine({ name }: SignerRef, variable: string | null): string {
  const fix =
    variable === null ? 'with --runner-key-env VARIABLE the pull request replaces that line too' : `${variable} is to hold the new key once this is applied`;
  return `this checkout’s environment.yaml signs with ${name}: ${fix}`;
}

function accountIn(settings: Published): string | null {
  const values = names.map((name) => settings[name]);
  return values.find((value): value is string => typeof value === 'string' && /^0x[0-9a-fA-F]{40}$/.test(value)) ?? null;
}
