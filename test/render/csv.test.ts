// CSV that other programs read as it was meant.
import { expect, test } from 'vitest';
import { csv } from '../../src/render/csv.ts';

test('quotes what needs it, and disarms what a spreadsheet would run', () => {
  expect(
    csv([
      ['a', 'b,c'],
      ['d"e', 'f\ng'],
      ['=HYPERLINK("x")', '-1', '+2', '@x', ''],
    ]),
  ).toBe('a,"b,c"\r\n"d""e","f\ng"\r\n"\'=HYPERLINK(""x"")",\'-1,\'+2,\'@x,\r\n');
});
