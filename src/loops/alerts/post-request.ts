// One HTTP request to a channel.
import type { OutgoingRequest } from './channel-request.ts';

const usualTimeout = 10_000;

/**
 * The status of the answer, whose body nobody needs. Follows no redirect: what is signed goes where it was meant to. Rejects
 * where no answer comes in time. SIDE EFFECTS: sends.
 */
export async function postRequest({ url, headers, body }: OutgoingRequest, timeoutMs = usualTimeout): Promise<number> {
  const answer = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) });
  await answer.body?.cancel();
  return answer.status;
}
