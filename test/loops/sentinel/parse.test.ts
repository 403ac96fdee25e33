// Events from strangers: JSON and NDJSON, every fault with its line, and nothing lost unseen.
import { describe, expect, test } from 'vitest';
import type { MooringError } from '../../../src/errors.ts';
import { eventLimit, parseEvent } from '../../../src/loops/sentinel/parse-event.ts';
import { parseAllEvents, parseEvents, splitEvents } from '../../../src/loops/sentinel/parse-events.ts';
import { reduce } from '../../../src/loops/sentinel/reduce.ts';
import { seenIds } from '../../../src/loops/sentinel/seen-ids.ts';
import { initialState } from '../../../src/loops/sentinel/state.ts';
import { evaluation, expansion, settingsWith } from './world.ts';

function parsed(text: string): unknown {
  const read = parseEvent(text, 'here');
  return read.faults === undefined ? read.event : read.faults.map(({ code }) => code);
}

describe('an event', () => {
  test.each<[string, string, unknown]>([
    ['expansion', '{"type":"expansion","cost":1.5}', expansion(1.5, { from: 'here' })],
    ['by its other names', '{"kind":"expansion","spend":1.5,"agent":"a","id":"x-1"}', expansion(1.5, { agent: 'a', id: 'x-1', from: 'here' })],
    [
      'evaluation',
      '{"type":"evaluation","agent":"root/a","reward":-1,"gmv":7,"spend":0,"success":false}',
      evaluation({ agent: 'root/a', reward: -1, value: 7, cost: 0, success: false, from: 'here' }),
    ],
    ['the first amount that isn’t 0', '{"type":"evaluation","value":0,"gmv":0,"revenue":3,"cost":0}', evaluation({ value: 3, cost: 0, from: 'here' })],
    ['all amounts 0', '{"type":"evaluation","value":0,"revenue":0}', evaluation({ value: 0, from: 'here' })],
    ['nulls and empty names', '{"type":"evaluation","cost":null,"agent":"","id":null}', evaluation({ from: 'here' })],
    ['a refund', '{"type":"evaluation","value":-3}', evaluation({ value: -3, from: 'here' })],
    ['keys of others', '{"type":"expansion","cost":1,"timestamp":3,"host":"x","record":{},"note":"cost"}', expansion(1, { from: 'here' })],
    ['an agent called __proto__', '{"type":"evaluation","agent":"__proto__"}', evaluation({ agent: '__proto__', from: 'here' })],
  ])('%s', (_name, text, expected) => {
    expect(parsed(text)).toEqual(expected);
  });

  test.each<[string, string, string]>([
    ['nothing', '', 'EVENT_SYNTAX'],
    ['half an object', '{"type":"expansion","cost":1', 'EVENT_SYNTAX'],
    ['a list', '[]', 'EVENT_SYNTAX'],
    ['null', 'null', 'EVENT_SYNTAX'],
    ['a number', '5', 'EVENT_SYNTAX'],
    ['NaN, as some programs write it', '{"type":"expansion","cost":NaN}', 'NUMBER_NOT_FINITE'],
    ['Infinity', '{"type":"expansion","cost":-Infinity}', 'NUMBER_NOT_FINITE'],
    ['more than a double holds', '{"type":"expansion","cost":1e999}', 'NUMBER_NOT_FINITE'],
    ['1e308', '{"type":"expansion","cost":1e308}', 'VALUE_TOO_LARGE'],
    ['a value of 1e308, which would hide every loss', '{"type":"evaluation","value":1e308}', 'VALUE_TOO_LARGE'],
    ['a negative cost, which would hide spending', '{"type":"expansion","cost":-1}', 'NUMBER_NEGATIVE'],
    ['a negative cost under its other name', '{"type":"expansion","cost":1,"spend":-1}', 'NUMBER_NEGATIVE'],
    ['a number as a text', '{"type":"expansion","cost":"1"}', 'NUMBER_SYNTAX'],
    ['a reward that is none', '{"type":"evaluation","reward":true}', 'NUMBER_SYNTAX'],
    ['a success that is none', '{"type":"evaluation","success":1}', 'BOOLEAN_EXPECTED'],
    ['no type', '{"cost":1}', 'KEY_MISSING'],
    ['a type that only every object has', '{"__proto__":{"type":"expansion"},"cost":1}', 'KEY_MISSING'],
    ['another type', '{"type":"constructor"}', 'EVENT_TYPE'],
    ['two types', '{"type":"expansion","kind":"evaluation"}', 'EVENT_TYPE'],
    ['an agent that is no text', '{"type":"evaluation","agent":{"a":1}}', 'EVENT_TEXT'],
    ['an agent too long', `{"type":"evaluation","agent":"${'a'.repeat(201)}"}`, 'EVENT_TEXT'],
    ['an agent with a line break', '{"type":"evaluation","agent":"a\\nb"}', 'EVENT_TEXT'],
    ['an agent that turns the text around', '{"type":"evaluation","agent":"a\u202eb"}', 'EVENT_TEXT'],
    ['an id that is a number', '{"type":"expansion","id":5}', 'EVENT_TEXT'],
    ['an id too long', `{"type":"expansion","id":"${'i'.repeat(129)}"}`, 'EVENT_TEXT'],
    ['a misspelt cost', '{"type":"expansion","costs":5}', 'KEY_UNKNOWN'],
    ['a cost in another case', '{"type":"expansion","Cost":5}', 'KEY_UNKNOWN'],
    ['a misspelt success', '{"type":"evaluation","sucess":false}', 'KEY_UNKNOWN'],
    ['swapped letters', '{"type":"evaluation","vlaue":1}', 'KEY_UNKNOWN'],
    ['too long', `{"type":"expansion","note":"${'x'.repeat(eventLimit)}"}`, 'EVENT_TOO_LARGE'],
  ])('that is refused: %s', (_name, text, code) => {
    expect(parsed(text)).toEqual([code]);
  });

  test('says all that is wrong with it, and none of its values', () => {
    const read = parseEvent('{"type":"s3cret","cost":"s3cret","agent":["s3cret"],"success":"s3cret"}', null);
    expect(read.faults?.map(({ code }) => code)).toEqual(['EVENT_TYPE', 'EVENT_TEXT', 'NUMBER_SYNTAX', 'BOOLEAN_EXPECTED']);
    expect(JSON.stringify(read)).not.toContain('s3cret');
    expect(JSON.stringify(parseEvent('{"a":"s3cret"', null))).not.toContain('s3cret');
  });

  test('of the largest amounts never makes a sum that JSON can’t hold', () => {
    let state = initialState;
    for (let i = 0; i < 1_000; i++) state = reduce(settingsWith(), state, evaluation({ cost: 1e30, value: 1e30 })).state;
    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
  });
});

