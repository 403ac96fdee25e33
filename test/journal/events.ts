// Journal events for tests, by hand: one run with two steps.
import type { Hex, JournalEvent, Receipt, SignedTransaction, Step } from '../../src/types.ts';

export const signer = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';
export const target = '0x5FbDB2315678afecb367f032d93F642f64180aa3';

export function step(id: string): Step {
  return {
    id,
    target,
    to: target,
    data: '0x01',
    value: 0n,
    call: { contract: 'box', function: 'set', args: [] },
    covers: [`box.${id}`],
    corrects: [],
    carries: [],
    route: { via: 'direct', signer },
    group: 0,
    risk: 'reduce',
    precondition: [],
    postcondition: [],
    emits: [],
  };
}

export function signed(stepId: string | null, nonce: number, hash: Hex): SignedTransaction {
  const unsigned = { chainId: 31337n, nonce, to: target, data: '0x01', value: 0n, gasLimit: 21_000n, maxFeePerGas: 10n, maxPriorityFeePerGas: 1n };
  return { step: stepId, signer, hash, raw: '0x02', unsigned };
}

export function started(run: string): JournalEvent {
  return {
    run,
    at: 1,
    type: 'run-started',
    environment: 'local',
    chainId: 31337n,
    genesis: '0x00',
    digest: 'd1',
    steps: [step('a'), step('b')],
    changes: [],
    commit: null,
    approvedBy: 'alice',
    continues: null,
  };
}

export function mined(run: string, stepId: string | null, hash: Hex, success = true): JournalEvent {
  return {
    run,
    at: 3,
    type: 'mined',
    hash,
    step: stepId,
    block: { number: 9n, hash: '0xb9', timestamp: 5n },
    success,
    gasUsed: 21_000n,
    effectiveGasPrice: 3n,
    logs: [],
  };
}

export function receipt(run: string, previous: string | null): Receipt {
  return {
    version: 1,
    run,
    previous,
    environment: 'local',
    chainId: 31337n,
    digest: 'd1',
    commit: null,
    approvedBy: 'alice',
    outcome: 'done',
    startedAt: 1,
    finishedAt: 2,
    transactions: [
      {
        step: 'a',
        hash: '0xaa',
        signer,
        nonce: 4,
        block: 9n,
        success: true,
        gasUsed: 21_000n,
        events: [{ contract: 'box', event: 'Set', args: { value: 1n } }],
      },
    ],
    changes: [],
    after: { 'box.a': { type: 'entries', entries: new Map([['0xk', 1n]]) } },
    signer,
  };
}
