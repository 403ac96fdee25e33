// What a new environment is made of: from flags, or asked for on a terminal; checked before anything is written.
import { MooringError } from '../../errors.ts';
import { nearestName } from '../../kinds/fields.ts';
import { toChecksum } from '../../kinds/keccak.ts';
import { kindNames } from '../../kinds/load-kinds.ts';
import type { Address } from '../../types.ts';
import { type Context, type Options, operands, text } from '../command.ts';

export type WantedContract = { name: string; kind: string; address: Address };

export type Answers = {
  environment: string;
  /** With `${VARIABLE}` for its secret part. */
  rpc: string;
  contracts: readonly WantedContract[];
  signer: { name: string; address: Address; variable: string } | null;
  token: { symbol: string; decimals: number } | null;
  /** `owner/team`, or null where anybody who may write approves. */
  team: string | null;
  branch: string;
};

type Asking = { option: string; question: string };

/** Throws USAGE with what is missing or wrong. SIDE EFFECTS: asks on a terminal. */
export async function readAnswers(context: Context, options: Options): Promise<Answers> {
  const ask = (asking: Asking): Promise<string | null> => answer(context, options, asking);
  const environment = await needed(ask, { option: 'env', question: 'Name of the environment (mainnet, staging, …)' });
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(environment))
    throw usage(`${shown(environment)} can't be the name of an environment`, 'use letters, digits, ., - and _');
  const rpc = await needed(ask, { option: 'rpc', question: 'RPC URL, with ${VARIABLE} for its secret part' });
  const contracts = await readContracts(context, options);
  const signer = await ask({ option: 'signer', question: 'Address that signs (empty: none yet)' });
  const variable = readVariable(text(options, 'key-variable') ?? 'MOORING_OWNER_KEY');
  const token = await ask({ option: 'token', question: 'Token of amounts, as SYMBOL:DECIMALS (empty: none)' });
  const team = await ask({ option: 'team', question: 'Team that approves, as owner/team (empty: whoever may write)' });
  return {
    environment,
    rpc,
    contracts,
    signer: signer === null ? null : { name: 'owner', address: readAddress(signer), variable },
    token: token === null ? null : readToken(token),
    team: team === null ? null : readTeam(team),
    branch: readBranch(text(options, 'branch') ?? 'main'),
  };
}

async function answer(context: Context, options: Options, { option, question }: Asking): Promise<string | null> {
  const given = text(options, option);
  if (given !== undefined || context.ask === null) return given ?? null;
  const said = (await context.ask(`${question}: `)).trim();
  return said === '' ? null : said;
}

async function needed(ask: (asking: Asking) => Promise<string | null>, asking: Asking): Promise<string> {
  const value = await ask(asking);
  if (value === null) throw usage(`--${asking.option} is missing`, 'mooring init --help lists what is needed');
  return value;
}

async function readContracts({ ask }: Context, options: Options): Promise<WantedContract[]> {
  const given = [...operands(options)];
  if (given.length > 0 || ask === null) return given.map(readContract);
  for (;;) {
    const said = (await ask('Contract, as NAME=KIND@ADDRESS (empty: no more): ')).trim();
    if (said === '') return given.map(readContract);
    given.push(said);
  }
}

function readContract(operand: string): WantedContract {
  const [, name = '', kind = '', address = ''] = /^([A-Za-z0-9][A-Za-z0-9_-]{0,63})=([A-Za-z0-9]+)@(0x[0-9a-fA-F]{40})$/.exec(operand) ?? [];
  if (name === '') throw usage(`${shown(operand)} is not NAME=KIND@ADDRESS`, 'as in arena=SelfPlayArena@0x…');
  if (!kindNames([]).includes(kind)) {
    const near = nearestName(kind, kindNames([]));
    throw usage(`there is no kind "${kind}"`, near === null ? `the kinds are ${kindNames([]).join(', ')}` : `did you mean ${near}?`);
  }
  return { name, kind, address: readAddress(address) };
}

function readAddress(given: string): Address {
  if (/^0x[0-9a-fA-F]{40}$/.test(given)) return toChecksum(given);
  throw usage(`${shown(given)} is not an address`, 'an address has 0x and 40 hexadecimal digits; never give a key here');
}

function readToken(given: string): { symbol: string; decimals: number } {
  const [, symbol, decimals] = /^([A-Za-z][A-Za-z0-9]{0,31}):(\d{1,2})$/.exec(given) ?? [];
  if (symbol === undefined) throw usage(`${shown(given)} is not SYMBOL:DECIMALS`, 'as in AGIALPHA:18');
  return { symbol, decimals: Number(decimals) };
}

function readTeam(given: string): string {
  if (/^[\w.-]+\/[\w.-]+$/.test(given)) return given;
  throw usage(`${shown(given)} is not owner/team`, 'as in acme/treasury');
}

function readVariable(given: string): string {
  if (/^[A-Z_][A-Z0-9_]{0,62}$/.test(given) && !looksSecret(given)) return given;
  throw usage(`${shown(given)} is not the name of an environment variable`, 'as in MOORING_OWNER_KEY; the key itself is never given here');
}

function readBranch(given: string): string {
  if (/^[A-Za-z0-9][\w./-]*$/.test(given)) return given;
  throw usage(`${shown(given)} can't be a branch here`, 'as in main; use letters, digits, ., /, - and _');
}

/** What was given, unless it may be a secret in the wrong place: a key, or the words of a wallet. */
function shown(given: string): string {
  return looksSecret(given) ? `what was given (${given.length} characters)` : `"${given}"`;
}

function looksSecret(given: string): boolean {
  return given.length > 100 || /[0-9a-fA-F]{41}/.test(given) || given.trim().split(/\s+/).length > 6;
}

function usage(message: string, fix: string): MooringError {
  return new MooringError('USAGE', message, { fix });
}
