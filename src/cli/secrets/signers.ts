// Signing keys, by the environment's signer references. Keys stay inside the signer.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { addressOfKey, signerFromEnv, signerFromKeystore } from '../../apply/signer.ts';
import { MooringError } from '../../errors.ts';
import { toChecksum } from '../../kinds/keccak.ts';
import type { KeyFacts } from '../../render/pause-text.ts';
import type { Address, Signer, SignerRef } from '../../types.ts';
import type { Context } from '../command.ts';
import type { Declared } from '../environment/open.ts';
import { keepSecret } from './secrets.ts';

/** A signer for each reference whose key is at hand; those whose variable isn't set are left out, and the plan says who is missing. */
export async function loadSigners(declared: Pick<Declared, 'root' | 'desired'>, context: Context): Promise<ReadonlyMap<Address, Signer>> {
  const signers = new Map<Address, Signer>();
  for (const ref of declared.desired.environment.signers) {
    if ((context.env[keyVariable(ref)] ?? '') !== '') signers.set(ref.address, await loadSigner(ref, declared.root, context));
  }
  return signers;
}

/** Whose value makes the key usable: the key itself, or its keystore's passphrase. */
export function keyVariable({ key }: Pick<SignerRef, 'key'>): string {
  return key.from === 'env' ? key.variable : key.passphraseVariable;
}

/** Throws SIGNER_MISSING, SIGNER_KEY_INVALID, SIGNER_MISMATCH. SIDE EFFECTS: marks the key, or the passphrase, as secret. */
export async function loadSigner(ref: SignerRef, root: string, context: Pick<Context, 'env'>): Promise<Signer> {
  const variable = keyVariable(ref);
  const secret = context.env[variable] ?? '';
  keepSecret(secret);
  keepSecret(secret.replace(/^0x/, ''));
  if (ref.key.from === 'env') return signerFromEnv({ variable, address: ref.address, env: context.env });
  if (secret === '')
    throw new MooringError('SIGNER_MISSING', `the environment variable ${variable}, which opens the keystore of ${ref.address}, is not set`, {
      fix: `Set ${variable} to the passphrase of ${ref.key.file}.`,
    });
  return signerFromKeystore({ json: readKeystore(resolve(root, ref.key.file)), passphrase: secret, address: ref.address });
}

/** Whether what is at hand is this signer's key. Never throws for a wrong one. SIDE EFFECTS: those of `loadSigner`. */
export async function checkKey(ref: SignerRef, root: string, context: Pick<Context, 'env'>): Promise<KeyFacts> {
  const variable = keyVariable(ref);
  if ((context.env[variable] ?? '') === '') return { variable, state: 'unset' };
  try {
    await loadSigner(ref, root, context);
    return { variable, state: 'fits' };
  } catch (error) {
    if (!(error instanceof MooringError)) throw error;
    return { variable, state: 'wrong', why: error.message };
  }
}

/** Whose key is at hand, by the key or the keystore alone; null where none is, or it can't be read. SIDE EFFECTS: marks the key as secret. */
export function addressAtHand({ key }: Pick<SignerRef, 'key'>, root: string, { env }: Pick<Context, 'env'>): Address | null {
  try {
    if (key.from === 'keystore') return addressIn(readKeystore(resolve(root, key.file)));
    const secret = env[key.variable] ?? '';
    keepSecret(secret);
    keepSecret(secret.replace(/^0x/, ''));
    return secret === '' ? null : addressOfKey(secret, key.variable);
  } catch (error) {
    if (error instanceof MooringError || error instanceof SyntaxError) return null;
    throw error;
  }
}

/** What a keystore says of itself; opening it shows whether that is so. */
function addressIn(json: string): Address | null {
  const { address } = JSON.parse(json) as { address?: unknown };
  const [, digits] = typeof address === 'string' ? (/^(?:0x)?([0-9a-fA-F]{40})$/.exec(address) ?? []) : [];
  return digits === undefined ? null : toChecksum(`0x${digits}`);
}

function readKeystore(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new MooringError('SIGNER_KEY_INVALID', `the keystore ${file} can not be read`, { fix: 'check the path under signers in environment.yaml' });
  }
}
