// `prometheus` of loops/thermostat.yaml: where ROI is read. Secrets are names of environment variables.
import type { ThermostatSettings } from '../../loop-types.ts';
import { readDecimal } from '../read-decimal.ts';
import { type Fields, readText } from '../read-node.ts';
import { readTemplate } from '../read-secret-reference.ts';
import { type Reading, report, type YamlNode } from '../yaml-tree.ts';

type Metrics = ThermostatSettings['prometheus'];

const forPrometheus = {
  what: "Prometheus' URL",
  code: 'METRICS_URL',
  variables: { match: /PROMETHEUS/i, fix: 'use a variable with PROMETHEUS in its name: no other secret is ever sent to it' },
} as const;

const longestQuery = 2_000;

/** SIDE EFFECTS: adds to the reading's findings. */
export function readMetrics(reading: Reading, fields: Fields, defaults: Metrics): Metrics {
  const get = <T>(key: string, read: (node: YamlNode) => T | null): T | null => {
    const node = fields.get(key)?.value;
    return node === undefined ? null : read(node);
  };
  return {
    url: get('url', (node) => readUrl(reading, node)) ?? defaults.url,
    query: get('query', (node) => readText(reading, node, 'a query', longestQuery)) ?? defaults.query,
    timeoutSeconds: get('timeoutSeconds', (node) => readDecimal(reading, node, { min: 0.1, max: 300 })) ?? defaults.timeoutSeconds,
  };
}

/** Its path is where the API begins, so nothing may stand behind it. */
function readUrl(reading: Reading, node: YamlNode): string | null {
  const url = readTemplate(reading, node, forPrometheus);
  if (url === null || !/[?#]/.test(url)) return url;
  report(reading, { code: 'METRICS_URL', at: node, message: 'the URL has a query or a fragment', fix: 'end it before /api/v1/query' });
  return null;
}
