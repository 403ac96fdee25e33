// loops/arena.yaml: who takes part in rounds, how they are judged, and what the orchestrator may slash. Knows no chain.
import type { Kinds } from '../../kinds/kind.ts';
import type { ArenaEntrant, ArenaSettings } from '../../loop-types.ts';
import type { AddressBook, ContractState } from '../../types.ts';
import { readQuantity } from '../quantity.ts';
import { readAddress } from '../read-address.ts';
import { readDecimal } from '../read-decimal.ts';
import { type Fields, readDocument, readList, readMap, readText, readWhole } from '../read-node.ts';
import { readTemplate } from '../read-secret-reference.ts';
import { quoteShort, type Reading, report, type YamlNode } from '../yaml-tree.ts';
import type { ReadLoop } from './load-loop.ts';

export type ArenaContext = { contracts: readonly ContractState[]; kinds: Kinds; book: AddressBook; tokens: ReadonlyMap<string, number> };

type In = { reading: Reading; context: ArenaContext };
type Written = { node: YamlNode; entrant: ArenaEntrant; parent: YamlNode | undefined };

const forJudge = {
  what: "the judge's URL",
  code: 'CHANNEL_URL',
  variables: { match: /JUDGE/i, fix: 'use a variable with JUDGE in its name: no other secret is ever sent to the judge' },
} as const;
const share = { min: 0, max: 1 };
const level = { min: 1n, max: 1_000_000n };

/** Nobody takes part, and nobody is slashed. */
export function defaultArena(context: Pick<ArenaContext, 'contracts' | 'kinds'>): ArenaSettings {
  return {
    arena: onlyOf(context, 'SelfPlayArena'),
    engine: onlyOf(context, 'EngineTargets'),
    ...{ teachers: [], agents: [], validators: [] },
    studentsPerRound: 1,
    difficulty: { first: 1, step: 1, min: 1, max: 100 },
    winScore: 0.6,
    judge: null,
    moderation: { agents: [], subjects: [], minScore: null },
    slash: null,
  };
}

function onlyOf({ contracts, kinds }: Pick<ArenaContext, 'contracts' | 'kinds'>, kind: string): string | null {
  const [first, ...more] = contracts.filter((contract) => kinds.get(contract.kind)?.lineage.includes(kind));
  return first === undefined || more.length > 0 ? null : first.name;
}

/** SIDE EFFECTS: adds to the reading's findings. */
export function readArena(reading: Reading, context: ArenaContext): ReadLoop<ArenaSettings> {
  const usual = defaultArena(context);
  const fields = readDocument(reading, 'Arena', {
    what: 'the arena',
    required: ['teachers', 'agents', 'validators'],
    optional: ['arena', 'engine', 'studentsPerRound', 'difficulty', 'winScore', 'judge', 'moderation', 'slash'],
  });
  if (fields === null) return { settings: usual, sources: new Map() };
  const all = { reading, context };
  const at = <T>(key: string, read: (node: YamlNode) => T | null): T | undefined => {
    const node = fields.get(key)?.value;
    return node === undefined ? undefined : (read(node) ?? undefined);
  };
  const settings: ArenaSettings = {
    arena: at('arena', (node) => readContract(all, node, 'SelfPlayArena')) ?? usual.arena,
    engine: at('engine', (node) => readContract(all, node, 'EngineTargets')) ?? usual.engine,
    teachers: readEntrants(all, fields, 'teachers').map(({ entrant }) => entrant),
    agents: withPaths(reading, readEntrants(all, fields, 'agents')),
    validators: readEntrants(all, fields, 'validators').map(({ entrant }) => entrant),
    studentsPerRound: Number(at('studentsPerRound', (node) => readWhole(reading, node, { min: 1n, max: 100n })) ?? usual.studentsPerRound),
    difficulty: at('difficulty', (node) => readDifficulty(reading, node, usual.difficulty)) ?? usual.difficulty,
    winScore: at('winScore', (node) => readDecimal(reading, node, { above: 0, max: 1 })) ?? usual.winScore,
    judge: at('judge', (node) => readTemplate(reading, node, forJudge)) ?? null,
    moderation: at('moderation', (node) => readModeration(all, node)) ?? usual.moderation,
    slash: at('slash', (node) => readSlash(all, node)) ?? null,
  };
  return { settings, sources: new Map() };
}

function readContract({ reading, context }: In, node: YamlNode, kind: string): string | null {
  const name = readText(reading, node, "a contract's name", 100);
  const found = context.contracts.find((contract) => contract.name === name && context.kinds.get(contract.kind)?.lineage.includes(kind));
  if (name === null || found !== undefined) return name;
  report(reading, { code: 'NAME_UNKNOWN', at: node, message: `no contract ${quoteShort(name)} of kind ${kind} is declared`, fix: 'name a file of contracts/' });
  return null;
}

function readEntrants(all: In, fields: Fields, key: 'teachers' | 'agents' | 'validators'): Written[] {
  const node = fields.get(key)?.value;
  const found = (node === undefined ? [] : readList(all.reading, node, key)).flatMap((item) => readEntrant(all, item, key) ?? []);
  for (const [i, { node: at, entrant }] of found.entries())
    if (found.slice(0, i).some((other) => other.entrant.address === entrant.address))
      report(all.reading, { code: 'MEMBER_DUPLICATE', at, message: `${entrant.name} stands twice under ${key}`, fix: 'delete one of the two' });
  return found;
}

