// The signer behind break-glass: whatever was built, nothing but a pause of what was asked for is signed.
import { Interface } from 'ethers/abi';
import { expect, test } from 'vitest';
import { onlyPauses } from '../../src/apply/pause/only-pauses.ts';
import { pauseSetter } from '../../src/apply/pause/parts.ts';
import type { Part } from '../../src/apply/pause/types.ts';
import { signerFromEnv } from '../../src/apply/signer.ts';
import type { Kind, KindSetter } from '../../src/kinds/kind.ts';
import { loadKinds } from '../../src/kinds/load-kinds.ts';
import type { UnsignedTransaction } from '../../src/types.ts';
import { freshKey } from './world.ts';

const kinds = loadKinds();
const { key, address } = freshKey();
const signer = signerFromEnv({ variable: 'KEY', address, env: { KEY: key } });
const [arena, stake, other, guard, relay] = [freshKey(), freshKey(), freshKey(), freshKey(), freshKey()].map((made) => made.address) as [
  string,
  string,
  string,
  string,
  string,
];
const abi = new Interface([
  'function pause()',
  'function unpause()',
  'function transferOwnership(address)',
  'function pause(address[])',
  'function executeGovernanceCall(address,bytes)',
]);
const pause = abi.encodeFunctionData('pause()');
const unpause = abi.encodeFunctionData('unpause');
const guarded = (...list: string[]): string => abi.encodeFunctionData('pause(address[])', [list]);
const relayed = (to: string, data: string): string => abi.encodeFunctionData('executeGovernanceCall', [to, data]);

function part(kindName: string, at: string, value = true): Part {
  const kind = kinds.get(kindName) as Kind;
  return { contract: kindName, kind, address: at, field: 'paused', value, setter: pauseSetter(kind, 'paused', value) as KindSetter };
}

const usual = [part('SelfPlayArena', arena), part('StakeManager', stake)];

function sign(to: string, data: string, more: Partial<UnsignedTransaction> = {}, parts: readonly Part[] = usual): Promise<string> {
  const unsigned = { chainId: 1n, nonce: 0, to, data, value: 0n, gasLimit: 100_000n, maxFeePerGas: 1n, maxPriorityFeePerGas: 1n, ...more };
  return onlyPauses(signer, { kinds, parts })
    .sign(unsigned)
    .then(
      () => 'signed',
      (error: { code: string }) => error.code,
    );
}

test.each([
  ['a pause', arena, pause],
  ['through a guard', guard, guarded(arena, stake)],
  ['through a relay', relay, relayed(stake, pause)],
])('%s is signed', async (_, to, data) => {
  expect(await sign(to, data)).toBe('signed');
});

test.each([
  ['an unpause', arena, unpause],
  ['an unpause through a relay', relay, relayed(stake, unpause)],
  ['another function', arena, abi.encodeFunctionData('transferOwnership', [other])],
  ['another function through a relay', relay, relayed(arena, abi.encodeFunctionData('transferOwnership', [other]))],
  ['a pause of something else', other, pause],
  ['a guard’s pause of something else as well', guard, guarded(arena, other)],
  ['a guard’s pause of nothing', guard, guarded()],
  ['a relay within a relay', relay, relayed(relay, relayed(stake, pause))],
  ['more behind the call', arena, `${pause}00`],
  ['more behind a guard’s call', guard, `${guarded(arena)}00`],
  ['nothing at all, as a transfer to oneself', address, '0x'],
])('%s is refused', async (_, to, data) => {
  expect(await sign(to, data)).toBe('NOT_A_PAUSE');
});

test('money is refused, also with a pause', async () => {
  expect(await sign(arena, pause, { value: 1n })).toBe('NOT_A_PAUSE');
});

test('a part that asks for the other direction allows nothing', async () => {
  const wrong = [part('SelfPlayArena', arena, false)];
  expect([await sign(arena, unpause, {}, wrong), await sign(arena, pause, {}, wrong), await sign(guard, guarded(arena), {}, wrong)]).toEqual(
    Array<string>(3).fill('NOT_A_PAUSE'),
  );
});
