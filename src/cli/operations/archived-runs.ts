// Pauses and revocations at once that another checkout has put on record with its incident. Whoever may push that branch may
// write them: they are shown as what they are, and count for nothing else.
import { MooringError } from '../../errors.ts';
import { readFileAt } from '../../scm/git-objects.ts';
import type { Hex } from '../../types.ts';
import type { Declared } from '../environment/open.ts';
import { incidentFolder } from '../incident/incident-branch.ts';
import { openBook } from '../incident/read-open-incidents.ts';
import { filesOf } from '../incident/reading.ts';

export type ArchivedRun = {
  type: 'pause' | 'revocation';
  run: string;
  /** Milliseconds since the epoch. */
  at: number;
  signer: string | null;
  /** `arena.paused`, or the id of a change. */
  what: readonly string[];
  transactions: readonly Hex[];
  incident: { id: string; title: string };
};

/** As every run of ours is named. */
const runId = /^\d{8}T\d{6}Z-[0-9a-f]{8}$/;

const folders = { pauses: 'pause', revocations: 'revocation' } as const;

/** Of all incidents, closed ones too. What can't be read is among `notes`. SIDE EFFECTS: fetches. */
export async function archivedRuns({ root, desired }: Pick<Declared, 'root' | 'desired'>, notes: string[]): Promise<ArchivedRun[]> {
  try {
    const opened = await openBook({ root, environment: desired.environment });
    if (opened === null) return [];
    const { git, book } = opened;
    const lists = book.incidents.map(async ({ record: { id, title } }) => {
      const files = await filesOf(git, book.commit, { environment: desired.environment.name, id });
      return Promise.all(files.map(async (file) => archivedIn(file, await textOf(file, id), { incident: { id, title }, notes })));
    });
    async function textOf(file: string, id: string): Promise<string> {
      const bytes = book.commit === null ? null : await readFileAt(git, book.commit, `${incidentFolder(desired.environment.name, id)}/${file}`);
      return bytes?.toString('utf8') ?? '';
    }
    return (await Promise.all(lists)).flat(2);
  } catch (error) {
    if (!(error instanceof MooringError)) throw error;
    notes.push(`what other checkouts have put on record with incidents could not be had: ${error.message}`);
    return [];
  }
}

type Reading = { incident: ArchivedRun['incident']; notes: string[] };

function archivedIn(file: string, content: string, { incident, notes }: Reading): ArchivedRun[] {
  const folder = file.split('/', 1)[0] ?? '';
  if (!Object.hasOwn(folders, folder)) return [];
  const found = readRecord(content);
  if (found === null) notes.push(`${incident.id}/${file} on the branch of incidents is no record of a run`);
  return found === null ? [] : [{ type: folders[folder as keyof typeof folders], ...found, incident }];
}

function readRecord(content: string): Omit<ArchivedRun, 'type' | 'incident'> | null {
  try {
    const { run, at, signer, flags, changes, transactions } = JSON.parse(content) as Readonly<Record<string, unknown>>;
    const time = Date.parse(String(at));
    if (!runId.test(String(run)) || !Number.isFinite(time)) return null;
    return {
      run: String(run),
      at: time,
      signer: /^0x[0-9a-fA-F]{40}$/.test(String(signer)) ? String(signer) : null,
      what: [...list(flags).map(({ contract, field, value }) => `${contract}.${field}: ${value}`), ...list(changes).map(({ id }) => String(id))],
      transactions: list(transactions).flatMap(({ hash, state }) => (state === 'mined' && /^0x[0-9a-f]{64}$/.test(String(hash)) ? [hash as Hex] : [])),
    };
  } catch {
    return null;
  }
}

function list(value: unknown): Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'object' && item !== null) : [];
}
