// Events of mined transactions in the kinds' words, and whether the expected ones are there. Pure.

import type { RunState } from '../journal/reduce.ts';
import { decodeEvent } from '../kinds/abi.ts';
import type { AbiEvent } from '../kinds/kind.ts';
import type { Finding, Log, Receipt, Step } from '../types.ts';
import type { ManagedContract, Session } from './session.ts';

type Decoding = Pick<Session, 'kinds' | 'contracts'>;
type DecodedEvent = Receipt['transactions'][number]['events'][number];

/** One log by name; the raw topics and data where no kind knows it. */
export function decodeLog({ kinds, contracts }: Decoding, log: Log): DecodedEvent {
  const contract = contracts.find(({ address }) => address.toLowerCase() === log.address.toLowerCase());
  const event = eventOf({ kinds, contract }, log);
  const name = contract?.name ?? log.address;
  if (event === undefined) return { contract: name, event: 'unknown', args: { topics: log.topics, data: log.data } };
  try {
    return { contract: name, event: event.name, args: decodeEvent(event, log) };
  } catch {
    return { contract: name, event: event.name, args: { topics: log.topics, data: log.data } };
  }
}

/** Of a contract that isn't managed, any kind's event with that topic: an aggregate's parts need not be declared. */
function eventOf({ kinds, contract }: { kinds: Session['kinds']; contract: ManagedContract | undefined }, log: Log): AbiEvent | undefined {
  const own = contract === undefined ? undefined : kinds.get(contract.kind);
  const candidates = contract === undefined ? [...kinds.values()] : own === undefined ? [] : [own];
  return candidates.flatMap((kind) => [...kind.events.values()]).find((event) => event.topic === log.topics[0]);
}

/** Expected events that a successful step's transaction doesn't show. A warning: what counts is the state, read again. */
export function missingEvents(decoding: Decoding, run: RunState): Finding[] {
  return run.nonces.flatMap(({ mined }) => {
    const step = run.started.steps.find((item) => item.id === mined?.step);
    if (mined === null || !mined.success || step === undefined) return [];
    const seen = new Set(mined.logs.map((log) => decodeLog(decoding, log).event));
    return step.emits.filter((name) => !seen.has(name)).map((name) => missing(step, name));
  });
}

function missing(step: Step, name: string): Finding {
  return {
    code: 'EVENT_MISSING',
    severity: 'warning',
    message: `${step.call.contract}.${step.call.function} succeeded without ${name}`,
    contract: step.call.contract,
    changes: step.covers,
  };
}