describe('a file of events', () => {
  const one = '{"type":"expansion","cost":1}';
  const lines = (text: string) => parseEvents(text, 'e.json').events.map(({ from }) => from);

  test.each<[string, string, string[]]>([
    ['nothing', '', []],
    ['empty lines', '\n\r\n \n', []],
    ['one line', one, ['e.json:1']],
    ['lines, some empty, with any end', `\uFEFF${one}\r\n\n${one}\n`, ['e.json:1', 'e.json:3']],
    ['an empty list', ' [ ] ', []],
    ['a list in one line', `[${one},${one}]`, ['e.json:1', 'e.json:1']],
    ['a list over lines', `[\n  ${one},\n\n  {"type":"expansion",\n   "note":"],[{}\\"","cost":1}\n]\n`, ['e.json:2', 'e.json:4']],
    ['one object over lines', `\n{\n"type":"expansion",\n"cost":1\n}`, ['e.json:2']],
  ])('with %s', (_name, text, expected) => {
    expect(parseEvents(text, 'e.json').findings).toEqual([]);
    expect(lines(text)).toEqual(expected);
  });

  test.each<[string, string, string[]]>([
    ['a bad line', `${one}\n{"type":"expansion","cost":NaN}\n${one}\nx`, ['NUMBER_NOT_FINITE 2', 'EVENT_SYNTAX 4']],
    ['a bad item, and a good one behind it', `[\n${one},\n{"cost":},\n${one}]`, ['EVENT_SYNTAX 3']],
    ['a comma too many', `[${one},\n]`, ['EVENT_SYNTAX 1']],
    ['a list that does not end', `[${one},\n${one}`, ['EVENT_SYNTAX 2']],
    ['a string that does not end', `[${one},\n{"type":"exp`, ['EVENT_SYNTAX 2']],
    ['something behind the list', `[${one}]\n${one}`, ['EVENT_SYNTAX 2']],
    ['brackets of the wrong kind', `[{"a":1]}`, ['EVENT_SYNTAX 1']],
  ])('with %s', (_name, text, expected) => {
    expect(parseEvents(text, 'e.json').findings.map(({ code, source }) => `${code} ${source?.line}`)).toEqual(expected);
    expect(() => parseAllEvents(text, 'e.json')).toThrow(expect.objectContaining({ code: 'EVENTS_INVALID' }));
  });

  test('errors are listed up to a hundred', () => {
    const thrown: { findings: readonly unknown[]; message: string }[] = [];
    try {
      parseAllEvents('x\n'.repeat(1_000), 'e.json');
    } catch (error) {
      thrown.push(error as MooringError);
    }
    expect([thrown[0]?.findings.length, thrown[0]?.message]).toEqual([100, expect.stringContaining('1000 errors')]);
  });

  test('a text that is made to be slow is not', () => {
    const nasty = `[${'"\\"'.repeat(200_000)}`;
    expect(splitEvents(nasty)).toMatchObject({ line: 1 });
    expect(splitEvents(`[${'[{'.repeat(100_000)}`)).toMatchObject({ line: 1 });
  });
});

describe('ids', () => {
  const event = (id: string, cost = 1) => expansion(cost, { id });

  test('that come again with the same content are seen, with another they conflict', () => {
    const seen = seenIds();
    expect(seen.look(event('a'))).toBe('new');
    seen.add(event('a'));
    expect([seen.look(event('a')), seen.look({ ...event('a'), from: 'elsewhere' }), seen.look(event('a', 2)), seen.look(event('b'))]).toEqual([
      'seen',
      'seen',
      'conflict',
      'new',
    ]);
  });

  test('events without one are always new', () => {
    const seen = seenIds();
    seen.add(expansion(1));
    expect(seen.look(expansion(1))).toBe('new');
    expect(seen.data()).toEqual([]);
  });

  test('the last ones are remembered, in bounded memory, also by a successor', () => {
    let seen = seenIds([], 100);
    for (let i = 0; i < 1_000; i++) {
      seen.add(event(`e${i}`));
      if (i % 70 === 0) seen = seenIds(JSON.parse(JSON.stringify(seen.data())), 100);
      expect(seen.data().length).toBeLessThanOrEqual(200);
      for (let back = 0; back < 100 && back <= i; back += 33) expect(seen.look(event(`e${i - back}`))).toBe('seen');
    }
    expect(seen.look(event('e1'))).toBe('new');
  });

  test('of any name are only ids', () => {
    const seen = seenIds();
    expect(['__proto__', 'constructor'].map((id) => seen.look(event(id)))).toEqual(['new', 'new']);
  });
});
