// Slashes that an orchestrator has logged: its NDJSON, or plain lines. Other lines are passed over. Pure.
import { createHash } from 'node:crypto';
import { MooringError } from '../../errors.ts';
import { toChecksum } from '../../kinds/keccak.ts';
import type { Finding, Hex, Slash } from '../../types.ts';

/** `key`: the same for the same line, wherever it is read again. `transaction`: by which it was sent, where the line says so. */
export type LoggedSlash = Slash & { key: string; transaction: Hex | null };

const said = 'validator slashed: ';
const address = /^0x[0-9a-fA-F]{40}$/;
const hash = /^0x[0-9a-fA-F]{64}$/;
const whole = /^(?:0|[1-9][0-9]{0,77})$/;
const plain = /validator slashed: (.+?) round=(\S+) validator=(\S+) amount=(\S+) recipient=(\S+)\s*$/;

/** One for each line that differs from those before it. Throws SLASH_LOG with every line that says too little. */
export function readSlashLog(file: string, text: string): LoggedSlash[] {
  const found = new Map<string, LoggedSlash>();
  const findings: Finding[] = [];
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    const fields = fieldsIn(line);
    if (fields === null) continue;
    const slash = fields === 'unclear' ? null : slashOf(fields);
    if (slash === null) findings.push(unclear(file, i + 1));
    else found.set(keyOf(line), { ...slash, key: keyOf(line) });
  }
  const [first] = findings;
  if (first !== undefined) throw new MooringError('SLASH_LOG', first.message, { findings, ...(first.fix === undefined ? {} : { fix: first.fix }) });
  return [...found.values()];
}

type Fields = Readonly<Record<'message' | 'round' | 'validator' | 'amount' | 'recipient' | 'transaction', unknown>>;

/** Null where the line is about something else. */
function fieldsIn(line: string): Fields | 'unclear' | null {
  if (line.trimStart().startsWith('{')) {
    const entry = parsed(line);
    if (entry === null) return line.includes('validator_slashed') || line.includes(said) ? 'unclear' : null;
    return entry['event'] === 'validator_slashed' ? (entry as Fields) : null;
  }
  if (!line.includes(said)) return null;
  const [, reason, round, validator, amount, recipient] = plain.exec(line) ?? [];
  return reason === undefined ? 'unclear' : { message: `${said}${reason}`, round, validator, amount, recipient, transaction: null };
}

function parsed(line: string): Readonly<Record<string, unknown>> | null {
  try {
    return JSON.parse(line) as Readonly<Record<string, unknown>>;
  } catch {
    return null;
  }
}

function slashOf({ message, round, validator, amount, recipient, transaction = null }: Fields): Omit<LoggedSlash, 'key'> | null {
  const reason = typeof message === 'string' && message.startsWith(said) ? message.slice(said.length).trim() : '';
  const numbers = [round, amount].map((value) => (typeof value === 'string' && whole.test(value) ? BigInt(value) : null));
  const accounts = [validator, recipient].map((value) => (typeof value === 'string' && address.test(value) ? checked(value) : null));
  const [roundOf, amountOf] = numbers;
  const [validatorOf, recipientOf] = accounts;
  const sentBy = typeof transaction === 'string' && hash.test(transaction) ? transaction.toLowerCase() : null;
  if (transaction !== null && sentBy === null) return null;
  if (reason === '' || roundOf == null || amountOf == null || amountOf === 0n || validatorOf == null || recipientOf == null) return null;
  return { round: roundOf, validator: validatorOf, amount: amountOf, recipient: recipientOf, reason, transaction: sentBy };
}

/** One case says nothing; mixed case is a checksum, which must be right. */
function checked(text: string): string | null {
  const right = toChecksum(text);
  const digits = text.slice(2);
  return text === right || digits === digits.toLowerCase() || digits === digits.toUpperCase() ? right : null;
}

function keyOf(line: string): string {
  return createHash('sha256').update(line.trim()).digest('hex').slice(0, 12);
}

function unclear(file: string, line: number): Finding {
  return {
    code: 'SLASH_LOG',
    severity: 'error',
    message: `line ${line} of ${file} says that a validator was slashed, and not in full how`,
    fix: 'it wants round, validator, amount (in wei) and recipient; take the line out, and propose that slash by its values',
    source: { file, line, column: 1 },
  };
}
