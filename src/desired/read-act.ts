// acts/<id>.yaml: a one-off act, done exactly once for ever. Whether it is done is not asked here.
import { actMarker, slashText, unprintable } from '../acts.ts';
import { nearestName } from '../kinds/fields.ts';
import type { Act, Scalar } from '../types.ts';
import { type Fields, readBlock, readChoice, readDocument, readText, readTextAt } from './read-node.ts';
import { readScalar, type ScalarContext, type ScalarFor } from './read-scalar.ts';
import type { TargetContext } from './read-target.ts';
import { locate, quoteShort, type Reading, report, type YamlNode } from './yaml-tree.ts';

export type ActContext = TargetContext & { environment: string; tokens: ScalarContext['tokens'] };

const required = ['act', 'contract', 'fromBlock', 'round', 'validator', 'amount', 'recipient', 'reason'] as const;

/** It is paid for by the byte, and read in lists. */
const longestReason = 500;

const values = {
  round: { name: 'round', type: 'uint256', unit: 'count' },
  validator: { name: 'validator', type: 'address', unit: 'none', nonZero: true },
  amount: { name: 'amount', type: 'uint256', unit: 'token', min: 1n },
  recipient: { name: 'recipient', type: 'address', unit: 'none' },
} as const satisfies Record<string, ScalarFor>;

/** `id` is the file's name. SIDE EFFECTS: adds to the reading's findings. */
export function readAct(reading: Reading, id: string, context: ActContext): Act | null {
  const fields = readDocument(reading, 'Act', { what: 'the act', required });
  const kind = fields?.get('act')?.value;
  const act = kind === undefined ? null : readChoice(reading, kind, ['slash']);
  const contract = readTextAt(reading, fields, { key: 'contract', what: "a contract's name" });
  const fromBlock = readBlock(reading, fields, 'fromBlock');
  const told = {
    round: valueAt(reading, fields, context, 'round'),
    validator: valueAt(reading, fields, context, 'validator'),
    amount: valueAt(reading, fields, context, 'amount'),
    recipient: valueAt(reading, fields, context, 'recipient'),
    reason: readReason(reading, fields?.get('reason')?.value),
  };
  const at = fields?.get('contract')?.value;
  if (act === null || contract === null || fromBlock === null || at === undefined || !checkTarget(reading, at, contract, context)) return null;
  const { round, validator, amount, recipient, reason } = told;
  if (typeof round !== 'bigint' || typeof amount !== 'bigint' || typeof validator !== 'string' || typeof recipient !== 'string' || reason === null) return null;
  const marker = actMarker(context.environment, id);
  const slash = { round, validator, amount, recipient, reason };
  return { id, act, contract, fromBlock, ...slash, marker, text: slashText(slash, context.tokens), source: locate(reading.file, reading.file.root.start) };
}

function valueAt(reading: Reading, fields: Fields | null, { book, tokens }: ActContext, key: keyof typeof values): Scalar | null {
  const node = fields?.get(key)?.value;
  return node === undefined ? null : readScalar({ reading, book, tokens }, node, values[key]);
}

/** One line that can be read: its end is what the act is known by. */
function readReason(reading: Reading, node: YamlNode | undefined): string | null {
  const text = node === undefined ? null : readText(reading, node, `a reason of at most ${longestReason} characters`, longestReason);
  if (node === undefined || text === null || text.search(unprintable) < 0) return text;
  report(reading, {
    code: 'TEXT_EXPECTED',
    at: node,
    message: 'the reason has several lines, or characters that can not be seen',
    fix: 'write it on one line',
  });
  return null;
}

/** An act on what isn't there would wait for ever, and nobody would see it. */
function checkTarget(reading: Reading, at: YamlNode, contract: string, { contracts, kinds }: ActContext): boolean {
  const found = contracts.find(({ name }) => name === contract);
  if (found !== undefined && kinds.get(found.kind)?.slashes !== undefined) return true;
  const near = nearestName(
    contract,
    contracts.map(({ name }) => name),
  );
  const message = found === undefined ? `no contract ${quoteShort(contract)} is declared` : `${contract} is a ${found.kind}, on which nothing can be slashed`;
  const fix = found === undefined && near !== null ? `write \`${near}\`` : 'name the arena that the round was played on';
  report(reading, { code: 'ACT_CONTRACT', at, message, fix });
  return false;
}
