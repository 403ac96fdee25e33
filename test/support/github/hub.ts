// The parts that all routes of the tests' GitHub share.
import type { Bare } from './bare-repository.ts';
import type { CheckBook } from './check-book.ts';
import type { Clock, Stamps } from './clock.ts';
import type { Keyring } from './credentials.ts';
import type { PullBook } from './pull-book.ts';
import type { Upstream } from './upstream.ts';

export type Hub = {
  bare: Bare;
  clock: Clock;
  stamps: Stamps;
  keys: Keyring;
  upstream: Upstream;
  pulls: PullBook;
  checks: CheckBook;
  /** Rules of rulesets, by branch, as GitHub shows them. */
  rules: Map<string, readonly Readonly<Record<string, unknown>>[]>;
};
