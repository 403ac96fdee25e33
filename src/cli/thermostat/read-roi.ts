// Where the thermostat reads ROI: Prometheus, as loops/thermostat.yaml names it, with its secrets filled in.
import { MooringError } from '../../errors.ts';
import { readPrometheusSample } from '../../loops/thermostat/prometheus.ts';
import type { Context } from '../command.ts';
import { expandTemplate } from '../secrets/secrets.ts';
import type { ReadRoi } from './watch-turn.ts';

/** Errors: METRICS_URL, ENVIRONMENT_VARIABLE_MISSING, METRICS_*. */
export function readPrometheus({ env }: Pick<Context, 'env'>): ReadRoi {
  return async ({ prometheus }, signal) => {
    if (prometheus.url === null)
      throw new MooringError('METRICS_URL', 'loops/thermostat.yaml names no Prometheus', {
        fix: 'write prometheus: { url: "http://127.0.0.1:9090", query: … }',
      });
    const url = fill(prometheus.url, env);
    return readPrometheusSample({ url, query: prometheus.query, timeoutMs: prometheus.timeoutSeconds * 1_000 }, signal);
  };
}

function fill(template: string, env: Context['env']): string {
  const url = expandTemplate(template, env, { what: 'Prometheus’ URL', file: 'loops/thermostat.yaml' });
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url;
  throw new MooringError('METRICS_URL', 'Prometheus’ URL is not an http or https URL once its variables are filled in', {
    fix: 'check what the variables hold',
  });
}
