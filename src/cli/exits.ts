// From findings to an exit code.
import { type Code, codes, type ExitName, exitCodes } from '../errors.ts';
import type { Finding } from '../types.ts';

/** The gravest first: what can't be known outranks what is denied, and both outrank a plain failure. */
const gravity: readonly ExitName[] = ['indeterminate', 'denied', 'stale', 'badInput', 'failure', 'usage'];

/** Exit code of a plan by its errors: 0 where there are none. */
export function planExit(findings: readonly Finding[]): number {
  const exits = findings.filter((finding) => finding.severity === 'error').map((finding) => exitOf(finding.code));
  const gravest = gravity.find((name) => exits.includes(name));
  return gravest === undefined ? (exits.length > 0 ? exitCodes.failure : exitCodes.done) : exitCodes[gravest];
}

function exitOf(code: string): ExitName {
  return code in codes ? codes[code as Code].exit : 'failure';
}
