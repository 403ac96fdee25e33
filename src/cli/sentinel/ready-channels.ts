// Alert channels with their secrets filled in from the environment; from here on none of them is ever shown.
import { MooringError } from '../../errors.ts';
import type { AlertChannel } from '../../loop-types.ts';
import type { ReadyChannel } from '../../loops/alerts/channel-request.ts';
import { keepSecret } from '../secrets/secrets.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** Throws ENVIRONMENT_VARIABLE_MISSING, CHANNEL_URL. SIDE EFFECTS: marks what it fills in as secret. */
export function readyChannels(channels: readonly AlertChannel[], env: Variables): ReadyChannel[] {
  return channels.map((channel) => readyChannel(channel, env));
}

function readyChannel(channel: AlertChannel, env: Variables): ReadyChannel {
  const { name, type } = channel;
  if (type === 'log') return { name, type };
  const url = checkedUrl(name, fill(channel.url, { name, env }));
  if (type === 'webhook') return { name, type, url, secret: secretOf(channel.secretVariable, { name, env }) };
  return type === 'pagerduty' ? { name, type, url, key: secretOf(channel.keyVariable, { name, env }) } : { name, type, url };
}

type From = { name: string; env: Variables };

function fill(template: string, from: From): string {
  return template.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, variable: string) => secretOf(variable, from));
}

function secretOf(variable: string, { name, env }: From): string {
  const value = env[variable];
  if (value === undefined || value === '')
    throw new MooringError('ENVIRONMENT_VARIABLE_MISSING', `the environment variable ${variable} is not set; the alert channel "${name}" needs it`, {
      fix: `set ${variable}, or take the channel out of alertChannels in loops/sentinel.yaml`,
    });
  keepSecret(value);
  return value;
}

/** What a variable holds was not checked with the file, and isn't repeated. */
function checkedUrl(name: string, url: string): string {
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url;
  throw new MooringError('CHANNEL_URL', `the URL of the alert channel "${name}" is not an http or https URL once its variables are filled in`, {
    fix: 'check what the variables hold',
  });
}
