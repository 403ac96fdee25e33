// Why steps could not be planned, in findings: a broken rule, no order, nobody who may call. Pure.
import type { Code } from '../errors.ts';
import { type FormatOptions, formatScalar } from '../format.ts';
import { fieldAt } from '../kinds/fields.ts';
import type { Change, Finding, Source } from '../types.ts';
import type { Judge } from './attempt.ts';
import type { Draft } from './drafts.ts';
import { type Breach, withEndState } from './end-state.ts';
import type { Failure, Stuck } from './order.ts';
import { mayCall } from './routes.ts';
import { type BoundRule, evaluateRule, pathsOf } from './rules.ts';
import type { Want } from './wants.ts';
import { fieldCell, storedPath, type World } from './world.ts';

export type FailureInput = { judge: Judge; world: World; format: FormatOptions };

/** ROUTE_UNREACHABLE, VALUE_REFUSED, RULE_BROKEN or NO_VALID_ORDER for each component that has no order. */
export function describeFailures(input: FailureInput, failures: readonly Failure[]): Finding[] {
  return failures.flatMap((failure) => {
    const refused = failure.stuck.flatMap((stuck) => valueRefused(input, stuck));
    const unreachable = failure.stuck.flatMap((stuck) => whoCannot(input, stuck));
    const broken = refused.length > 0 ? [] : brokenAtTheEnd(input, failure);
    const known = [...refused, ...broken, ...unreachable];
    return known.length > 0 ? known : [noOrder(input, failure)];
  });
}

/** NO_SETTER: what the kind can't write, or could only write together with something unknown. */
export function describeUnwritable(wants: readonly Want[]): Finding[] {
  return wants.map((want) => {
    const message = `No function of ${want.target.kind.name} sets ${want.path}${want.to === null ? ' to unset' : ''}.`;
    return about(want.changes, { code: 'NO_SETTER', message, fix: `Move ${want.path} under observe, or extend the kind.` }, want.target.name);
  });
}

/** SIDE_EFFECT_STAYS for declared fields that keep being moved. */
export function describeStaying(fields: readonly string[]): Finding[] {
  return fields.map((field) => {
    const dot = field.indexOf('.');
    const message = `${field} would be moved by a step, and no step puts it back.`;
    return {
      ...about([], { code: 'SIDE_EFFECT_STAYS', message, fix: 'Declare the value that the steps leave, or leave the field out.' }, field.slice(0, dot)),
      field: field.slice(dot + 1),
    };
  });
}

/** RULE_WARNING: rules that only warn, and links that the plan leaves open. `world` is the state after the plan. */
export function describeWarnings(input: FailureInput, drafts: readonly Draft[]): Finding[] {
  const seen = new Set<string>();
  return drafts.flatMap((draft) =>
    draft.rules.flatMap((bound) => {
      const key = `${bound.target.name} ${bound.rule.message}`;
      if (bound.hard || seen.has(key) || evaluateRule(input.judge.scope, bound, (cell) => input.world.read(cell)) !== 'broken') return [];
      seen.add(key);
      const message = `${bound.target.name}: after this plan it does not hold that "${bound.rule.message}"`;
      return [
        { ...about(changesOf([draft]), { code: 'RULE_WARNING', message, fix: 'Declare what is missing.' }, bound.target.name), severity: 'warning' as const },
      ];
    }),
  );
}

function valueRefused(input: FailureInput, { draft, obstacle }: Stuck): Finding[] {
  if (obstacle.type !== 'value') return [];
  const field = fieldAt(draft.deed.target.kind, obstacle.path)?.field;
  const shown = formatScalar(obstacle.value, { ...input.format, unit: field?.unit ?? 'none' });
  const carried = draft.call.carries.includes(obstacle.path);
  const message = `${draft.deed.setter.function}() does not accept ${shown} as ${obstacle.path}${carried ? ', its live value, which the call would have to repeat' : ''}.`;
  return [
    about(
      changesOf([draft]),
      { code: 'VALUE_REFUSED', message, fix: carried ? `Declare ${obstacle.path}, too.` : 'Choose another value.' },
      draft.deed.target.name,
    ),
  ];
}

function routeUnreachable(input: FailureInput, draft: Draft): Finding {
  const { target, setter } = draft.deed;
  const show = (address: string): string => named(input, address);
  const callers = mayCall((cell) => input.world.read(cell), { target, access: setter.access });
  const who = callers.length === 0 ? 'nobody that could be read' : callers.map(({ path, address }) => `${show(address)} (${path})`).join(' or ');
  const signers = input.judge.callers.signers.map(show).join(', ');
  const message = `${target.name}.${setter.function}() may be called by ${who}; the environment signs as ${signers === '' ? 'nobody' : signers}.`;
  return about(
    changesOf([draft]),
    { code: 'ROUTE_UNREACHABLE', message, fix: 'Declare a signer that may call it, or have the present one hand over.' },
    target.name,
  );
}