function readEntrant({ reading, context }: In, node: YamlNode, key: string): Written | null {
  const optional = ['subdomain', 'proof', ...(key === 'agents' ? ['parent'] : [])];
  const fields = readMap(reading, node, { what: 'an entrant', required: ['account', 'job'], optional });
  const [account, job, label, proof] = ['account', 'job', 'subdomain', 'proof'].map((name) => fields?.get(name)?.value);
  if (account === undefined || job === undefined) return null;
  const address = readAddress(reading, account, context.book);
  const jobId = readWhole(reading, job, { min: 1n, max: 2n ** 256n - 1n });
  const subdomain = label === undefined ? '' : (readText(reading, label, 'a subdomain', 200) ?? '');
  const words = proof === undefined ? [] : readList(reading, proof, 'proof').flatMap((item) => readWord(reading, item) ?? []);
  if (address === null || jobId === null) return null;
  const name = context.book.byAddress.get(address) ?? address;
  return { node, entrant: { name, address, job: jobId, subdomain, proof: words }, parent: fields?.get('parent')?.value };
}

function readWord(reading: Reading, node: YamlNode): string | null {
  const text = readText(reading, node, 'a word of a proof', 100);
  if (text === null || /^0x[0-9a-fA-F]{64}$/.test(text)) return text?.toLowerCase() ?? null;
  report(reading, { code: 'HEX_SYNTAX', at: node, message: `${quoteShort(text)} is not a word of a proof`, fix: 'write 0x and 64 hex digits, in quotes' });
  return null;
}

/** `parent` names an agent further up in the list: so no lineage goes in a circle. */
function withPaths(reading: Reading, written: readonly Written[]): ArenaSettings['agents'] {
  const paths = new Map<string, string>();
  return written.map(({ entrant, parent }) => {
    const above = parent === undefined ? null : readText(reading, parent, "an agent's name", 100);
    const start = above === null ? 'root' : paths.get(above);
    if (parent !== undefined && above !== null && start === undefined)
      report(reading, { code: 'NAME_UNKNOWN', at: parent, message: `no agent ${quoteShort(above)} stands before this one`, fix: 'list parents first' });
    const path = `${start ?? 'root'}/${entrant.name}`;
    paths.set(entrant.name, path);
    return { ...entrant, path };
  });
}

function readDifficulty(reading: Reading, node: YamlNode, usual: ArenaSettings['difficulty']): ArenaSettings['difficulty'] | null {
  const fields = readMap(reading, node, { what: 'the difficulty', required: [], optional: Object.keys(usual) });
  if (fields === null) return null;
  const at = (key: keyof typeof usual, min = level.min): number => {
    const value = fields.get(key)?.value;
    return value === undefined ? usual[key] : Number(readWhole(reading, value, { ...level, min }) ?? usual[key]);
  };
  const found = { first: at('first'), step: at('step', 0n), min: at('min'), max: at('max') };
  if (found.min <= found.first && found.first <= found.max) return found;
  report(reading, { code: 'VALUE_NOT_ALLOWED', at: node, message: 'first is not within min and max', fix: 'write min <= first <= max' });
  return null;
}

function readModeration({ reading, context }: In, node: YamlNode): ArenaSettings['moderation'] | null {
  const fields = readMap(reading, node, { what: 'moderation', required: [], optional: ['agents', 'subjects', 'minScore'] });
  const [agents, subjects, score] = ['agents', 'subjects', 'minScore'].map((key) => fields?.get(key)?.value);
  return {
    agents: agents === undefined ? [] : readList(reading, agents, 'agents').flatMap((item) => readAddress(reading, item, context.book) ?? []),
    subjects: subjects === undefined ? [] : readList(reading, subjects, 'subjects').flatMap((item) => readText(reading, item, 'a subject', 100) ?? []),
    minScore: score === undefined ? null : readDecimal(reading, score, share),
  };
}

function readSlash({ reading, context }: In, node: YamlNode): ArenaSettings['slash'] {
  const fields = readMap(reading, node, { what: 'slashing', required: ['amount', 'maxPerRun', 'recipient'] });
  const [amount, most, recipient] = ['amount', 'maxPerRun', 'recipient'].map((key) => fields?.get(key)?.value);
  if (amount === undefined || most === undefined || recipient === undefined) return null;
  const [each, all] = [readAmount({ reading, context }, amount), readAmount({ reading, context }, most)];
  const to = readAddress(reading, recipient, context.book);
  return each === null || all === null || to === null ? null : { amount: each, maxPerRun: all, recipient: to };
}

function readAmount({ reading, context }: In, node: YamlNode): bigint | null {
  const text = readText(reading, node, 'an amount of the token', 160);
  if (text === null) return null;
  const value = readQuantity(text, { unit: 'token', type: 'uint256', tokens: context.tokens });
  if (typeof value !== 'bigint') report(reading, { ...value, at: node });
  else if (value === 0n) report(reading, { code: 'VALUE_TOO_SMALL', at: node, message: 'found 0', fix: 'write more, or delete `slash`' });
  else return value;
  return null;
}
