// Break-glass in a checkout: its nodes, each by itself; its journal, one for each key; and what calls it.
import { pauseNow, rehearsePause } from '../../apply/pause/pause-now.ts';
import { type FlagNow, flagsNow } from '../../apply/pause/paused-now.ts';
import type { PauseOptions } from '../../apply/pause/session.ts';
import type { PauseReport, PauseTarget } from '../../apply/pause/types.ts';
import type { Outline } from '../../desired/load-outline.ts';
import { MooringError } from '../../errors.ts';
import { shownNames } from '../../format.ts';
import { connect } from '../../live/rpc.ts';
import type { Address, ChainReader, Environment, Signer } from '../../types.ts';
import type { Context } from '../command.ts';
import type { Log } from '../log.ts';
import { expandTemplate } from '../secrets/secrets.ts';
import { openPauseJournal } from './pause-journals.ts';

/** For one request: another node stands in long before. */
const timeoutMs = 4_000;
/** Of one node. What a silent node owes must not make what comes later, or the end, wait for a time-out. */
const inFlight = 64;

export type Pausing = {
  /** SIDE EFFECTS: signs and sends pauses; the journal of this key. Throws what `pauseNow` throws. */
  pause(signer: Signer, targets: readonly PauseTarget[]): Promise<PauseReport>;
  /** With an address alone. Throws what `rehearsePause` throws. */
  rehearse(address: Address, targets: readonly PauseTarget[]): Promise<PauseReport>;
  /** Which of them are set now. Throws what `flagsNow` throws. */
  flags(targets: readonly PauseTarget[]): Promise<FlagNow[]>;
  close(): void;
};

export type PausePlace = {
  /** `kinds`: all built-in ones, and those of one's own. */
  outline: Pick<Outline, 'environment' | 'addresses' | 'kinds' | 'contracts'>;
  root: string;
  context: Context;
  log: Log;
  /** Without anything being mined for so long, a pause counts as sent and not seen. */
  waitMs?: number;
};

/** SIDE EFFECTS: connections, until `close`. Throws the first RPC URL's error where none can be used. */
export function openPause({ outline, root, context, log, waitMs = 60_000 }: PausePlace): Pausing {
  const { environment, addresses, kinds, contracts } = outline;
  const chains = openNodes(environment, context, log);
  const common: Omit<PauseOptions, 'signer' | 'journal' | 'beside' | 'targets'> = {
    ...{ chains, environment, kinds, contracts, log, waitMs },
    names: shownNames(addresses),
    now: context.now,
  };
  return {
    async pause(signer, targets) {
      const { journal, beside } = await openPauseJournal({ root, environment: environment.name, signer: signer.address }, log);
      return pauseNow({ ...common, targets, signer, journal, beside });
    },
    rehearse: (signer, targets) => rehearsePause({ ...common, targets, signer }),
    flags: (targets) => flagsNow({ ...common, targets }),
    close: () => {
      for (const chain of chains) chain.close();
    },
  };
}

function openNodes(environment: Environment, { env }: Context, log: Log): ChainReader[] {
  const errors: unknown[] = [];
  const chains = environment.rpc.flatMap((template) => {
    try {
      return [connect({ urls: [expandTemplate(template, env)], concurrency: inFlight, retries: 0, timeoutMs })];
    } catch (error) {
      if (!(error instanceof MooringError)) throw error;
      errors.push(error);
      log(`an RPC is left out: ${error.message}`);
      return [];
    }
  });
  if (chains.length === 0) throw errors[0];
  return chains;
}
