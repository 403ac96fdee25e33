// The desired room reads an environment's folder into State and its trusted configuration, and edits and writes such
// files. It knows nothing of chains, plans or git; files come through FileSource.
import { MooringError } from '../errors.ts';
import { nearestName } from '../kinds/fields.ts';
import type { Kinds } from '../kinds/kind.ts';
import { kindNames, loadKinds, type OwnKind } from '../kinds/load-kinds.ts';
import type { Act, AddressBook, ContractState, Desired, Environment, Finding } from '../types.ts';
import { checkContract } from './check-contract.ts';
import { checkState } from './check-state.ts';
import { type EnvironmentFiles, readEnvironmentFiles } from './environment-files.ts';
import type { FileSource } from './file-source.ts';
import { formerContracts, withBefore } from './former-contracts.ts';
import { readAct } from './read-act.ts';
import { emptyBook, readAddresses, withContracts } from './read-addresses.ts';
import { readApproval } from './read-approval.ts';
import { type ContractHead, readContract, readContractHead } from './read-contract.ts';
import { readEnvironment } from './read-environment.ts';
import { readIgnores } from './read-ignores.ts';
import { readLifts } from './read-lifts.ts';
import { defaultPolicy, readPolicy } from './read-policy.ts';
import { readResume } from './read-resume.ts';
import { quoteShort, type Reading, report, type YamlFile } from './yaml-tree.ts';

export type KindsFor = (request: { names: readonly string[]; own: readonly OwnKind[] }) => Kinds;

export type LoadOptions = {
  source: FileSource;
  environment: string;
  /** Folder of all environments, from the source's root. */
  directory?: string;
  /** Where kinds come from; unknown names are simply not in its answer. */
  kindsFor?: KindsFor;
  /** Where this is a change's: what was there before it. */
  before?: Pick<Loaded, 'desired' | 'kinds'>;
};

/** Errors are thrown; what remains are warnings. */
export type Loaded = { desired: Desired; kinds: Kinds; warnings: readonly Finding[] };

/**
 * Everything that one environment's folder declares, checked as far as that is possible without the chain.
 * Throws MooringError INPUT_INVALID with all findings, sorted by place, or ENVIRONMENT_NOT_FOUND.
 * SIDE EFFECTS: reads through the source, and schemas/kinds/ of this package.
 */
export function loadDesired({ source, environment, directory = 'desired-state', kindsFor = knownKinds, before }: LoadOptions): Loaded {
  const findings: Finding[] = [];
  const files = readEnvironmentFiles({ source, directory, environment, findings });
  const book = files.addresses ? readAddresses({ file: files.addresses, findings }) : emptyBook;
  const settings = files.environment ? readEnvironment({ file: files.environment, findings }, { name: environment, book }) : null;
  const heads = files.contracts.flatMap(({ name, file }) => readContractHead({ file, findings }, name, book) ?? []);
  const kinds = kindsOf({ heads, files, findings, kindsFor });
  // Without tokens, names or kinds every value would be a finding of its own.
  if (settings === null || files.addresses === null || kinds === null) throw invalid(files.folder, findings);
  const desired = readRest({ files, settings, book, heads, kinds, findings, ...(before === undefined ? {} : { before }) });
  const sorted = sortFindings(findings);
  if (sorted.some((finding) => finding.severity === 'error')) throw invalid(files.folder, sorted);
  return { desired, kinds, warnings: sorted };
}

type Rest = {
  files: EnvironmentFiles;
  settings: Environment;
  book: AddressBook;
  heads: readonly ContractHead[];
  kinds: Kinds;
  findings: Finding[];
  before?: Pick<Loaded, 'desired' | 'kinds'>;
};

function readRest({ files, settings, book: own, heads, kinds, findings, before }: Rest): Desired {
  const located = heads.flatMap((head) => (head.address === null ? [] : [{ ...head, address: head.address }]));
  checkContractNames(located, own, findings);
  const addresses = withContracts(own, located);
  const contracts = readContracts({ heads: located, kinds, book: addresses, tokens: settings.tokens, findings });
  findings.push(...checkState({ contracts, kinds, book: addresses }));
  const reading = (file: YamlFile): Reading => ({ file, findings });
  const known = before === undefined ? { contracts, kinds } : withBefore({ contracts, kinds }, before);
  const policy = files.policy
    ? readPolicy(reading(files.policy), {
        ...known,
        tokens: settings.tokens,
        production: settings.production,
        signers: settings.signers.map(({ name }) => name),
      })
    : defaultPolicy(settings.production);
  const targets = { contracts, kinds, book: addresses };
  const lifts = files.lifts ? readLifts(reading(files.lifts), targets) : [];
  const ignores = files.ignores ? readIgnores(reading(files.ignores), targets) : [];
  const approvals = files.approvals.flatMap(({ name, file }) => readApproval(reading(file), name) ?? []);
  const context = { ...targets, environment: settings.name, tokens: settings.tokens };
  const acts = files.acts.flatMap(({ name, file }) => readAct(reading(file), name, context) ?? []);
  const state = { environment: settings.name, chainId: settings.chainId, block: null, contracts: withActs(contracts, acts), facts: new Map() };
  const resumes = files.incidents.flatMap(({ name, file }) => readResume(reading(file), name) ?? []);
  const formerly = before === undefined ? {} : { formerly: formerContracts(before) };
  const book = before === undefined ? addresses : { ...addresses, before: before.desired.addresses };
  return { environment: settings, policy: { ...policy, ...formerly }, addresses: book, state, lifts, ignores, approvals, resumes };
}

