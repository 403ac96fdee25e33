// Who we are at GitHub: an App with its key, or a token, from the environment.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { MooringError } from '../../errors.ts';
import type { Credentials } from '../../scm/github/client.ts';
import type { Context } from '../command.ts';
import { keepSecret } from '../secrets/secrets.ts';

/**
 * From MOORING_APP_ID with MOORING_APP_KEY or MOORING_APP_KEY_FILE, from MOORING_TOKEN, or from GITHUB_TOKEN. Throws
 * GITHUB_CREDENTIALS. SIDE EFFECTS: reads the key's file; marks what it finds as secret.
 */
export function credentialsIn({ env, cwd }: Pick<Context, 'env' | 'cwd'>): Credentials {
  const { MOORING_APP_ID: appId, MOORING_APP_SLUG: slug } = env;
  const written = appId ? keyIn({ env, cwd }) : null;
  if (appId && written !== null) {
    // A key in a variable often has its line breaks written out.
    const privateKey = written.replaceAll('\\n', '\n');
    for (const form of [written, privateKey]) keepSecret(form);
    return { type: 'app', appId, privateKey };
  }
  const token = env['MOORING_TOKEN'] || env['GITHUB_TOKEN'];
  if (!token)
    throw new MooringError('GITHUB_CREDENTIALS', 'no credentials for GitHub are given', {
      fix: 'Set MOORING_APP_ID and MOORING_APP_KEY (or MOORING_APP_KEY_FILE) to those of the GitHub App, or MOORING_TOKEN to a token (docs/github.md).',
    });
  keepSecret(token);
  return { type: 'token', token, ...(slug ? { slug } : {}) };
}

/** The variable before the file; null where neither is given. */
function keyIn({ env, cwd }: Pick<Context, 'env' | 'cwd'>): string | null {
  const { MOORING_APP_KEY: key, MOORING_APP_KEY_FILE: file } = env;
  if (key || !file) return key || null;
  try {
    return readFileSync(resolve(cwd, file), 'utf8');
  } catch (error) {
    throw new MooringError('GITHUB_CREDENTIALS', `${file}, which MOORING_APP_KEY_FILE names, can't be read (${(error as NodeJS.ErrnoException).code})`, {
      fix: 'let the user that runs this read it, or correct its path',
    });
  }
}
