// Break-glass and alerts leave their records in a checkout: here they get into the folder of the incident that they belong to. They
// never become part of the shared journal, whose transactions count as git's own: a pause has to stay sticky.
import type { NonceState, RunState } from '../../journal/reduce.ts';
import type { IncidentEntry, IncidentRecord } from '../../types.ts';
import { toJson } from '../../values.ts';
import { readAllPauses } from '../pause/pause-journals.ts';
import { readRevocations } from '../rotate/revocation-journals.ts';
import { alertLines } from './alert-lines.ts';
import { type Book, type Kept, openOnes, readBook, writeIncident } from './incident-branch.ts';
import type { IncidentDesk } from './open-desk.ts';

/** A pause from before an incident was opened belongs to it when it is no older than this: seconds. */
const before = 24n * 3_600n;

export type Uploaded = { kept: Kept; runs: readonly RunState[] };

/**
 * Records the pauses and the alerts of this checkout for the open incidents: each, and which pauses are its own. Throws GIT_*,
 * BRANCH_REFUSED. SIDE EFFECTS: the remote's branch.
 */
export async function uploadRecords(desk: IncidentDesk): Promise<Uploaded[]> {
  const { git, name: environment, root, outline } = desk;
  const all = await readAllPauses({ root, environment }, desk.log);
  const runs = all.filter(({ started }) => started.environment === environment && started.chainId === outline.environment.chainId);
  const book = await readBook(git, environment);
  const done: Uploaded[] = [];
  for (const { record } of openOnes(book)) {
    const own = runs.filter((run) => homeOf(book, run) === record.id);
    done.push({ kept: await upload(desk, record, own), runs: own });
  }
  return done;
}

/** SIDE EFFECTS: the remote's branch, where something is new. */
async function upload(desk: IncidentDesk, { id, at: opened }: IncidentRecord, runs: readonly RunState[]): Promise<Kept> {
  const alerts = alertLines(desk, opened - before);
  const revocations = await revocationsSince(desk, opened - before);
  return writeIncident(desk.git, {
    ...{ environment: desk.name, id, message: `${desk.name}: records of ${id}`, at: desk.context.now() },
    async act(now, read) {
      const current = now.incidents.find(({ record }) => record.id === id);
      if (current === undefined || runs.length + alerts.length + revocations.length === 0) return null;
      const known = new Set(current.timeline.map(({ key }) => key));
      const entries = runs.filter((run) => !known.has(keyOf(run))).map((run) => entryOf(desk, run));
      const files = new Map([
        ...runs.map((run): [string, string] => [`pauses/${run.run}.json`, recordText(run)]),
        ...revocations.map((run): [string, string] => [`revocations/${run.run}.json`, revocationText(run)]),
      ]);
      if (alerts.length > 0) files.set('alerts.ndjson', merged(await read('alerts.ndjson'), alerts));
      return { record: current.record, entries, files };
    },
  });
}

/** Lines of both, each once, in order of time, which they begin with. */
function merged(old: string | null, lines: readonly string[]): string {
  const all = new Set([...(old ?? '').split('\n').filter((line) => line !== ''), ...lines]);
  return `${[...all].sort().join('\n')}\n`;
}

function keyOf({ run }: RunState): string {
  return `pause:${run}`;
}

/** Where it is recorded already, or the open incident that it is about; null for one that is older than any. */
function homeOf(book: Book, run: RunState): string | null {
  const recorded = book.incidents.find(({ timeline }) => timeline.some(({ key }) => key === keyOf(run)));
  if (recorded !== undefined) return recorded.record.id;
  const late = openOnes(book).filter(({ record }) => BigInt(Math.floor(run.started.at / 1000)) >= record.at - before);
  return (late.find(({ record }) => isAbout(record, run)) ?? late[0])?.record.id ?? null;
}

function isAbout({ components }: IncidentRecord, { started }: RunState): boolean {
  return started.changes.some(({ address }) => components.some((one) => one.address.toLowerCase() === address.toLowerCase()));
}

function entryOf(desk: IncidentDesk, run: RunState): IncidentEntry {
  const { started, nonces } = run;
  const flags = started.changes.map(({ id }) => id).join(', ');
  const sent = nonces.map(({ transactions, mined }) => mined?.hash ?? transactions.at(-1)?.hash).join(', ');
  const entry = desk.entry('paused', `${flags}${sent === '' ? '' : `, in ${sent}`}`, { key: keyOf(run) });
  return { ...entry, at: new Date(started.at).toISOString(), by: nonces[0]?.signer ?? started.approvedBy };
}

/** Without the signed bytes: those stay on the machine that sent them. */
function recordText({ run, started, nonces }: RunState): string {
  const flags = started.changes.map(({ contract, address, field, to }) => ({ contract, address, field, value: to?.type === 'scalar' ? to.value : null }));
  const record = {
    run,
    at: new Date(started.at).toISOString(),
    chainId: started.chainId,
    signer: nonces[0]?.signer ?? null,
    flags,
    transactions: nonces.map(transactionOf),
  };
  return `${JSON.stringify(toJson(record), null, 2)}\n`;
}

/** Revoked at once, from this checkout; what can't be read is told. SIDE EFFECTS: reads. */
async function revocationsSince({ root, name, outline, log }: IncidentDesk, since: bigint): Promise<RunState[]> {
  const { runs } = await readRevocations({ root, name }, log);
  return runs.filter(({ started }) => started.chainId === outline.environment.chainId && started.at >= Number(since) * 1_000);
}

function revocationText({ run, started, nonces }: RunState): string {
  const changes = started.changes.map(({ id, contract, address }) => ({ id, contract, address }));
  const record = { run, at: new Date(started.at).toISOString(), chainId: started.chainId, signer: nonces[0]?.signer ?? null, changes };
  return `${JSON.stringify(toJson({ ...record, transactions: nonces.map(transactionOf) }), null, 2)}\n`;
}

function transactionOf({ nonce, transactions, mined }: NonceState) {
  const state = mined === null ? 'not seen to be mined' : mined.success ? 'mined' : 'reverted';
  return { hash: mined?.hash ?? transactions.at(-1)?.hash ?? null, nonce, state, block: mined?.block.number ?? null };
}
