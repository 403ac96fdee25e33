import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ContractName } from '../../scripts/deployment/contract-list.ts';
import { decodeRevert } from '../../src/kinds/abi.ts';
import type { KindSetter } from '../../src/kinds/kind.ts';
import { encodeSetter, type SetterInput } from '../../src/kinds/writes.ts';
import type { Scalar } from '../../src/types.ts';
import { type KindWorld, kindOf, type Managed, managed, startKindWorld } from './kind-world.ts';

const ether = 10n ** 18n;
let world: KindWorld;

beforeAll(async () => {
  world = await startKindWorld();
});
afterAll(() => world?.stop());

describe('rules are what the contracts refuse with', () => {
  const owner = () => world.accounts.owner.address;
  const stranger = () => world.accounts.stranger.address;
  const cases: [Managed, string, () => Record<string, Scalar>, Partial<SetterInput>?][] = [
    ['arena', 'setRewardSplits', () => ({ teacherRewardSplitBps: 6000n, studentRewardSplitBps: 3000n, validatorRewardSplitBps: 2000n })],
    ['arena', 'setRewardSplits', () => ({ teacherRewardSplitBps: 0n, studentRewardSplitBps: 0n, validatorRewardSplitBps: 0n })],
    ['stakeManager', 'setFeePct', () => ({ feePct: 95n })],
    ['stakeManager', 'setSlashPercents', () => ({ employerSlashPct: 5000n, treasurySlashPct: 5000n })],
    ['stakeManager', 'setStakeRecommendations', () => ({ minStake: 10n, maxStakePerAddress: 5n })],
    ['stakeManager', 'setTreasury', () => ({ treasury: stranger() })],
    ['stakeManager', 'setTreasury', () => ({ treasury: owner() })],
    ['stakeManager', 'setJobRegistry', () => ({ jobRegistry: stranger() })],
    ['stakeManager', 'setDisputeModule', () => ({ disputeModule: stranger() })],
    ['stakeManager', 'setValidationModule', () => ({ validationModule: stranger() })],
    ['stakeManager', 'setFeePool', () => ({ feePool: stranger() })],
    ['feePool', 'setTreasury', () => ({ treasury: stranger() })],
    ['feePool', 'setStakeManager', () => ({ stakeManager: stranger() })],
    ['systemPause', 'setModules', () => ({ feePool: stranger() })],
    ['thermostat', 'setTemperatureBounds', () => ({ minTemp: 2n * ether, maxTemp: ether })],
    ['thermostat', 'setSystemTemperature', () => ({ systemTemperature: 100n * ether })],
    ['thermostat', 'setRoleTemperature', () => ({}), { key: 'agent', value: 100n * ether }],
    ['thermostat', 'setIntegralBounds', () => ({ integralMin: 2n, integralMax: 2n })],
  ];

  it.each(cases)('%s.%s', async (name, fn, changed, more = {}) => {
    await world.restore();
    const kind = kindOf(name);
    const setter = kind.setters.find((candidate) => candidate.function === fn) as KindSetter;
    const values = new Map([...(await world.readAll(name)), ...Object.entries(changed())]);
    const answer = await world.call(owner(), world.addresses[name], encodeSetter(kind, setter, { values, ...more }).data);
    const said = decodeRevert(kind.errors, answer.data);
    const expected = kind.rules.filter((rule) => rule.revert !== undefined).map((rule) => rule.revert?.replace(/\(address\)$/, `(${stranger()})`));
    expect(answer.ok).toBe(false);
    expect(expected).toContain(said);
  });

  it('counts AGI types', async () => {
    await world.restore();
    await world.send({ from: owner(), on: 'stakeManager', call: 'setMaxAGITypes', args: [2] });
    expect(await world.refusal({ from: owner(), on: 'stakeManager', call: 'addAGIType', args: [stranger(), 100] })).toBe('MaxAGITypesReached()');
    expect(kindOf('stakeManager').rules).toContainEqual(expect.objectContaining({ rule: 'count', revert: 'MaxAGITypesReached()' }));
  });

  it('copies a changed percentage, clamps a temperature, spreads a pause and a pauser', async () => {
    await world.restore();
    await world.giveModulesToSystemPause();
    await world.send({ from: owner(), on: 'thermostat', call: 'setTemperatureBounds', args: [2n * ether, 3n * ether] });
    expect(await world.read('thermostat', 'systemTemperature')).toBe(2n * ether);
    await world.send({ from: owner(), on: 'systemPause', call: 'setGlobalPauser', args: [stranger()] });
    await world.send({ from: owner(), on: 'systemPause', call: 'pauseAll' });
    for (const path of kindOf('systemPause').fields.keys()) {
      if (!(path in managed) && path !== 'validationModule') continue;
      expect(await world.read(path as ContractName, 'pauser')).toBe(stranger());
      expect(await world.read(path as ContractName, 'paused')).toBe(true);
    }
  });
});
