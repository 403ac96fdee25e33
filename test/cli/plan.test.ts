// mooring plan as an operator meets it: what is shown, as text, as Markdown, as JSON, and with which exit code.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { steady } from '../support/cli.ts';
import { folder } from '../support/field-world.ts';
import { actFile } from '../support/slash-world.ts';
import { spec, useOperator } from './operator.ts';

const here = useOperator();

describe('mooring plan', () => {
  test('says in text what is sent, in which order, by whom, at what cost, and what the chain looks like afterwards', async () => {
    here.realisticChange();
    const { exit, stdout, stderr } = await here.mooring('plan');
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    await expect(steady(stdout)).toMatchFileSnapshot('../golden/cli/plan.txt');
  });

  test('says it in Markdown for a pull request', async () => {
    here.realisticChange();
    const { exit, stdout } = await here.mooring('plan --format markdown');
    expect(exit).toBe(0);
    await expect(steady(stdout)).toMatchFileSnapshot('../golden/cli/plan.md');
  });

  test('says all of it as JSON, in the shape that is published, whatever is in the way', async () => {
    const validate = new Ajv({ strict: true, allErrors: true, allowUnionTypes: true }).compile(
      JSON.parse(readFileSync(join(import.meta.dirname, '../../schemas/plan.schema.json'), 'utf8')) as object,
    );
    const plans: (() => unknown)[] = [
      () => {},
      here.realisticChange,
      () =>
        here.edit(
          'thermostat',
          { path: ['spec', 'roleTemperature', 'agent'], set: '0.9' },
          { path: ['spec', 'systemTemperature'], set: new Map([['within', ['1.5', '2.0']]]) },
        ),
      () => here.edit('stake-manager', { path: ['spec', 'agiTypes', 'agent-nft'], drop: true }, { path: ['spec', 'agiTypes', 'scholar-nft'], set: '130%' }),
      () => here.desk.write(`${folder}/acts/spring.yaml`, actFile()),
      () => here.edit('role-book', { path: ['spec', 'roles', 'MINTER_ROLE'], add: 'teacher' }),
      () => here.world.byHand({ on: 'pauseGuard', call: 'pause', args: [['arena', 'stake-manager']], from: 'guardian' }),
      () =>
        here.edit(
          'stake-manager',
          spec('feePct', '60%'),
          { path: ['spec', 'burnPct'], drop: true },
          { path: ['spec', 'validatorRewardPct'], drop: true },
          spec('unbondingPeriod', '1 days'),
        ),
      () => here.edit('arena', spec('owner', '0x0000000000000000000000000000000000000001')),
    ];
    for (const prepare of plans) {
      await prepare();
      const { stdout } = await here.mooring('plan --format json');
      const plan: unknown = JSON.parse(stdout);
      expect(validate(plan), JSON.stringify(validate.errors?.slice(0, 3))).toBe(true);
      const unproven: unknown = JSON.parse((await here.mooring('plan --format json --proof never')).stdout);
      expect(validate(unproven), JSON.stringify(validate.errors?.slice(0, 3))).toBe(true);
    }
  });

  test('exits 0 with changes and without, and with --detailed-exitcode 2 where there are some', async () => {
    expect((await here.mooring('plan --detailed-exitcode')).exit).toBe(0);
    here.realisticChange();
    expect((await here.mooring('plan')).exit).toBe(0);
    expect((await here.mooring('plan --detailed-exitcode')).exit).toBe(2);
    here.edit('arena', spec('paused', 'true'), spec('owner', '0x0000000000000000000000000000000000000001'));
    expect((await here.mooring('plan --detailed-exitcode')).exit).toBe(3);
  });

  test('has one digest, whatever the block, the gas, the order of the lines and the folder', async () => {
    here.realisticChange();
    const { digest } = await here.planned();
    await here.world.node.mine(3);
    await here.world.byHand({ on: 'thermostat', call: 'setPID', args: [0n, 0n, 0n] });
    const lines = here.desk.read(`${folder}/contracts/stake-manager.yaml`).split('\n');
    const min = lines.findIndex((line) => line.includes('minStake:'));
    lines.splice(lines.findIndex((line) => line.startsWith('spec:')) + 1, 0, ...lines.splice(min, 1));
    here.desk.write(`${folder}/contracts/stake-manager.yaml`, lines.join('\n'));
    expect((await here.planned()).digest).toBe(digest);
    here.edit('stake-manager', spec('minStake', '13 AGIALPHA'));
    expect((await here.planned()).digest).not.toBe(digest);
  });

  test('without a proof says so, and how it could still be applied', async () => {
    here.realisticChange();
    const { exit, stdout } = await here.mooring('plan --proof never');
    expect(exit).toBe(0);
    expect(stdout).toContain('Not proven');
    expect(stdout).toContain('--unproven');
  });

  test('shows more with --verbose', async () => {
    const [short, long] = [await here.mooring('plan'), await here.mooring('plan --verbose')];
    expect(short.stdout).toContain('arena: totalRounds');
    expect(long.stdout).toMatch(/arena\.totalRounds\s+0\s+observed/);
  });
});
