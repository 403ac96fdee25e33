// Tells the monitoring about rounds: the webhook channels of loops/sentinel.yaml, signed as its alerts are.
import type { Notice } from '../../arena/run-rounds.ts';
import { diskSource } from '../../desired/file-source.ts';
import { loadSentinel } from '../../desired/loops/load-sentinel.ts';
import { requestFor } from '../../loops/alerts/channel-request.ts';
import { postRequest } from '../../loops/alerts/post-request.ts';
import type { Context } from '../command.ts';
import type { Declared } from '../environment/open.ts';
import type { Log } from '../log.ts';
import { readyChannels } from '../sentinel/ready-channels.ts';

const timeoutMs = 5_000;

/**
 * A failing webhook is told in the log and holds nothing up. Throws INPUT_INVALID, ENVIRONMENT_VARIABLE_MISSING for channels
 * that can't be used at all. SIDE EFFECTS: marks their secrets.
 */
export function openNotify(declared: Declared, context: Context, log: Log): (notice: Notice) => Promise<void> {
  const { root, name: environment, desired, kinds } = declared;
  const { settings } = loadSentinel({ source: diskSource(root), environment, contracts: desired.state.contracts, kinds });
  const hooks = readyChannels(
    settings.alertChannels.filter(({ type }) => type === 'webhook'),
    context.env,
  );
  return async ({ severity, reason, message, key }) => {
    const at = context.now();
    const notification = { id: 0, source: `arena/${key}`, severity, environment, reason, count: 1, firstAt: at, lastAt: at, messages: [message], waiting: [] };
    await Promise.all(
      hooks.map(async (channel) => {
        if (channel.type !== 'webhook') return;
        const status = await postRequest(requestFor(channel, notification, at), timeoutMs).catch((error: Error) => error.name);
        if (typeof status !== 'number' || status < 200 || status > 299) log('the monitoring webhook did not take a notice', { channel: channel.name, status });
      }),
    );
  };
}
