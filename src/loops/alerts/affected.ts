// Which contracts an incoming alert is about: `moderation:` and `auto-slash:` reasons, in whatever text they stand. Pure.

/** A declared contract: its own kind and those that this extends. */
export type KnownContract = { name: string; address: string; lineage: readonly string[] };

/** `scope`: the arena contracts alone, contracts that the reason names, or everything. */
export type Affected = {
  reason: string;
  prefix: 'moderation' | 'auto-slash';
  scope: 'arena' | 'named' | 'system';
  /** Names of declared contracts, sorted. */
  contracts: readonly string[];
};

/** A prefix, and parts that may be names, addresses or words: `moderation:block`, `auto-slash:stake-manager:double-vote`. */
const pattern = /(?<![A-Za-z0-9_-])(moderation|auto-slash):([A-Za-z0-9_.-]+(?::[A-Za-z0-9_.-]+)*)/gi;
const everything: ReadonlySet<string> = new Set(['system', 'system-wide', 'all', 'global']);
const longestText = 64 * 1024;

/**
 * The reasons in a text, each once, in its order. A part that names a declared contract, by name, address or kind, says which
 * one is affected; else a moderation is about the arenas, and a slash about the arenas and the stake that they slash.
 */
export function affectedBy(text: string, contracts: readonly KnownContract[]): Affected[] {
  const found = new Map<string, Affected>();
  for (const [reason, prefix = '', rest = ''] of text.slice(0, longestText).matchAll(pattern)) {
    const clean = reason.replace(/[.-]+$/, '');
    if (!found.has(clean))
      found.set(clean, read(clean, { prefix: prefix.toLowerCase() as Affected['prefix'], parts: rest.replace(/[.-]+$/, '').split(':') }, contracts));
  }
  return [...found.values()];
}

type Parts = { prefix: Affected['prefix']; parts: readonly string[] };

function read(reason: string, { prefix, parts }: Parts, contracts: readonly KnownContract[]): Affected {
  const names = (some: readonly KnownContract[]): string[] => some.map(({ name }) => name).sort();
  const words = parts.map((part) => part.toLowerCase());
  if (words.some((word) => everything.has(word))) return { reason, prefix, scope: 'system', contracts: names(contracts) };
  const named = contracts.filter((contract) => words.some((word) => isNamed(contract, word)));
  if (named.length > 0) return { reason, prefix, scope: 'named', contracts: names(named) };
  const kinds = prefix === 'moderation' ? ['SelfPlayArena'] : ['SelfPlayArena', 'StakeManager'];
  return { reason, prefix, scope: 'arena', contracts: names(contracts.filter(({ lineage }) => kinds.some((kind) => lineage.includes(kind)))) };
}

function isNamed({ name, address, lineage }: KnownContract, word: string): boolean {
  return name.toLowerCase() === word || address.toLowerCase() === word || lineage[0]?.toLowerCase() === word;
}
