// Text that tells whether it is as it was written. Pure.
import { createHash } from 'node:crypto';

/** What stands before the first sealed line. */
export const firstSeal = '0'.repeat(64);

/** Over a text and the seal of what comes before it. */
export function sealOf(text: string, previous: string): string {
  return createHash('sha256').update(`${previous}\n${text}`).digest('hex');
}

/** `<seal> <text>`. The text has no line break. */
export function sealed(text: string, previous = firstSeal): string {
  return `${sealOf(text, previous)} ${text}`;
}

/** What was sealed, or null where it isn't that. */
export function unsealed(content: string, previous = firstSeal): string | null {
  const text = content.slice(65);
  return content[64] === ' ' && content.slice(0, 64) === sealOf(text, previous) ? text : null;
}
