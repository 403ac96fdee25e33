// The payment list for a Safe, of a token that is on the chain and counts as the amounts do.
import { resolve } from 'node:path';
import type { Allocation } from '../../arena/rewards.ts';
import { safeBatch } from '../../arena/safe-batch.ts';
import { MooringError } from '../../errors.ts';
import { decodeResult, encodeCall, parseFunction } from '../../kinds/abi.ts';
import { toChecksum } from '../../kinds/keccak.ts';
import type { Address, ChainReader } from '../../types.ts';
import { type Context, type Options, text } from '../command.ts';
import { openEnvironment } from '../environment/open.ts';
import { put } from './place.ts';

export type RewardToken = { address: Address; symbol: string; chainId: bigint };

type Writing = { context: Context; options: Options; allocations: readonly Allocation[]; decimals: number };

const readDecimals = parseFunction('function decimals() view returns (uint8)');
const readSymbol = parseFunction('function symbol() view returns (string)');

/**
 * Writes `--safe-batch`, where it is asked for; else null. Throws TOKEN_MISMATCH where the token isn't there, or has other
 * decimals than the amounts; CHAIN_ID_MISMATCH; RPC_*. SIDE EFFECTS: reads the chain, writes the file.
 */
export async function writeSafeBatch({ context, options, allocations, decimals }: Writing): Promise<RewardToken | null> {
  const file = text(options, 'safe-batch');
  if (file === undefined) return null;
  const opened = openEnvironment(context, options);
  try {
    const { environment, addresses } = opened.desired;
    const address = tokenAddress(text(options, 'token') ?? '', addresses.byName);
    const found = await opened.chain.chainId();
    if (found !== environment.chainId)
      throw new MooringError('CHAIN_ID_MISMATCH', `the RPC serves chain ${found}, not ${environment.chainId}`, {
        fix: 'Check the RPC URLs of the environment.',
      });
    const token = { address, chainId: environment.chainId, symbol: await checkToken(opened.chain, address, decimals) };
    put(resolve(context.cwd, file), safeBatch({ ...token, token: address, createdAt: context.now(), name: 'Culture rewards', payments: allocations }));
    return token;
  } finally {
    opened.close();
  }
}

function tokenAddress(written: string, names: ReadonlyMap<string, { address: Address }>): Address {
  const named = names.get(written)?.address;
  if (named !== undefined) return named;
  if (/^0x[0-9a-fA-F]{40}$/.test(written) && toChecksum(written) === written) return written;
  throw new MooringError('NAME_UNKNOWN', `${JSON.stringify(written)} is neither a name in the address book nor an address with its checksum`, {
    fix: 'add the token to addresses.yaml, or write its whole address',
  });
}

/** Its symbol. */
async function checkToken(chain: ChainReader, address: Address, decimals: number): Promise<string> {
  const asked = [readDecimals, readSymbol].map((fn) => ({ to: address, data: encodeCall(fn, []) }));
  const [count, symbol] = await chain.calls(asked, await chain.head('latest'));
  const found = answerOf(readDecimals, count);
  if (found === BigInt(decimals)) return String(answerOf(readSymbol, symbol) ?? 'a token');
  const message = found === null ? `nothing at ${address} answers as a token` : `the token at ${address} has ${found} decimals, and the amounts ${decimals}`;
  throw new MooringError('TOKEN_MISMATCH', message, { fix: found === null ? 'check --token' : `give --decimals ${found}` });
}

function answerOf(fn: ReturnType<typeof parseFunction>, answer: Awaited<ReturnType<ChainReader['calls']>>[number] | undefined): unknown {
  try {
    return answer?.ok === true ? (decodeResult(fn, answer.data)[0] ?? null) : null;
  } catch {
    return null;
  }
}
