// With whose key to pause: the one that was named, the one that policy names, or whichever at hand can pause the most.
import type { PauseReport } from '../../apply/pause/types.ts';
import type { Outline } from '../../desired/load-outline.ts';
import { MooringError } from '../../errors.ts';
import { nearestName } from '../../kinds/fields.ts';
import type { SignerRef } from '../../types.ts';
import type { Context } from '../command.ts';
import { keyVariable } from '../secrets/signers.ts';

export type Choosing = {
  outline: Outline;
  env: Context['env'];
  /** A signer's name or address. */
  given: string | undefined;
  /** True: nothing is signed, so no key is needed. */
  keyless: boolean;
  rehearse(signer: SignerRef): Promise<PauseReport>;
};

/** Throws USAGE for a signer that isn't declared, SIGNER_MISSING where no key is at hand. SIDE EFFECTS: rehearses, with several keys at hand or one that is not known. */
export async function chooseSigner(choosing: Choosing): Promise<SignerRef> {
  const { outline, given, keyless } = choosing;
  const { signers } = outline.environment;
  const isAtHand = (ref: SignerRef): boolean => keyless || hasKey(ref, choosing.env);
  if (given !== undefined) return named(choosing, given);
  const byPolicy = signers.find(({ name }) => name === outline.pauseSigner);
  if (byPolicy !== undefined && isAtHand(byPolicy)) return byPolicy;
  const ready = signers.filter((ref) => hasKey(ref, choosing.env));
  const [first, ...more] = ready.length === 0 ? signers.filter(isAtHand) : ready;
  if (first === undefined) throw missing(byPolicy === undefined ? [...signers, ...outline.unplaced] : [byPolicy]);
  return more.length === 0 ? first : best(choosing, [first, ...more]);
}

/** A hint names only who could pause something now: an account that was revoked may be in other hands. */
async function named({ outline, rehearse }: Choosing, given: string): Promise<SignerRef> {
  const { signers } = outline.environment;
  const found = signers.find(({ name, address }) => name === given || address.toLowerCase() === given.toLowerCase());
  if (found !== undefined) return found;
  const unplaced = outline.unplaced.find(({ name }) => name === given);
  if (unplaced !== undefined) throw missing([unplaced]);
  const able = await Promise.all(signers.map(async (signer) => ((await canPause(rehearse, signer)) ? [signer.name] : [])));
  const names = able.flat();
  const near = nearestName(given, names);
  const others = names.length === 0 ? 'none of its signers is known to be able to pause now' : `signers that can pause: ${names.join(', ')}`;
  throw new MooringError('USAGE', `there is no signer "${given}" in environment.yaml`, { fix: near === null ? others : `did you mean "${near}"?` });
}

async function canPause(rehearse: Choosing['rehearse'], signer: SignerRef): Promise<boolean> {
  try {
    return countAble(await rehearse(signer)) > 0;
  } catch (error) {
    if (error instanceof MooringError) return false;
    throw error;
  }
}

function hasKey(ref: SignerRef, env: Context['env']): boolean {
  return (env[keyVariable(ref)] ?? '') !== '';
}

function missing(signers: readonly Pick<SignerRef, 'name' | 'key'>[]): MooringError {
  return new MooringError('SIGNER_MISSING', 'no key that could pause is at hand', {
    fix: `set ${signers.map((ref) => `${keyVariable(ref)} (${ref.name})`).join(' or ')}`,
  });
}

/** The first that could pause the most. */
async function best({ rehearse }: Choosing, signers: readonly SignerRef[]): Promise<SignerRef> {
  const tried = await Promise.all(signers.map(async (signer) => ({ signer, able: countAble(await rehearse(signer)) })));
  const most = Math.max(...tried.map(({ able }) => able));
  return (tried.find(({ able }) => able === most) as (typeof tried)[number]).signer;
}

function countAble({ rows }: PauseReport): number {
  return rows.filter(({ state }) => state !== 'impossible').length;
}
