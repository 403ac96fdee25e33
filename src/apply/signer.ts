// Signs for one address. The key stays in here: no property, error or log ever shows it.
import { keccak256, SigningKey } from 'ethers/crypto';
import { computeAddress, Transaction } from 'ethers/transaction';
import { MooringError } from '../errors.ts';
import type { Address, Hex, Signer, UnsignedTransaction } from '../types.ts';

/**
 * A signer from a private key in the environment: `variable` holds 32 bytes in hex, with or without `0x`.
 * Errors: SIGNER_MISSING, SIGNER_KEY_INVALID, SIGNER_MISMATCH (the key's address isn't the declared `address`).
 */
export function signerFromEnv(options: { variable: string; address: Address; env: Readonly<Record<string, string | undefined>> }): Signer {
  const { variable, address, env } = options;
  const text = env[variable]?.trim() ?? '';
  if (text === '')
    throw new MooringError('SIGNER_MISSING', `the environment variable ${variable}, which holds the key of ${address}, is not set`, {
      fix: `Set ${variable} to the private key, or use a keystore.`,
    });
  return signerOf(parseKey(text, variable), address, `the key in ${variable}`);
}

/**
 * A signer from an encrypted JSON keystore (version 3). `json` is the file's text.
 * Errors: SIGNER_KEY_INVALID (not a keystore, or a wrong passphrase), SIGNER_MISMATCH.
 */
export async function signerFromKeystore(options: { json: string; passphrase: string; address: Address }): Promise<Signer> {
  const { json, passphrase, address } = options;
  // Loaded when needed: most runs use no keystore, and its ciphers and wordlists cost start-up time.
  const { decryptKeystoreJson, isKeystoreJson } = await import('ethers/wallet');
  if (!isKeystoreJson(json))
    throw new MooringError('SIGNER_KEY_INVALID', `the keystore for ${address} is not an encrypted JSON keystore of version 3`, {
      fix: 'Make one with any Ethereum wallet, e.g. geth account new.',
    });
  const account = await decryptKeystoreJson(json, passphrase).catch(() => null);
  if (account === null) throw new MooringError('SIGNER_KEY_INVALID', `the keystore for ${address} could not be opened`, { fix: 'Check its passphrase.' });
  return signerOf(new SigningKey(account.privateKey), address, 'the key in the keystore');
}

/** Whose key a text is. Throws SIGNER_KEY_INVALID. */
export function addressOfKey(text: string, variable: string): Address {
  return computeAddress(parseKey(text.trim(), variable).publicKey);
}

function parseKey(text: string, variable: string): SigningKey {
  const hex = text.startsWith('0x') ? text : `0x${text}`;
  try {
    if (/^0x[0-9a-fA-F]{64}$/.test(hex)) return checked(new SigningKey(hex));
  } catch {
    // Zero, or beyond the curve's order: told below, without the library's message, which might show it.
  }
  throw new MooringError('SIGNER_KEY_INVALID', `${variable} does not hold a private key`, {
    fix: `Set ${variable} to 32 bytes in hex (64 digits, 0x before them or not).`,
  });
}

function checked(key: SigningKey): SigningKey {
  // The library takes any 32 bytes and fails only when the key is used.
  computeAddress(key.publicKey);
  return key;
}

function signerOf(key: SigningKey, address: Address, what: string): Signer {
  const actual = computeAddress(key.publicKey);
  if (actual.toLowerCase() !== address.toLowerCase()) {
    throw new MooringError('SIGNER_MISMATCH', `${what} belongs to ${actual}, and the environment declares ${address}`, {
      fix: 'Give the key of the declared address, or declare the other one under signers in environment.yaml.',
    });
  }
  return {
    address: actual,
    sign: async (transaction) => signTransaction(key, transaction),
    signMessage: async (message) => key.sign(messageHash(message)).serialized,
  };
}

function signTransaction(key: SigningKey, unsigned: UnsignedTransaction): { raw: Hex; hash: Hex } {
  const transaction = Transaction.from({ type: 2, ...unsigned });
  transaction.signature = key.sign(transaction.unsignedHash);
  return { raw: transaction.serialized, hash: transaction.hash as Hex };
}

/** EIP-191, version 0x45. */
function messageHash(message: string): Hex {
  const bytes = Buffer.from(message, 'utf8');
  return keccak256(Buffer.concat([Buffer.from(`\x19Ethereum Signed Message:\n${bytes.length}`, 'utf8'), bytes]));
}

/** The address whose key signed `message` (EIP-191), for `checkReceipts`. Throws on a malformed signature. */
export function recoverSigner(message: string, signature: Hex): Address {
  return computeAddress(SigningKey.recoverPublicKey(messageHash(message), signature));
}
