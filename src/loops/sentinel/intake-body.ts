// Reads a request's body within its limit.
import type { IncomingMessage } from 'node:http';

/** The body, or `too large` as soon as that is known; null where it broke off. SIDE EFFECTS: reads. */
export async function readLimited(request: IncomingMessage, limit: number): Promise<Buffer | 'too large' | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    // Whoever breaks out of this loop by itself would close the connection before it has its answer.
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      length += (chunk as Buffer).length;
      if (length > limit) return 'too large';
      chunks.push(chunk as Buffer);
    }
    return Buffer.concat(chunks);
  } catch {
    return null;
  }
}
