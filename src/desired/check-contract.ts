// What can be said offline about one declared contract: its rules, groups, second names, and values that others move.
import { formatValue } from '../format.ts';
import type { Kind, KindField } from '../kinds/kind.ts';
import type { ContractState, Finding, Source } from '../types.ts';
import { sameValue } from '../values.ts';
import { brokenRules } from './check-rules.ts';

/** `written`: paths that stand in the file, readable or not. */
type Context = { contract: ContractState; written: ReadonlySet<string>; kind: Kind; tokens: ReadonlyMap<string, number>; names: ReadonlyMap<string, string> };

/** Findings about a contract that was read without errors in its single values. Pure. */
export function checkContract(context: Context): Finding[] {
  return [...checkGroups(context), ...checkRules(context), ...checkAliases(context), ...checkOwnedElsewhere(context)];
}

type Said = Pick<Finding, 'code' | 'message'> & { fix: string; severity?: Finding['severity'] };

function findingAt({ contract }: Context, path: string, said: Said): Finding {
  const source: Source | undefined = contract.fields.get(path)?.source ?? contract.source;
  return { severity: 'error', ...said, contract: contract.name, field: path, ...(source === undefined ? {} : { source }) };
}

/** Declaring one field of a group demands them all: the contract only takes them together, and their sum is checked. */
function checkGroups(context: Context): Finding[] {
  const { contract, kind, written } = context;
  return kind.rules.flatMap((rule) => {
    if (rule.rule !== 'sum' || !rule.group) return [];
    const missing = rule.fields.filter((path) => !written.has(path));
    const first = rule.fields.find((path) => written.has(path));
    if (first === undefined || missing.length === 0) return [];
    const observed = missing.filter((path) => contract.observe.has(path));
    const where = observed.length === 0 ? '' : ` (${observed.join(', ')} only observed)`;
    return [
      findingAt(context, first, {
        code: 'GROUP_INCOMPLETE',
        message: `\`${first}\` belongs to a group that is declared together; missing: ${missing.join(', ')}${where}`,
        fix: `add ${missing.join(', ')} to spec, or move all of them to observe`,
      }),
    ];
  });
}

function checkRules(context: Context): Finding[] {
  const { contract, kind, tokens, names } = context;
  const values = new Map([...contract.fields].map(([path, state]) => [path, state.value]));
  return brokenRules(kind, values, { tokens, names }).map(({ rule, severity, code, paths, message, fix }) => {
    const revert = rule.revert === undefined ? '' : `; the contract would answer ${rule.revert}`;
    return findingAt(context, paths[0] ?? '', { code, severity, message: message + revert, fix });
  });
}

function checkAliases(context: Context): Finding[] {
  const { contract, kind, tokens, names } = context;
  return [...contract.fields.values()].flatMap((state) => {
    const field = kind.fields.get(state.path);
    const other = field?.aliasOf === undefined ? undefined : contract.fields.get(field.aliasOf);
    if (field === undefined || other === undefined) return [];
    const show = (value: typeof state.value) => formatValue(value, { unit: field.unit, tokens, names });
    const same = sameValue(state.value, other.value);
    const said: Said = same
      ? { code: 'ALIAS_TWICE', message: `\`${state.path}\` is another name of \`${other.path}\`, which is declared too`, fix: `delete \`${state.path}\`` }
      : {
          code: 'ALIAS_CONFLICT',
          message: `\`${state.path}\` is another name of \`${other.path}\`, but ${show(state.value)} is not ${show(other.value)}`,
          fix: `delete \`${state.path}\``,
        };
    return [findingAt(context, state.path, said)];
  });
}

/** An exact value of a field that another controller may move would be put back by every plan. */
function checkOwnedElsewhere(context: Context): Finding[] {
  const { contract, kind } = context;
  return [...contract.fields.values()].flatMap((state) => {
    const field = kind.fields.get(state.path);
    if (field === undefined || state.value.type !== 'scalar' || !movedByOthers(field, contract)) return [];
    return [
      findingAt(context, state.path, {
        code: 'OWNED_ELSEWHERE',
        severity: 'warning',
        message: `another controller may move \`${state.path}\`, and every plan would put it back`,
        fix: 'declare a range, `{ within: [lowest, highest] }`, or move it to observe',
      }),
    ];
  });
}

function movedByOthers(field: KindField, contract: ContractState): boolean {
  if (typeof field.ownedElsewhere !== 'string') return field.ownedElsewhere === true;
  const flag = contract.fields.get(field.ownedElsewhere)?.value;
  return flag?.type === 'scalar' && flag.value === true;
}
