// What a closing incident says of signers that have lost their rights in it: a line that is still there would be signed with.
import { MooringError } from '../../errors.ts';
import { idleSigners, placeOfSigner } from '../access/idle-signers.ts';
import { reviewAccess } from '../access/review.ts';
import { openEnvironment } from '../environment/open.ts';
import type { IncidentDesk } from './open-desk.ts';

/** Lines for people; it keeps nothing from being closed. SIDE EFFECTS: connections while it looks. */
export async function idleNotes({ context, options, name }: IncidentDesk): Promise<string[]> {
  try {
    const opened = openEnvironment(context, { ...options, env: name });
    try {
      const { rows, findings } = await reviewAccess(opened);
      const idle = idleSigners(opened.desired.environment.signers, { rows, unread: findings.some(({ severity }) => severity === 'error') });
      return idle.map(
        (ref) =>
          `warning: the signer ${ref.name} has no right any more: take its line out, ${placeOfSigner(opened, ref)}, and grant it nothing if its key leaked`,
      );
    } finally {
      opened.close();
    }
  } catch (error) {
    if (!(error instanceof MooringError)) throw error;
    return [`whether each signer still has a right could not be read (${error.code}: ${error.message}): mooring doctor looks`];
  }
}
