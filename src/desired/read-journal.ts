// `journal` of environment.yaml: the branch of which remote all machines share. Reads names; no remote is asked.
import type { Environment } from '../types.ts';
import { readMap, readText } from './read-node.ts';
import { looksSecret } from './read-secret-reference.ts';
import { quoteShort, type Reading, report, type YamlNode } from './yaml-tree.ts';

type Journal = NonNullable<Environment['journal']>;

export const journalDefaults = { remote: 'origin', branch: 'mooring/journal' } as const satisfies Journal;

/** No dash at the start: git would take it for an option. */
const remotePattern = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$/;

/** What git takes as a branch (git-check-ref-format), and less: parts that begin with a letter, a digit or `_`. */
const branchPattern = /^(?!.*(\.\.|\.(\/|$)|\.lock(\/|$)))[A-Za-z0-9_][A-Za-z0-9._-]*(\/[A-Za-z0-9_][A-Za-z0-9._-]*)*$/;

/** SIDE EFFECTS: adds to the reading's findings. */
export function readJournal(reading: Reading, node: YamlNode): Journal | null {
  const fields = readMap(reading, node, { what: 'the journal', required: [], optional: ['remote', 'branch'] });
  if (fields === null) return null;
  const remoteNode = fields.get('remote')?.value;
  const branchNode = fields.get('branch')?.value;
  const remote = remoteNode === undefined ? null : readRemote(reading, remoteNode);
  const branch = branchNode === undefined ? null : readBranch(reading, branchNode);
  return { remote: remote ?? journalDefaults.remote, branch: branch ?? journalDefaults.branch };
}

function readRemote(reading: Reading, node: YamlNode): string | null {
  if (node.type === 'text' && looksSecret(reading, node)) return null;
  const text = readText(reading, node, "a remote's name");
  if (text === null || remotePattern.test(text)) return text;
  const fix = 'name a remote of the clone, as `git remote` lists them: origin';
  // With this code the line is not shown.
  if (/[:@]/.test(text)) report(reading, { code: 'SECRET_IN_FILE', at: node, message: 'the remote is written as a URL, which may hold a credential', fix });
  else report(reading, { code: 'VALUE_NOT_ALLOWED', at: node, message: `found ${quoteShort(text)}, expected a remote's name`, fix });
  return null;
}

function readBranch(reading: Reading, node: YamlNode): string | null {
  if (node.type === 'text' && looksSecret(reading, node)) return null;
  const text = readText(reading, node, "a branch's name", 200);
  if (text === null || branchPattern.test(text)) return text;
  report(reading, {
    code: 'VALUE_NOT_ALLOWED',
    at: node,
    message: `found ${quoteShort(text)}, expected a branch's name`,
    fix: 'use letters, digits, - and _, with single dots and slashes between them, as in mooring/journal',
  });
  return null;
}
