// What no command has loaded yet is hidden all the same: keys by the names that the docs give them, and secrets in queries of URLs.
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { redact } from '../../src/cli/secrets/secrets.ts';

const bare = (name: string) => createHash('sha256').update(name).digest('hex');

describe('a key that was not loaded', () => {
  test.each(['GUARDIAN_KEY', 'ORCHESTRATOR_A_KEY', 'MOORING_OWNER_KEY'])('%s, with 0x and without', (name) => {
    const key = bare(name);
    for (const value of [key, `0x${key}`]) expect(redact(`a ${key} b 0x${key} c`, { [name]: value })).toBe('a *** b *** c');
  });

  test('is a key only with 64 hex digits', () => {
    expect(redact('mainnet-objects', { CACHE_KEY: 'mainnet-objects' })).toBe('mainnet-objects');
  });
});

describe('the query of a URL', () => {
  test.each(['token', 'key', 'secret', 'password', 'apikey', 'access_token', 'auth'])('%s', (name) => {
    expect(redact(`https://a.example/x?y=1&${name}=canary&z=2, (wss://b.example/?${name}=canary)`, {})).toBe(
      `https://a.example/x?y=1&${name}=***&z=2, (wss://b.example/?${name}=***)`,
    );
  });

  test('keeps what is no secret', () => {
    const link = '[chart](https://github.com/a/b/blob/c/chart.svg?raw=true&monkey=1)';
    expect(redact(link, {})).toBe(link);
  });
});
