// What one contract file declares, for editing it: read by itself, with the kind and the names that it needs.
import { MooringError } from '../errors.ts';
import type { Kind } from '../kinds/kind.ts';
import type { AddressBook, FieldValue, Finding } from '../types.ts';
import { parseText } from './parse-yaml.ts';
import { readContract, readContractHead } from './read-contract.ts';
import type { YamlFile } from './yaml-tree.ts';

export type DeclaredFor = {
  /** Path of the file, for messages. */
  file: string;
  kind: Kind;
  addresses: AddressBook;
  tokens: ReadonlyMap<string, number>;
};

export type Declared = { file: YamlFile; declared: ReadonlyMap<string, FieldValue>; observed: ReadonlySet<string> };

/** Throws MooringError INPUT_INVALID with its findings when the file has errors. */
export function readDeclared(text: string, { file: path, kind, addresses, tokens }: DeclaredFor): Declared {
  const findings: Finding[] = [];
  const file = parseText(path, text.replace(/^\uFEFF/, ''), findings);
  const head = file === null ? null : readContractHead({ file, findings }, path, addresses);
  if (file === null || head === null || head.address === null) throw unusable(path, findings);
  const { contract } = readContract({ ...head, address: head.address }, { kind, book: addresses, tokens });
  if (findings.some((finding) => finding.severity === 'error')) throw unusable(path, findings);
  return { file, declared: new Map([...contract.fields].map(([name, field]) => [name, field.value])), observed: contract.observe };
}

function unusable(path: string, findings: readonly Finding[]): MooringError {
  return new MooringError('INPUT_INVALID', `${path} has errors, so it was left as it is`, { findings, fix: 'correct it first' });
}
