import { describe, expect, it } from 'vitest';
import { kindNames, loadKinds } from '../../src/kinds/load-kinds.ts';
import { findingsOf, vault, vaultWith } from './own-kinds.ts';

const file = 'desired-state/local/kinds/Vault.yaml';

describe('a kind of one’s own', () => {
  it('loads beside the built-in ones, with what it extends merged in', () => {
    const kinds = loadKinds({ own: [{ file, text: vault }] });
    const kind = kinds.get('Vault');
    expect(kind?.lineage).toEqual(['Vault', 'Ownable']);
    expect([...(kind?.fields.keys() ?? [])]).toEqual(['owner', 'cap', 'limit', 'keepers', 'bonuses']);
    expect(kind?.fields.get('cap')).toMatchObject({ shape: 'value', type: 'uint256', unit: 'token', writable: true, risk: { up: 'increase', down: 'reduce' } });
    expect(kind?.fields.get('limit')).toMatchObject({ shape: 'keyed', keyType: 'uint8', risk: { up: 'ambiguous', down: 'ambiguous' } });
    expect(kind?.fields.get('bonuses')).toMatchObject({ shape: 'entries', keyType: 'address', valueType: 'uint256' });
    expect(kind?.setters.map((setter) => setter.function)).toEqual(['setCap', 'setLimit', 'setKeeper', 'setBonus', 'dropBonus', 'transferOwnership']);
    expect(kind?.otherFunctions).toEqual(['renounceOwnership']);
    expect([...kinds.keys()]).toEqual(
      kindNames([{ file }])
        .filter((name) => name !== 'Vault')
        .concat('Vault'),
    );
  });

  it('loads only what is asked for', () => {
    expect([...loadKinds({ names: ['Vault'], own: [{ file, text: vault }] }).keys()]).toEqual(['Vault']);
    expect([...loadKinds({ names: ['Ownable'], own: vaultWith('cap', ':::') }).keys()]).toEqual(['Ownable']);
  });

  it('keeps overloads apart by their signatures', () => {
    const own = vaultWith('  - function setCap(uint256 cap)', '  - function setCap(uint256 cap)\n  - function setCap(uint256 cap, uint256 from)').map(
      (kind) => ({
        ...kind,
        text: kind.text.replace('function: setCap', 'function: setCap(uint256)'),
      }),
    );
    const kind = loadKinds({ names: ['Vault'], own }).get('Vault');
    expect(kind?.functions.has('setCap')).toBe(false);
    expect(kind?.functions.has('setCap(uint256)')).toBe(true);
    expect(findingsOf(vaultWith('  - function setCap(uint256 cap)', '  - function setCap(uint256 cap)\n  - function setCap()'), ['Vault'])).toEqual([
      'KIND_FUNCTION 40:5',
    ]);
  });

  it('reads one of several values of a getter', () => {
    const own = vaultWith('function cap() view returns (uint256)', 'function cap() view returns (address a, uint256 b)').map((kind) => ({
      ...kind,
      text: kind.text.replace('description: Most that it holds.', 'description: Most that it holds.\n    output: b'),
    }));
    expect(
      loadKinds({ names: ['Vault'], own })
        .get('Vault')
        ?.fields.get('cap'),
    ).toMatchObject({ output: 1, type: 'uint256' });
  });
});

