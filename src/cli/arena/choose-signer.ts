// With whose key rounds are run: the one that was named, or the one at hand that is an orchestrator.
import { MooringError } from '../../errors.ts';
import { decodeResult, encodeCall, parseFunction } from '../../kinds/abi.ts';
import { nearestName } from '../../kinds/fields.ts';
import type { Address, ChainReader, SignerRef } from '../../types.ts';
import type { Context } from '../command.ts';
import { keyVariable } from '../signers.ts';

export type Choosing = { signers: readonly SignerRef[]; env: Context['env']; given: string | undefined; chain: ChainReader; arena: Address };

const orchestrators = parseFunction('function orchestrators(address account) view returns (bool)');

/** Throws USAGE for a signer that isn't declared, SIGNER_MISSING where no key at hand may run rounds. SIDE EFFECTS: asks the chain, where none is named. */
export async function chooseSigner({ signers, env, given, chain, arena }: Choosing): Promise<SignerRef> {
  if (given !== undefined) return named(signers, given);
  const atHand = signers.filter((ref) => (env[keyVariable(ref)] ?? '') !== '');
  const asked = atHand.map(({ address }) => ({ to: arena, data: encodeCall(orchestrators, [address]) }));
  const answers = asked.length === 0 ? [] : await chain.calls(asked, await chain.head('latest'));
  const found = atHand.find((_, i) => answers[i]?.ok === true && decodeResult(orchestrators, answers[i].data)[0] === true);
  if (found !== undefined) return found;
  const names = atHand.map(({ name }) => name).join(', ');
  throw new MooringError('SIGNER_MISSING', atHand.length === 0 ? 'no key is at hand' : `of the keys at hand (${names}) none is an orchestrator`, {
    fix: 'declare an orchestrator under signers in environment.yaml and set its variable; the owner has to be named: --signer NAME',
  });
}

function named(signers: readonly SignerRef[], given: string): SignerRef {
  const found = signers.find(({ name, address }) => name === given || address.toLowerCase() === given.toLowerCase());
  if (found !== undefined) return found;
  const names = signers.map(({ name }) => name);
  const near = nearestName(given, names);
  throw new MooringError('USAGE', `there is no signer "${given}" in environment.yaml`, {
    fix: near === null ? `one of ${names.join(', ')}` : `did you mean "${near}"?`,
  });
}
