// Break-glass in a checkout: its nodes, each by itself; its journal, one for each key; and what calls it.
import { join } from 'node:path';
import { pauseNow, rehearsePause } from '../../apply/pause-now.ts';
import type { PauseOptions } from '../../apply/pause-session.ts';
import type { PauseReport, PauseTarget } from '../../apply/pause-types.ts';
import type { Outline } from '../../desired/load-outline.ts';
import { MooringError } from '../../errors.ts';
import { shownNames } from '../../format.ts';
import { openFileStore } from '../../journal/file-store.ts';
import { connect } from '../../live/rpc.ts';
import type { Address, ChainReader, SignerRef } from '../../types.ts';
import type { Context } from '../command.ts';
import type { Log } from '../log.ts';
import { expandTemplate } from '../secrets.ts';
import { loadSigner } from '../signers.ts';

/** For one request: another node stands in long before. */
const timeoutMs = 4_000;
/** Of one node. What a silent node owes must not make what comes later, or the end, wait for a time-out. */
const inFlight = 64;

export type Pausing = {
  /** SIDE EFFECTS: signs and sends pauses; the journal of this key. Throws SIGNER_*, and what `pauseNow` throws. */
  pause(ref: SignerRef, targets: readonly PauseTarget[]): Promise<PauseReport>;
  /** With an address alone. Throws what `rehearsePause` throws. */
  rehearse(address: Address, targets: readonly PauseTarget[]): Promise<PauseReport>;
  close(): void;
};

export type PausePlace = { outline: Pick<Outline, 'environment' | 'addresses' | 'kinds' | 'contracts'>; root: string; context: Context; log: Log };

/** SIDE EFFECTS: connections, until `close`. Throws the first RPC URL's error where none can be used. */
export function openPause({ outline, root, context, log }: PausePlace): Pausing {
  const { environment, addresses, kinds, contracts } = outline;
  const chains = openNodes(outline, context, log);
  const common: Omit<PauseOptions, 'signer' | 'journal' | 'targets'> = {
    ...{ chains, environment, kinds, contracts, log },
    names: shownNames(addresses),
    now: context.now,
  };
  return {
    async pause(ref, targets) {
      const signer = await loadSigner(ref, root, context);
      return pauseNow({ ...common, targets, signer, journal: openFileStore(pauseFolder(root, environment.name, signer.address)) });
    },
    rehearse: (signer, targets) => rehearsePause({ ...common, targets, signer }),
    close: () => {
      for (const chain of chains) chain.close();
    },
  };
}

/**
 * Where the pauses of one key are recorded: apart from the applies' journal, which may be held for long or not be there,
 * and whose transactions count as git's own, while an emergency pause must not.
 */
export function pauseFolder(root: string, environment: string, signer: Address): string {
  return join(root, '.mooring', environment, 'pauses', signer.toLowerCase());
}

function openNodes({ environment }: PausePlace['outline'], { env }: Context, log: Log): ChainReader[] {
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
