// A round with a validator who has something to lose, acts as files, and what the chain shows of slashes.

import { pastSlash, slashEvent } from '../../src/kinds/slashes.ts';
import type { Log, PastAct } from '../../src/types.ts';
import { compileContract } from './compile.ts';
import type { FieldWorld } from './field-world.ts';
import { kinds } from './plan-world.ts';

const one = 10n ** 18n;

/** Round 1 of the arena, with `validator` in its committee and 100 AGIALPHA at stake. */
export async function openRound({ byHand, addresses }: FieldWorld): Promise<void> {
  await byHand({ on: 'jobRegistry', call: 'createJob', args: [`0x${'33'.repeat(32)}`], from: 'stranger' });
  await byHand({ on: 'token', call: 'transfer', args: ['validator', 100n * one] });
  await byHand({ on: 'token', call: 'approve', args: [addresses['stake-manager'], 100n * one], from: 'validator' });
  await byHand({ on: 'stakeManager', call: 'depositStake', args: [1n, 100n * one], from: 'validator' });
  await byHand({ on: 'arena', call: 'startRound', args: [1n, 1n, 'teacher', 'teacher', []], from: 'orchestrator-a' });
  await byHand({ on: 'arena', call: 'registerValidatorJob', args: [1n, 1n, 'validator', 'validator', []], from: 'orchestrator-a' });
}

/** An act of 5 AGIALPHA, as its file says it. */
export function actFile(change: Readonly<Record<string, string>> = {}): string {
  const fields = {
    act: 'slash',
    contract: 'arena',
    fromBlock: '1',
    round: '1',
    validator: 'validator',
    amount: '5 AGIALPHA',
    recipient: 'treasury',
    reason: 'moderation:block',
    ...change,
  };
  return `apiVersion: mooring/v1\nkind: Act\n${Object.entries(fields)
    .map(([key, value]) => `${key}: ${value}\n`)
    .join('')}`;
}

/** The same slash, past git. */
export function slashByHand({ byHand }: FieldWorld, reason = 'moderation:block'): ReturnType<FieldWorld['byHand']> {
  return byHand({ on: 'arena', call: 'reportValidatorMisconduct', args: [1n, 'validator', 5n * one, 'treasury', reason], from: 'orchestrator-a' });
}

/** Every slash that the chain has seen, in order. */
export async function slashesOf({ node, addresses }: FieldWorld): Promise<PastAct[]> {
  const kind = kinds.get('SelfPlayArena');
  const event = kind === undefined ? null : slashEvent(kind);
  if (event === null) throw new Error('the arena has no event of a slash');
  const logs = await node.ask<(Log & { blockNumber: string | bigint })[]>('eth_getLogs', [
    { address: addresses['arena'], topics: [event.topic], fromBlock: '0x0', toBlock: 'latest' },
  ]);
  return logs.map((log) => pastSlash(event, { ...log, blockNumber: BigInt(log.blockNumber) }));
}

export async function reasonsOf(world: FieldWorld): Promise<string[]> {
  return (await slashesOf(world)).map(({ reason }) => reason);
}

/** What the validator has left, in whole tokens. */
export async function stakeLeft({ read }: FieldWorld): Promise<bigint> {
  return ((await read({ on: 'stakeManager', call: 'stakes', args: ['validator', 1n] })) as bigint) / one;
}

const file = 'contracts/SelfPlayArena.sol';

/** The arena refuses slashes while it is paused, as the reference's does. SIDE EFFECTS: its code on the chain. */
export async function makeStrict({ node, addresses }: FieldWorld, source: string): Promise<void> {
  const marked = /(function reportValidatorMisconduct\([^)]*\) external) onlyOperator/;
  if (!marked.test(source)) throw new Error('the arena’s source is not as expected');
  const { runtime } = compileContract(file, 'SelfPlayArena', source.replace(marked, '$1 whenNotPaused onlyOperator'));
  await node.setCode(addresses['arena'] ?? '', runtime);
}
