// Break-glass leaves its records in a checkout: here they get into the folder of the incident that they belong to. They
// never become part of the shared journal, whose transactions count as git's own: a pause has to stay sticky.
import type { NonceState, RunState } from '../../journal/reduce.ts';
import type { IncidentEntry, IncidentRecord } from '../../types.ts';
import { toJson } from '../../values.ts';
import { readAllPauses } from '../pause/pause-journals.ts';
import { type Book, type Kept, openOnes, readBook, writeIncident } from './incident-branch.ts';
import type { IncidentDesk } from './open-desk.ts';

/** A pause from before an incident was opened belongs to it when it is no older than this: seconds. */
const before = 24n * 3_600n;

/** How many runs are recorded for the open incidents now. Throws GIT_*, BRANCH_REFUSED. SIDE EFFECTS: the remote's branch. */
export async function uploadPauses(desk: IncidentDesk): Promise<{ kept: Kept; runs: readonly RunState[] }[]> {
  const { git, name: environment, root, outline, context } = desk;
  const all = await readAllPauses({ root, environment }, desk.log);
  const runs = all.filter(({ started }) => started.environment === environment && started.chainId === outline.environment.chainId);
  const book = await readBook(git, environment);
  const done: { kept: Kept; runs: readonly RunState[] }[] = [];
  for (const kept of openOnes(book)) {
    const { id } = kept.record;
    const own = runs.filter((run) => homeOf(book, run) === id);
    const act = (now: Book) => {
      const current = now.incidents.find(({ record }) => record.id === id);
      if (current === undefined || own.length === 0) return null;
      const known = new Set(current.timeline.map(({ key }) => key));
      const entries = own.filter((run) => !known.has(keyOf(run))).map((run) => entryOf(desk, run));
      return { record: current.record, entries, files: new Map(own.map((run) => [`pauses/${run.run}.json`, recordText(run)])) };
    };
    done.push({ kept: await writeIncident(git, { environment, id, message: `${environment}: pauses of ${id}`, at: context.now(), act }), runs: own });
  }
  return done;
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

function transactionOf({ nonce, transactions, mined }: NonceState) {
  const state = mined === null ? 'not seen to be mined' : mined.success ? 'mined' : 'reverted';
  return { hash: mined?.hash ?? transactions.at(-1)?.hash ?? null, nonce, state, block: mined?.block.number ?? null };
}
