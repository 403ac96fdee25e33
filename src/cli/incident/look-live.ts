// An incident's contracts as the chain has them now: what is paused, by whom, and what differs from git. Reads only.
import { MooringError } from '../../errors.ts';
import type { KindField } from '../../kinds/kind.ts';
import { findAuthors } from '../../live/history.ts';
import type { Author, Change, ContractState, DriftReport, IncidentComponent, IncidentRecord, State } from '../../types.ts';
import { reportDrift } from '../drift.ts';
import { type Opened, openEnvironment } from '../environment/open.ts';
import { observe, sources } from '../environment/walk.ts';
import type { IncidentDesk } from './open-desk.ts';

/** `part`: only some of what it is over. `author`: who set it, where history tells. */
export type PausedFlag = { contract: string; field: string; partly: boolean; author: Author | null };

/** `unread`: contracts of the incident that aren't declared any more, or whose flag could not be read. */
export type Paused = {
  flags: readonly PausedFlag[];
  unread: readonly string[] /** Flags of the incident's that are not set, or not wholly. */;
  running: readonly string[];
};

/** `isResumed`: the files here let its contracts run again. */
export type LiveLook = { paused: Paused; drift: DriftReport; isResumed: boolean };

type Looked = Pick<IncidentRecord, 'id' | 'components'>;

/** Throws INPUT_INVALID, RPC_*. SIDE EFFECTS: connections while it looks. */
export async function lookLive({ context, options, name }: IncidentDesk, { id, components }: Looked): Promise<LiveLook> {
  const opened = openEnvironment(context, { ...options, env: name });
  try {
    const live = await observe(opened);
    const isResumed = opened.desired.resumes.some(({ incident }) => incident === id);
    return { paused: await pausedNow(opened, live, components), drift: await reportDrift(opened, context.now), isResumed };
  } finally {
    opened.close();
  }
}

/** The same, or why it can't be told. */
export async function tryLook(desk: IncidentDesk, record: Looked): Promise<LiveLook | { why: string }> {
  try {
    return await lookLive(desk, record);
  } catch (error) {
    if (!(error instanceof MooringError)) throw error;
    return { why: `${error.code}: ${error.message}` };
  }
}

/** Throws RPC_*. */
export async function pausedNow(opened: Opened, live: State, components: readonly IncidentComponent[]): Promise<Paused> {
  const found = components.map(({ name, address }) => ({ name, contract: live.contracts.find((one) => one.address.toLowerCase() === address.toLowerCase()) }));
  const flags = found.flatMap(({ contract }) => (contract === undefined ? [] : flagsOf(opened, contract)));
  const set = flags.filter(({ value }) => value?.type === 'mixed' || (value?.type === 'scalar' && value.value === true));
  const changes = set.map(({ contract, field, value }): Change => {
    const { name, kind, address } = contract;
    const place = { id: `${name}.${field}`, contract: name, kind, address, field };
    return { ...place, action: 'set', from: value ?? null, to: { type: 'scalar', value: false }, unit: 'none', risk: 'increase' };
  });
  const authors = await findAuthors({ ...sources(opened), state: live, changes, names: opened.desired.addresses.byAddress });
  const unread = [
    ...found.flatMap(({ name, contract }) => (contract === undefined ? [name] : [])),
    ...flags.filter(({ value }) => value === undefined || value.type === 'unknown').map(({ contract, field }) => `${contract.name}.${field}`),
  ];
  const isRunning = ({ value }: (typeof flags)[number]): boolean => value?.type === 'mixed' || (value?.type === 'scalar' && value.value === false);
  return {
    running: flags.filter(isRunning).map(({ contract, field }) => `${contract.name}.${field}`),
    flags: set.map(({ contract, field, value }) => ({
      ...{ contract: contract.name, field, partly: value?.type === 'mixed' },
      author: authors.get(`${contract.name}.${field}`) ?? null,
    })),
    unread,
  };
}

function flagsOf({ kinds }: Opened, contract: ContractState) {
  const fields = [...(kinds.get(contract.kind)?.fields.values() ?? [])].filter(isFlag);
  return fields.map(({ name }) => ({ contract, field: name, value: contract.fields.get(name)?.value }));
}

function isFlag({ role, shape, aliasOf }: KindField): boolean {
  return aliasOf === undefined && (shape === 'aggregate' || (role === 'pause' && shape === 'value'));
}
