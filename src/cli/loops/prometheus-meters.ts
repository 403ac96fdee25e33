// Meters as Prometheus scrapes them.
import { Counter, Gauge, Registry } from 'prom-client';
import { counters, gauges, type Meters } from './loop.ts';

export type Scraped = Meters & { contentType: string; text(): Promise<string> };

/** A registry of its own: nothing is shared between two. */
export function prometheusMeters(): Scraped {
  const registers = [new Registry()];
  const own = <T>(table: Readonly<Record<string, { labels: readonly string[]; help: string }>>, make: (config: Config) => T): Map<string, T> =>
    new Map(Object.entries(table).map(([name, { labels, help }]) => [name, make({ name: `mooring_${name}`, help, labelNames: [...labels], registers })]));
  const ups = own(gauges, (config) => new Gauge(config));
  const counts = own(counters, (config) => new Counter(config));
  const [registry] = registers;
  return {
    set: (name, value, labels = {}) => ups.get(name)?.set({ ...labels }, value),
    add: (name, labels = {}, by = 1) => counts.get(name)?.inc({ ...labels }, by),
    contentType: Registry.PROMETHEUS_CONTENT_TYPE,
    text: () => registry?.metrics() ?? Promise.resolve(''),
  };
}

type Config = { name: string; help: string; labelNames: string[]; registers: Registry[] };
