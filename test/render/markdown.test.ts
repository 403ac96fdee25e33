// Text from outside in Markdown: nothing of it comes alive, neither by GitHub's grammar nor by what GitHub looks for afterwards.
import { describe, expect, test } from 'vitest';
import { code, fenced, prose } from '../../src/render/markdown.ts';

const nothing = '\u200b';

/** What is left of a text when Markdown has been read: escapes and entities are gone. */
function finished(markdown: string): string {
  return markdown
    .replace(/\\([!-/:-@[-`{-~])/g, '$1')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

describe('prose', () => {
  test.each<[what: string, text: string, alive: RegExp]>([
    ['an address', 'see https://evil.example/x', /:\/\//],
    ['an address without its scheme', 'see www.evil.example/x', /www\./],
    ['also in capitals', 'see WWW.evil.example/x', /www\./i],
    ['a mail address', 'write to a@evil.example', /@\w/],
    ['a mention', 'ask @alice', /@\w/],
    ['the number of an issue', 'closes #12', /#\d/],
    ['of another repository', 'fixes acme/treasury#12', /#\d/],
    ['the other way to write one', 'fixes GH-12', /GH-\d/],
    ['also in small letters', 'fixes gh-12', /gh-\d/],
  ])('%s is no link and no mention', (_what, text, alive) => {
    expect(text).toMatch(alive);
    expect(finished(prose(text))).not.toMatch(alive);
    expect(finished(prose(text)).replaceAll(nothing, '')).toBe(text);
  });

  test.each(['$x$', '$$x$$', '$`x`$', 'pays $5 and $6'])('%s is no formula: each dollar stands in an element of its own', (text) => {
    expect(prose(text).replaceAll('<span>$</span>', '')).not.toContain('$');
    expect(finished(prose(text).replaceAll('<span>$</span>', '$'))).toBe(text);
  });

  test.each(['**x**', '_x_', '`x`', '[x](y)', '![x](y)', '# x', '~~x~~', 'a | b', '<b>x</b>', '&lt;b&gt;', '\\*x*'])('%s is what it says', (text) => {
    expect(finished(prose(text)).replaceAll(nothing, '')).toBe(text);
    expect(prose(text)).not.toMatch(/(?<!\\)[*_`[\]~|<>]/);
  });
});

test.each([
  ['a line break', 'a\nb'],
  ['one of Unicode', 'a\u2028b'],
  ['a change of direction', 'a\u202eb'],
  ['the mark of an Arabic letter', 'a\u061cb'],
  ['nothing', `a${nothing}b`],
  ['a soft hyphen', 'a\u00adb'],
  ['a filler', 'a\u3164b'],
  ['a tag', 'a\u{e0041}b'],
])('%s is seen as a gap', (_what, text) => {
  expect([prose(text), code(text), ...fenced('', [text])]).toEqual(['a b', '`a b`', '```', 'a b', '```']);
});
