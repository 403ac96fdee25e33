// Which flags of break-glass are set now, by the chain and not by any file. Reads only.
import type { Kinds } from '../../kinds/kind.ts';
import { manyNodes } from '../../live/many-nodes.ts';
import type { Address, ChainReader, Environment } from '../../types.ts';
import type { ManagedContract } from '../session.ts';
import { askedParts, callEach, flagCall, flagIn } from './parts.ts';
import type { Asked, Part, PauseTarget } from './types.ts';

/** Where nodes differ, or none could tell, it is not known. */
export type FlagNow = Pick<Asked, 'target' | 'part' | 'address'> & { is: 'paused' | 'running' | 'unknown' };

export type PausedNowInput = {
  /** One reader for each node. */
  chains: readonly ChainReader[];
  environment: Pick<Environment, 'chainId'>;
  targets: readonly PauseTarget[];
  kinds: Kinds;
  contracts: readonly ManagedContract[];
  names: ReadonlyMap<Address, string>;
};

/** One entry for each flag that the targets come to. Throws RPC_*, CHAIN_ID_MISMATCH when no node answers. */
export async function flagsNow({ chains, environment, ...input }: PausedNowInput): Promise<FlagNow[]> {
  const chain = manyNodes({ chains, chainId: environment.chainId });
  const asked = await askedParts({ ...input, chain });
  const flags = asked.flatMap((item) => ('flag' in item ? [item.flag] : []));
  const answers = await callEach(chain, flags.map(flagCall));
  const states = new Map(flags.map((flag, i) => [flag, stateOf(flag, answers[i] ?? [])]));
  return asked.map((item) => {
    const { target, part, address } = item;
    return { target, part, address, is: 'flag' in item ? (states.get(item.flag) ?? 'unknown') : 'unknown' };
  });
}

function stateOf(flag: Part, answers: readonly string[]): FlagNow['is'] {
  const said = new Set(answers.map((answer) => flagIn(flag, answer)));
  if (said.size !== 1) return 'unknown';
  const [value] = said;
  return typeof value !== 'boolean' ? 'unknown' : value === flag.value ? 'paused' : 'running';
}
