// The commands, by name. Each is loaded only when it is called.
import type { Command } from './command.ts';

export type Entry = { name: string; summary: string; load: () => Promise<Command> };

/** In the order in which a newcomer needs them. */
export const commands: readonly Entry[] = [
  { name: 'validate', summary: 'check the desired state offline', load: async () => (await import('./validate.ts')).validate },
  { name: 'plan', summary: 'show what would be sent to make the chain match git, and prove it', load: async () => (await import('./plan.ts')).plan },
  { name: 'apply', summary: 'send an approved plan, once, and verify it', load: async () => (await import('./apply.ts')).apply },
  { name: 'drift', summary: 'say whether git and chain agree, and who made them differ', load: async () => (await import('./drift.ts')).drift },
  { name: 'import', summary: 'write the YAML of a live contract', load: async () => (await import('./import.ts')).importContract },
  { name: 'status', summary: 'show the runs: what succeeded, what remains, how to go on', load: async () => (await import('./status.ts')).status },
  { name: 'schema', summary: 'write the JSON Schemas for editors', load: async () => (await import('./schema.ts')).schema },
];
