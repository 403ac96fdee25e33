// The commands, by name. Each is loaded only when it is called.
import type { Command } from './command.ts';

export type Entry = { name: string; summary: string; load: () => Promise<Command> };

/** In the order in which a newcomer needs them. */
export const commands: readonly Entry[] = [
  { name: 'validate', summary: 'check the desired state offline', load: async () => (await import('./validate.ts')).validate },
  { name: 'plan', summary: 'show what would be sent to make the chain match git, and prove it', load: async () => (await import('./plan.ts')).plan },
  { name: 'apply', summary: 'send an approved plan, once, and verify it', load: async () => (await import('./apply.ts')).apply },
  { name: 'drift', summary: 'say whether git and chain agree, and who made them differ', load: async () => (await import('./drift.ts')).drift },
  { name: 'status', summary: 'show the runs: what succeeded, what remains, how to go on', load: async () => (await import('./status.ts')).status },
  { name: 'import', summary: 'write the YAML of a live contract', load: async () => (await import('./import.ts')).importContract },
  { name: 'init', summary: 'write an environment, import its contracts, and the workflows', load: async () => (await import('./init.ts')).init },
  { name: 'schema', summary: 'write the JSON Schemas for editors', load: async () => (await import('./schema.ts')).schema },
  { name: 'propose set', summary: 'edit values in YAML and open a pull request', load: async () => (await import('./propose.ts')).proposeSet },
  { name: 'propose grant', summary: 'add a member to a set, by pull request', load: async () => (await import('./propose.ts')).proposeGrant },
  { name: 'propose revoke', summary: 'take a member out of a set, by pull request', load: async () => (await import('./propose.ts')).proposeRevoke },
  { name: 'propose pause', summary: 'pause contracts, by pull request', load: async () => (await import('./propose.ts')).proposePause },
  {
    name: 'propose unpause',
    summary: 'unpause contracts, by pull request, with the lifts that this takes',
    load: async () => (await import('./propose.ts')).proposeUnpause,
  },
  { name: 'propose lift', summary: 'reverse an emergency measure, by pull request', load: async () => (await import('./propose.ts')).proposeLift },
  { name: 'propose adopt', summary: 'write live values that differ into YAML, by pull request', load: async () => (await import('./propose.ts')).proposeAdopt },
  { name: 'propose revert', summary: 'put the chain back to what git says, by pull request', load: async () => (await import('./propose.ts')).proposeRevert },
  { name: 'propose ignore', summary: 'answer for a difference until a day, by pull request', load: async () => (await import('./propose.ts')).proposeIgnore },
  { name: 'slash', summary: 'slash a validator once, by pull request', load: async () => (await import('./slash.ts')).slash },
  { name: 'rotate', summary: 'put one account in the place of another, by pull request', load: async () => (await import('./rotate.ts')).rotate },
  { name: 'pr plan', summary: 'plan a pull request, and put the plan where its reviewers are', load: async () => (await import('./pr-plan.ts')).prPlan },
  { name: 'pr apply', summary: 'apply what was merged and approved since the last time, once', load: async () => (await import('./pr-apply.ts')).prApply },
  { name: 'pr drift', summary: 'keep an issue on drift, with a choice for each difference', load: async () => (await import('./pr-drift.ts')).prDrift },
  {
    name: 'incident pause',
    summary: 'pause contracts at once, without plan, approval or GitHub',
    load: async () => (await import('./incident-pause.ts')).incidentPause,
  },
  {
    name: 'incident open',
    summary: 'open an incident: nothing unpauses its contracts until its resume is approved',
    load: async () => (await import('./incident-open.ts')).incidentOpen,
  },
  {
    name: 'incident show',
    summary: 'show an incident: timeline, what is paused and by whom, affected contracts',
    load: async () => (await import('./incident-show.ts')).incidentShow,
  },
  {
    name: 'incident resume',
    summary: 'ask reviewers to let an incident’s contracts run again, by pull request',
    load: async () => (await import('./incident-resume.ts')).incidentResume,
  },
  {
    name: 'incident close',
    summary: 'close an incident: archive everything, and link it from one page',
    load: async () => (await import('./incident-close.ts')).incidentClose,
  },
  {
    name: 'incident sync',
    summary: 'put this checkout’s pauses on record, and into a pull request',
    load: async () => (await import('./incident-sync.ts')).incidentSync,
  },
  {
    name: 'access',
    summary: 'list every privileged account, since when, by whom, and when last used',
    load: async () => (await import('./access.ts')).access,
  },
  {
    name: 'doctor',
    summary: 'check that an environment is ready: files, chain, keys, pausers, GitHub',
    load: async () => (await import('./doctor.ts')).doctor,
  },
  {
    name: 'log',
    summary: 'list every adjustment: who, why, pull request, receipt, ROI before and after',
    load: async () => (await import('./operations.ts')).operations,
  },
  { name: 'run', summary: 'run thermostat, sentinel and drift in one process', load: async () => (await import('./run.ts')).run },
  {
    name: 'thermostat watch',
    summary: 'keep ROI inside its band, by pull requests',
    load: async () => (await import('./thermostat-watch.ts')).thermostatWatch,
  },
  {
    name: 'thermostat replay',
    summary: 'show what the thermostat would have decided on a history of ROI',
    load: async () => (await import('./thermostat-replay.ts')).thermostatReplay,
  },
  {
    name: 'thermostat baseline record',
    summary: 'record how ROI is now, to compare with later',
    load: async () => (await import('./thermostat-baseline-record.ts')).thermostatBaselineRecord,
  },
  {
    name: 'thermostat baseline compare',
    summary: 'compare two baselines of ROI: lift or drawdown, and how surely',
    load: async () => (await import('./thermostat-baseline-compare.ts')).thermostatBaselineCompare,
  },
  {
    name: 'sentinel watch',
    summary: 'take events and watch the chain, and pause before losses grow',
    load: async () => (await import('./sentinel-watch.ts')).sentinelWatch,
  },
  {
    name: 'sentinel replay',
    summary: 'show what the sentinel would have decided on a file of events',
    load: async () => (await import('./sentinel-replay.ts')).sentinelReplay,
  },
  {
    name: 'sentinel snapshot',
    summary: 'show what the sentinel has counted, and where each part comes from',
    load: async () => (await import('./sentinel-snapshot.ts')).sentinelSnapshot,
  },
  { name: 'arena run', summary: 'run rounds of the arena, each once', load: async () => (await import('./arena-run.ts')).arenaRun },
  {
    name: 'arena reconcile',
    summary: 'put the scoreboard right: slashes from the chain, rounds from their records',
    load: async () => (await import('./arena-reconcile.ts')).arenaReconcile,
  },
  { name: 'rewards', summary: 'share out culture rewards by the scoreboard, exactly', load: async () => (await import('./rewards.ts')).rewards },
];
