import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { schemaFiles } from '../../src/kinds/json-schema.ts';
import { loadKinds } from '../../src/kinds/load-kinds.ts';
import { vault } from './own-kinds.ts';

const kinds = loadKinds({ own: [{ file: 'Vault.yaml', text: vault }] });
const files = schemaFiles(kinds);

/** As an editor does it: references resolve beside the file, unknown keywords are hints. */
function compile(): ValidateFunction {
  const ajv = new Ajv({ strict: false, allErrors: true });
  for (const [path, text] of files) ajv.addSchema(JSON.parse(text) as object, `file:///schemas/${path}`);
  const union = ajv.getSchema('file:///schemas/contract.schema.json');
  if (union === undefined) throw new Error('no union');
  return union;
}

const validate = compile();

/** Where a document, read as an editor reads YAML, breaks the schema. */
function faults(text: string): string[] {
  validate(parse(text));
  return [...new Set((validate.errors ?? []).map((error) => error.instancePath || '/'))];
}

const head = (kind: string) => `apiVersion: mooring/v1\nkind: ${kind}\naddress: "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"\nfromBlock: 12\n`;

describe('accepts what people write', () => {
  it.each([
    [
      'SelfPlayArena',
      `spec:
  owner: treasury-safe
  paused: false
  baseTeacherReward: 150 AGIALPHA
  baseStudentReward: 50000000000000000000
  teacherRewardSplitBps: 60%
  studentRewardSplitBps: 2000
  validatorRewardSplitBps: 12.5 %
  orchestrators: [orchestrator-a, "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"]
observe: [committeeSize, totalRounds]
adoptedAt: 20
`,
    ],
    [
      'StakeManager',
      `spec:
  feePct: 5
  unbondingPeriod: 7 days
  maxStakePerAddress: 0
  roleMinimumStake: { agent: 10 AGIALPHA, validator: 0 }
  treasurySlashPct: 50%
  agiTypes: { "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed": 150%, agent-nft: 120 }
  stakeTempThreshold: 2.5
  autoStakeTuning: false
observe: [roleMinimumStake.platform, roleMinimumStake]
`,
    ],
    ['Thermostat', 'spec: { systemTemperature: { within: [0.9, "3.2"] }, roleTemperature: { agent: unset, validator: 1.5 }, kp: -3 }\n'],
    ['SystemPause', 'spec: { paused: true, activePauser: guard }\n'],
    ['EngineTargets', 'spec: { targetRoi: 2, lowerMargin: 10%, expansionsPaused: false }\n'],
    ['AccessControl', 'spec: { roles: { MINTER_ROLE: [a, b], DEFAULT_ADMIN_ROLE: [] } }\nobserve: [roles.OTHER_ROLE]\n'],
    ['Vault', 'spec: { cap: 5 AGIALPHA, limit: { low: 1 }, keepers: [], bonuses: {} }\n'],
  ])('%s', (kind, rest) => {
    expect(faults(head(kind) + rest)).toEqual([]);
  });
});

