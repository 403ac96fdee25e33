// The sentinel's own key, where policy grants one: pauses at once, the way `mooring incident pause` does, and can do nothing else.
import { MooringError } from '../../errors.ts';
import { openFileStore } from '../../journal/file-store.ts';
import { loadKinds } from '../../kinds/load-kinds.ts';
import type { FieldAction, JournalStore, SignerRef } from '../../types.ts';
import type { Context } from '../command.ts';
import type { Log } from '../log.ts';
import type { Declared } from '../open.ts';
import { openPause, pauseFolder } from '../pause/open-pause.ts';
import { loadSigner } from '../signers.ts';
import type { PausePort } from './pause-port.ts';

export type KeyPauses = { pause: PausePort; close(): void };

/** The signer that policy names for it; null where it names none. */
function pauseSignerOf({ desired }: Pick<Declared, 'desired'>): SignerRef | null {
  const { pauseSigner } = desired.policy.loops.sentinel;
  return desired.environment.signers.find(({ name }) => name === pauseSigner) ?? null;
}

/** Where the pauses of that key are recorded, apart from what applies record; null where there is none. */
export function pauseJournal(declared: Pick<Declared, 'root' | 'name' | 'desired'>): JournalStore | null {
  const ref = pauseSignerOf(declared);
  return ref === null ? null : openFileStore(pauseFolder(declared.root, declared.name, ref.address));
}

/** Null where policy grants no key. Throws SIGNER_* where it isn't at hand, RPC_URL, ENVIRONMENT_VARIABLE_MISSING. SIDE EFFECTS: connections, until `close`. */
export async function openKeyPauses(context: Context, declared: Declared, log: Log): Promise<KeyPauses | null> {
  const ref = pauseSignerOf(declared);
  if (ref === null) return null;
  // Now, and not when something is to be paused.
  await loadSigner(ref, declared.root, context);
  const { environment, state, addresses } = declared.desired;
  // Guards and relays that nobody declares are known by the built-in kinds.
  const kinds = new Map([...loadKinds(), ...declared.kinds]);
  const pausing = openPause({ outline: { environment, addresses, kinds, contracts: state.contracts }, root: declared.root, context, log });
  return {
    pause: async (actions) =>
      pausing.pause(
        ref,
        actions.map((action) => targetOf(declared, action)),
      ),
    close: pausing.close,
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