function whoCannot(input: FailureInput, { draft, obstacle }: Stuck): Finding[] {
  if (obstacle.type === 'route') return [routeUnreachable(input, draft)];
  if (obstacle.type !== 'part') return [];
  const { target, setter } = draft.deed;
  const message = `${target.name}.${setter.function}() would call ${named(input, obstacle.part)}, which does not let ${target.name} do that.`;
  return [about(changesOf([draft]), { code: 'ROUTE_UNREACHABLE', message, fix: `Give ${target.name} that right first, or leave the field out.` }, target.name)];
}

function named(input: FailureInput, address: string): string {
  const name = input.format.names?.get(address);
  if (name === undefined) return address;
  return name.includes(address) ? name : `${name} ${address}`;
}

/** Rules that no order can satisfy, because the state that is asked for breaks them; each once. */
function brokenAtTheEnd(input: FailureInput, failure: Failure): Finding[] {
  return withEndState(input.judge, input.world, failure.drafts, (breaches) => {
    const byMessage = new Map(breaches.map((breach) => [`${breach.bound.target.name} ${breach.bound.rule.message} ${breach.bound.key ?? ''}`, breach]));
    return [...byMessage.values()].map((breach) => ruleBroken(input, failure, breach));
  });
}

function ruleBroken(input: FailureInput, failure: Failure, { bound, draft }: Breach): Finding {
  const paths = pathsOf(bound.rule).map((path) =>
    bound.rule.rule === 'between' && path === bound.rule.field && bound.key !== null ? `${path}.${bound.key}` : path,
  );
  const values = paths.flatMap((path) => valueAt(input, bound, path));
  const concerned = changesOf(failure.drafts).filter(
    (change) => change.contract === bound.target.name && paths.some((path) => change.field === path || change.field.startsWith(`${path}.`)),
  );
  const carried = draft.call.carries.length === 0 ? '' : ` ${draft.deed.setter.function}() also writes ${draft.call.carries.join(', ')}, with the live value.`;
  const message = `${bound.target.name}: ${bound.rule.message}${revertOf(bound)} This would not hold${values.length === 0 ? '' : `: ${values.join(', ')}`}.${carried}`;
  return about(
    concerned.length > 0 ? concerned : changesOf([draft]),
    { code: 'RULE_BROKEN', message, fix: 'Declare values that satisfy the rule together.' },
    bound.target.name,
  );
}

function valueAt(input: FailureInput, bound: BoundRule, path: string): string[] {
  const { target } = bound;
  const value = input.world.read(fieldCell(target.address, storedPath(target.kind, path)));
  if (value === undefined || value === null || value === true) return [];
  return [`${path} = ${formatScalar(value, { ...input.format, unit: fieldAt(target.kind, path)?.field.unit ?? 'none' })}`];
}

function revertOf(bound: BoundRule): string {
  return bound.rule.revert === undefined ? '' : ` (${bound.rule.revert})`;
}

function noOrder(input: FailureInput, failure: Failure): Finding {
  const blocked = failure.stuck.slice(0, 5).map(({ draft, obstacle }) => `${draft.id} ${reasonOf(input, draft, obstacle)}`);
  const tried = failure.exhausted ? 'No order' : 'No order that could be found';
  const message = `${tried} of ${failure.drafts.length} steps leaves every state valid: ${blocked.join('; ')}.`;
  return about(
    changesOf(failure.drafts),
    { code: 'NO_VALID_ORDER', message, fix: 'Make the change in two pull requests, one after the other.' },
    failure.drafts[0]?.deed.target.name,
  );
}

function reasonOf(input: FailureInput, draft: Draft, obstacle: Stuck['obstacle']): string {
  if (obstacle.type === 'rule') return `is blocked by "${obstacle.bound.rule.message}"${revertOf(obstacle.bound)}`;
  if (obstacle.type === 'already') return 'would revert, because the flag is there already';
  if (obstacle.type === 'withheld') return 'would reverse an emergency reduction that nobody lifted';
  if (obstacle.type === 'paused') return 'would be refused while its contract is paused';
  if (obstacle.type === 'waits') return 'waits for another step';
  if (obstacle.type === 'part') return `would be refused by ${named(input, obstacle.part)}`;
  return routeUnreachable(input, draft).message;
}

function changesOf(drafts: readonly Draft[]): Change[] {
  return [...new Set(drafts.flatMap((draft) => draft.changes))];
}

function about(changes: readonly Change[], text: { code: Code; message: string; fix: string }, contract: string | undefined): Finding {
  const [first] = changes;
  const source: Source | undefined = changes.find((change) => change.source !== undefined)?.source;
  return {
    ...text,
    severity: 'error',
    ...(contract === undefined ? {} : { contract }),
    ...(first === undefined ? {} : { field: first.field }),
    ...(source === undefined ? {} : { source }),
    changes: changes.map((change) => change.id),
  };
}
