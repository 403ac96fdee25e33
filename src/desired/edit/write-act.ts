// A whole acts/<id>.yaml, as people would write it; it is read back. Pure.

import { formatScalar } from '../../format.ts';
import type { Act, Slash } from '../../types.ts';
import { type ActContext, readAct } from '../read-act.ts';
import { checkRead, document } from './append-entry.ts';
import { inline, quote } from './yaml-data.ts';

export type NewAct = Slash & Pick<Act, 'id' | 'contract' | 'fromBlock'>;

const form = {
  schema: '../../../schemas/act.schema.json',
  about: 'A one-off act, done exactly once for ever; known on chain by its id. Acts are only ever added.',
  kind: 'Act',
};

/**
 * Accounts by their names where they have one. Throws MooringError EDIT_IMPOSSIBLE, with what is wrong, where the file
 * would be refused or would say something else.
 */
export function writeAct(act: NewAct, context: ActContext): string {
  const { contract, fromBlock, round, validator, amount, recipient, reason } = act;
  const account = (address: string): string => context.book.byAddress.get(address) ?? quote(address);
  const body = [
    'act: slash',
    `contract: ${inline(contract)}`,
    `fromBlock: ${fromBlock}  # its event is looked for from here`,
    `round: ${round}`,
    `validator: ${account(validator)}`,
    `amount: ${formatScalar(amount, { unit: 'token', tokens: context.tokens })}`,
    `recipient: ${account(recipient)}`,
    `reason: ${inline(reason)}`,
  ];
  const text = document(form, body);
  checkRead(text, act, (reading) => bare(readAct(reading, act.id, context)));
  return text;
}

function bare(act: Act | null): NewAct | null {
  if (act === null) return null;
  const { id, contract, fromBlock, round, validator, amount, recipient, reason } = act;
  return { id, contract, fromBlock, round, validator, amount, recipient, reason };
}
