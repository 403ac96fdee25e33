// A rotation in the files: the new account in, the old one out, wherever git has a say.
import { fieldAt } from '../../kinds/fields.ts';
import type { Kind, Kinds } from '../../kinds/kind.ts';
import type { ContractState } from '../../types.ts';
import { withModuleKind } from '../environment/open.ts';
import { type Draft, editField, targetOf } from '../propose/files.ts';
import { type Held, placeOf, type Rotation } from './held.ts';

type Holding = { held: readonly Held[]; holders: readonly Held[]; partly: ReadonlySet<string> };

/** Places that no file has. SIDE EFFECTS: the draft. */
export function editRole(draft: Draft, rotation: Rotation, { held, holders, partly }: Holding): string[] {
  const { contracts } = draft.loaded.desired.state;
  // To declare a set that git doesn't, and of which one member is known, would be to drop all others.
  const canDeclare = (row: Held): boolean =>
    contracts.some(({ name, fields }) => name === row.contract && (!partly.has(placeOf(row)) || fields.get(row.field)?.value.type === 'members'));
  const own = held.filter(canDeclare);
  for (const row of own) editPlace(draft, rotation, { row, holders });
  const spreading = contracts.filter((contract) => editSpread(draft, rotation, contract));
  const isCovered = ({ contract }: Held): boolean => spreading.some(({ name }) => contract.startsWith(`${name}.`));
  return held.filter((row) => !own.includes(row) && !isCovered(row)).map(placeOf);
}

/** What git declares may differ from what is live. */
function editPlace(draft: Draft, { from, to }: Rotation, { row, holders }: { row: Held; holders: readonly Held[] }): void {
  const { field: path, contract } = row;
  const target = targetOf(draft, contract);
  const declared = target.contract.fields.get(path)?.value;
  const shape = fieldAt(target.kind, path)?.field.shape;
  if (shape !== 'members' && shape !== 'keyedMembers') {
    if (to === null) return;
    if (declared?.type !== 'scalar' || declared.value !== to) editField(draft, target, { path, set: { type: 'scalar', value: to } });
    return;
  }
  const before = declared?.type === 'members' ? declared.members : holders.filter((other) => placeOf(other) === placeOf(row)).map(({ account }) => account);
  const members = [...before.filter((member) => member !== from && member !== to), ...(to === null ? [] : [to])].sort((a, b) =>
    a.toLowerCase() < b.toLowerCase() ? -1 : 1,
  );
  editField(draft, target, { path, set: { type: 'members', members } });
}

/** SystemPause's activePauser gives the pauser to all of its modules. True where a value of that sort is turned. */
function editSpread(draft: Draft, { role, from, to, contract: only }: Rotation, contract: ContractState): boolean {
  if (to === null) return false;
  const kinds = withModuleKind(draft.loaded.kinds);
  const kind = kinds.get(contract.kind);
  const fields = kind === undefined || (only !== null && only !== contract.name) ? [] : spreadFields(kind, kinds, role);
  const turned = fields.filter((name) => {
    const declared = contract.fields.get(name)?.value;
    return declared?.type === 'scalar' && declared.value === from;
  });
  for (const path of turned) editField(draft, targetOf(draft, contract.name), { path, set: { type: 'scalar', value: to } });
  return turned.length > 0;
}

function spreadFields(kind: Kind, kinds: Kinds, role: string): string[] {
  const isRole = (name: string): boolean => name === role || kinds.get('PausableModule')?.fields.get(name)?.role === role;
  return [
    ...new Set(kind.setters.flatMap(({ effects }) => effects.flatMap((effect) => (effect.effect === 'spread' && isRole(effect.field) ? [effect.from] : [])))),
  ];
}
