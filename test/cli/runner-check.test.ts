// With which key a runner signs: as it says, as it publishes, as environment.yaml has it; else it is not known.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, test } from 'vitest';
import { readPublished } from '../../src/cli/published.ts';
import { checkRunner, type RunnerFacts } from '../../src/cli/rotate/runner-check.ts';

const [from, to, other] = ['1', '2', '3'].map((digit) => `0x${digit.repeat(40)}`) as [string, string, string];
const facts: RunnerFacts = { environment: { signers: [] }, given: null, variable: null, published: null, show: (account) => account };
const signs = (address: string) => ({ signers: [{ address, name: 'x', key: { from: 'env' as const, variable: 'X' } }] });
const verdicts = (more: Partial<RunnerFacts>) => checkRunner({ from, to }, { ...facts, ...more }).map(({ verdict }) => verdict);
const publishes = (settings: Record<string, unknown>) => verdicts({ published: { place: 'x', settings } });

test('what says nothing is unknown, never new', () => {
  expect(verdicts({})).toEqual(['unknown']);
  expect(publishes({})).toEqual(['unknown']);
  expect(publishes({ orchestrator: 'me' })).toEqual(['unknown']);
  expect(verdicts({ environment: signs(other) })).toEqual(['unknown']);
});

test('each source is judged by itself', () => {
  expect(verdicts({ given: to, environment: signs(from) })).toEqual(['new', 'old']);
  expect(publishes({ signer: to })).toEqual(['new']);
  expect(publishes({ orchestrator: from })).toEqual(['old']);
  expect(publishes({ account: other })).toEqual(['other']);
  expect(verdicts({ environment: signs(to) })).toEqual(['new']);
});

const answers: Record<string, (body: string) => [number, string]> = {
  '/good': () => [200, '{"signer":"x"}'],
  '/list': () => [200, '[]'],
  '/text': () => [200, 'hello'],
  '/large': () => [200, JSON.stringify({ a: 'x'.repeat(1024 * 1024) })],
  '/gone': () => [404, '{}'],
  '/elsewhere': () => [302, ''],
};
const server = createServer((request, response) => {
  const [status, body] = answers[request.url ?? '']?.('') ?? [500, ''];
  response.writeHead(status, status === 302 ? { location: '/good' } : {}).end(body);
});
await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
afterAll(() => server.close());
const at = (path: string): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
const read = (place: string) => readPublished({ cwd: import.meta.dirname, env: {} }, place);

test('what is published is one JSON object, from where it was asked, and not too large', async () => {
  expect(await read(at('/good'))).toEqual({ signer: 'x' });
  for (const path of ['/list', '/text', '/large', '/gone', '/elsewhere'])
    await expect(read(at(path)), path).rejects.toMatchObject({ code: 'PUBLISHED_INVALID' });
  await expect(read('http://user:hidden@127.0.0.1:1/')).rejects.toSatisfy((error: Error) => !error.message.includes('hidden'));
  await expect(read('runner-check.test.ts')).rejects.toMatchObject({ code: 'PUBLISHED_INVALID' });
});
