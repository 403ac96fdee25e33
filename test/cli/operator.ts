// An operator's desk in front of our governed contracts, fresh for each test, and a change such as operators make.
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import type { Context } from '../../src/cli/command.ts';
import type { EditOperation } from '../../src/desired/edit/edit.ts';
import { type Desk, type PlanFile, parsePlan, type Said } from '../support/cli.ts';
import { environmentName, type FieldWorld, folder, startFieldWorld } from '../support/field-world.ts';

export type Operator = {
  readonly world: FieldWorld;
  readonly desk: Desk;
  edit(contract: string, ...operations: EditOperation[]): void;
  /** What a reviewer meets: a split, a rotated orchestrator, a new stake floor, a side effect. */
  realisticChange(): void;
  mooring(line: string, more?: Partial<Context>): Promise<Said>;
  /** A plan that has no errors. */
  planned(): Promise<PlanFile>;
  /** Transactions that were handed to the chain in this test. */
  handedOver(): Promise<number>;
};

export const spec = (field: string, value: string): EditOperation => ({ path: ['spec', field], set: value });

/** Registers the hooks that start and stop it all. */
export function useOperator(): Operator {
  const live: { world?: FieldWorld; desk?: Desk } = {};
  beforeAll(async () => {
    live.world = await startFieldWorld({ variant: 'governed' });
  });
  afterAll(() => live.world?.stop());
  beforeEach(async () => {
    await operator.world.reset();
    live.desk = operator.world.desk();
  });
  afterEach(() => live.desk?.remove());
  const operator: Operator = {
    get world() {
      return live.world as FieldWorld;
    },
    get desk() {
      return live.desk as Desk;
    },
    edit: (contract, ...operations) => operator.desk.edit(`${folder}/contracts/${contract}.yaml`, operations),
    realisticChange() {
      const orchestrators = ['spec', 'orchestrators'];
      operator.edit('arena', spec('teacherRewardSplitBps', '60%'), spec('studentRewardSplitBps', '20%'));
      operator.edit('arena', { path: orchestrators, add: 'orchestrator-c' }, { path: orchestrators, remove: 'orchestrator-a' });
      operator.edit('stake-manager', spec('minStake', '12 AGIALPHA'), spec('validatorRewardPct', '7%'));
    },
    mooring: (line, more = {}) => operator.desk.run(`${line} --env ${environmentName}`, more),
    async planned() {
      const said = await operator.mooring('plan --format json');
      expect(said.exit, said.stdout + said.stderr).toBe(0);
      return parsePlan(said.stdout);
    },
    handedOver: async () => (await operator.world.sent()).handedOver,
  };
  return operator;
}