describe('what is wrong is said with its place', () => {
  it.each([
    ['a broken line', 'unit: token', 'unit: [token', 'KIND_SYNTAX 26:5'],
    ['a key twice', 'unit: token', 'unit: token\n    unit: bps', 'KIND_SYNTAX 26:5'],
    ['an alias', 'unit: token', 'unit: *token', 'KIND_SYNTAX 25:11'],
    ['an anchor', 'unit: token', 'unit: &a token', 'KIND_SYNTAX 25:14'],
    ['a tag', 'unit: token', 'unit: !x token', 'KIND_SYNTAX 25:11'],
    ['a fraction', 'low: 0,', 'low: 0.5,', 'KIND_SYNTAX 30:18'],
    ['a second document', 'kind: Kind\n', 'kind: Kind\n---\n', 'KIND_SYNTAX 3:1'],
    ['an unknown key', 'unit: token', 'unti: token', 'KIND_SHAPE 25:5'],
    ['an unknown unit', 'unit: token', 'unit: tokens', 'KIND_SHAPE 25:5'],
    ['a missing description', '    description: By tier.\n', '', 'KIND_SHAPE 28:3'],
    ['another version', 'mooring/v1', 'mooring/v2', 'KIND_SHAPE 1:1'],
    ['two verbs', 'sets: [cap]', 'sets: [cap]\n    toggles: keepers', 'KIND_SHAPE 39:5'],
    ['no verb', '    sets: [cap]\n', '', 'KIND_SHAPE 39:5'],
    ['two forms', 'unit: percent', 'keys: { a: 1 }', 'KIND_SHAPE 34:3'],
    ['two rules in one', '- order:', '- sum: [cap, limit.low]\n    order:', 'KIND_SHAPE 51:5'],
    ['a name that isn’t its file’s', 'name: Vault', 'name: Vaults', 'KIND_SHAPE 3:1'],
    ['decimal bounds of a whole number', 'unit: token', 'unit: token\n    min: "0.5"', 'KIND_SHAPE 26:5'],
    ['a parent that there isn’t', '[Ownable]', '[Ownabel]', 'KIND_NOT_FOUND 5:11'],
    ['a parent that is itself', '[Ownable]', '[Vault]', 'KIND_CYCLE 5:11'],
    ['a strange signature', 'function setCap(uint256 cap)', 'function setCap(uint255 cap)', 'ABI_PARSE 11:5'],
    [
      'a function twice',
      '  - function dropBonus(address nft)',
      '  - function dropBonus(address nft)\n  - function dropBonus(address nft)',
      'KIND_DUPLICATE 16:5',
    ],
    ['a setter twice', '- function: setLimit\n    setsKey: limit', '- function: setCap\n    sets: [cap]', 'KIND_DUPLICATE 42:5'],
    ['a getter that there isn’t', 'function cap()', 'function caps()', 'KIND_FUNCTION 23:3'],
    ['a setter’s function that there isn’t', 'function: setCap', 'function: setCaps', 'KIND_FUNCTION 39:5'],
    ['a field that there isn’t', 'sets: [cap]', 'sets: [caps]', 'KIND_FIELD 40:5'],
    ['a key that there isn’t', 'lower: limit.low', 'lower: limit.lowest', 'KIND_FIELD 51:5'],
    ['a verb for another form', 'setsKey: limit', 'toggles: limit', 'KIND_FIELD 43:5'],
    ['an event that there isn’t', 'emits: [CapUpdated]', 'emits: [CapUpdate]', 'KIND_EVENT 41:13'],
    ['a history event that there isn’t', 'event: CapUpdated,', 'event: CapUpdate,', 'KIND_EVENT 27:5'],
    ['an event’s argument that there isn’t', 'value: cap }', 'value: capp }', 'KIND_EVENT 27:5'],
    ['a member argument that there isn’t', 'member: who', 'member: whom', 'KIND_EVENT 33:16'],
    ['a getter of another form', 'function keepers(address who)', 'function keepers(uint256 who)', 'KIND_GETTER 31:3'],
    ['entries that aren’t pairs', '(address nft, uint256 pct)[]', 'uint256[]', 'KIND_GETTER 34:3'],
    ['a list as a value', 'cap() view returns (uint256)', 'cap() view returns (uint256[])', 'KIND_GETTER 23:3'],
    ['too few arguments', 'function setCap(uint256 cap)', 'function setCap(uint256 cap, bool now)', 'KIND_ARGUMENTS 39:5'],
    ['an argument of another type', 'function setCap(uint256 cap)', 'function setCap(address cap)', 'KIND_ARGUMENTS 39:5'],
    ['an error that there isn’t', 'revert: InvalidCap()', 'revert: InvalidCaps()', 'KIND_ERROR 52:5'],
    ['a foreign function that there isn’t', 'function: version,', 'function: versions,', 'KIND_FUNCTION 54:5'],
    ['an unknown caller', 'access: [owner]', 'access: [boss]', 'KIND_FIELD 21:10'],
    ['a guard that takes no list', 'kind: Kind\n', 'kind: Kind\npausesOthers: { function: setCap, access: [owner] }\n', 'KIND_ARGUMENTS 3:17'],
    ['a guard for an unknown caller', 'kind: Kind\n', 'kind: Kind\npausesOthers: { function: setCap, access: [boss] }\n', 'KIND_FIELD 3:44'],
    ['a slash of another shape', 'kind: Kind\n', 'kind: Kind\nslashes: { function: setCap, event: CapSet, access: [owner] }\n', 'KIND_ARGUMENTS 3:12'],
    ['a slash without its event', 'kind: Kind\n', 'kind: Kind\nslashes: { function: setCap, event: Slashed, access: [owner] }\n', 'KIND_EVENT 3:30'],
    ['a slash by an unknown caller', 'kind: Kind\n', 'kind: Kind\nslashes: { function: setCap, event: CapSet, access: [boss] }\n', 'KIND_FIELD 3:54'],
    ['a group that there isn’t', 'fields: [owner]', 'fields: owners', 'KIND_FIELD 54:16'],
  ])('%s', (_, from, to, expected) => {
    expect(findingsOf(vaultWith(from, to), ['Vault'])).toContain(expected);
  });

  it('says all of a run’s errors, of all files', () => {
    const own = [...vaultWith('unit: token', 'unit: tokens'), { file: 'kinds/Other.yaml', text: vault }];
    expect(findingsOf(own)).toEqual(['KIND_SHAPE 25:5', 'KIND_SHAPE 3:1']);
  });

  it('refuses a setter that nobody may call', () => {
    const own = vaultWith('access: [owner]\n', '').map((kind) => ({
      ...kind,
      text: kind.text.replace('extends: [Ownable]\n', '').replace(/ {2}- answers[\s\S]*$/, ''),
    }));
    expect(new Set(findingsOf(own, ['Vault']).map((finding) => finding.split(' ')[0]))).toEqual(new Set(['KIND_ACCESS']));
  });

  it('refuses to turn round what an inherited power says is safe', () => {
    const own = (risk: string) => [
      {
        file: 'Mine.yaml',
        text: `apiVersion: mooring/v1\nkind: Kind\nname: Mine\ndescription: x\nextends: [SelfPlayArena]\nfields:\n  paused:\n    description: x\n    role: pause\n    risk: ${risk}\n    history: { event: Paused, constant: true }\n`,
      },
    ];
    expect(findingsOf(own('{ up: increase, down: reduce }'), ['Mine'])).toEqual(['KIND_OVERRIDE 7:3']);
    expect(
      loadKinds({ names: ['Mine'], own: own('{ up: reduce, down: increase }') })
        .get('Mine')
        ?.fields.get('paused')?.risk.down,
    ).toBe('increase');
  });

  it('makes a pair of every two of distinct fields', () => {
    const pairs = loadKinds({ names: ['SystemPause'] })
      .get('SystemPause')
      ?.rules.filter((rule) => rule.rule === 'notEqual');
    expect(pairs).toHaveLength(28);
  });

  it('refuses a name that is taken', () => {
    expect(findingsOf([{ file: 'kinds/Ownable.yaml', text: vault.replace('name: Vault', 'name: Ownable') }], [])).toEqual(['KIND_DUPLICATE 1:1']);
    expect(findingsOf([...vaultWith('x', 'x'), { file: 'other/Vault.yml', text: vault }], [])).toEqual(['KIND_DUPLICATE 1:1']);
  });

  it('refuses a circle of several', () => {
    const own = ['A', 'B', 'C'].map((name, i) => ({
      file: `${name}.yaml`,
      text: `apiVersion: mooring/v1\nkind: Kind\nname: ${name}\ndescription: x\nextends: [${'BCA'.charAt(i)}]\n`,
    }));
    expect(findingsOf(own, ['A'])).toEqual(['KIND_CYCLE 5:11']);
  });

  it.each(['', 'null', '[]', 'a', '['.repeat(10_000), 'a: '.repeat(5000), '\0', '&a [*a]'])('survives %j', (text) => {
    expect(findingsOf([{ file: 'Vault.yaml', text: text }], ['Vault'])[0]).toMatch(/^KIND_(SYNTAX|SHAPE) 1:\d+$/);
  });

  it('refuses a kind that there isn’t, one that is abstract, and a name that is a path', () => {
    expect(findingsOf([], ['SelfPlayArenas', 'PauseState', '../kinds/Ownable'])).toEqual(['KIND_NOT_FOUND -:-', 'KIND_ABSTRACT -:-', 'KIND_NOT_FOUND -:-']);
  });
});
