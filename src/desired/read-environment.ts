// environment.yaml: which chain, through which RPCs, with which signers. URL templates stay templates; no secret is read.
import type { AddressBook, Environment, SignerRef } from '../types.ts';
import { readQuantity } from './quantity.ts';
import { readAddress } from './read-address.ts';
import { checkName } from './read-addresses.ts';
import { readJournal } from './read-journal.ts';
import { expectMap, readBoolean, readChoice, readDocument, readList, readMap, readText, readWhole } from './read-node.ts';
import { looksSecret, readTemplate, readVariable } from './read-secret-reference.ts';
import { locate, quoteShort, type Reading, report, type YamlEntry, type YamlNode } from './yaml-tree.ts';

const finalities = ['latest', 'safe', 'finalized'] as const;

/** What holds when the file doesn't say otherwise. */
export const environmentDefaults = {
  production: false,
  confirmations: 1,
  finality: 'latest',
  logLimit: 10_000,
  logRange: 5_000_000n,
  concurrency: 8,
  maxFeePerGas: null,
  explorer: null,
  journal: null,
} as const satisfies Partial<Environment>;

const optionalKeys = [
  'production',
  'confirmations',
  'finality',
  'signers',
  'tokens',
  'logLimit',
  'logRange',
  'concurrency',
  'maxFeePerGas',
  'explorer',
  'journal',
];

/** Null when the file is unusable; a single wrong value takes its default, with a finding. */
export function readEnvironment(reading: Reading, { name, book }: { name: string; book: AddressBook }): Environment | null {
  const fields = readDocument(reading, 'Environment', { what: 'the environment', required: ['chainId', 'rpc'], optional: optionalKeys });
  if (fields === null) return null;
  const get = <T>(key: string, read: (node: YamlNode) => T | null): T | undefined => {
    const node = fields.get(key)?.value;
    return node === undefined ? undefined : (read(node) ?? undefined);
  };
  const whole = (key: string, min: bigint, max: bigint) => get(key, (node) => readWhole(reading, node, { min, max }));
  const count = (key: 'confirmations' | 'logLimit' | 'concurrency', max: number) =>
    Number(whole(key, key === 'confirmations' ? 0n : 1n, BigInt(max)) ?? environmentDefaults[key]);
  const environment: Environment = {
    name,
    chainId: whole('chainId', 1n, (1n << 64n) - 1n) ?? 0n,
    rpc: get('rpc', (node) => readRpc(reading, node)) ?? [],
    production: get('production', (node) => readBoolean(reading, node)) ?? environmentDefaults.production,
    confirmations: count('confirmations', 100_000),
    finality: get('finality', (node) => readChoice(reading, node, finalities)) ?? environmentDefaults.finality,
    signers: get('signers', (node) => readSigners(reading, node, book)) ?? [],
    tokens: get('tokens', (node) => readTokens(reading, node)) ?? new Map(),
    logLimit: count('logLimit', 10_000_000),
    logRange: whole('logRange', 1n, 1n << 40n) ?? environmentDefaults.logRange,
    concurrency: count('concurrency', 256),
    maxFeePerGas: get('maxFeePerGas', (node) => readFee(reading, node)) ?? environmentDefaults.maxFeePerGas,
    explorer: get('explorer', (node) => readExplorer(reading, node)) ?? environmentDefaults.explorer,
    journal: get('journal', (node) => readJournal(reading, node)) ?? environmentDefaults.journal,
    source: locate(reading.file, reading.file.root.start),
  };
  checkProduction(reading, environment, fields.get('production'));
  return environment;
}

function checkProduction(reading: Reading, environment: Environment, entry: YamlEntry | undefined): void {
  if (!environment.production || new Set(environment.rpc).size > 1 || entry === undefined) return;
  report(reading, {
    code: 'SECOND_RPC_MISSING',
    at: entry.keyAt,
    message: `production asks for two RPCs that must agree, found ${new Set(environment.rpc).size}`,
    fix: 'add a second, of another provider, under rpc',
  });
}

function readRpc(reading: Reading, node: YamlNode): string[] {
  const items = readList(reading, node, 'RPC URLs');
  if (node.type === 'list' && items.length === 0)
    report(reading, { code: 'VALUE_EMPTY', at: node, message: 'the list of RPCs is empty', fix: 'add a URL, with `${VARIABLE}` for its secret parts' });
  return items.flatMap((item) => readTemplate(reading, item) ?? []);
}

