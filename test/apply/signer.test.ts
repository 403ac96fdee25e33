import { inspect } from 'node:util';
import { verifyMessage } from 'ethers/hash';
import { Transaction } from 'ethers/transaction';
import { encryptKeystoreJson, HDNodeWallet, Wallet } from 'ethers/wallet';
import { describe, expect, test } from 'vitest';
import { recoverSigner, signerFromEnv, signerFromKeystore } from '../../src/apply/signer.ts';

const phrase = 'test test test test test test test test test test test junk';
const wallet = new Wallet(HDNodeWallet.fromPhrase(phrase).privateKey);
const key = wallet.privateKey;
const { address } = wallet;
const unsigned = { chainId: 31337n, nonce: 7, to: address, data: '0x1234', value: 5n, gasLimit: 60_000n, maxFeePerGas: 100n, maxPriorityFeePerGas: 2n };

async function keystore(): Promise<string> {
  return encryptKeystoreJson({ address, privateKey: key }, 'correct horse', { scrypt: { N: 1024 } });
}

function thrownBy(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}

describe('a signer', () => {
  test.each([
    ['with 0x', key],
    ['without', key.slice(2)],
    ['with space around', ` ${key}\n`],
  ])('from a variable, %s', (_, text) => {
    expect(signerFromEnv({ variable: 'KEY', address, env: { KEY: text } }).address).toBe(address);
  });

  test('signs as the library does', async () => {
    const signer = signerFromEnv({ variable: 'KEY', address, env: { KEY: key } });
    const signed = await signer.sign(unsigned);
    expect(signed.raw).toBe(await wallet.signTransaction({ type: 2, ...unsigned }));
    expect(Transaction.from(signed.raw)).toMatchObject({ hash: signed.hash, from: address, nonce: 7 });
    for (const message of ['', 'Mooring', 'größer ✓\n'.repeat(40)]) {
      const signature = await signer.signMessage(message);
      expect(signature).toBe(await wallet.signMessage(message));
      expect(recoverSigner(message, signature)).toBe(verifyMessage(message, signature));
    }
  });

  test('from a keystore', async () => {
    const signer = await signerFromKeystore({ json: await keystore(), passphrase: 'correct horse', address });
    expect((await signer.sign(unsigned)).raw).toBe(await wallet.signTransaction({ type: 2, ...unsigned }));
  });

  test("is refused where the key is missing, is none, or is another address's", async () => {
    const other = Wallet.createRandom().address;
    const fromEnv = (text: string | undefined, declared = address) => thrownBy(() => signerFromEnv({ variable: 'KEY', address: declared, env: { KEY: text } }));
    expect(fromEnv(undefined)).toMatchObject({ code: 'SIGNER_MISSING' });
    expect(fromEnv(' ')).toMatchObject({ code: 'SIGNER_MISSING' });
    for (const text of ['0x12', `${key}00`, 'x'.repeat(64), `0x${'0'.repeat(64)}`, `0x${'f'.repeat(64)}`])
      expect(fromEnv(text)).toMatchObject({ code: 'SIGNER_KEY_INVALID' });
    expect(fromEnv(key, other)).toMatchObject({ code: 'SIGNER_MISMATCH' });
    const json = await keystore();
    await expect(signerFromKeystore({ json, passphrase: 'wrong', address })).rejects.toMatchObject({ code: 'SIGNER_KEY_INVALID' });
    await expect(signerFromKeystore({ json: '{}', passphrase: 'wrong', address })).rejects.toMatchObject({ code: 'SIGNER_KEY_INVALID' });
    await expect(signerFromKeystore({ json, passphrase: 'correct horse', address: other })).rejects.toMatchObject({ code: 'SIGNER_MISMATCH' });
  });

  test('shows its key nowhere', async () => {
    const bad = `${key}ff`;
    const errors = [
      thrownBy(() => signerFromEnv({ variable: 'KEY', address, env: { KEY: bad } })),
      thrownBy(() => signerFromEnv({ variable: 'KEY', address: Wallet.createRandom().address, env: { KEY: key } })),
    ];
    const wrong = await signerFromKeystore({ json: await keystore(), passphrase: 'hunter2-canary', address }).catch((error: unknown) => error);
    const signer = signerFromEnv({ variable: 'KEY', address, env: { KEY: key } });
    const shown = [...errors, wrong, signer].map((value) => inspect(value, { depth: 20, showHidden: true }) + JSON.stringify(value)).join('\n');
    expect(shown).not.toContain(key.slice(2));
    expect(shown).not.toContain('hunter2');
  });
});
