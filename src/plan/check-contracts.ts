// What must hold before a contract's fields can be compared at all: it was read, it has code, nothing of it is unknown. Pure.
import type { Code } from '../errors.ts';
import type { ContractState, Finding, Source } from '../types.ts';
import type { Scope, Target } from './scope.ts';

/** NO_CODE, LIVE_MISSING, LIVE_UNKNOWN, FIELD_ABSENT, ADOPTED_LATER (errors) and CODE_PROXY (info), in the order of the declarations. */
export function checkContracts(scope: Scope): Finding[] {
  return scope.desired.contracts.flatMap((desired) => {
    const target = scope.byName.get(desired.name);
    return target === undefined
      ? [missing(scope, desired)]
      : [...checkAdoption(scope, target), ...checkCode(target), ...checkUnknown(target), ...checkAbsent(target)];
  });
}

/** Names of contracts none of whose steps may be planned: no code, or something of them could not be read. */
export function blockedContracts(scope: Scope): ReadonlySet<string> {
  const blocked = [...scope.byName.values()].filter((target) => target.live.code?.hash === null || unknownFields(target.live).length > 0);
  return new Set(blocked.map((target) => target.name));
}

function missing(scope: Scope, desired: ContractState): Finding {
  const known = scope.kinds.has(desired.kind);
  const message = known ? `${desired.name} was not read from the chain.` : `${desired.name} is of kind ${desired.kind}, which is not known.`;
  return { code: 'LIVE_MISSING' satisfies Code, severity: 'error', message, contract: desired.name, ...at(desired.source) };
}

/** Nobody can have seen what happens until then: every emergency up to it would count as git's own. */
function checkAdoption({ live }: Scope, { name, desired }: Target): Finding[] {
  const adoptedAt = desired?.adoptedAt;
  if (adoptedAt === undefined || live.block === null || adoptedAt <= live.block.number) return [];
  return [
    {
      code: 'ADOPTED_LATER' satisfies Code,
      severity: 'error',
      message: `${name} is declared as adopted at block ${adoptedAt}, and the chain is at block ${live.block.number}.`,
      fix: 'Write the block at which its live state was taken over; if it is right, the node is behind: run again.',
      contract: name,
      ...at(desired?.source),
    },
  ];
}

function checkCode(target: Target): Finding[] {
  const { code } = target.live;
  if (code === undefined) return [];
  if (code.hash === null) {
    const fix = 'Check the address and the chain; a contract must be deployed before it can be managed.';
    return [
      {
        code: 'NO_CODE' satisfies Code,
        severity: 'error',
        message: `There is no code at ${target.address}.`,
        fix,
        contract: target.name,
        ...at(target.desired?.source),
      },
    ];
  }
  if (code.proxy === undefined) return [];
  const empty = code.proxy.hash === null;
  const message = `${target.name} is a proxy (${code.proxy.type}) for ${code.proxy.implementation}${empty ? ', where there is no code' : ''}.`;
  return [{ code: empty ? 'NO_CODE' : 'CODE_PROXY', severity: empty ? 'error' : 'info', message, contract: target.name, ...at(target.desired?.source) }];
}

/** One finding a contract: hundreds of fields that a node refused to read are one fact, not hundreds. */
function checkUnknown(target: Target): Finding[] {
  if (target.live.code?.hash === null) return [];
  const unknown = unknownFields(target.live);
  const first = unknown[0];
  if (first === undefined) return [];
  const names = unknown.slice(0, 5).map((field) => field.path);
  const rest = unknown.length > names.length ? ` and ${unknown.length - names.length} more` : '';
  return [
    {
      code: 'LIVE_UNKNOWN' satisfies Code,
      severity: 'error',
      message: `${names.join(', ')}${rest} could not be read: ${first.reason}. Unknown is not empty, zero or false, so nothing of ${target.name} is planned.`,
      fix: `Run again; if it stays, check that the contract is a ${target.kind.name}, or use an RPC that can answer, and a lower logLimit or fromBlock where the history is the trouble.`,
      contract: target.name,
      ...(unknown.length === 1 ? { field: first.path } : {}),
      ...at(target.desired?.fields.get(first.path)?.source ?? target.desired?.source),
    },
  ];
}

function unknownFields(live: ContractState): { path: string; reason: string }[] {
  const found: { path: string; reason: string }[] = [];
  for (const { path, value } of live.fields.values()) if (value.type === 'unknown') found.push({ path, reason: value.reason });
  return found;
}

function checkAbsent(target: Target): Finding[] {
  const { desired, live } = target;
  if (desired === null || live.code?.hash === null) return [];
  const absent = [...desired.fields.values()].filter((field) => !live.fields.has(field.path));
  return absent.map((field) => ({
    code: 'FIELD_ABSENT' satisfies Code,
    severity: 'error' as const,
    message: `${target.name} has no ${field.path}: the contract at ${target.address} doesn't answer it.`,
    fix: `Remove ${field.path}, or check that the address is that of a ${target.kind.name}.`,
    contract: target.name,
    field: field.path,
    ...at(field.source),
  }));
}

function at(source: Source | undefined): { source?: Source } {
  return source === undefined ? {} : { source };
}
