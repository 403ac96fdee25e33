// The signer behind revoking at once: whatever was built, nothing but that revocation is signed.
import { Interface } from 'ethers/abi';
import { expect, test } from 'vitest';
import { onlyRevokes } from '../../src/apply/only-revokes.ts';
import { signerFromEnv } from '../../src/apply/signer.ts';
import { id } from '../../src/kinds/keccak.ts';
import type { Kind } from '../../src/kinds/kind.ts';
import { loadKinds } from '../../src/kinds/load-kinds.ts';
import type { UnsignedTransaction } from '../../src/types.ts';
import { freshKey } from './world.ts';

const kinds = loadKinds();
const { key, address } = freshKey();
const [arena, book, relay, old, other] = Array.from({ length: 5 }, () => freshKey().address) as [string, string, string, string, string];
const abi = new Interface([
  'function setOrchestrator(address,bool)',
  'function grantRole(bytes32,address)',
  'function revokeRole(bytes32,address)',
  'function transferOwnership(address)',
  'function executeGovernanceCall(address,bytes)',
]);
const role = id('MINTER_ROLE');
const toggle = (who: string, allowed: boolean): string => abi.encodeFunctionData('setOrchestrator', [who, allowed]);
const relayed = (to: string, data: string): string => abi.encodeFunctionData('executeGovernanceCall', [to, data]);

const signer = onlyRevokes(
  signerFromEnv({ variable: 'KEY', address, env: { KEY: key } }),
  [
    { contract: 'arena', kind: kinds.get('SelfPlayArena') as Kind, address: arena, path: 'orchestrators', account: old },
    { contract: 'book', kind: kinds.get('AccessControl') as Kind, address: book, path: 'roles.MINTER_ROLE', account: old },
  ],
  kinds,
);

const usual = { chainId: 1n, nonce: 0, value: 0n, gasLimit: 90_000n, maxFeePerGas: 2n, maxPriorityFeePerGas: 1n };

function sign(call: Pick<UnsignedTransaction, 'to' | 'data'> & { value?: bigint }): Promise<unknown> {
  return signer.sign({ ...usual, ...call });
}

test.each([
  ['a member', { to: arena, data: toggle(old, false) }],
  ['a role', { to: book, data: abi.encodeFunctionData('revokeRole', [role, old]) }],
  ['through a relay', { to: relay, data: relayed(arena, toggle(old, false)) }],
  ['a nonce used up', { to: address, data: '0x' }],
])('signs what revokes: %s', async (_what, call) => {
  await expect(sign(call)).resolves.toHaveProperty('raw');
});

test.each([
  ['a grant', { to: arena, data: toggle(old, true) }],
  ['a grant of a role', { to: book, data: abi.encodeFunctionData('grantRole', [role, old]) }],
  ['another account', { to: arena, data: toggle(other, false) }],
  ['another role', { to: book, data: abi.encodeFunctionData('revokeRole', [id('PAUSER_ROLE'), old]) }],
  ['another contract', { to: book, data: toggle(old, false) }],
  ['ownership', { to: arena, data: abi.encodeFunctionData('transferOwnership', [other]) }],
  ['more behind it', { to: arena, data: `${toggle(old, false)}00` }],
  ['a grant through a relay', { to: relay, data: relayed(arena, toggle(old, true)) }],
  ['another contract through a relay', { to: relay, data: relayed(book, toggle(old, false)) }],
  ['money', { to: arena, data: toggle(old, false), value: 1n }],
  ['money to oneself', { to: address, data: '0x', value: 1n }],
  ['nothing, to a stranger', { to: other, data: '0x' }],
])('signs nothing else: %s', async (_what, call) => {
  await expect(sign(call)).rejects.toMatchObject({ code: 'NOT_A_REVOCATION' });
});
