// What can be said offline about several declared contracts together: duplicates and contradictions. Pure.
import type { KindField, Kinds } from '../kinds/kind.ts';
import type { AddressBook, ContractState, Finding, Source } from '../types.ts';
import { zeroAddress } from './read-address.ts';

type Context = { contracts: readonly ContractState[]; kinds: Kinds; book: AddressBook };

/** Findings about the contracts of one environment. */
export function checkState(context: Context): Finding[] {
  return [...checkAddresses(context), ...context.contracts.flatMap((contract) => [...checkPauses(context, contract), ...checkLinks(context, contract)])];
}

function place(source: Source | undefined): string {
  return source === undefined ? '' : ` (${source.file}:${source.line})`;
}

function checkAddresses({ contracts }: Context): Finding[] {
  const first = new Map<string, ContractState>();
  return contracts.flatMap((contract) => {
    const other = first.get(contract.address);
    if (other === undefined) first.set(contract.address, contract);
    if (other === undefined) return [];
    const finding: Finding = {
      code: 'CONTRACT_DUPLICATE',
      severity: 'error',
      message: `${contract.name} and ${other.name} are the same contract, ${contract.address}${place(other.source)}`,
      fix: 'keep one file for each address; a kind of your own can extend several kinds',
      contract: contract.name,
    };
    return [contract.source === undefined ? finding : { ...finding, source: contract.source }];
  });
}

/** A declared aggregate (all modules paused) against the same flag declared for one of its parts. */
function checkPauses(context: Context, contract: ContractState): Finding[] {
  const fields = context.kinds.get(contract.kind)?.fields.values() ?? [];
  return [...fields].flatMap((field) => {
    const whole = contract.fields.get(field.name);
    if (field.shape !== 'aggregate' || whole?.value.type !== 'scalar') return [];
    const { value } = whole.value;
    return field.over.flatMap((over) => {
      const part = partOf(context, contract, over);
      const state = part === null ? undefined : flagOf(context, part.contract, field);
      if (part === null || state?.value.type !== 'scalar' || state.value.value === value) return [];
      return [
        contradiction({ contract, field, whole: value, part: part.contract, source: state.source, wholeSource: whole.source, guessed: part.guessed, over }),
      ];
    });
  });
}

type Contradiction = {
  contract: ContractState;
  field: KindField;
  whole: unknown;
  part: ContractState;
  source: Source | undefined;
  wholeSource: Source | undefined;
  guessed: boolean;
  over: string;
};

function contradiction({ contract, field, whole, part, source, wholeSource, guessed, over }: Contradiction): Finding {
  const guess = guessed ? `, or declare \`${over}\` of ${contract.name} if it is another contract` : '';
  return {
    code: 'PAUSE_CONTRADICTION',
    severity: 'error',
    message: `${part.name} declares the opposite of \`${field.name}: ${String(whole)}\` of ${contract.name}, which it is a part of${place(wholeSource)}`,
    fix: `write the same in both, or delete one${guess}`,
    contract: part.name,
    field: field.name,
    ...(source === undefined ? {} : { source }),
  };
}

/** The managed contract that field `over` names. Where it isn't declared: the only contract of the kind of that name. */
function partOf({ contracts, kinds }: Context, contract: ContractState, over: string): { contract: ContractState; guessed: boolean } | null {
  const declared = contract.fields.get(over)?.value;
  if (declared !== undefined) {
    const found = declared.type === 'scalar' ? contracts.find((other) => other.address === declared.value) : undefined;
    return found === undefined ? null : { contract: found, guessed: false };
  }
  const kindName = over.slice(0, 1).toUpperCase() + over.slice(1);
  const candidates = contracts.filter((other) => kinds.get(other.kind)?.lineage.includes(kindName));
  return candidates.length === 1 && candidates[0] !== undefined ? { contract: candidates[0], guessed: true } : null;
}

/** The declared flag of a part that the aggregate's getter reads. */
function flagOf(
  { kinds }: Context,
  part: ContractState,
  aggregate: KindField & { shape: 'aggregate' },
): { value: { type: string; value?: unknown }; source?: Source } | undefined {
  const fields = [...(kinds.get(part.kind)?.fields.values() ?? [])];
  const flag = fields.find((field) => field.shape === 'value' && field.type === 'bool' && field.getter === aggregate.getter);
  return flag === undefined ? undefined : part.fields.get(flag.name);
}

/** A contract that relies on another one's set, where that set is declared without it. */
function checkLinks({ contracts, kinds }: Context, contract: ContractState): Finding[] {
  return (kinds.get(contract.kind)?.rules ?? []).flatMap((rule) => {
    const via = rule.rule === 'linked' ? contract.fields.get(rule.via) : undefined;
    if (rule.rule !== 'linked' || via?.value.type !== 'scalar' || via.value.value === zeroAddress) return [];
    const target = contracts.find((other) => via.value.type === 'scalar' && other.address === via.value.value);
    const set = target?.fields.get(rule.set)?.value;
    if (target === undefined || set?.type !== 'members' || set.members.includes(contract.address)) return [];
    const finding: Finding = {
      code: 'DECLARED_NOT_LINKED',
      severity: 'warning',
      message: `${target.name} does not list ${contract.name} under \`${rule.set}\`: ${rule.message}`,
      fix: `add ${contract.name} to \`${rule.set}\` of ${target.name}`,
      contract: contract.name,
      field: rule.via,
    };
    return [via.source === undefined ? finding : { ...finding, source: via.source }];
  });
}
