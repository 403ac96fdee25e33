// The doctor on who may do what: the declared signers, those who can pause, and a pause rehearsed.
import type { AccessReport, AccessRow } from '../../render/access-text.ts';
import type { Check } from '../../render/doctor-text.ts';
import { count, showEther } from '../../render/lexicon.ts';
import { type KeyFacts, onceEach } from '../../render/pause-text.ts';
import type { Address, SignerRef } from '../../types.ts';
import { placeOfSigner, powersOf } from '../access/idle-signers.ts';
import type { Context, Options } from '../command.ts';
import type { Opened } from '../environment/open.ts';
import { makeLog } from '../log.ts';
import { chooseSigner } from '../pause/choose-signer.ts';
import { chooseTargets } from '../pause/choose-targets.ts';
import { openOutline } from '../pause/open-outline.ts';
import { openPause } from '../pause/open-pause.ts';
import { checkKey } from '../secrets/signers.ts';
import { check } from './check.ts';

/** Below it a few transactions on a busy day could not be paid. */
const lowBalance = 10n ** 16n;
const leastPausers = 2;

/** Each signer of environment.yaml: has it a right, and money? Throws RPC_*. */
export async function checkSigners(opened: Opened, report: AccessReport, context: Pick<Context, 'env'>): Promise<Check[]> {
  const { signers } = opened.desired.environment;
  if (signers.length === 0) return [check('signers', 'fail', 'environment.yaml names no signer', 'name one under signers')];
  const balances = await opened.chain.balances(
    signers.map(({ address }) => address),
    report.block,
  );
  const keys = await Promise.all(signers.map((ref) => checkKey(ref, opened.root, context)));
  return signers.map((ref, i) => judgeSigner({ opened, report }, { ref, balance: balances[i] ?? 0n, key: keys[i] as KeyFacts }));
}

type SignerFacts = { ref: SignerRef; balance: bigint; key: KeyFacts };

function judgeSigner({ opened, report }: { opened: Opened; report: AccessReport }, { ref, balance, key }: SignerFacts): Check {
  const id = `signer-${ref.name}`;
  if (key.state === 'wrong') return check(id, 'fail', `the key here is not its own: ${key.why}`, `put the key of ${ref.address} into ${key.variable}`);
  const powers = [...powersOf(report.rows, ref.address)];
  const where = key.state === 'unset' ? `its key (${key.variable}) is not on this machine` : 'its key is here';
  const facts = `${showEther(balance)}, ${powers.length} ${powers.length === 1 ? 'power' : 'powers'}, ${where}`;
  if (powers.length === 0 && report.findings.some(({ severity }) => severity === 'error'))
    return check(id, 'unknown', `what ${ref.address} may do could not be read`, 'check the RPC');
  if (powers.length === 0) return check(id, 'fail', `${ref.address} may do nothing on any managed contract`, withoutPower(opened, ref));
  if (balance === 0n) return check(id, 'fail', `it has no money for gas; ${facts}`, `send some to ${ref.address}`);
  if (balance < lowBalance) return check(id, 'warn', `it is short of money for gas; ${facts}`, `send some to ${ref.address}`);
  return check(id, 'ok', facts);
}

/** Somebody may have taken its rights away because its key had leaked: whoever follows this must not give them back. */
function withoutPower(opened: Opened, ref: SignerRef): string {
  return `take it out of signers: ${placeOfSigner(opened, ref)}. Only if you know that it was not revoked as compromised, grant it its role instead`;
}

/** Accounts that can pause each contract with a pauser: by themselves, or through a contract. */
export function checkPausers({ rows }: AccessReport, { desired, kinds }: Pick<Opened, 'desired' | 'kinds'>): Check {
  const { contracts } = desired.state;
  const declared = new Set(contracts.map(({ name }) => name));
  const own = contracts.filter(({ kind }) => [...(kinds.get(kind)?.fields.values() ?? [])].some(({ role, shape }) => role === 'pause' && shape === 'value'));
  // Modules that an aggregate covers are there to be paused.
  const modules = rows.filter(({ contract }) => !declared.has(contract)).map(({ contract }) => contract);
  const pausable = [...new Set([...own.map(({ name }) => name), ...modules])];
  if (pausable.length === 0) return check('pausers', 'ok', 'no contract can be paused');
  const few = pausable.flatMap((contract) => {
    const accounts = pausersOf(rows, contract);
    return accounts.size >= leastPausers ? [] : [`${contract} can be paused by ${accounts.size === 0 ? 'nobody' : [...accounts].join(', ')} alone`];
  });
  if (few.length > 0) return check('pausers', 'fail', few.join('; '), 'add a guardian, or another pauser: mooring propose grant');
  return check('pausers', 'ok', `each of ${pausable.length} contracts can be paused by ${leastPausers} accounts or more`);
}

function pausersOf(rows: readonly AccessRow[], contract: string, seen: ReadonlySet<string> = new Set()): Set<Address> {
  const holders = rows.filter((row) => row.contract === contract && (row.role === 'owner' || row.role === 'pauser'));
  return new Set(
    holders.flatMap(({ account, role }) => {
      const behind = rows.find(({ address }) => address === account)?.contract;
      if (behind === undefined) return [account];
      if (seen.has(behind)) return [];
      // A guard pauses by its guardians; whoever owns it can't pause by that alone.
      const guardians = role === 'pauser' ? rows.filter((row) => row.contract === behind && row.role === 'pauser') : [];
      return guardians.length > 0 ? guardians.map((row) => row.account) : [...pausersOf(rows, behind, new Set([...seen, contract]))];
    }),
  );
}

/** What `mooring incident pause --drill` tells. Throws what that throws. */
export async function checkDrill(context: Context, options: Options): Promise<Check[]> {
  const { root, outline } = openOutline(context, options);
  const { targets, unreadable } = chooseTargets(outline, { written: null, kind: undefined });
  const pausing = openPause({ outline, root, context, log: await makeLog(context, { ...options, quiet: true }) });
  try {
    const rehearse = (signer: { address: string }) => pausing.rehearse(signer.address, targets);
    const signer = await chooseSigner({ outline, env: context.env, given: undefined, keyless: true, rehearse });
    const rows = onceEach((await rehearse(signer)).rows);
    const impossible = rows.flatMap((row) => (row.state === 'impossible' ? [`${row.contract}: ${row.why}`] : []));
    const bad = [...impossible, ...unreadable.map(({ name, why }) => `${name}: ${why}`)];
    if (bad.length > 0)
      return [
        check(
          'drill',
          'fail',
          `with ${signer.name}'s key a pause would not reach ${bad.join('; ')}`,
          `mooring incident pause --env ${outline.environment.name} --drill`,
        ),
      ];
    return [check('drill', 'ok', `with ${signer.name}'s key all ${count(rows.length, 'contract')} could be paused now`)];
  } finally {
    pausing.close();
  }
}
