// `alertChannels` and `channels` of loops/sentinel.yaml: where alerts go. Secrets are names of environment variables.
import { nearestName } from '../../kinds/fields.ts';
import type { AlertChannel } from '../../loop-types.ts';
import { expectMap, type Fields, readChoice, readList, readMap, readText } from '../read-node.ts';
import { readTemplate, readVariable } from '../read-secret-reference.ts';
import { quoteShort, type Reading, report, type YamlEntry, type YamlNode } from '../yaml-tree.ts';

const forChannel = {
  what: "the channel's URL",
  code: 'CHANNEL_URL',
  variables: { match: /WEBHOOK|ALERT/i, fix: 'use a variable with WEBHOOK or ALERT in its name: no other secret is ever sent to a channel' },
} as const;

/** Each type's keys besides `type`; all of them are needed, but for PagerDuty's URL. */
const keysOf = {
  webhook: ['url', 'secretEnv'],
  alertmanager: ['url'],
  pagerduty: ['keyEnv'],
  slack: ['url'],
} as const;
type ChannelType = keyof typeof keysOf;

const pagerDuty = 'https://events.pagerduty.com';

/** The channels that `alertChannels` names, in its order. SIDE EFFECTS: adds to the reading's findings. */
export function readChannels(reading: Reading, fields: Fields, defaults: readonly AlertChannel[]): readonly AlertChannel[] {
  const node = fields.get('channels')?.value;
  const declared = node === undefined ? [] : (expectMap(reading, node, 'the channels')?.entries ?? []);
  const channels = new Map<string, AlertChannel | null>([['log', { name: 'log', type: 'log' }]]);
  for (const entry of declared) channels.set(entry.key, readChannel(reading, entry));
  const used = fields.get('alertChannels')?.value;
  return used === undefined ? defaults : readUsed(reading, used, channels);
}

function readUsed(reading: Reading, node: YamlNode, channels: ReadonlyMap<string, AlertChannel | null>): AlertChannel[] {
  const seen = new Set<string>();
  return readList(reading, node, 'channels').flatMap((item) => {
    const name = readText(reading, item, "a channel's name", 100);
    if (name === null) return [];
    const channel = channels.get(name);
    if (channel === undefined) reportUnknown(reading, item, { name, known: [...channels.keys()] });
    if (seen.has(name)) report(reading, { code: 'MEMBER_DUPLICATE', at: item, message: `${quoteShort(name)} stands twice`, fix: 'delete one of the two' });
    seen.add(name);
    return channel ?? [];
  });
}

function reportUnknown(reading: Reading, at: YamlNode, { name, known }: { name: string; known: readonly string[] }): void {
  const near = nearestName(name, known);
  const fix = near === null ? `declare it under channels, or use one of ${known.join(', ')}` : `write ${near}`;
  report(reading, { code: 'CHANNEL_UNKNOWN', at, message: `there is no channel ${quoteShort(name)}`, fix });
}

function readChannel(reading: Reading, entry: YamlEntry): AlertChannel | null {
  const name = entry.key;
  if (name === 'log') {
    report(reading, { code: 'VALUE_NOT_ALLOWED', at: entry.keyAt, message: '`log` is there by itself', fix: 'give the channel another name' });
    return null;
  }
  const written = expectMap(reading, entry.value, 'a channel')?.entries.find(({ key }) => key === 'type')?.value;
  const type = written === undefined || written.type === 'empty' ? null : readChoice(reading, written, Object.keys(keysOf) as ChannelType[]);
  const required = type === null ? [] : keysOf[type];
  const optional = type === null ? ['url', 'secretEnv', 'keyEnv'] : type === 'pagerduty' ? ['url'] : [];
  const fields = entry.value.type === 'map' ? readMap(reading, entry.value, { what: 'a channel', required: ['type', ...required], optional }) : null;
  return fields === null || type === null ? null : channelOf(reading, fields, { name, type });
}

function channelOf(reading: Reading, fields: Fields, { name, type }: { name: string; type: ChannelType }): AlertChannel | null {
  const of = (key: string, read: (node: YamlNode) => string | null): string | null => {
    const node = fields.get(key)?.value;
    return node === undefined ? null : read(node);
  };
  const url = of('url', (node) => readUrl(reading, node, type));
  if (type === 'pagerduty') {
    const keyVariable = of('keyEnv', (node) => readVariable(reading, node));
    return keyVariable === null ? null : { name, type, url: url ?? pagerDuty, keyVariable };
  }
  if (url === null) return null;
  if (type !== 'webhook') return { name, type, url };
  const secretVariable = of('secretEnv', (node) => readVariable(reading, node));
  return secretVariable === null ? null : { name, type, url, secretVariable };
}

function readUrl(reading: Reading, node: YamlNode, type: ChannelType): string | null {
  const url = readTemplate(reading, node, forChannel);
  if (url === null || type !== 'slack' || url.includes('${')) return url;
  // Who knows such a URL may post: it is a secret as a whole.
  report(reading, { code: 'SECRET_IN_FILE', at: node, message: 'the URL of an incoming webhook is a secret', fix: 'write `${VARIABLE}` in its place' });
  return null;
}