describe('marks what is wrong, where it is', () => {
  it.each([
    ['an unknown kind', 'Arena', '', ['/kind']],
    ['an unknown field', 'SelfPlayArena', 'spec: { baseTeacherRewards: 1 }', ['/spec']],
    ['a field that can only be observed', 'SelfPlayArena', 'spec: { totalRounds: 1 }', ['/spec']],
    ['an unquoted address', 'SelfPlayArena', 'spec: { feePool: 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed }', ['/spec/feePool']],
    ['a short address', 'SelfPlayArena', 'spec: { feePool: "0x5aAeb6" }', ['/spec/feePool']],
    ['a zero where it must be more', 'SelfPlayArena', 'spec: { committeeSize: 0 }', ['/spec/committeeSize']],
    ['a share above its bound', 'SelfPlayArena', 'spec: { targetSuccessRateBps: 10001 }', ['/spec/targetSuccessRateBps']],
    ['a negative where unsigned', 'StakeManager', 'spec: { feePct: -1 }', ['/spec/feePct']],
    ['a percentage of a fraction', 'StakeManager', 'spec: { feePct: 2.5 }', ['/spec/feePct']],
    ['a zero that means keep', 'StakeManager', 'spec: { stakeTuneWindow: 0 }', ['/spec/stakeTuneWindow']],
    ['a time of no unit', 'StakeManager', 'spec: { unbondingPeriod: 7 fortnights }', ['/spec/unbondingPeriod']],
    ['a flag as text', 'StakeManager', 'spec: { autoStakeTuning: "false" }', ['/spec/autoStakeTuning']],
    ['an unknown key', 'StakeManager', 'spec: { roleMinimumStake: { agnet: 1 } }', ['/spec/roleMinimumStake']],
    ['unset where nothing can be', 'StakeManager', 'spec: { roleMinimumStake: { agent: unset } }', ['/spec/roleMinimumStake/agent']],
    ['a member twice', 'StakeManager', 'spec: { validatorLockManagers: [a, a] }', ['/spec/validatorLockManagers']],
    ['a member that is no list', 'StakeManager', 'spec: { validatorLockManagers: a }', ['/spec/validatorLockManagers']],
    ['a range of one', 'Thermostat', 'spec: { systemTemperature: { within: [1] } }', ['/spec/systemTemperature/within']],
    ['a range of another name', 'Thermostat', 'spec: { systemTemperature: { between: [1, 2] } }', ['/spec/systemTemperature']],
    ['a value beyond its decimals', 'EngineTargets', 'spec: { lowerMargin: 1 }', ['/spec/lowerMargin']],
    ['an unknown observed field', 'SelfPlayArena', 'observe: [nothing]', ['/observe/0']],
    ['a key beside spec', 'SelfPlayArena', 'specs: {}', ['/']],
  ])('%s', (_, kind, rest, expected) => {
    expect(faults(`${head(kind)}${rest}\n`).filter((path) => path !== '/' || expected.includes('/'))).toEqual(expected);
  });

  it('and what is missing', () => {
    expect(faults('kind: Ownable\n')).toEqual(['/']);
    expect(faults('{}')).toEqual(['/']);
  });
});

describe('hover texts', () => {
  const hover = (kind: string, field: string): string => {
    const schema = JSON.parse(files.get(`contracts/${kind}.schema.json`) ?? '{}') as {
      properties: { spec: { properties: Record<string, { description: string }> } };
    };
    return schema.properties.spec.properties[field]?.description ?? '';
  };

  it.each([
    [
      'SelfPlayArena',
      'teacherRewardSplitBps',
      [/60%/, /sum to 0\.01 % to 100 %/, /InvalidSplit\(\)/, /setRewardSplits/, /together with studentRewardSplitBps/, /Raising it raises risk/],
    ],
    ['SelfPlayArena', 'paused', [/`pause` \(owner or pauser\), `unpause` \(owner\)/, /True reduces risk/]],
    ['SelfPlayArena', 'pauser', [/Not every contract/]],
    ['StakeManager', 'roleMinimumStake', [/minStake holds/, /agent, validator, platform/]],
    ['StakeManager', 'stakeTuneWindow', [/0 is refused/]],
    ['StakeManager', 'minStake', [/while autoStakeTuning is true/]],
    ['Thermostat', 'systemTemperature', [/within: \[/, /Error\("temp"\)/]],
    ['EngineTargets', 'lowerMargin', [/0\.99/]],
    ['AccessControl', 'roles', [/not listed is drift/]],
  ])('%s.%s', (kind, field, wanted) => {
    for (const pattern of wanted) expect(hover(kind, field)).toMatch(pattern);
  });

  it('explain every field of every kind', () => {
    for (const kind of kinds.values())
      for (const field of kind.fields.values()) if (field.writable) expect(hover(kind.name, field.name).length).toBeGreaterThan(60);
  });
});

it('the committed files are these', () => {
  const builtIn = schemaFiles(loadKinds());
  for (const [path, text] of builtIn) expect(readFileSync(`schemas/${path}`, 'utf8')).toBe(text);
});
