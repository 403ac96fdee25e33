// What an orchestrator's log says of an incident: reasons that name contracts, rounds that failed, transactions that were
// reverted. Lines are JSON or plain text. Pure.
import { type Affected, affectedBy, type KnownContract } from './affected.ts';

export type Sign = {
  /** `reason`: of a moderation or a slash. */
  what: 'reason' | 'failed round' | 'reverted';
  /** The reason, or the line in short. */
  text: string;
  /** Names of declared contracts. */
  contracts: readonly string[];
  /** One-based line of the first one that says so, and how many do. */
  line: number;
  count: number;
};

const failedRound = /\bround[_ -]?\S*\b.*\b(?:fail(?:ed|ure)?|abort(?:ed)?|errored)\b|\b(?:fail(?:ed|ure)?|abort(?:ed)?)\b.*\bround\b|\bround[_-]failed\b/i;
const reverted = /\brevert(?:ed|s)?\b|\bexecution reverted\b/i;
const mostSigns = 200;
const longestLine = 64 * 1024;

/** In the order of the log, each once. */
export function signsIn(log: string, contracts: readonly KnownContract[]): Sign[] {
  const arenas = contracts.filter(({ lineage }) => lineage.includes('SelfPlayArena')).map(({ name }) => name);
  const found = new Map<string, Sign>();
  for (const [i, raw] of log.split('\n').entries()) {
    const line = textOf(raw.slice(0, longestLine));
    for (const sign of signsOf(line, contracts, arenas)) {
      const key = `${sign.what} ${sign.text}`;
      const known = found.get(key);
      if (known !== undefined) found.set(key, { ...known, count: known.count + 1 });
      else if (found.size < mostSigns) found.set(key, { ...sign, line: i + 1, count: 1 });
    }
  }
  return [...found.values()];
}

type Bare = Omit<Sign, 'line' | 'count'>;

function signsOf(line: string, contracts: readonly KnownContract[], arenas: readonly string[]): Bare[] {
  const reasons = affectedBy(line, contracts).map(({ reason, contracts: names }: Affected): Bare => ({ what: 'reason', text: reason, contracts: names }));
  const named = contracts.filter(({ name, address }) => line.includes(name) || line.toLowerCase().includes(address.toLowerCase())).map(({ name }) => name);
  const short = line.length <= 200 ? line : `${line.slice(0, 199)}…`;
  const failed: Bare[] = failedRound.test(line) ? [{ what: 'failed round', text: short, contracts: arenas }] : [];
  const back: Bare[] = reverted.test(line) ? [{ what: 'reverted', text: short, contracts: named }] : [];
  return [...reasons, ...failed, ...back];
}

/** Of a line of JSON its texts and numbers with their keys, without the time: two lines that differ in nothing else are one. */
function textOf(raw: string): string {
  try {
    const data: unknown = JSON.parse(raw);
    if (typeof data !== 'object' || data === null) return raw.trim();
    const fields = Object.entries(data).filter(([key, value]) => !/^(?:time|timestamp|ts|at|pid|hostname)$/.test(key) && typeof value !== 'object');
    return fields.map(([key, value]) => (key === 'message' || key === 'msg' || key === 'event' ? String(value) : `${key}=${String(value)}`)).join(' ');
  } catch {
    return raw.trim();
  }
}
