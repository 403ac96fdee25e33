// The sentinel's own key, where policy grants one: pauses at once, and can do nothing else.
import { MooringError } from '../../errors.ts';
import { loadKinds } from '../../kinds/load-kinds.ts';
import type { FieldAction } from '../../loop-types.ts';
import type { SentinelAlert } from '../../loops/sentinel/state.ts';
import type { JournalStore, SignerRef } from '../../types.ts';
import type { Context } from '../command.ts';
import type { Declared } from '../environment/open.ts';
import type { Log } from '../log.ts';
import { openPause } from '../pause/open-pause.ts';
import { readPauseJournals } from '../pause/pause-journals.ts';
import { keyVariable, loadSigner } from '../secrets/signers.ts';
import type { PausePort } from './pause-port.ts';

export type KeyPauses = { pause: PausePort; close(): void };

/** `missing`: what is to be told where policy grants a key that this machine doesn't have. */
export type KeyAtHand = { key: KeyPauses | null; missing: readonly SentinelAlert[] };

/** A key that is missing keeps nothing else from its turn: the watch goes on, and pull requests alone pause. Throws as reading the key does. */
export async function keyAtHand(context: Context, declared: Declared, log: Log): Promise<KeyAtHand> {
  try {
    return { key: await openKeyPauses(context, declared, log), missing: [] };
  } catch (error) {
    if (!(error instanceof MooringError) || error.code !== 'SIGNER_MISSING') throw error;
    log(`nothing is paused at once: ${error.message}`);
    const message = 'The sentinel can pause nothing at once, only by pull request: its key is not at hand.';
    return { key: null, missing: [{ severity: 'critical', reason: 'pause_key_missing', message, detail: error.message }] };
  }
}

/** What the sentinel has paused with its key; nothing where policy grants none. */
export function ownPauses(declared: Declared): Pick<JournalStore, 'read'> {
  const ref = pauseSignerOf(declared);
  return ref === undefined ? { read: async () => [] } : readPauseJournals({ root: declared.root, environment: declared.name, signer: ref.address });
}

function pauseSignerOf({ desired }: Declared): SignerRef | undefined {
  const { pauseSigner } = desired.policy.loops.sentinel;
  return desired.environment.signers.find(({ name, address }) => name === pauseSigner || address.toLowerCase() === pauseSigner?.toLowerCase());
}

/** Null where policy grants no key. Throws SIGNER_MISSING where it isn't at hand, and as reading it does. SIDE EFFECTS: connections, until `close`. */
export async function openKeyPauses(context: Context, declared: Declared, log: Log): Promise<KeyPauses | null> {
  const { environment, policy, state, addresses } = declared.desired;
  const { pauseSigner } = policy.loops.sentinel;
  if (pauseSigner === null) return null;
  const ref = pauseSignerOf(declared);
  if (ref === undefined || (context.env[keyVariable(ref)] ?? '') === '')
    throw new MooringError('SIGNER_MISSING', `policy lets the sentinel pause with the key of ${pauseSigner}, which is not at hand`, {
      fix: 'set the variable that environment.yaml names for it, or take loops.sentinel.pauseSigner out of policy.yaml',
    });
  const signer = await loadSigner(ref, declared.root, context);
  const kinds = new Map([...loadKinds(), ...declared.kinds]);
  const outline = { environment, addresses, kinds, contracts: state.contracts };
  const pausing = openPause({ outline, root: declared.root, context, log, waitMs: 30_000 });
  return {
    async pause(actions) {
      const targets = actions.map((action) => targetOf(declared, action));
      const { rows } = await pausing.pause(signer, targets);
      return { rows: rows.filter(({ since }) => since === null) };
    },
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
