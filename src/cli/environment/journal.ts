// The journal of an environment: in this checkout alone, or on the branch that all machines share. Wires the store's parts.
import { hostname } from 'node:os';
import { join } from 'node:path';
import { recoverSigner } from '../../apply/signer.ts';
import { diskSource, type FileSource } from '../../desired/file-source.ts';
import { MooringError } from '../../errors.ts';
import { decodeValue, encodeValue } from '../../journal/codec.ts';
import { openFileStore } from '../../journal/file-store.ts';
import { checkReceipts } from '../../journal/receipt.ts';
import type { Git } from '../../scm/git.ts';
import type { GitStore } from '../../scm/git-store.ts';
import type { Address, JournalStore, Signer } from '../../types.ts';
import { type Context, type OptionSpec, type Options, text } from '../command.ts';
import type { Log } from '../log.ts';
import { type Declared, stateFolder } from './open.ts';

export type Writing = { signers: ReadonlyMap<Address, Signer>; log: Log; options: Options };

type Place = Pick<Declared, 'root' | 'name' | 'desired'> & {
  /** The clone at `root`, where it is open already. */
  git?: Git;
};

/** Options of commands that take the lease. */
export const leaseOptions: Readonly<Record<string, OptionSpec>> = {
  'lease-timeout': { type: 'string', value: 'SECONDS', description: 'silence after which another apply counts as dead (default 60); with a shared journal' },
  'lease-wait': { type: 'string', value: 'SECONDS', description: 'how long to queue behind another apply (default 1800); with a shared journal' },
};

/** To read, or with `writing` to apply. `trusted` says whose keys may write a shared one: by default those of this checkout. */
export async function openJournal(context: Context, place: Place, writing: Writing | null = null, trusted?: FileSource): Promise<JournalStore> {
  if (place.desired.environment.journal === null) return openFileStore(stateFolder(place));
  return openSharedJournal(context, place, writing, trusted);
}

/** For reading, opened when it is first asked: what needs no history needs no remote either. */
export function lazyJournal(context: Context, place: Place): JournalStore {
  let opening: Promise<JournalStore> | undefined;
  const opened = (): Promise<JournalStore> => {
    opening ??= openJournal(context, place);
    return opening;
  };
  return {
    append: async (events) => (await opened()).append(events),
    read: async () => (await opened()).read(),
    keepReceipt: async (receipt, signature) => (await opened()).keepReceipt(receipt, signature),
    receipts: async () => (await opened()).receipts(),
    lock: async () => (await opened()).lock(),
    isHeld: async () => (await opened()).isHeld(),
  };
}

/** Throws JOURNAL_NOT_SHARED where environment.yaml names no shared journal; GIT_FAILED outside a clone. */
export async function openSharedJournal(context: Context, place: Place, writing: Writing | null = null, trusted?: FileSource): Promise<GitStore> {
  const { environment } = place.desired;
  if (environment.journal === null)
    throw new MooringError('JOURNAL_NOT_SHARED', `${environment.name} keeps its journal in this checkout alone`, {
      fix: 'Add `journal: { remote: origin }` to environment.yaml: pull requests are applied from a journal that all machines share.',
    });
  // Loaded when needed: a command without a shared journal starts without git.
  const [{ openClone }, { openGitStore }, { takeLease }, { fileRawStore }, { formerWriters, writersIn }] = await Promise.all([
    import('../../scm/git.ts'),
    import('../../scm/git-store.ts'),
    import('../../scm/lease.ts'),
    import('../../scm/raw-files.ts'),
    import('./former-writers.ts'),
  ]);
  const { remote } = environment.journal;
  const open = (): Promise<Git> =>
    openClone({ folder: place.root, remote }).catch((error: unknown) => {
      if (!(error instanceof MooringError)) throw error;
      throw new MooringError(error.code, error.message, {
        fix: `environment.yaml keeps the journal at the remote "${remote}": work in a clone that has it (git remote add ${remote} …), or take \`journal\` out.`,
      });
    });
  const git = place.git?.remote === remote ? place.git : await open();
  const source = trusted ?? diskSource(place.root);
  const writers = writersIn(source);
  const all = new Set([...writers.values()].flatMap((addresses) => [...addresses]));
  const signers = [...(writing?.signers.values() ?? [])];
  const times = leaseTimes(writing?.options ?? {});
  return openGitStore({
    git,
    branch: environment.journal.branch,
    environment: environment.name,
    codec: { encode: encodeValue, decode: decodeValue },
    recover: recoverSigner,
    trusted: (address) => all.has(address.toLowerCase()),
    own: (address) => writers.get(environment.name)?.has(address.toLowerCase()) === true,
    former: (records) => formerWriters({ git, writers, environment: environment.name, head: source.commit ?? null }, records),
    checkReceipts: (kept) => checkReceipts(kept, recoverSigner),
    raw: fileRawStore(join(stateFolder(place), 'raw')),
    signer: signers[0] ?? null,
    heartbeatMs: times.deadAfterMs / 4,
    now: context.now,
    onTrouble: (error) => writing?.log(error.message, { code: error.code }),
    takeLease: () =>
      takeLease(git, {
        chainId: environment.chainId,
        signers: signers.map(({ address }) => address),
        holder: holderOf(context),
        ...times,
        now: context.now,
        onWait: (refs) => writing?.log(`another apply is at work; waiting for it (${refs.join(', ')})`),
      }),
  });
}

/** Who holds a lease, for people. */
function holderOf({ env }: Context): string {
  const job = env['GITHUB_RUN_ID'];
  const machine = `${hostname()}, process ${process.pid}`;
  return job === undefined ? machine : `${env['GITHUB_SERVER_URL'] ?? ''}/${env['GITHUB_REPOSITORY'] ?? ''}/actions/runs/${job}`;
}

function leaseTimes(options: Options): { deadAfterMs: number; pollMs: number; patienceMs: number } {
  const deadAfterMs = seconds(options, 'lease-timeout', 60);
  return { deadAfterMs, pollMs: Math.min(2_000, deadAfterMs / 4), patienceMs: seconds(options, 'lease-wait', 1_800) };
}

function seconds(options: Options, name: string, usual: number): number {
  const given = text(options, name);
  const value = given === undefined ? usual : Number(given);
  if (!(value > 0 && value <= 86_400)) throw new MooringError('USAGE', `--${name} is a number of seconds, not "${given}"`);
  return value * 1_000;
}
