// With whose key rounds are run: the one that was named, or the one at hand that is an orchestrator.
import { MooringError } from '../../errors.ts';
import { decodeResult, encodeCall, parseFunction } from '../../kinds/abi.ts';
import { nearestName } from '../../kinds/fields.ts';
import type { Address, ChainReader, SignerRef } from '../../types.ts';
import type { Context } from '../command.ts';
import { keyVariable } from '../secrets/signers.ts';

export type Choosing = { signers: readonly SignerRef[]; env: Context['env']; given: string | undefined; chain: ChainReader; arena: Address };

const orchestrators = parseFunction('function orchestrators(address account) view returns (bool)');

/** Throws USAGE for a signer that isn't declared, SIGNER_MISSING where no key at hand may run rounds. SIDE EFFECTS: asks the chain, unless one that is declared is named. */
export async function chooseSigner(choosing: Choosing): Promise<SignerRef> {
  const { signers, env, given } = choosing;
  const declared = signers.find(({ name, address }) => name === given || address.toLowerCase() === given?.toLowerCase());
  if (declared !== undefined) return declared;
  if (given !== undefined) throw unknown(given, await ableOnes(choosing));
  const atHand = signers.filter((ref) => (env[keyVariable(ref)] ?? '') !== '');
  const [found] = await inRole(choosing, atHand);
  if (found !== undefined) return found;
  const names = atHand.map(({ name }) => name).join(', ');
  throw new MooringError('SIGNER_MISSING', atHand.length === 0 ? 'no key is at hand' : `of the keys at hand (${names}) none is an orchestrator`, {
    fix: 'declare an orchestrator under signers in environment.yaml and set its variable; the owner has to be named: --signer NAME',
  });
}

/** Those that are orchestrators now. */
async function inRole({ chain, arena }: Pick<Choosing, 'chain' | 'arena'>, refs: readonly SignerRef[]): Promise<SignerRef[]> {
  const asked = refs.map(({ address }) => ({ to: arena, data: encodeCall(orchestrators, [address]) }));
  const answers = asked.length === 0 ? [] : await chain.calls(asked, await chain.head('latest'));
  return refs.filter((_, i) => answers[i]?.ok === true && decodeResult(orchestrators, answers[i].data)[0] === true);
}

/** Whom a hint may name: an account that was revoked may be in other hands. Nobody where the chain can't tell. */
async function ableOnes(choosing: Choosing): Promise<string[]> {
  try {
    return (await inRole(choosing, choosing.signers)).map(({ name }) => name);
  } catch (error) {
    if (error instanceof MooringError) return [];
    throw error;
  }
}

function unknown(given: string, able: readonly string[]): MooringError {
  const near = nearestName(given, able);
  const others = able.length === 0 ? 'none of its signers is known to be an orchestrator now' : `orchestrators among its signers: ${able.join(', ')}`;
  return new MooringError('USAGE', `there is no signer "${given}" in environment.yaml`, { fix: near === null ? others : `did you mean "${near}"?` });
}