function withActs(contracts: readonly ContractState[], acts: readonly Act[]): ContractState[] {
  return contracts.map((contract) => {
    const own = acts.filter((act) => act.contract === contract.name);
    return own.length === 0 ? contract : { ...contract, acts: own };
  });
}

type Located = ContractHead & { address: string };
type ContractsContext = { heads: readonly Located[]; kinds: Kinds; book: AddressBook; tokens: ReadonlyMap<string, number>; findings: Finding[] };

function readContracts({ heads, kinds, book, tokens, findings }: ContractsContext): ContractState[] {
  return heads.flatMap((head) => {
    const kind = head.kind === null ? undefined : kinds.get(head.kind.name);
    if (kind === undefined) return [];
    const { contract, written } = readContract(head, { kind, book, tokens });
    findings.push(...checkContract({ contract, written, kind, tokens, names: book.byAddress }));
    return [contract];
  });
}

/** A contract's name is a name in the address book too, so both must mean the same. */
function checkContractNames(heads: readonly Located[], book: AddressBook, findings: Finding[]): void {
  for (const { name, address, source } of heads) {
    const named = book.byName.get(name);
    if (named === undefined || named.address === address) continue;
    findings.push({
      code: 'ADDRESS_NAME_TAKEN',
      severity: 'error',
      message: `${name} is ${address} here, but ${named.address} in ${named.source.file}:${named.source.line}`,
      fix: 'give both the same address, or rename one',
      contract: name,
      source,
    });
  }
}

function knownKinds({ names, own }: Parameters<KindsFor>[0]): Kinds {
  const known = new Set(kindNames(own));
  return loadKinds({ names: names.filter((name) => known.has(name)), own });
}

type KindsContext = { heads: readonly ContractHead[]; files: EnvironmentFiles; findings: Finding[]; kindsFor: KindsFor };

/** The kinds that the contracts use, and all own ones, so that these are checked. Null when a kind file has errors. */
function kindsOf({ heads, files, findings, kindsFor }: KindsContext): Kinds | null {
  const own = files.kinds.map((kind) => kind.file.slice(kind.file.lastIndexOf('/') + 1, -'.yaml'.length));
  const names = [...new Set([...heads.flatMap((head) => head.kind?.name ?? []), ...own])];
  try {
    const kinds = kindsFor({ names, own: files.kinds });
    for (const head of heads) {
      if (head.kind !== null && !kinds.has(head.kind.name)) unknownKind(head.reading, { ...head.kind, known: kindNames(files.kinds) });
    }
    return kinds;
  } catch (error) {
    if (!(error instanceof MooringError) || error.findings.length === 0) throw error;
    findings.push(...error.findings);
    return null;
  }
}

function unknownKind(reading: Reading, { name, at, known }: { name: string; at: { start: number }; known: readonly string[] }): void {
  const near = nearestName(name, known);
  const fix =
    near === null ? `use one of ${known.join(', ')}; a kind of your own goes to kinds/${name}.yaml and is merged before its first use` : `write ${near}`;
  report(reading, { code: 'KIND_UNKNOWN', at, message: `there is no kind ${quoteShort(name)}`, fix });
}

function invalid(folder: string, findings: readonly Finding[]): MooringError {
  const sorted = sortFindings(findings);
  const count = sorted.filter((finding) => finding.severity === 'error').length;
  return new MooringError('INPUT_INVALID', `${folder} has ${count === 1 ? '1 error' : `${count} errors`}`, { findings: sorted });
}

const mostPerFile = 100;

/** By file, line and column; of a file with very many findings only the first, and how many more there are. */
export function sortFindings(findings: readonly Finding[]): Finding[] {
  const byFile = Map.groupBy([...findings].sort(byPlace), (finding) => finding.source?.file ?? '');
  return [...byFile.values()].flatMap((list) => {
    const last = list[mostPerFile - 1];
    if (list.length <= mostPerFile || last === undefined) return list;
    return [...list.slice(0, mostPerFile - 1), { ...last, message: `${last.message} (and ${list.length - mostPerFile} more findings in this file)` }];
  });
}

function byPlace(a: Finding, b: Finding): number {
  const left = a.source ?? { file: '', line: 0, column: 0 };
  const right = b.source ?? { file: '', line: 0, column: 0 };
  if (left.file !== right.file) return left.file < right.file ? -1 : 1;
  return left.line - right.line || left.column - right.column;
}
