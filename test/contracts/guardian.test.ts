// A guardian's key can pause everything and do nothing else: every function of every contract is tried with it.
import { type FunctionFragment, Interface, type ParamType } from 'ethers/abi';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ContractName, moduleNames } from '../../scripts/deployment/contract-list.ts';
import type { Address } from '../../src/types.ts';
import { type ContractWorld, startContractWorld } from '../support/contract-world.ts';

/** What anybody may call; the guardian fares there as a stranger does. */
const openToAll: Readonly<Partial<Record<ContractName, readonly string[]>>> = {
  token: ['transfer', 'approve', 'transferFrom', 'burn', 'burnFrom'],
  agentNft: ['approve', 'setApprovalForAll', 'transferFrom', 'safeTransferFrom'],
  scholarNft: ['approve', 'setApprovalForAll', 'transferFrom', 'safeTransferFrom'],
  jobRegistry: ['createJob'],
  stakeManager: ['depositStake', 'requestWithdraw', 'finalizeWithdraw', 'checkpointStake'],
  feePool: ['depositFee', 'contribute'],
  multicall3: ['aggregate3'],
  roleBook: ['renounceRole'],
};

/** Refusals for want of power, and of nothing else. */
const denials =
  /^(OwnableUnauthorizedAccount|AccessControlUnauthorizedAccount|Not(Governance|OwnerOrPauser|OwnerOrPauserManager|GovernanceOrPauserManager|Authorised|Rewarder)|Unauthorized)\(/;

const pausable: readonly ContractName[] = ['arena', 'engineTargets', ...moduleNames];

describe.each(['key', 'governed'] as const)('a guardian, with everything %s', (variant) => {
  let world: ContractWorld;
  beforeAll(async () => {
    world = await startContractWorld({ variant });
  });
  afterAll(() => world?.stop());
  const guardian = () => world.accounts.guardian.address;

  test('has no power but to pause through the PauseGuard', async () => {
    for (const [name, fragment] of functionsOf(world)) {
      if (name === 'pauseGuard' && fragment.name === 'pause') continue;
      const call = (from: Address) => world.refusal({ from, on: name, call: fragment.format(), args: fragment.inputs.map((input) => sample(input, from)) });
      const refused = await call(guardian());
      const what = `${name}.${fragment.format()}`;
      if (openToAll[name]?.includes(fragment.name)) expect(anonymous(refused, guardian()), what).toBe(anonymous(await call(stranger()), stranger()));
      else expect(refused, what).toMatch(denials);
    }
  });

  test('pauses everything, and then can’t unpause anything', async () => {
    const targets = pausable.map((name) => world.addresses[name]);
    const pause = { from: guardian(), on: 'pauseGuard', call: 'pause', args: [targets] } as const;
    expect(await world.result(pause)).toEqual(targets.map(() => 0n));
    await world.send(pause);
    for (const [name, { name: called }] of functionsOf(world)) {
      if (!/^unpause/.test(called)) continue;
      expect(await world.refusal({ from: guardian(), on: name, call: called }), `${name}.${called}`).toMatch(denials);
    }
    for (const name of pausable) expect(await world.read(name, 'paused'), name).toBe(true);
  });

  function stranger(): Address {
    return world.accounts.stranger.address;
  }
});

/** Every function that changes state. */
function functionsOf(world: ContractWorld): [ContractName, FunctionFragment][] {
  const names = Object.keys(world.abis) as ContractName[];
  return names.flatMap((name) => {
    const fragments = new Interface(world.abis[name]).fragments.filter((fragment) => fragment.type === 'function') as FunctionFragment[];
    return fragments.filter(({ constant }) => !constant).map((fragment): [ContractName, FunctionFragment] => [name, fragment]);
  });
}

/** A value that would serve the caller: itself for every address. */
function sample(input: ParamType, caller: Address): unknown {
  if (input.baseType === 'array') return [];
  if (input.type === 'address') return caller;
  if (input.type === 'bool') return true;
  if (input.type === 'string') return 'text';
  if (input.type === 'bytes') return '0x8456cb59';
  if (input.type === 'bytes32') return `0x${'00'.repeat(32)}`;
  return 1n;
}

function anonymous(refusal: string | null, caller: Address): string {
  return (refusal ?? 'accepted').replaceAll(caller, 'the caller');
}
