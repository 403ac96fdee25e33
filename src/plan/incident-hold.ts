// While an incident is open, nothing unpauses its contracts but a resume that the files name. Pure.
import type { Code } from '../errors.ts';
import { unpauses } from '../kinds/unpauses.ts';
import type { Change, Finding, Incidents, OpenIncident, Resume } from '../types.ts';
import type { Scope } from './scope.ts';
import { type Cell, partAddresses } from './world.ts';

export type HoldInput = {
  scope: Scope;
  changes: readonly Change[];
  incidents: Incidents;
  /** What the declared files let run again. */
  resumes: readonly Resume[];
  /** Reads the live world. */
  read: (cell: string) => Cell | undefined;
};

/** `held`: ids of the changes. */
export type Hold = { held: ReadonlySet<string>; findings: readonly Finding[] };

/** INCIDENT_OPEN and INCIDENT_UNKNOWN, errors, about changes that unpause and nothing else. */
export function holdIncidents(input: HoldInput): Hold {
  const { scope, changes, incidents } = input;
  if (incidents.open.length + incidents.unreadable.length === 0) return { held: new Set(), findings: [] };
  const verdicts = changes
    .filter((change) => unpauses(change, scope.kinds))
    .map((change) => ({ change, findings: [...heldBy(input, change), ...unknownTo(input, change)] }))
    .filter(({ findings }) => findings.length > 0);
  return {
    held: new Set(verdicts.map(({ change }) => change.id)),
    findings: verdicts.flatMap(({ findings }) => findings),
  };
}

function heldBy(input: HoldInput, change: Change): Finding[] {
  return input.incidents.open.flatMap((incident) => {
    const names = namesHeld(input, incident, reachOf(input, change.address));
    if (names.length === 0) return [];
    return finding(change, {
      code: 'INCIDENT_OPEN',
      message: `${change.id} would run again, and the incident ${incident.id} (${incident.title}) is open on ${names.join(', ')}.`,
      fix: `Let reviewers approve its resume: mooring incident resume --env ${input.scope.desired.environment} ${incident.id} --root-cause …`,
    });
  });
}

/** The incident's contracts among those addresses, but for what its resume names. */
function namesHeld(input: HoldInput, { id, components }: OpenIncident, addresses: ReadonlySet<string>): string[] {
  const resumed = new Set(input.resumes.filter(({ incident }) => incident === id).flatMap((resume) => resume.components));
  const meant = components.filter(({ name, address }) => !resumed.has(name) && [...reachOf(input, address)].some((one) => addresses.has(one)));
  return meant.map(({ name }) => name);
}

/** A contract and, where it pauses others with it, these: lower-case addresses. */
function reachOf({ scope, read }: HoldInput, address: string): ReadonlySet<string> {
  const target = scope.byAddress.get(address.toLowerCase());
  const aggregates = [...(target?.kind.fields.values() ?? [])].flatMap((field) => (field.shape === 'aggregate' ? [field] : []));
  const parts = target === undefined ? [] : aggregates.flatMap((field) => partAddresses(read, target, field));
  return new Set([address, ...parts].map((one) => one.toLowerCase()));
}

function unknownTo({ incidents, resumes }: HoldInput, change: Change): Finding[] {
  const blind = incidents.unreadable.filter(({ id }) => id === null || !resumes.some(({ incident }) => incident === id));
  return blind.map(({ id, why }) =>
    finding(change, {
      code: 'INCIDENT_UNKNOWN',
      message: `${change.id} would run again, and ${id === null ? 'whether an incident is open' : `whether the incident ${id} is open`} could not be read: ${why}.`,
      fix: id === null ? 'Plan again when git reaches the remote that the incidents are on.' : 'Mend its incident.yaml on the branch mooring/incidents.',
    }),
  );
}

function finding(change: Change, about: { code: Code; message: string; fix: string }): Finding {
  return {
    ...about,
    severity: 'error',
    contract: change.contract,
    field: change.field,
    changes: [change.id],
    ...(change.source === undefined ? {} : { source: change.source }),
  };
}
