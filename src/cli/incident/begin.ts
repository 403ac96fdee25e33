// Begins an incident on the branch, or widens the open one of the same title.
import { MooringError } from '../../errors.ts';
import { nearestName } from '../../kinds/fields.ts';
import type { IncidentComponent } from '../../types.ts';
import { type Act, type Book, type Kept, openOnes, readBook, writeIncident } from './incident-branch.ts';
import type { IncidentDesk } from './open-desk.ts';
import { rootCauseOf } from './reading.ts';

/** The contracts of `a,b,0x…`: declared names, or addresses of contracts that are declared. Throws USAGE. */
export function componentsIn({ outline }: Pick<IncidentDesk, 'outline'>, list: string): IncidentComponent[] {
  const words = list.split(',').flatMap((word) => word.trim() || []);
  const found = words.map(
    (word) => outline.contracts.find(({ name, address }) => name === word || address.toLowerCase() === word.toLowerCase()) ?? unknown(word),
  );
  if (found.length === 0) throw new MooringError('USAGE', '--component names no contract', { fix: 'name them with commas between them' });
  return [...new Map(found.map(({ name, address }) => [name, { name, address }])).values()];
  function unknown(word: string): never {
    const names = outline.contracts.map(({ name }) => name);
    const near = nearestName(word, names);
    throw new MooringError('USAGE', `there is no contract "${word}"; no incident was opened`, {
      fix: near === null ? `one of ${names.join(', ')}` : `did you mean "${near}"?`,
    });
  }
}

/** `beside`: other open incidents about some of its contracts. */
export type Begun = { kept: Kept; isNew: boolean; added: readonly string[]; beside: readonly { id: string; names: readonly string[] }[] };

/** One whose resume is merged already isn't widened. Throws BRANCH_REFUSED, GIT_*, EDIT_IMPOSSIBLE. SIDE EFFECTS: the remote's branch. */
export async function begin(desk: IncidentDesk, { title: given, components }: { title: string; components: readonly IncidentComponent[] }): Promise<Begun> {
  const { git, name: environment, context } = desk;
  const title = desk.say(given);
  const at = context.now();
  for (;;) {
    const book = await readBook(git, environment);
    const same = await unspent(
      desk,
      openOnes(book).filter(({ record }) => record.title === title),
    );
    const id = same?.record.id ?? freeId(book, `${new Date(at).toISOString().slice(0, 10)}-${slugOf(title)}`);
    const beside = besideIn(book, { id, components });
    const made: Omit<Begun, 'kept'> = { isNew: same === undefined, added: added(same, components).map(({ name }) => name), beside };
    const act = (now: Book): Act | null => beginning(desk, now, { id, title, components });
    const kept = await writeIncident(git, { environment, id, message: `${environment}: incident ${id}`, at, act });
    // Another has begun one with this id meanwhile.
    if (kept.record.title === title && kept.record.closed === null) return { kept, ...made };
  }
}

/** A merged resume lets its contracts run again, so its incident holds them no more: what happens now is another one. */
async function unspent(desk: IncidentDesk, open: readonly Kept[]): Promise<Kept | undefined> {
  for (const kept of open) if ((await rootCauseOf(desk, kept.record.id)) === null) return kept;
  return undefined;
}

function beginning(
  desk: IncidentDesk,
  book: Book,
  { id, title, components }: { id: string; title: string; components: readonly IncidentComponent[] },
): Act | null {
  const kept = book.incidents.find(({ record }) => record.id === id);
  const names = components.map(({ name }) => name).join(', ');
  if (kept === undefined) {
    const at = BigInt(Math.floor(desk.context.now() / 1000));
    return { record: { id, title, components, by: desk.by, at, issue: null, closed: null }, entries: [desk.entry('opened', `${title} (${names})`)] };
  }
  const more = added(kept, components);
  if (kept.record.title !== title || kept.record.closed !== null || more.length === 0) return null;
  const record = { ...kept.record, components: [...kept.record.components, ...more] };
  return { record, entries: [desk.entry('widened', `also about ${more.map(({ name }) => name).join(', ')}`)] };
}

function besideIn(book: Book, { id, components }: { id: string; components: readonly IncidentComponent[] }): Begun['beside'] {
  return openOnes(book).flatMap(({ record }) => {
    const shared = record.components.filter(({ address }) => components.some((one) => one.address === address));
    return record.id === id || shared.length === 0 ? [] : [{ id: record.id, names: shared.map(({ name }) => name) }];
  });
}

function added(kept: Kept | undefined, components: readonly IncidentComponent[]): IncidentComponent[] {
  return components.filter(({ address }) => kept?.record.components.some((known) => known.address === address) !== true);
}

function slugOf(title: string): string {
  const words = title
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return words.slice(0, 50).replace(/-+$/, '') || 'incident';
}

function freeId({ incidents, unreadable }: Book, wanted: string): string {
  const taken = new Set([...incidents.map(({ record }) => record.id), ...unreadable.map(({ id }) => id)]);
  for (let n = 1; ; n++) {
    const id = n === 1 ? wanted : `${wanted}-${n}`;
    if (!taken.has(id)) return id;
  }
}
