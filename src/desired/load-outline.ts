// What break-glass needs of an environment's folder: the chain, the signers, and where which contract stands. Whatever
// else is broken doesn't stop it; it is told beside.
import { MooringError } from '../errors.ts';
import type { Kinds } from '../kinds/kind.ts';
import { kindNames, loadKinds, type OwnKind } from '../kinds/load-kinds.ts';
import type { Address, AddressBook, Environment, Finding, SignerRef } from '../types.ts';
import { type EnvironmentFiles, readEnvironmentFiles } from './environment-files.ts';
import type { FileSource } from './file-source.ts';
import { sortFindings } from './load.ts';
import { fileLimit } from './parse-yaml.ts';
import { emptyBook, readAddresses, withContracts } from './read-addresses.ts';
import { type ContractHead, readContractHead } from './read-contract.ts';
import { readEnvironment, readSignerKeys } from './read-environment.ts';
import { readPolicy } from './read-policy.ts';
import { salvageBook } from './salvage-book.ts';

export type Outline = {
  environment: Environment;
  addresses: AddressBook;
  /** Declared signers whose address can't be read: what their keys say of it counts. */
  unplaced: readonly Pick<SignerRef, 'name' | 'key'>[];
  /** All built-in kinds, and those of one's own that can be read. */
  kinds: Kinds;
  contracts: readonly { name: string; kind: string; address: Address }[];
  /** Names of contract files that don't say which contract they are about. */
  unreadable: readonly string[];
  /** The signer that policy names for pausing at once; null where it names none, or can't be read. */
  pauseSigner: string | null;
  /** What is wrong with files, and did not stop this. */
  findings: readonly Finding[];
};

/**
 * Throws ENVIRONMENT_NOT_FOUND, and INPUT_INVALID with all findings where environment.yaml doesn't say which chain, through
 * which RPC and with which signers. SIDE EFFECTS: reads through the source, and schemas/kinds/ of this package.
 */
export function loadOutline({
  source,
  environment: name,
  directory = 'desired-state',
}: {
  source: FileSource;
  environment: string;
  directory?: string;
}): Outline {
  const findings: Finding[] = [];
  const files = readEnvironmentFiles({ source, directory, environment: name, findings });
  const book = readBook(files, { source, findings });
  const environment = files.environment ? readEnvironment({ file: files.environment, findings }, { name, book }) : null;
  const heads = files.contracts.flatMap(({ name: own, file }) => readContractHead({ file, findings }, own, book) ?? []);
  const kinds = readableKinds(files.kinds, findings);
  const contracts = heads.flatMap((head) => placed(head));
  const known = new Set(contracts.map((contract) => contract.name));
  const stems = source.list(`${files.folder}/contracts`).flatMap((file) => (file.endsWith('.yaml') ? [file.slice(0, -'.yaml'.length)] : []));
  const declared = files.environment ? readSignerKeys({ file: files.environment, findings: [] }) : [];
  const unplaced = declared.filter(({ name: own }) => !environment?.signers.some((signer) => signer.name === own));
  if (environment === null || !isUsable(environment, unplaced)) throw unusable(files, findings);
  const sources = heads.flatMap((head) => (head.address === null ? [] : [{ ...head, address: head.address }]));
  return {
    environment,
    addresses: withContracts(book, sources),
    unplaced,
    kinds,
    contracts,
    unreadable: stems.filter((stem) => !known.has(stem)),
    pauseSigner: pauseSigner(files, { ...environment, signers: [...environment.signers, ...unplaced] }, kinds),
    findings: sortFindings(findings),
  };
}

/** A single wrong value has taken its default: without these three there is nothing to go on. */
function isUsable({ chainId, rpc, signers }: Environment, unplaced: Outline['unplaced']): boolean {
  return chainId > 0n && rpc.length > 0 && signers.length + unplaced.length > 0;
}

function unusable({ folder, environment }: EnvironmentFiles, findings: readonly Finding[]): MooringError {
  const file = `${folder}/environment.yaml`;
  return new MooringError('INPUT_INVALID', `${folder} does not say which chain, through which RPC and with which signers`, {
    findings: sortFindings(findings),
    ...(environment === null
      ? {
          fix: `use its last good version: git show HEAD:${file} > ${file} (where that is broken too: HEAD~1, or the commit before)`,
        }
      : {}),
  });
}

/** A book that is no YAML any more, as far as it can be made out. */
function readBook({ folder, addresses }: EnvironmentFiles, { source, findings }: { source: FileSource; findings: Finding[] }): AddressBook {
  if (addresses) return readAddresses({ file: addresses, findings });
  const file = `${folder}/addresses.yaml`;
  if (addresses === undefined || source.kindOf(file) !== 'file') return emptyBook;
  return salvageBook(file, new TextDecoder().decode(source.read(file, fileLimit)));
}

function placed({ name, kind, address }: ContractHead): { name: string; kind: string; address: Address }[] {
  return kind === null || address === null ? [] : [{ name, kind: kind.name, address }];
}

/** Each of one's own by itself, so that a broken one takes only those with it that extend it. */
function readableKinds(own: readonly OwnKind[], findings: Finding[]): Kinds {
  const kinds = new Map(loadKinds());
  const builtIn = new Set(kindNames());
  for (const name of kindNames(own).filter((one) => !builtIn.has(one))) {
    try {
      for (const [key, kind] of loadKinds({ names: [name], own })) kinds.set(key, kind);
    } catch (error) {
      if (!(error instanceof MooringError)) throw error;
      findings.push(...error.findings);
    }
  }
  return kinds;
}

type ForPolicy = Pick<Environment, 'tokens' | 'production'> & { signers: readonly { name: string }[] };

/** What is wrong with the rest of policy is none of a pause's business. */
function pauseSigner({ policy }: EnvironmentFiles, { signers, tokens, production }: ForPolicy, kinds: Kinds): string | null {
  if (!policy) return null;
  const context = { contracts: [], kinds, tokens, production, signers: signers.map(({ name }) => name) };
  return readPolicy({ file: policy, findings: [] }, context).loops.sentinel.pauseSigner;
}
