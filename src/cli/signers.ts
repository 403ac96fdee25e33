// Signing keys, by the environment's signer references. Keys stay inside the signer.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { signerFromEnv, signerFromKeystore } from '../apply/signer.ts';
import { MooringError } from '../errors.ts';
import type { Address, Signer, SignerRef } from '../types.ts';
import type { Context } from './command.ts';
import type { Declared } from './open.ts';
import { keepSecret } from './secrets.ts';

/** A signer for each reference whose key is at hand; those whose variable isn't set are left out, and the plan says who is missing. */
export async function loadSigners(declared: Pick<Declared, 'root' | 'desired'>, context: Context): Promise<ReadonlyMap<Address, Signer>> {
  const signers = new Map<Address, Signer>();
  for (const ref of declared.desired.environment.signers) {
    const signer = await loadSigner(ref, declared.root, context);
    if (signer !== null) signers.set(ref.address, signer);
  }
  return signers;
}

async function loadSigner(ref: SignerRef, root: string, context: Context): Promise<Signer | null> {
  const variable = ref.key.from === 'env' ? ref.key.variable : ref.key.passphraseVariable;
  const secret = context.env[variable];
  if (secret === undefined || secret === '') return null;
  keepSecret(secret);
  keepSecret(secret.replace(/^0x/, ''));
  if (ref.key.from === 'env') return signerFromEnv({ variable, address: ref.address, env: context.env });
  return signerFromKeystore({ json: readKeystore(resolve(root, ref.key.file)), passphrase: secret, address: ref.address });
}

function readKeystore(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new MooringError('SIGNER_KEY_INVALID', `the keystore ${file} can not be read`, { fix: 'check the path under signers in environment.yaml' });
  }
}
