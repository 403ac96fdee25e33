// Writes what an incident has paused into git, as one pull request that is kept up to date.
import { createHash } from 'node:crypto';
import type { RunState } from '../../journal/reduce.ts';
import { code } from '../../render/markdown.ts';
import type { ContractState, FieldValue, State } from '../../types.ts';
import { observe } from '../environment/walk.ts';
import { keepProposal, type LoopProposal } from '../loops/loop-proposal.ts';
import { targetOf } from '../propose/files.ts';
import { type Started, start } from '../propose/start.ts';
import type { Kept } from './incident-branch.ts';
import type { IncidentDesk } from './open-desk.ts';

export type Proposed = { pull: number | null; line: string };

/** Null where nothing of it is paused, or git says so already. Throws GITHUB_*, GIT_*, RPC_*, EDIT_*. SIDE EFFECTS: the remote, GitHub. */
export async function proposePauses(desk: IncidentDesk, kept: Kept, runs: readonly RunState[]): Promise<Proposed | null> {
  const flags = flagsOf(runs);
  if (flags.length === 0) return null;
  const started = await start(desk.context, { ...desk.options, env: desk.name }, []);
  const live = await started.withChain(started.draft.loaded, (opened) => observe(opened));
  const edits = flags
    .filter(({ contract, field, value }) => isSame(liveValue(live, contract, field), value))
    .filter(({ contract }) => isDeclared(started, contract));
  if (edits.length === 0) return null;
  const made = await keepProposal(started, proposalOf(kept, edits, mixedAbove(started, live, edits)));
  if (made.outcome === 'nothing') return null;
  if (made.outcome === 'refused') return { pull: null, line: `#${made.number}, which writes its pauses into git, was closed by ${made.by ?? 'somebody'}` };
  return { pull: made.pull.number, line: `#${made.pull.number} writes its pauses into git: ${made.pull.url}` };
}

type Flag = LoopProposal['edits'][number];

/** Each once, as the last run wanted it. */
function flagsOf(runs: readonly RunState[]): Flag[] {
  const all = runs.flatMap(({ started }) => started.changes.flatMap(({ contract, field, to }) => (to === null ? [] : [{ contract, field, value: to }])));
  return [...new Map(all.map((flag) => [`${flag.contract}.${flag.field}`, flag])).values()].sort((a, b) => (a.contract < b.contract ? -1 : 1));
}

function liveValue({ contracts }: State, contract: string, field: string): FieldValue | undefined {
  return contracts.find(({ name }) => name === contract)?.fields.get(field)?.value;
}

function isSame(a: FieldValue | undefined, b: FieldValue): boolean {
  return a?.type === 'scalar' && b.type === 'scalar' && a.value === b.value;
}

function isDeclared({ draft }: Started, contract: string): boolean {
  return draft.loaded.desired.state.contracts.some(({ name }) => name === contract);
}

type Above = { edits: Flag[]; observed: { contract: string; field: string }[] };

/**
 * A SystemPause that is declared running contradicts one of its modules being declared paused: all paused, it is declared so
 * too; some paused, it is only reported until they run again.
 */
function mixedAbove(started: Started, live: State, edits: readonly Flag[]): Above {
  const edited = new Set(edits.map(({ contract }) => addressOf(live, contract)));
  const wholes = started.draft.loaded.desired.state.contracts.flatMap((contract) => aggregatesOf(started, contract).map((field) => ({ contract, field })));
  const concerned = wholes.filter(({ contract, field }) => [...partsOf(live, contract, field.over)].some((part) => edited.has(part)));
  const places = concerned.map(({ contract, field }) => ({ contract: contract.name, field: field.name, value: liveValue(live, contract.name, field.name) }));
  return {
    edits: places.flatMap(({ contract, field, value }) => (value?.type === 'scalar' && value.value === true ? [{ contract, field, value }] : [])),
    observed: places.flatMap(({ contract, field, value }) => (value?.type === 'mixed' ? [{ contract, field }] : [])),
  };
}

function aggregatesOf({ draft }: Started, { name, fields, observe: observed }: ContractState) {
  const all = [...targetOf(draft, name).kind.fields.values()].flatMap((field) => (field.shape === 'aggregate' ? [field] : []));
  return all.filter((field) => fields.has(field.name) && !observed.has(field.name));
}

function partsOf(live: State, { name }: ContractState, over: readonly string[]): ReadonlySet<string> {
  const values = over.map((field) => liveValue(live, name, field));
  return new Set(values.flatMap((value) => (value?.type === 'scalar' ? [String(value.value).toLowerCase()] : [])));
}

function addressOf({ contracts }: State, contract: string): string {
  return contracts.find(({ name }) => name === contract)?.address.toLowerCase() ?? '';
}

function proposalOf({ record }: Kept, edits: readonly Flag[], above: Above): LoopProposal {
  const all = [...edits, ...above.edits.filter(({ contract }) => !edits.some((edit) => edit.contract === contract))];
  const names = [...new Set(edits.map(({ contract }) => contract))].join(', ');
  const print = createHash('sha256').update(JSON.stringify(all.map(({ contract, field }) => [contract, field])));
  return {
    loop: 'incident',
    key: record.id,
    cause: `${record.id}@${print.digest('hex').slice(0, 12)}`,
    title: `Pause ${names}: ${record.title}`,
    reason: `Paused by break-glass in the incident ${record.id}. Merging it keeps git and the chain in agreement; nothing is sent.`,
    edits: all,
    ...(above.observed.length === 0 ? {} : { observed: above.observed }),
    evidence: [`Incident ${code(record.id)}: ${edits.map(({ contract, field }) => code(`${contract}.${field}`)).join(', ')}`],
    labels: ['incident', 'emergency'],
  };
}
