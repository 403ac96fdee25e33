// Which flags break-glass is to set: those of the named contracts, or all that only stop something.
import { isPause } from '../../apply/pause/parts.ts';
import type { PauseTarget } from '../../apply/pause/types.ts';
import type { Outline } from '../../desired/load-outline.ts';
import { MooringError } from '../../errors.ts';
import { nearestName } from '../../kinds/fields.ts';
import type { Kind } from '../../kinds/kind.ts';

/** `unreadable`: contracts that can't be paused because of their files, and what to do instead. */
export type Chosen = { targets: readonly PauseTarget[]; unreadable: readonly Unreadable[] };

export type Unreadable = { name: string; why: string; instead: string };

type Place = { name: string; kind: string; address: string };

/**
 * `written`: names, each perhaps with a field behind a dot, and addresses, which need `kind`; null for everything that
 * can be paused. Throws USAGE for what is no contract, naming the nearest that is.
 */
export function chooseTargets(outline: Outline, { written, kind }: { written: readonly string[] | null; kind: string | undefined }): Chosen {
  if (kind !== undefined && !outline.kinds.has(kind)) throw unknown('kind', kind, [...outline.kinds.keys()]);
  const unreadable = unreadableIn(outline, kind);
  if (written === null) return { targets: outline.contracts.flatMap((place) => everyPause(outline, place)), unreadable };
  const isReadable = (word: string): boolean => !unreadable.some(({ name }) => name === nameIn(word));
  return {
    targets: written.filter(isReadable).flatMap((word) => targetsOf(outline, word, kind)),
    unreadable: unreadable.filter(({ name }) => written.some((word) => nameIn(word) === name)),
  };
}

/** With `kind`, a contract needs no kind of its own. */
function unreadableIn({ environment, contracts, kinds, unreadable }: Outline, kind: string | undefined): Unreadable[] {
  const nowhere = unreadable.map((name) => ({
    name,
    why: `desired-state/${environment.name}/contracts/${name}.yaml does not say where it is`,
    instead: 'give its address: --components 0x… --kind KIND',
  }));
  const odd = kind === undefined ? contracts.filter((place) => !kinds.has(place.kind)) : [];
  return [
    ...nowhere,
    ...odd.map(({ name, kind: own }) => ({ name, why: `its kind ${own} can't be read`, instead: `name one that can: --components ${name} --kind KIND` })),
  ];
}

function nameIn(word: string): string {
  return word.split('.', 1)[0] ?? word;
}

function targetsOf(outline: Outline, word: string, kind: string | undefined): PauseTarget[] {
  const name = nameIn(word);
  const field = word.slice(name.length + 1);
  const place = placeOf(outline, name, kind);
  const all = everyPause(outline, place);
  if (field === '') {
    if (all.length > 0) return all;
    throw new MooringError('USAGE', `a ${place.kind} can not be paused: it has no flag that only stops something`, { fix: 'leave it out of --components' });
  }
  const value = [true, false].find((one) => canPause(outline.kinds.get(place.kind), field, one));
  if (value !== undefined) return [targetOf(place, field, value)];
  throw unknown(
    `flag of ${name}`,
    field,
    all.map((target) => target.field),
  );
}

/** A declared contract; else an address, or a name of the address book, of the kind that was given. */
function placeOf({ contracts, addresses, kinds }: Outline, name: string, kind: string | undefined): Place {
  const declared = contracts.find((contract) => contract.name === name || contract.address.toLowerCase() === name.toLowerCase());
  if (declared !== undefined) return kinds.has(declared.kind) || kind === undefined ? declared : { ...declared, kind };
  const address = /^0x[0-9a-fA-F]{40}$/.test(name) ? name : addresses.byName.get(name)?.address;
  if (address === undefined)
    throw unknown(
      'contract',
      name,
      contracts.map((contract) => contract.name),
    );
  if (kind !== undefined) return { name: addresses.byAddress.get(address) ?? address, kind, address };
  throw new MooringError('USAGE', `of which kind ${name} is stands in no file`, { fix: `add --kind: one of ${pausableKinds([...kinds.values()]).join(', ')}` });
}

function pausableKinds(kinds: readonly Kind[]): string[] {
  return kinds.filter((kind) => flagsOf(kind).length > 0).map(({ name }) => name);
}

function everyPause({ kinds }: Outline, place: Place): PauseTarget[] {
  const kind = kinds.get(place.kind);
  return kind === undefined ? [] : flagsOf(kind).map(({ field, value }) => targetOf(place, field, value));
}

/** Each flag under its own name. */
function flagsOf(kind: Kind): { field: string; value: boolean }[] {
  const names = [...kind.fields.values()].filter(({ aliasOf }) => aliasOf === undefined).map(({ name }) => name);
  return names.flatMap((field) => [true, false].filter((value) => canPause(kind, field, value)).map((value) => ({ field, value })));
}

function canPause(kind: Kind | undefined, field: string, value: boolean): boolean {
  return kind !== undefined && isPause(kind, field, value);
}

function targetOf({ name, kind, address }: Place, field: string, value: boolean): PauseTarget {
  return { contract: name, kind, address, field, value };
}

function unknown(what: string, name: string, known: readonly string[]): MooringError {
  const near = nearestName(name, known);
  return new MooringError('USAGE', `there is no ${what} "${name}"; nothing was sent`, {
    fix: near === null ? `one of ${known.join(', ')}` : `did you mean "${near}"?`,
  });
}
