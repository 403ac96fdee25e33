// The first round after a resume, tried before anybody approves it: the last round that was started, started once more by an
// orchestrator, on the state that the plan leaves.
import { parseEvent } from '../../kinds/abi.ts';
import { tryAfter } from '../../simulate/try-after.ts';
import type { Address, ContractState, Hex, Plan, State } from '../../types.ts';
import type { Opened } from '../environment/open.ts';

const started = 'event RoundStarted(uint256 indexed roundId, uint32 difficulty, uint256 teacherJobId, address teacher, string subdomain)';
/** Blocks that are looked through at once, newest first, and how often. */
const piece = 50_000n;
const mostPieces = 40;

export type Answer = { good: boolean; text: string };

/** Of each arena among the contracts. Throws RPC_*. */
export async function firstRounds(opened: Opened, { plan, live, contracts }: { plan: Plan; live: State; contracts: readonly string[] }): Promise<Answer> {
  const arenas = live.contracts.filter(({ name, kind }) => contracts.includes(name) && opened.kinds.get(kind)?.lineage.includes('SelfPlayArena') === true);
  if (arenas.length === 0) return { good: true, text: 'no arena is resumed' };
  const answers: Answer[] = [];
  for (const arena of arenas) answers.push(await firstRound(opened, plan, arena));
  return { good: answers.every(({ good }) => good), text: answers.map(({ text }) => text).join('; ') };
}

async function firstRound(opened: Opened, plan: Plan, arena: ContractState): Promise<Answer> {
  const open = (text: string): Answer => ({ good: false, text: `${arena.name}: ${text}` });
  const orchestrator = orchestratorOf(arena);
  if (orchestrator === null) return open('it has no orchestrator that could start a round');
  const data = await lastStart(opened, plan, arena);
  if (data === null) return open('not tried, since no call that started a round was found');
  const tried = await tryAfter({ chain: opened.chain, plan, kinds: opened.kinds, calls: [{ from: orchestrator, to: arena.address, data, value: 0n }] });
  if ('unavailable' in tried) return open(`not tried: ${tried.unavailable}`);
  const [error] = tried.errors;
  const name = opened.desired.addresses.byAddress.get(orchestrator) ?? orchestrator;
  return error === null ? { good: true, text: `${arena.name}: a round starts, by ${name} (${tried.method})` } : open(`${name} can't start a round: ${error}`);
}

function orchestratorOf({ fields }: ContractState): Address | null {
  const value = fields.get('orchestrators')?.value;
  return value?.type === 'members' ? (value.members[0] ?? null) : null;
}

/** The call data of the last direct `startRound`. */
async function lastStart({ chain }: Opened, { block }: Plan, { address, fromBlock }: ContractState): Promise<Hex | null> {
  const { topic } = parseEvent(started);
  let end = block.number;
  for (let i = 0; i < mostPieces && end >= fromBlock; i++) {
    const from = end - piece < fromBlock ? fromBlock : end - piece;
    const last = (await chain.logs({ address, topics: [topic], fromBlock: from, toBlock: end })).at(-1);
    if (last !== undefined) {
      const transaction = await chain.request<{ to?: string; input?: Hex } | null>('eth_getTransactionByHash', [last.transactionHash]);
      return transaction?.to?.toLowerCase() === address.toLowerCase() ? (transaction.input ?? null) : null;
    }
    end = from - 1n;
  }
  return null;
}
