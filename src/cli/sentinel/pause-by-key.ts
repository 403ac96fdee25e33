// The sentinel's own key, where policy grants one: pauses at once, and can do nothing else.
import { join } from 'node:path';
import { pauseNow } from '../../apply/pause-now.ts';
import { MooringError } from '../../errors.ts';
import { openFileStore } from '../../journal/file-store.ts';
import { loadKinds } from '../../kinds/load-kinds.ts';
import { connect } from '../../live/rpc.ts';
import type { FieldAction, JournalStore } from '../../types.ts';
import type { Context } from '../command.ts';
import type { Log } from '../log.ts';
import { type Declared, stateFolder } from '../open.ts';
import { expandTemplate } from '../secrets.ts';
import { loadSigners } from '../signers.ts';
import type { PausePort } from './pause-port.ts';

export type KeyPauses = { pause: PausePort; close(): void };

/** Where pauses are recorded, apart from what applies record. */
export function pauseJournal(declared: Pick<Declared, 'root' | 'name'>): JournalStore {
  return openFileStore(join(stateFolder(declared), 'pauses'));
}

/** Null where policy grants no key. Throws SIGNER_MISSING where it isn't at hand, and as reading it does. SIDE EFFECTS: connections, until `close`. */
export async function openKeyPauses(context: Context, declared: Declared, log: Log): Promise<KeyPauses | null> {
  const { environment, policy, state, addresses } = declared.desired;
  const { pauseSigner } = policy.loops.sentinel;
  if (pauseSigner === null) return null;
  const ref = environment.signers.find(({ name, address }) => name === pauseSigner || address.toLowerCase() === pauseSigner.toLowerCase());
  const signer = ref === undefined ? undefined : (await loadSigners(declared, context)).get(ref.address);
  if (signer === undefined)
    throw new MooringError('SIGNER_MISSING', `policy lets the sentinel pause with the key of ${pauseSigner}, which is not at hand`, {
      fix: 'set the variable that environment.yaml names for it, or take loops.sentinel.pauseSigner out of policy.yaml',
    });
  const urls = environment.rpc.map((template) => expandTemplate(template, context.env));
  // All nodes are asked at once, and none is waited for for long.
  const chains = urls.map((url) => connect({ urls: [url], retries: 0, timeoutMs: 4_000 }));
  const options = {
    ...{ chains, environment, signer, journal: pauseJournal(declared), log, now: context.now },
    kinds: new Map([...loadKinds(), ...declared.kinds]),
    contracts: state.contracts,
    names: addresses.byAddress,
    waitMs: 30_000,
  };
  return {
    async pause(actions) {
      const { rows } = await pauseNow({ ...options, targets: actions.map((action) => targetOf(declared, action)) });
      return { rows };
    },
    close() {
      for (const chain of chains) chain.close();
    },
  };
}

function targetOf({ desired }: Declared, action: FieldAction) {
  const contract = desired.state.contracts.find(({ name }) => name === action.contract);
  if (contract === undefined)
    throw new MooringError('CONTRACT_UNKNOWN', `no contract "${action.contract}" is declared, so it can't be paused`, {
      fix: 'correct actions in loops/sentinel.yaml',
    });
  return { ...action, kind: contract.kind, address: contract.address };
}
