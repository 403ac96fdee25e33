// Secrets of alert channels come from the environment, and are marked so that nothing shows them.
import { expect, test } from 'vitest';
import { redact } from '../../src/cli/secrets/secrets.ts';
import { readyChannels } from '../../src/cli/sentinel/ready-channels.ts';
import type { AlertChannel } from '../../src/loop-types.ts';

const channels: readonly AlertChannel[] = [
  { name: 'log', type: 'log' },
  { name: 'ops', type: 'webhook', url: 'https://ops.example.org/${OPS_PATH}', secretVariable: 'OPS_SIGNING' },
  { name: 'am', type: 'alertmanager', url: 'http://127.0.0.1:9093' },
  { name: 'pager', type: 'pagerduty', url: 'https://events.pagerduty.com', keyVariable: 'PAGER' },
  { name: 'chat', type: 'slack', url: '${CHAT}' },
];
const env = { OPS_PATH: 'canary-path', OPS_SIGNING: 'canary-signing', PAGER: 'canary-pager', CHAT: 'https://chat.example.org/canary-chat' };

test('are filled in, and never shown', () => {
  expect(readyChannels(channels, env)).toEqual([
    { name: 'log', type: 'log' },
    { name: 'ops', type: 'webhook', url: 'https://ops.example.org/canary-path', secret: 'canary-signing' },
    { name: 'am', type: 'alertmanager', url: 'http://127.0.0.1:9093' },
    { name: 'pager', type: 'pagerduty', url: 'https://events.pagerduty.com', key: 'canary-pager' },
    { name: 'chat', type: 'slack', url: 'https://chat.example.org/canary-chat' },
  ]);
  expect(redact(Object.values(env).join(' '), {})).toBe('*** *** *** ***');
});

test.each([
  ['OPS_SIGNING', undefined, 'ENVIRONMENT_VARIABLE_MISSING'],
  ['PAGER', '', 'ENVIRONMENT_VARIABLE_MISSING'],
  ['CHAT', 'file:///canary', 'CHANNEL_URL'],
  ['CHAT', 'canary-chat', 'CHANNEL_URL'],
])('%s as %s is refused without being repeated', (name, value, code) => {
  const all = { ...env, [name]: value };
  expect(() => readyChannels(channels, all)).toThrow(expect.objectContaining({ code, message: expect.not.stringContaining('canary') }));
});
