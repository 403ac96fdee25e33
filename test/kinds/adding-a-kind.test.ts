import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { decodeEvent } from '../../src/kinds/abi.ts';
import type { Kind, KindField } from '../../src/kinds/kind.ts';
import { loadKinds } from '../../src/kinds/load-kinds.ts';
import { decodeGetter, encodeGetter } from '../../src/kinds/reads.ts';
import { encodeSetter, settersOf } from '../../src/kinds/writes.ts';
import type { Hex } from '../../src/types.ts';
import { type ContractWorld, startContractWorld } from '../support/contract-world.ts';

let world: ContractWorld;
beforeAll(async () => {
  world = await startContractWorld();
});
afterAll(() => world?.stop());

function exampleKind(): Kind {
  const text = /```yaml\n([\s\S]*?)```/.exec(readFileSync('docs/adding-a-kind.md', 'utf8'))?.[1] ?? '';
  const kind = loadKinds({ names: ['IdentityRegistry'], own: [{ file: 'desired-state/local/kinds/IdentityRegistry.yaml', text }] }).get('IdentityRegistry');
  if (kind === undefined) throw new Error('no example');
  return kind;
}

it('the documented example manages a contract that Mooring has no kind for', async () => {
  const kind = exampleKind();
  const to = world.addresses.identityRegistry;
  const member = world.accounts.stranger.address;
  const allowed = kind.fields.get('allowed') as KindField;
  const open = kind.fields.get('open') as KindField;
  const read = async (data: Hex) => world.request<Hex>('eth_call', [{ to, data }, 'latest']);
  const send = async (data: Hex) => (await world.mined({ from: world.accounts.owner.address, to, data })).logs;

  expect(decodeGetter(kind, open, await read(encodeGetter(kind, open)))).toBe(true);
  expect(decodeGetter(kind, allowed, await read(encodeGetter(kind, allowed, { member })))).toBe(false);

  const [setOpen] = settersOf(kind, 'open');
  const [setAllowed] = settersOf(kind, 'allowed');
  if (setOpen === undefined || setAllowed === undefined) throw new Error('no setters');
  const [closed] = await send(encodeSetter(kind, setOpen, { values: new Map([['open', false]]) }).data);
  await send(encodeSetter(kind, setAllowed, { values: new Map(), member, flag: true }).data);

  const event = kind.events.get('OpenUpdated');
  if (event === undefined || closed === undefined) throw new Error('no event');
  expect(decodeEvent(event, closed)).toEqual({ open: false });
  expect(decodeGetter(kind, open, await read(encodeGetter(kind, open)))).toBe(false);
  expect(decodeGetter(kind, allowed, await read(encodeGetter(kind, allowed, { member })))).toBe(true);
});

it('the document speaks of every word of the format that a field, a setter and a rule have', () => {
  const text = readFileSync('docs/adding-a-kind.md', 'utf8');
  const schema = JSON.parse(readFileSync('schemas/kind.schema.json', 'utf8')) as {
    properties: object;
    definitions: Record<'field' | 'setter' | 'rule' | 'effect', { properties: object }>;
  };
  const words = [schema, schema.definitions.field, schema.definitions.setter, schema.definitions.rule, schema.definitions.effect].flatMap((part) =>
    Object.keys(part.properties),
  );
  expect(words.filter((word) => !text.includes(word))).toEqual([]);
});
