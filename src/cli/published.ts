// What a service publishes of itself, or a file beside it says: a JSON object, from outside and not to be trusted.
import { MooringError } from '../errors.ts';
import type { Context } from './command.ts';
import { readNamedFile } from './read-named-file.ts';
import { redact } from './secrets/secrets.ts';

export type Published = Readonly<Record<string, unknown>>;

const patienceMs = 5_000;
const largest = 1024 * 1024;

/** `place`: an http or https URL, or a file. Throws PUBLISHED_INVALID, FILE_*. SIDE EFFECTS: the network, or reads the file. */
export async function readPublished({ cwd, env }: Pick<Context, 'cwd' | 'env'>, place: string): Promise<Published> {
  const shown = redact(place, env);
  const invalid = (why: string): MooringError =>
    new MooringError('PUBLISHED_INVALID', `${shown}: ${why}`, { fix: 'name a URL or a file with one JSON object' });
  const text = /^https?:\/\//i.test(place) ? await fetched(place, invalid) : readNamedFile(cwd, place, 'settings').toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid('it is no JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid('it is no JSON object');
  return value as Published;
}

async function fetched(url: string, invalid: (why: string) => MooringError): Promise<string> {
  try {
    const answer = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(patienceMs), headers: { accept: 'application/json' } });
    if (!answer.ok) throw invalid(`it answered ${answer.status}`);
    const parts: Uint8Array[] = [];
    let size = 0;
    for await (const part of answer.body ?? []) {
      size += part.length;
      if (size > largest) throw invalid(`it has more than ${largest} bytes`);
      parts.push(part);
    }
    return Buffer.concat(parts).toString('utf8');
  } catch (error) {
    if (error instanceof MooringError) throw error;
    // The cause may repeat the URL with what is secret in it.
    throw invalid(error instanceof Error && error.name === 'TimeoutError' ? `no answer in ${patienceMs / 1000} s` : 'it could not be reached');
  }
}
