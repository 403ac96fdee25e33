// A decimal of a document as the binary double that is nearest to it: for what is compared with measurements, never for money.
import { decimalText } from '../format.ts';
import { readQuantity } from './quantity.ts';
import { readText } from './read-node.ts';
import { quoteShort, type Reading, report, type YamlNode } from './yaml-tree.ts';

/** `above` isn't included itself; `min` and `max` are. */
export type DecimalBounds = ({ min: number } | { above: number }) & { max: number };

/** Up to 18 decimals, or a percentage: `0.8`, `80%`. SIDE EFFECTS: adds to the reading's findings. */
export function readDecimal(reading: Reading, node: YamlNode, bounds: DecimalBounds): number | null {
  const text = readText(reading, node, 'a decimal number');
  if (text === null) return null;
  if (node.type === 'text' && node.style !== 'plain') {
    const message = `found the text ${quoteShort(text)}, expected a decimal number`;
    report(reading, { code: 'NUMBER_SYNTAX', at: node, message, fix: 'write the number without quotes' });
    return null;
  }
  const exact = readQuantity(text, { unit: 'fixed18', type: 'int256', tokens: new Map() });
  if (typeof exact !== 'bigint') {
    report(reading, { ...exact, at: node });
    return null;
  }
  return checkBounds(reading, node, { bounds, value: Number(decimalText(exact, 18)) });
}

function checkBounds(reading: Reading, node: YamlNode, { bounds, value }: { bounds: DecimalBounds; value: number }): number | null {
  const isTooSmall = 'min' in bounds ? value < bounds.min : value <= bounds.above;
  if (!isTooSmall && value <= bounds.max) return value;
  const expected = 'min' in bounds ? `${bounds.min} to ${bounds.max}` : `more than ${bounds.above}, at most ${bounds.max}`;
  report(reading, {
    code: isTooSmall ? 'VALUE_TOO_SMALL' : 'VALUE_TOO_LARGE',
    at: node,
    message: `found ${value}, expected ${expected}`,
    fix: `write a number: ${expected}`,
  });
  return null;
}
