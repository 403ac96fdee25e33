// An environment in memory to which a test adds only what its case needs.

import { memorySource } from '../../src/desired/file-source.ts';
import { type Loaded, loadDesired } from '../../src/desired/load.ts';
import { MooringError } from '../../src/errors.ts';
import type { Kinds } from '../../src/kinds/kind.ts';
import { loadKinds } from '../../src/kinds/load-kinds.ts';
import type { Finding } from '../../src/types.ts';
import { sampleKind } from './sample-kind.ts';

export const accounts = {
  'account-a': '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
  'account-b': '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC',
  'account-c': '0x90F79bf6EB2c4f870365E785982E1f101E93b906',
} as const;

const base = 'desired-state/local';

const files = {
  'environment.yaml':
    'apiVersion: mooring/v1\nkind: Environment\nchainId: 31337\nrpc: ["http://127.0.0.1:8545"]\ntokens: { AGIALPHA: 18, USDC: 6 }\nsigners: { account-a: { address: "0x70997970C51812dc3A010C7d01b50e0d17dc79C8", key: { env: OPERATOR_KEY } } }\n',
  'addresses.yaml': `apiVersion: mooring/v1\nkind: AddressBook\naddresses:\n${Object.entries(accounts)
    .map(([name, address]) => `  ${name}: "${address}"\n`)
    .join('')}`,
  'kinds/Sample.yaml': sampleKind,
} as const;

export type Files = Readonly<Record<string, string | Uint8Array | null>>;

/** Source of the base environment with `changes` over it; null takes a file away. */
export function sourceWith(changes: Files): ReturnType<typeof memorySource> {
  const all = Object.entries({ ...files, ...changes }).flatMap(([name, text]) => (text === null ? [] : [[`${base}/${name}`, text] as const]));
  return memorySource(Object.fromEntries(all));
}

/** All kinds and the sample kind, loaded once. */
export const allKinds: Kinds = loadKinds({ own: [{ file: 'kinds/Sample.yaml', text: sampleKind }] });

export function load(changes: Files): Loaded {
  const own = Object.keys(changes).some((name) => name.startsWith('kinds'));
  return loadDesired({
    source: sourceWith(changes),
    environment: 'local',
    ...(own ? {} : { kindsFor: ({ names }) => new Map([...allKinds].filter(([name]) => names.includes(name))) }),
  });
}

/** All findings of a load, thrown or not. */
export function findingsOf(changes: Files): readonly Finding[] {
  try {
    return load(changes).warnings;
  } catch (error) {
    if (error instanceof MooringError && error.code === 'INPUT_INVALID') return error.findings;
    throw error;
  }
}

/** A contract file of the sample kind; `body` comes after its head. */
export function sample(body: string, address = '0x5FbDB2315678afecb367f032d93F642f64180aa3'): string {
  return `apiVersion: mooring/v1\nkind: Sample\naddress: "${address}"\nfromBlock: 1\n${body}`;
}

/** `code line:column` of each finding about the sample contract. */
export function places(findings: readonly Finding[]): string[] {
  return findings.map((finding) => `${finding.code} ${finding.source?.line}:${finding.source?.column}`);
}

/** What the sample contract with this spec is told, as `code line:column`. The first line of the spec is line 6. */
export function specFindings(spec: string): string[] {
  return places(findingsOf({ 'contracts/sample.yaml': sample(`spec:\n${spec}`) }));
}
