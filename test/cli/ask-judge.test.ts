// What is read of a judge's answer: no more than its limit.
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { RoundRecord } from '../../src/arena/round-record.ts';
import { askJudge } from '../../src/cli/arena/ask-judge.ts';

const record = { id: 's-1', roundId: 1n, difficulty: 3, teacher: { address: '0x01' }, students: [], validators: [] } as unknown as RoundRecord;
let server: Server;

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

async function judge(answer: (response: ServerResponse) => void): Promise<string> {
  server = createServer((_, response) => answer(response));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

test('an answer that grows beyond the limit is given up before its end', async () => {
  const url = await judge((response) => void response.write(' '.repeat(1024 * 1024 + 1)));
  await expect(askJudge(url, record)).rejects.toMatchObject({ code: 'JUDGE_ANSWER', message: expect.stringContaining('more than') });
});

test('an answer within the limit is read whole', async () => {
  const url = await judge((response) => void response.end(`${' '.repeat(1024 * 1024 - 13)}{"scores":{}}`));
  expect((await askJudge(url, record)).scores.size).toBe(0);
});