function readTokens(reading: Reading, node: YamlNode): ReadonlyMap<string, number> | null {
  const map = expectMap(reading, node, 'tokens with their decimals');
  if (map === null) return null;
  const tokens = new Map<string, number>();
  for (const entry of map.entries) {
    if (!/^[A-Za-z][A-Za-z0-9]{0,31}$/.test(entry.key)) {
      report(reading, { code: 'KEY_UNKNOWN', at: entry.keyAt, message: `${quoteShort(entry.key)} can't be a token's symbol`, fix: 'use letters and digits' });
      continue;
    }
    const decimals = readWhole(reading, entry.value, { min: 0n, max: 36n });
    if (decimals !== null) tokens.set(entry.key, Number(decimals));
  }
  return tokens;
}

function readFee(reading: Reading, node: YamlNode): bigint | null {
  const text = readText(reading, node, 'a fee (`50 gwei`) or whole wei');
  if (text === null) return null;
  const value = readQuantity(text, {
    unit: 'token',
    type: 'uint128',
    tokens: new Map([
      ['wei', 0],
      ['gwei', 9],
    ]),
  });
  if (typeof value === 'bigint') return value;
  report(reading, { ...value, at: node, fix: 'write an amount such as `50 gwei`, or whole wei' });
  return null;
}

function readExplorer(reading: Reading, node: YamlNode): string | null {
  const text = readText(reading, node, 'a URL');
  if (text === null || /^https?:\/\/[^\s<>"'`()]+$/.test(text)) return text;
  report(reading, {
    code: 'VALUE_NOT_ALLOWED',
    at: node,
    message: `found ${quoteShort(text)}, expected an http or https URL`,
    fix: "write the part before a transaction's hash, as in https://…/tx/",
  });
  return null;
}

function readSigners(reading: Reading, node: YamlNode, book: AddressBook): SignerRef[] | null {
  const map = expectMap(reading, node, 'signers by name');
  return map === null ? null : map.entries.flatMap((entry) => readSigner(reading, entry, book) ?? []);
}

/** Keys of signers, whatever can be read of their addresses. Findings are those of `readEnvironment`, once more. */
export function readSignerKeys(reading: Reading): Pick<SignerRef, 'name' | 'key'>[] {
  const node = expectMap(reading, reading.file.root, 'the environment')?.entries.find(({ key }) => key === 'signers')?.value;
  const map = node === undefined ? null : expectMap(reading, node, 'signers by name');
  return (map?.entries ?? []).flatMap((entry) => {
    const at = expectMap(reading, entry.value, 'a signer')?.entries.find(({ key }) => key === 'key')?.value;
    const key = at === undefined ? null : readKey(reading, at);
    return key === null ? [] : [{ name: entry.key, key }];
  });
}

function readSigner(reading: Reading, entry: YamlEntry, book: AddressBook): SignerRef | null {
  const fields = readMap(reading, entry.value, { what: `signer ${quoteShort(entry.key)}`, required: ['key'], optional: ['address'] });
  if (fields === null) return null;
  const { start, end, quoted } = entry.keyAt;
  const named: YamlNode = { type: 'text', text: entry.key, style: quoted ? 'quoted' : 'plain', start, end };
  const given = fields.get('address')?.value;
  const address = readAddress(reading, given ?? named, book);
  if (given !== undefined) checkName(reading, entry);
  const keyNode = fields.get('key')?.value;
  const key = keyNode === undefined ? null : readKey(reading, keyNode);
  return address === null || key === null ? null : { address, name: entry.key, key };
}

function readKey(reading: Reading, node: YamlNode): SignerRef['key'] | null {
  if (node.type === 'text' && looksSecret(reading, node)) return null;
  const fields = readMap(reading, node, { what: 'a key', required: [], optional: ['env', 'keystore', 'passphraseEnv'] });
  const env = fields?.get('env')?.value;
  const keystore = fields?.get('keystore')?.value;
  const passphrase = fields?.get('passphraseEnv')?.value;
  if (env !== undefined && keystore === undefined && passphrase === undefined) {
    const variable = readVariable(reading, env);
    return variable === null ? null : { from: 'env', variable };
  }
  if (env === undefined && keystore !== undefined && passphrase !== undefined) {
    const file = readText(reading, keystore, "a keystore file's path");
    const passphraseVariable = readVariable(reading, passphrase);
    return file === null || passphraseVariable === null ? null : { from: 'keystore', file, passphraseVariable };
  }
  if (fields !== null)
    report(reading, {
      code: 'KEY_MISSING',
      at: node,
      message: 'a key is either in an environment variable or in a keystore file',
      fix: 'write `{ env: VARIABLE }` or `{ keystore: path, passphraseEnv: VARIABLE }`',
    });
  return null;
}
